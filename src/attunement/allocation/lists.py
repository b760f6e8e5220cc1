"""Places drawn elsewhere, taken from a list in the order of its rows."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from fractions import Fraction
from pathlib import Path

from attunement.allocation.checking import shares
from attunement.allocation.errors import AllocationError
from attunement.allocation.schemes import EVEN, Scheme
from attunement.allocation.source import Source

_LARGEST = 20_000_000
_NUMBERING = {"place", "position", "number", "row", "sequence"}


@dataclass(frozen=True)
class FromList(Scheme):
    """The next place of a stratum is the next row of a list that names it, whatever number is printed on the row.

    path: a CSV file with the columns `stratum` (or `site`) and `arm`; a column `place` is not looked at. Without a
    stratum all rows are of one, named "". arms_named: the arms' codes in study-file order; left out, they are those
    that the list uses, in alphabetical order. strata: those that the study has; left out, any. least: rows that each
    stratum must have. Raises AllocationError naming file and row, and takes nothing of a list that has a fault.
    """

    path: InitVar[str | Path]
    arms_named: tuple[str, ...] = ()
    strata: InitVar[Sequence[str]] = ()
    least: InitVar[int] = 0
    rows: Mapping[str, tuple[int, ...]] = field(default_factory=dict, init=False)

    def __post_init__(self, path: str | Path, strata: Sequence[str], least: int) -> None:
        named = [(number, stratum, arm) for number, stratum, arm in _read(Path(path))]
        arms = tuple(self.arms_named) or tuple(sorted({arm for _, _, arm in named}))
        _check(path, named, arms, strata)
        rows: dict[str, list[int]] = {stratum: [] for stratum in strata}
        for _, stratum, arm in named:
            rows.setdefault(stratum, []).append(arms.index(arm))
        for stratum, places in rows.items():
            if len(places) < least:
                raise AllocationError(
                    f"{path}: {stratum or 'the list'} has {len(places)} rows and needs {least} or more"
                )
        self._take(arms, {stratum: tuple(places) for stratum, places in rows.items()})

    @classmethod
    def of(cls, rows: Mapping[str, Sequence[int]], arms: Sequence[str]) -> FromList:
        """A list that is at hand: stratum -> arms from 0, in order of use. Raises AllocationError."""
        made = object.__new__(cls)
        for stratum, places in rows.items():
            for place, arm in enumerate(places, start=1):
                if isinstance(arm, bool) or not isinstance(arm, int) or not 0 <= arm < len(arms):
                    raise AllocationError(
                        f"place {place} of {stratum} names arm {arm!r}: arms are 0 to {len(arms) - 1}"
                    )
        made._take(tuple(arms), {stratum: tuple(places) for stratum, places in rows.items()})
        return made

    def _take(self, arms: tuple[str, ...], rows: Mapping[str, tuple[int, ...]]) -> None:
        object.__setattr__(self, "arms_named", arms)
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "ratio", shares((1,) * len(arms)) if len(arms) > 1 else EVEN)

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def spec(self) -> str:
        return "list"

    @property
    def name(self) -> str:
        """Bound to every row: another list has another name."""
        told = json.dumps([list(self.arms_named), sorted((stratum, list(at)) for stratum, at in self.rows.items())])
        return f"list sha256:{hashlib.sha256(told.encode()).hexdigest()}"

    def within(self, stratum: str) -> FromList:
        """The places of one stratum. Raises AllocationError when the list has none."""
        if not self.rows.get(stratum):
            raise AllocationError(f"the list has no place for {stratum}: it has {', '.join(self.rows)}")
        return FromList.of({stratum: self.rows[stratum]}, self.arms_named)

    def at(self, place: int) -> tuple[Fraction, ...]:
        """The chance of each arm at a place, from 0: one arm is certain. Raises AllocationError when it is used up."""
        if len(self.rows) != 1:
            raise AllocationError("this list has several strata: take the places of one with within(stratum)")
        ((stratum, places),) = self.rows.items()
        if place >= len(places):
            raise AllocationError(f"all {len(places)} places that the list has{stratum and f' for {stratum}'} are used")
        return tuple(Fraction(int(arm == places[place])) for arm in range(self.arms))

    def chances(self, history: Sequence[int], source: Source) -> tuple[Fraction, ...]:
        for place, arm in enumerate(history):
            if self.at(place)[arm] != 1:
                raise AllocationError(f"this history is not of this list: see place {place + 1}")
        return self.at(len(history))


def _read(path: Path) -> list[tuple[int, str, str]]:
    """(number of the line, stratum, arm) of every row."""
    if "\0" in str(path):
        raise AllocationError(f"{str(path)!r} is no name of a file")
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise AllocationError(f"{path}: the list cannot be opened: {error.strerror}") from None
    except UnicodeDecodeError:
        raise AllocationError(f"{path}: the list is not UTF-8 text; save it as CSV in UTF-8") from None
    if len(raw) > _LARGEST:
        raise AllocationError(f"{path}: the list is over 20 MB, which no list of places is")
    if "\0" in text:
        raise AllocationError(f"{path}: this is no CSV file")
    lines = csv.reader(text.splitlines(), strict=True)
    try:
        header = ["stratum" if name == "site" else name for name in map(_plain, next(lines, []))]
        _check_header(path, header)
        return [_row(path, lines.line_num, header, row) for row in lines if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise AllocationError(f"{path}, row {lines.line_num}: this is no CSV: {error}") from None


def _plain(name: str) -> str:
    return name.strip().lower()


def _check_header(path: Path, header: Sequence[str]) -> None:
    known = {"stratum", "arm", *_NUMBERING}
    if "arm" not in header or len(set(header)) != len(header) or not set(header) <= known:
        raise AllocationError(
            f"{path}, row 1: the header should be stratum,arm, with place before or after if the list has it, "
            f"not {','.join(header)[:80]!r}"
        )


def _row(path: Path, number: int, header: Sequence[str], row: Sequence[str]) -> tuple[int, str, str]:
    if len(row) != len(header):
        raise AllocationError(f"{path}, row {number}: it has {len(row)} cells, and the header has {len(header)}")
    cells = dict(zip(header, (cell.strip() for cell in row), strict=True))
    for name in ("stratum", "arm"):
        if name in cells and not cells[name]:
            raise AllocationError(f"{path}, row {number}: the {name} is empty")
    return number, cells.get("stratum", ""), cells["arm"]


def _check(path: str | Path, named: list[tuple[int, str, str]], arms: Sequence[str], strata: Sequence[str]) -> None:
    if not named:
        raise AllocationError(f"{path}: the list has no rows below its header")
    for number, stratum, arm in named:
        if arm not in arms:
            raise AllocationError(f"{path}, row {number}: {arm[:40]!r} is no arm; the arms are {', '.join(arms)}")
        if strata and stratum not in strata:
            raise AllocationError(f"{path}, row {number}: {stratum[:40]!r} is no stratum; they are {', '.join(strata)}")
    if len(arms) < 2:
        raise AllocationError(f"{path}: every row names {arms[0]}, and a trial has two arms or more")
