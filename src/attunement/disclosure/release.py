"""A table that has passed the gate, with what stays behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from attunement.disclosure.cells import Cell, Counted, counted, dated
from attunement.disclosure.errors import DisclosureError
from attunement.disclosure.profiles import Profile, profile

SMALL = "small"
PROTECTS = "protects another cell"
BEFORE = "hidden in an earlier release"


@dataclass(frozen=True, slots=True)
class Release:
    """`table` may be published, nothing else: `hidden` gives the true count and the reason of each row without a
    count, `counts` are the true counts of every row, `cut` the state of the data that they count.
    """

    table: pl.DataFrame
    hidden: pl.DataFrame = field(repr=False)
    profile: Profile
    counts: pl.DataFrame = field(repr=False)
    cut: str = ""

    def counted(self) -> Counted:
        return replace(counted(self.counts), cut=self.cut)

    def shown(self) -> list[int | None]:
        return self.table["n"].to_list()


@dataclass(frozen=True, slots=True)
class Named:
    """Counts that left by name, as a report's do: `shown` may be published, nothing else; None where one is hidden.

    `sums`: a total's name and its parts'. `given_away`: names whose true count left, whatever the profile.
    """

    counts: Mapping[str, int] = field(repr=False)
    shown: Mapping[str, int | None]
    sums: Sums
    profile: Profile
    given_away: frozenset[str] = frozenset()
    cut: str = ""

    def cell(self, name: str) -> Cell:
        return dated(frozenset({("number", name)}), self.cut)


Sums = Sequence[tuple[str, Sequence[str]]]
Published = Release | Named


def as_published(counts: pl.DataFrame, table: pl.DataFrame, under: str | Profile, cut: str = "") -> Release:
    """A Release of a table published without this gate: `table` has the rows of `counts`, `n` null where hidden.

    DisclosureError where a shown count is not the one that the profile shows for the true one.
    """
    rule, true = profile(under), counted(counts)
    if table.drop("n").equals(counts.drop("n")) is False:
        raise DisclosureError("The published table must have the rows of the true one, in their order.")
    shown = table["n"].to_list()
    if any(seen is not None and seen != rule.shown(n) for seen, n in zip(shown, true.n, strict=True)):
        raise DisclosureError(f"A published count is not what the profile {rule.name} shows for the true one.")
    reasons = [None if seen is not None else SMALL if rule.hidden(n) else PROTECTS
               for seen, n in zip(shown, true.n, strict=True)]  # fmt: skip
    return assembled(counts, shown, reasons, rule, cut)


def assembled(
    counts: pl.DataFrame, shown: list[int | None], reasons: list[str | None], rule: Profile, cut: str
) -> Release:
    kind = counts.schema["n"] if counts.schema["n"].is_integer() else pl.Int64()
    table = counts.with_columns(pl.Series("n", shown, dtype=kind))
    hidden = counts.with_columns(pl.Series("reason", reasons, dtype=pl.String))
    return Release(table, hidden.drop_nulls("reason"), rule, counts, cut)
