"""Coding: passages of sources under codes of one codebook, by whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import polars as pl

from attunement.process.errors import ProcessError
from attunement.process.interviews.codebook import Codebook, guid
from attunement.process.interviews.transcripts import Source


@dataclass(frozen=True, order=True)
class Coding:
    """Code points `start` to `end` (not included) of a source, under a code, by a coder (a code, not a name)."""

    source: str
    start: int
    end: int
    code: str
    coder: str

    @property
    def id(self) -> str:
        """The same passage, code and coder have the same id wherever they are read."""
        return guid(self.source, self.start, self.end, self.code, self.coder)


@dataclass(frozen=True)
class Project:
    """Sources, a codebook and what was coded. ProcessError: a passage outside its text, a code or source that is not
    there, the same twice.
    """

    name: str
    codebook: Codebook = field(default_factory=Codebook)
    sources: tuple[Source, ...] = ()
    codings: tuple[Coding, ...] = ()

    def __post_init__(self) -> None:
        texts = {source.id: source.text for source in self.sources}
        if len(texts) != len(self.sources):
            raise ProcessError("Two sources have the same id.")
        codes = {code.guid for code in self.codebook.codes}
        if len(set(self.codings)) != len(self.codings):
            raise ProcessError("A passage has the same code twice by the same coder.")
        for coding in self.codings:
            if coding.source not in texts:
                raise ProcessError(f"A passage is of {coding.source}, which is no source of '{self.name}'.")
            if coding.code not in codes:
                raise ProcessError(f"A passage of {coding.source} has a code that the codebook does not have.")
            if not 0 <= coding.start < coding.end <= len(texts[coding.source]):
                raise ProcessError(f"A passage from {coding.start} to {coding.end} does not lie in {coding.source}, "
                                   f"which has {len(texts[coding.source])} characters.")

    def source(self, id_: str) -> Source:
        found = next((source for source in self.sources if source.id == id_), None)
        if found is None:
            raise ProcessError(f"'{self.name}' has no source {id_}.")
        return found

    def text(self, coding: Coding) -> str:
        """The passage's own words."""
        return self.source(coding.source).text[coding.start : coding.end]

    def code(self, coding: Coding) -> Project:
        """With one passage more; a code that is retired or only groups others takes none."""
        if not self.codebook.code(coding.code).codable:
            raise ProcessError(f"The code '{self.codebook.path(coding.code)}' takes no passages.")
        return replace(self, codings=(*self.codings, coding))

    def recode(self, codebook: Codebook, moved: Iterable[tuple[str, str]] = ()) -> Project:
        """The same passages under a newer codebook; `moved`: (code, the code it was merged into)."""
        into = dict(moved)
        codings = dict.fromkeys(replace(one, code=into.get(one.code, one.code)) for one in self.codings)
        return replace(self, codebook=codebook, codings=tuple(codings))

    def tidy(self) -> pl.DataFrame:
        """One row a passage: id, source, case, kind, start, end, code (its path), coder, text."""
        rows = []
        for coding in sorted(self.codings):
            source = self.source(coding.source)
            rows.append((coding.id, source.id, source.case, source.kind, coding.start, coding.end,
                         self.codebook.path(coding.code), coding.coder, self.text(coding)))  # fmt: skip
        words = dict.fromkeys(("id", "source", "case", "kind"), pl.String)
        return pl.DataFrame(rows, orient="row", schema={**words, "start": pl.Int64, "end": pl.Int64, "code": pl.String,
                                                        "coder": pl.String, "text": pl.String})  # fmt: skip
