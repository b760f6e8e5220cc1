"""A REDCap data dictionary (CSV, as REDCap's designer gives it)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping

from attunement.instruments.form_reading import Asked, Origin, Taken, taken, whole_codes
from attunement.instruments.key import InstrumentError

NAME, KIND, LABEL = "Variable / Field Name", "Field Type", "Field Label"
CHOICES = "Choices, Calculations, OR Slider Labels"
HEAD = (NAME, "Form Name", KIND, LABEL, CHOICES)
_RULES = {"Branching Logic (Show field only if...)": "when it is asked", "Matrix Group Name": "that it stands in a grid",
          "Field Annotation": "its annotation", "Field Note": "its note"}
_TAGS = re.compile(r"<[^>]*>")


def is_dictionary(content: bytes) -> bool:
    return NAME in content[:400].decode("utf-8-sig", errors="replace")


def read(content: bytes, origin: Origin, language: str = "en") -> Taken:
    """Every radio, dropdown, yes-no and true-false field with whole-number codes. Raises InstrumentError."""
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise InstrumentError(f"{origin.source} cannot be read as a REDCap data dictionary") from None
    absent = [name for name in HEAD if not rows or name not in rows[0]]
    if absent:
        raise InstrumentError(f"{origin.source} is no REDCap data dictionary: the column {absent[0]!r} is wanting")
    asked: list[Asked] = []
    remarks: list[str] = []
    for number, row in enumerate(rows, 2):
        place = f"line {number} ({row[NAME]})"
        try:
            asked += _question(place, row, language)
        except InstrumentError as fault:
            remarks.append(str(fault))
            continue
        remarks += [f"{place}: {what} was not taken" for column, what in _RULES.items() if (row.get(column) or "").strip()]
    return taken(asked, origin, [language], remarks)


def _question(place: str, row: Mapping[str, str], language: str) -> Iterator[Asked]:
    kind = (row[KIND] or "").strip()
    fixed = {"yesno": "0, No | 1, Yes", "truefalse": "0, False | 1, True"}
    if kind not in ("radio", "dropdown", *fixed):
        raise InstrumentError(f"{place}: the type {kind!r} was not taken")
    options = []
    for part in filter(str.strip, fixed.get(kind, row[CHOICES] or "").split("|")):
        code, _, label = part.partition(",")
        options.append((code.strip(), {language: _plain(label)}))
    yield Asked(place, row[NAME], {language: _plain(row[LABEL] or "")}, whole_codes(place, options))


def _plain(text: str) -> str:
    return " ".join(_TAGS.sub(" ", text).split())
