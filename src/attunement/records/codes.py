"""Code sets by collection year, and what a label or a local spelling stands for."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from attunement.records.errors import RecordsError
from attunement.records.layout import data

_ENUMERATION = re.compile(r"^[a-z]{1,2}\)\s*", re.IGNORECASE)
_CODE_AND_LABEL = re.compile(
    r"^([A-Za-z]{0,4}\d{0,2}[A-Za-z]?)\s*[-–—:.,|/]\s*(\S.*)$|^([A-Za-z]{0,4}\d{1,2}[A-Za-z]?)\s+(\D.*)$"
)
_LABEL_AND_CODE = re.compile(r"^(.*\S)\s*[(\[]\s*([A-Za-z0-9]{1,4})\s*[)\]]$")
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
Spellings = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Codes:
    """One set in one year: `now` maps a code to the one of our tables; `ever` those of other years too."""

    name: str
    now: Mapping[str, str]
    ever: Mapping[str, str]
    wordings: Mapping[str, str]

    def find(self, text: str, spellings: Spellings) -> str | None:
        """The code that `text` stands for, None where it stands for none or, as far as one can tell, for two."""
        mapped = spellings.get((self.name, words(text)))
        if mapped is not None:
            return self.ever.get(mapped.upper(), mapped)
        bare = text.strip()
        for candidate in (bare, _ENUMERATION.sub("", bare)):
            found = self._one(candidate)
            if found is not None:
                return found
        return None

    def _one(self, text: str) -> str | None:
        if (code := self.ever.get(_code(text))) is not None:
            return code
        if (code := self.wordings.get(words(text))) is not None:
            return code
        if found := _CODE_AND_LABEL.match(text):
            code, label = (found[1], found[2]) if found[2] else (found[3], found[4])
        elif found := _LABEL_AND_CODE.match(text):
            label, code = found[1], found[2]
        else:
            return None
        stands_for = self.ever.get(_code(code))
        says = self.wordings.get(words(label))
        return stands_for if says in (None, stands_for) else None


@cache
def code_set(name: str, year: int | None) -> Codes:
    """The set `name` as it holds in `year`; with None every code that ever held."""
    content = data("codes")[name]
    ever = {code: one.get("as", code) for code, one in content.items()}
    now = {
        code: ever[code] for code, one in content.items()
        if year is None or one.get("since", year) <= year <= one.get("until", year)
    }  # fmt: skip
    wordings: dict[str, set[str]] = {}
    for code, one in content.items():
        for wording in (one.get("label", ""), *one.get("also", ())):
            if wording:
                wordings.setdefault(words(wording), set()).add(ever[code])
    certain = {wording: codes.pop() for wording, codes in wordings.items() if len(codes) == 1}
    return Codes(name, MappingProxyType(now), MappingProxyType(ever), MappingProxyType(certain))


def words(text: str) -> str:
    """`text` in small letters with single spaces and no punctuation, as spellings are compared."""
    return _NOT_A_WORD.sub(" ", text.lower().replace("&", " and ").replace("'", "").replace("’", "")).strip()


def read_spellings(path: Path | str) -> Spellings:
    """An authority's own table of spellings: a CSV file with the columns set, spelling, code; blank codes are left.

    RecordsError, with the row, for a set or a code that does not exist.
    """
    sets = data("codes")
    found: dict[tuple[str, str], str] = {}
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if not {"set", "spelling", "code"} <= {(name or "").strip() for name in rows.fieldnames or ()}:
                raise RecordsError("The table of spellings needs the headings set, spelling, code in its first row.")
            for row in rows:
                name, code = (row["set"] or "").strip(), (row["code"] or "").strip().upper()
                if not code:
                    continue
                if name not in sets:
                    raise RecordsError(
                        f"The table of spellings, row {rows.line_num}: expected a set such as ethnicity."
                    )
                known = {one.upper(): one for one in sets[name]}
                if code not in known:
                    example = next(iter(sets[name]))
                    raise RecordsError(
                        f"The table of spellings, row {rows.line_num}: expected a code of the set {name}, "
                        f"for example {example}."
                    )
                found[name, words(row["spelling"] or "")] = known[code]
    except (UnicodeDecodeError, csv.Error):
        raise RecordsError("The table of spellings cannot be read; please save it as CSV in UTF-8.") from None
    return MappingProxyType(found)


def _code(text: str) -> str:
    bare = text.strip().upper()
    return bare[:-2] if bare.endswith(".0") else bare
