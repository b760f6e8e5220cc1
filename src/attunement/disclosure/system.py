"""Everything that a reader of several releases knows, as one system of linear equations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy

from attunement.disclosure.cells import Cell, Counted, sums, undated
from attunement.disclosure.errors import DisclosureError
from attunement.disclosure.profiles import Profile
from attunement.disclosure.release import Named, Published, Release

Shown = Sequence[int | None]
Numbers = npt.NDArray[np.float64]


@dataclass(slots=True)
class System:
    """One variable a cell. `true`, `low` and `high` a variable; each row of `equations` times the counts is 0.

    `width`: how closely a cell may be bounded, 0 where that does not matter. `place`: the variable of a cell that is
    published; `rests`: the cell of which a variable is what a table leaves out.
    """

    place: dict[Cell, int]
    rests: dict[int, Cell]
    true: Numbers
    low: Numbers
    high: Numbers
    width: Numbers
    equations: scipy.sparse.csr_array

    def rows(self, table: Counted) -> list[int]:
        """The variable of each row of a table."""
        return [self.place[table.cell(row)] for row in table.coordinates]


def system(releases: Iterable[Published], new: tuple[Counted, Shown, Profile] | None = None) -> System:
    """The system of everything published (`None`: hidden), and of a `new` table, by the relations below.

    A total is the sum of its parts, in each table and also where only another table shows it; a total that a table
    lacks is a cell of its own. What a table leaves of a total that another shows is a cell too: a small rest can be
    found out by subtraction. So is what a count has gained or lost between two cuts of the data. DisclosureError for a
    cell with two counts.
    """
    build, read = _Build(), list(releases)
    tables: list[tuple[Counted, Shown, Profile]] = [] if new is None else [new]
    tables[:0] = [(each.counted(), each.shown(), each.profile) for each in read if isinstance(each, Release)]
    for table, shown, rule in tables:
        build.publish(table, shown, rule)
    for each in read:
        if isinstance(each, Named):
            build.name(each)
    for table, _, rule in tables:
        build.relate(table, rule)
    build.compare()
    return build.system()


def equations(sums: Sequence[tuple[int, tuple[int, ...]]], variables: int) -> scipy.sparse.csr_array:
    """A row a sum: its parts less its whole."""
    rows = [line for line, (_, parts) in enumerate(sums) for _ in range(len(parts) + 1)]
    columns = [at for whole, parts in sums for at in (whole, *parts)]
    values = [value for _, parts in sums for value in (-1.0, *[1.0] * len(parts))]
    return scipy.sparse.csr_array((values, (rows, columns)), shape=(len(sums), variables))


@dataclass(slots=True)
class _Build:
    place: dict[Cell, int] = field(default_factory=dict)
    rules: dict[int, Profile] = field(default_factory=dict)
    unseen: dict[tuple[Cell, int], int] = field(default_factory=dict)
    true: list[int] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    width: list[int] = field(default_factory=list)
    rests: dict[int, Cell] = field(default_factory=dict)
    sums: dict[tuple[int, tuple[int, ...]], None] = field(default_factory=dict)

    def add(self, true: int, width: int = 0) -> int:
        self.true.append(true)
        self.low.append(0)
        self.high.append(np.inf)
        self.width.append(width)
        return len(self.true) - 1

    def publish(self, table: Counted, shown: Shown, rule: Profile) -> None:
        for row, n, seen in zip(table.coordinates, table.n, shown, strict=True):
            self.cell(table.cell(row), n, None if seen is None else rule.bounds(seen), rule)

    def cell(self, cell: Cell, n: int, bounds: tuple[int, int] | None, rule: Profile) -> int:
        at = self.place.get(cell)
        if at is None:
            at = self.place[cell] = self.add(n)
        elif self.true[at] != n:
            raise DisclosureError(
                "A cell has another count here than in an earlier table; name what differs, such as the data cut, "
                "in a dimension of its own."
            )
        if at not in self.rules or rule.width > self.rules[at].width:
            self.rules[at] = rule
        self.width[at] = max(self.width[at], rule.width if rule.is_small(n) else 0)
        if bounds is not None:
            self.low[at], self.high[at] = max(self.low[at], bounds[0]), min(self.high[at], bounds[1])
        return at

    def name(self, named: Named) -> None:
        rule, place = named.profile, {}
        for name, n in named.counts.items():
            seen = named.shown[name]
            bounds = (n, n) if name in named.given_away else None if seen is None else rule.bounds(seen)
            place[name] = self.cell(named.cell(name), n, bounds, rule)
        for whole, parts in named.sums:
            line = [place[part] for part in parts]
            rest = self.true[place[whole]] - sum(self.true[part] for part in line)
            if rest < 0:
                raise DisclosureError("The parts of a total come to more than it; please mend the counts.")
            if rest:
                line.append(self.rest(named.cell(whole), rest, rule.width if rule.is_small(rest) else 0))
            self.sums[place[whole], tuple(sorted(line))] = None

    def rest(self, cell: Cell, n: int, width: int) -> int:
        at = self.add(n, width)
        self.rests[at] = cell
        return at

    def compare(self) -> None:
        """Each cell with itself at the cut before, and at every earlier one from which few families part it."""
        cuts: dict[Cell, list[tuple[str, int]]] = {}
        for cell, at in self.place.items():
            always, cut = undated(cell)
            if cut:
                cuts.setdefault(always, []).append((cut, at))
        for bare, several in cuts.items():
            places = [at for _, at in sorted(several)]
            for later, last in enumerate(places):
                for first in places[:later]:
                    self.differ(bare, first, last, always=first == places[later - 1])

    def differ(self, cell: Cell, first: int, last: int, *, always: bool) -> None:
        less, more = sorted((first, last), key=lambda at: self.true[at])
        change = self.true[more] - self.true[less]
        width = max((rule.width for rule in (self.rules[less], self.rules[more]) if rule.is_small(change)), default=0)
        if change and (width or always):
            self.sums[more, tuple(sorted((less, self.rest(cell, change, width))))] = None

    def relate(self, table: Counted, rule: Profile) -> None:
        counts = dict(zip(table.coordinates, table.n, strict=True))
        own = {row: self.place[table.cell(row)] for row in counts}
        for each in sums(tuple(counts)):
            parts = [own[part] for part in each.parts]
            whole = self._whole(table.cell(each.whole), sum(self.true[part] for part in parts), rule)
            own.setdefault(each.whole, whole)
            self.sums[whole, tuple(sorted(parts))] = None

    def _whole(self, cell: Cell, total: int, rule: Profile) -> int:
        """The variable that the parts add up to: the cell itself, or the part of it that the table gives."""
        at = self.place.get(cell)
        if at is not None and self.true[at] == total:
            return at
        if (cell, total) not in self.unseen:
            part = self.unseen[cell, total] = self.add(total)
            if at is not None and self.true[at] > total:
                rest = self.true[at] - total
                left = self.rest(cell, rest, rule.width if rule.is_small(rest) else 0)
                self.sums[at, (part, left)] = None
        return self.unseen[cell, total]

    def system(self) -> System:
        return System(
            self.place,
            self.rests,
            np.array(self.true, float),
            np.array(self.low, float),
            np.array(self.high, float),
            np.array(self.width, float),
            equations(self._needed(), len(self.true)),
        )

    def _needed(self) -> list[tuple[int, tuple[int, ...]]]:
        """The sums without those to a total that nobody shows and nothing else rests on: they say nothing."""
        kept, seen = list(self.sums), set(self.place.values())
        while True:
            uses = np.bincount([at for whole, parts in kept for at in {whole, *parts}], minlength=len(self.true))
            needed = [(whole, parts) for whole, parts in kept if whole in seen or uses[whole] > 1]
            if len(needed) == len(kept):
                return kept
            kept = needed
