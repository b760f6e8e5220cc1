"""From cells as they were written to typed columns; what cannot be typed becomes null and is a fault, with its row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

import polars as pl

from attunement.records.cells import describe
from attunement.records.codes import Spellings, code_set
from attunement.records.dates import read_date, shows_order
from attunement.records.layout import PLACE, TYPES, Field, Order, columns

MANY = "\x1f"
_SERIALS = (7_306, 73_050)
_EPOCH = date(1899, 12, 30)
_YES = ("1", "true", "yes", "y", "t")
_NO = ("0", "false", "no", "n", "f")
# Day first, usual shape: what the quick path takes. The rest is looked at wording by wording.
_SHAPES = {"iso": (r"^\d{4}-\d\d-\d\d$", "%Y-%m-%d"), "dmy": (r"^\d\d/\d\d/\d{4}$", "%d/%m/%Y")}
C = pl.col
Reading = tuple[Any, str]


@dataclass(frozen=True, slots=True)
class Raw:
    """A table as it stands in the file: text, whole dates or numbers, one column a field, and PLACE. `headings` maps a
    field to its name in the file, `letters` the letter of a sheet's column to the field."""

    table: str
    frame: pl.DataFrame
    fields: tuple[Field, ...]
    sheet: str | None = None
    headings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    heading_line: int | None = None
    letters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one place. `row` counts the rows of the table from 0; `there` never repeats free text. `line` and
    `sheet` say where it is if it is in no row of a table."""

    cause: str
    table: str | None
    row: int | None
    field: str | None
    there: str
    expected: str = ""
    line: int | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How to read: `usual` order of dates, a person's `answer` to it, the year of the codes, local spellings."""

    usual: Order
    answer: Order | None
    year: int | None
    spellings: Spellings


@dataclass(frozen=True, slots=True)
class Typed:
    """Table -> typed frame with all columns of `layout.columns`; the faults; (set, wording) -> rows not understood; (kind,
    set) -> what the wordings of a column of it were last read as."""

    tables: dict[str, pl.DataFrame]
    faults: list[Fault]
    unmapped: dict[tuple[str, str], int]
    understood: dict[tuple[str, str | None], tuple[dict[str, Reading], pl.Series]] = field(default_factory=dict)


def typed(raws: Iterable[Raw], manner: Manner) -> Typed:
    """The raw tables typed. Dates are read last: what one of them shows of their order holds for the whole file."""
    found = Typed({}, [], {})
    work = [
        (
            raw,
            [
                _Column(raw.table, one, raw.frame[one.name], manner, found)
                for one in raw.fields
                if one.name in raw.frame.columns
            ],
        )
        for raw in raws
    ]
    dated = [column for _raw, made in work for column in made if column.field.kind in ("date", "dates")]
    for _raw, made in work:
        _look_at_dates([column for column in made if column.field.kind in ("date", "dates")], manner.usual)
    shows = _order_of(dated, manner.usual)
    for raw, made in work:
        frame = raw.frame
        series = {name: frame[name] for name in (*PLACE, "child_id") if name in frame.columns}
        for column in made:
            series[column.field.name] = column.read(shows)
        found.tables[raw.table] = _whole(raw.table, series, frame.height)
    return found


def _look_at_dates(dated: list[_Column], usual: Order) -> None:
    """The quick path: dates as the format writes them. Columns of text go together: each question costs as much as they."""
    plain = [column for column in dated if column.look_at_dates()]
    for height in {len(column.cells) for column in plain}:
        shape, pattern = _SHAPES[usual]
        alike = [column for column in plain if len(column.cells) == height]
        asked = []
        for name in map(str, range(len(alike))):
            text = C(name).str.strip_chars()
            day = pl.when(text.str.contains(shape)).then(text).str.to_date(pattern, strict=False)
            asked += [text.fill_null("").alias("text" + name), day.alias("day" + name),
                      (day.is_null() & (text != "")).alias("odd" + name)]  # fmt: skip
        both = pl.DataFrame([column.cells.alias(str(place)) for place, column in enumerate(alike)]).select(asked)
        some = both.select(pl.selectors.starts_with("odd").any()).row(0)
        for place, column in enumerate(alike):
            column.made, column.text = both[f"day{place}"], both[f"text{place}"]
            column.odd = both[f"odd{place}"].arg_true().to_list() if some[place] else []


def _whole(table: str, made: Mapping[str, pl.Series], height: int) -> pl.DataFrame:
    return pl.DataFrame([
        made[name].alias(name) if name in made else pl.Series(name, [None], kind).new_from_index(0, height)
        for name, kind in columns(table).items()
    ])  # fmt: skip


class _Column:
    """One column on its way. Each wording is looked at once, however many rows have it."""

    def __init__(self, table: str, field: Field, cells: pl.Series, manner: Manner, found: Typed) -> None:
        self.table, self.field, self.manner, self.found = table, field, manner, found
        self.rows: list[int] | None = None
        self.height = len(cells)
        if field.kind in ("dates", "codes"):
            # Several values in one cell: from here on one a row, each with the row it came from.
            long = pl.DataFrame({"row": pl.int_range(len(cells), eager=True), "cell": cells.str.split(MANY)}).explode(
                "cell"
            )
            long = long.filter(C("cell").is_not_null())
            self.rows, cells = long["row"].to_list(), long["cell"]
        self.cells = cells
        self.made = cells
        self.text = cells
        self.odd: list[int] = []

    def read(self, shows: bool | None) -> pl.Series:
        kind = self.field.kind
        if kind in ("date", "dates"):
            made = self._dates(shows)
        elif kind == "id":
            made = _ids(self.cells if self.cells.dtype == pl.String else as_text(self.cells))
        else:
            reader = {"code": self._code, "codes": self._code, "number": _number, "bool": _answer}[kind]
            made = self._each(pl.String if kind == "codes" else TYPES[kind], reader)
        if self.rows is not None:
            return self._packed(made)
        if self.field.required and made.null_count():
            self._fault("missing", (made.is_null() & (as_text(self.cells) == "")).arg_true().to_list(), "nothing")
        return made

    def _each(self, kind: Any, read: Callable[[str], Reading]) -> pl.Series:
        """Every wording read once by `read`, which gives a value and, unless all is well, the cause of a fault."""
        if self.cells.null_count() == len(self.cells):
            return pl.Series(self.cells.name, [None], kind).new_from_index(0, len(self.cells))
        cells = self.cells if self.cells.dtype == pl.String else as_text(self.cells)
        # The lists of a file mostly write the same things in the same words.
        set_of = (self.field.kind, self.field.codes)
        values, read_as = self.found.understood.get(set_of, ({}, pl.Series(dtype=kind)))
        coded = cells.cast(pl.Enum(list(values)), strict=False)
        if coded.null_count() > cells.null_count():
            wordings = [wording for wording in cells.unique().to_list() if wording is not None]
            values = {wording: read(wording.strip()) if wording.strip() else (None, "") for wording in wordings}
            read_as = pl.Series([value for value, _cause in values.values()], dtype=kind)
            self.found.understood[set_of] = values, read_as
            coded = cells.cast(pl.Enum(wordings))
        made = read_as[coded.to_physical()].alias(cells.name)
        for cause in dict.fromkeys(cause for _value, cause in values.values() if cause):
            named = [wording for wording, (_value, why) in values.items() if why == cause]
            self._fault_each(cause, cells, cells.is_in(named).arg_true().to_list())
        return made

    def look_at_dates(self) -> bool:
        """Whether they are text that must be read; days and the serial numbers of a spreadsheet are done at once."""
        cells = self.cells
        if cells.null_count() == len(cells):
            self.made = cells.cast(pl.Date)
            self.text = cells.cast(pl.String)
            return False
        if cells.dtype == pl.Date:
            return False
        if not cells.dtype.is_float():
            return True
        days = pl.lit(_EPOCH) + pl.duration(days=C(cells.name).cast(pl.Int64, strict=False))
        whole = pl.DataFrame([cells]).select(pl.when(C(cells.name).is_between(*_SERIALS)).then(days))
        self.made, self.text = whole.to_series(), as_text(cells)
        if self.made.null_count():
            self.odd = (self.made.is_null() & (self.text != "")).arg_true().to_list()
        return False

    def _dates(self, shows: bool | None) -> pl.Series:
        manner = self.manner
        if manner.usual == "dmy" and shows is False and manner.answer != "dmy" and self.cells.dtype == pl.String:
            two = (self.made.dt.day() <= 12) & (self.made.dt.day() != self.made.dt.month())
            self.odd = sorted({*self.odd, *two.arg_true().to_list()})
        if not self.odd:
            return self.made
        wordings = self.text.gather(self.odd).to_list()
        read = {
            wording: read_date(wording, usual=manner.usual, answer=manner.answer, day_first=shows)
            for wording in set(wordings)
        }
        days = [read[wording] if isinstance(read[wording], date) else None for wording in wordings]
        for cause in ("ambiguous", "no date"):
            rows = [row for row, wording in zip(self.odd, wordings, strict=True) if read[wording] == cause]
            self._fault_each(cause.replace(" ", "_"), self.text, rows)
        return self.made.scatter(self.odd, pl.Series(days, dtype=pl.Date))

    def _code(self, text: str) -> Reading:
        known = code_set(str(self.field.codes), self.manner.year)
        if text in known.now:
            return known.now[text], ""
        code = known.find(text, self.manner.spellings)
        if code is None:
            return None, "no_code"
        bare = text.upper()
        strange = bare in known.ever and bare not in known.now
        return code, "code_of_another_year" if strange or code not in known.now.values() else ""

    def _packed(self, made: pl.Series) -> pl.Series:
        """The values of a cell together again, without those that cannot be read."""
        name = self.field.name
        long = pl.DataFrame({"row": pl.Series(self.rows, dtype=pl.Int64), name: made}).drop_nulls()
        packed = long.group_by("row").agg(name)
        every = pl.DataFrame({"row": pl.int_range(self.height, eager=True)})
        return every.join(packed, on="row", how="left", maintain_order="left")[name]

    def _fault_each(self, cause: str, text: pl.Series, rows: list[int]) -> None:
        wordings = text.gather(rows).to_list()
        if cause == "no_code":
            for wording in wordings:
                key = (str(self.field.codes), wording)
                self.found.unmapped[key] = self.found.unmapped.get(key, 0) + 1
        there = {wording: describe(wording) for wording in set(wordings)}
        for row, wording in zip(rows, wordings, strict=True):
            self._fault(cause, [row], there[wording])

    def _fault(self, cause: str, rows: list[int], there: str) -> None:
        for row in rows:
            place = row if self.rows is None else self.rows[row]
            self.found.faults.append(Fault(cause, self.table, place, self.field.name, there, self._example()))

    def _example(self) -> str:
        if self.field.kind in ("date", "dates"):
            return "a date such as " + ("2024-02-14" if self.manner.usual == "iso" else "14/02/2024")
        if self.field.kind in ("code", "codes"):
            codes = list(code_set(str(self.field.codes), self.manner.year).now)
            return f"one of {', '.join(codes)}" if len(codes) <= 6 else f"a code such as {codes[0]} or {codes[1]}"
        return {"number": "a whole number such as 2", "bool": "true or false", "id": "the id of the child"}[
            self.field.kind
        ]


def _ids(cells: pl.Series) -> pl.Series:
    """Ids without the space around them and without the decimal point of a number; blank is null."""
    one = C(cells.name)
    # Mending takes far longer than seeing that there is nothing to mend.
    if not pl.DataFrame([cells]).select(one.str.contains(r"^\s|\s$|\.0|^$").any()).item():
        return cells
    text = one.str.strip_chars().str.replace(r"^(\d+)\.0+$", "${1}")
    return pl.DataFrame([cells]).select(pl.when(text != "").then(text)).to_series()


def _number(text: str) -> Reading:
    whole = text.rstrip("0").rstrip(".") if "." in text else text
    whole = whole or "0"
    return (int(whole), "") if whole.isascii() and whole.isdigit() and len(whole) <= 6 else (None, "no_number")


def _answer(text: str) -> Reading:
    bare = text.lower()
    bare = bare[2:].strip() if bare[1:2] == ")" else bare.removesuffix(".0")
    return (True, "") if bare in _YES else (False, "") if bare in _NO else (None, "no_answer")


def as_text(cells: pl.Series) -> pl.Series:
    """The cells as text without the space around it; whole numbers without a decimal point; blank is ""."""
    if cells.dtype == pl.String:
        return cells.str.strip_chars().fill_null("")
    if cells.dtype.is_float():
        cell = C(cells.name)
        whole = (cell == cell.floor()) & (cell.abs() < 1e15)
        text = pl.when(whole).then(cell.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(cell.cast(pl.String))
        return pl.DataFrame([cells]).select(text.fill_null("")).to_series()
    return cells.cast(pl.String).fill_null("")


def _order_of(dated: Iterable[_Column], usual: Order) -> bool | None:
    """What the dates of the whole file show of their order: True day first, False month first, None nothing."""
    odd = [column for column in dated if column.odd]
    shown = [shows_order(text) for column in odd for text in column.text.gather(column.odd).to_list()]
    first, second = shown.count(True), shown.count(False)
    if second and usual == "dmy":
        first += sum(int((column.made.dt.day() > 12).sum()) for column in dated if column.cells.dtype == pl.String)
    return None if not (first or second) else first > second
