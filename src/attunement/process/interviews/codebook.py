"""A hierarchical codebook with versions: each change makes a new one, and says what was changed, when and by whom."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date

from attunement.process.dimensions import DIMENSIONS
from attunement.process.errors import ProcessError

_ROOT = uuid.UUID("5a3f2f0c-6f0e-5b0e-9d0b-2b6f7b1f4a10")


def guid(*parts: object) -> str:
    """A GUID that the same parts always give: files are the same bytes twice."""
    return str(uuid.uuid5(_ROOT, "\x1f".join(map(str, parts))))


@dataclass(frozen=True)
class Code:
    """A theme. `parent` is the guid of the code above, None at the top. `codable`: passages may carry it.

    `dimension`: which of the eight dimensions of implementation it speaks to, if any.
    """

    guid: str
    name: str
    description: str = ""
    parent: str | None = None
    colour: str | None = None
    codable: bool = True
    dimension: str | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ProcessError("A code has a name.")
        if self.dimension is not None and self.dimension not in DIMENSIONS:
            raise ProcessError(f"The code '{self.name}' has the dimension '{self.dimension}', which is none of the eight.")
        try:
            uuid.UUID(self.guid)
        except ValueError:
            raise ProcessError(f"The code '{self.name}' has the guid {self.guid!r}, which is none.") from None


@dataclass(frozen=True)
class Change:
    """What made a version: `verb` (added, changed, merged, retired), the code's guid, who, when, why."""

    version: int
    verb: str
    code: str
    by: str
    on: date
    why: str


@dataclass(frozen=True)
class Codebook:
    """Codes in order, a version, and every change since the first. ProcessError: two of a name under one parent, a
    parent that is not there, a ring of parents.
    """

    codes: tuple[Code, ...] = ()
    version: int = 1
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        known = {code.guid: code for code in self.codes}
        if len(known) != len(self.codes):
            raise ProcessError("Two codes have the same guid.")
        names: set[tuple[str | None, str]] = set()
        for code in self.codes:
            if (code.parent, code.name.casefold()) in names:
                raise ProcessError(f"Two codes in the same place are called '{code.name}'.")
            names.add((code.parent, code.name.casefold()))
            seen, above = {code.guid}, code.parent
            while above is not None:
                if above not in known or above in seen:
                    raise ProcessError(f"The code '{code.name}' stands under one that is not there, or under itself.")
                seen.add(above)
                above = known[above].parent

    def code(self, guid: str) -> Code:
        found = next((code for code in self.codes if code.guid == guid), None)
        if found is None:
            raise ProcessError(f"Version {self.version} of the codebook has no code {guid}.")
        return found

    def path(self, guid: str) -> str:
        """The names from the top down to this code, say `Barriers / Time`."""
        code = self.code(guid)
        return code.name if code.parent is None else f"{self.path(code.parent)} / {code.name}"

    def under(self, parent: str | None) -> tuple[Code, ...]:
        """The codes directly below one, or at the top."""
        return tuple(code for code in self.codes if code.parent == parent)

    def branch(self, guid: str) -> tuple[str, ...]:
        """This code's guid and those of all codes below it."""
        return (guid, *(inner for code in self.under(guid) for inner in self.branch(code.guid)))

    def add(self, name: str, *, by: str, on: date, why: str, parent: str | None = None, description: str = "",
            dimension: str | None = None, codable: bool = True) -> Codebook:  # fmt: skip
        """The next version, with one code more."""
        made = Code(guid(parent, name, self.version), name, description, parent, None, codable, dimension)
        return self._next((*self.codes, made), "added", made.guid, by, on, why)

    def change(self, guid: str, *, by: str, on: date, why: str, name: str | None = None,
               description: str | None = None) -> Codebook:  # fmt: skip
        """The next version, with a code renamed or described anew; its guid, and so its passages, stay."""
        code = self.code(guid)
        new = replace(code, name=name or code.name, description=code.description if description is None else description)
        return self._next(tuple(new if one.guid == guid else one for one in self.codes), "changed", guid, by, on, why)

    def retire(self, guid: str, *, by: str, on: date, why: str) -> Codebook:
        """The next version, in which no passage may get this code any more; those that have it keep it."""
        self.code(guid)
        kept = tuple(replace(one, codable=False) if one.guid == guid else one for one in self.codes)
        return self._next(kept, "retired", guid, by, on, why)

    def merge(self, gone: str, into: str, *, by: str, on: date, why: str) -> Codebook:
        """The next version without `gone`; `Project.recode` moves its passages. Codes below it move up to `into`."""
        self.code(gone)
        if into in self.branch(gone):
            raise ProcessError("A code cannot be merged into itself or into a code below it.")
        self.code(into)
        kept = tuple(replace(one, parent=into) if one.parent == gone else one for one in self.codes if one.guid != gone)
        return self._next(kept, "merged", gone, by, on, why)

    def _next(self, codes: tuple[Code, ...], verb: str, code: str, by: str, on: date, why: str) -> Codebook:
        if not why.strip():
            raise ProcessError("Say why the codebook changes.")
        version = self.version + 1
        return Codebook(codes, version, (*self.changes, Change(version, verb, code, by, on, why)))
