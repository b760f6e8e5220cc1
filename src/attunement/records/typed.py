"""From cells as they were written to typed columns; what cannot be typed becomes null and is a fault, with its row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

import polars as pl

from attunement.records.cells import describe
from attunement.records.codes import Spellings, code_set
from attunement.records.dates import read_date, shows_order
from attunement.records.layout import PLACE, Field, Order, columns

MANY = "\x1f"
_SERIALS = (7_306, 73_050)
_EPOCH = date(1899, 12, 30)
_YES = ("1", "true", "yes", "y", "t", "1.0")
_NO = ("0", "false", "no", "n", "f", "0.0")
_SPEAKS_OF_ITSELF = 40


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
    """What is wrong in one place. `row` counts the rows of the table from 0; `there` never repeats free text."""

    cause: str
    table: str | None
    row: int | None
    field: str | None
    there: str
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """How to read: `usual` order of dates, a person's `answer` to it, the year of the codes, local spellings."""

    usual: Order
    answer: Order | None
    year: int | None
    spellings: Spellings


def typed(raws: Iterable[Raw], manner: Manner) -> tuple[dict[str, pl.DataFrame], list[Fault], dict[tuple[str, str], int]]:
    """Table -> typed frame with all columns of `layout.columns`; the faults; (set, wording) -> rows not understood."""
    found = list(raws)
    shows = _order_of(found, manner.usual)
    tables: dict[str, pl.DataFrame] = {}
    faults: list[Fault] = []
    unmapped: dict[tuple[str, str], int] = {}
    for raw in found:
        frame = raw.frame
        made = {name: frame[name] for name in (*PLACE, "child_id") if name in frame.columns}
        for one in raw.fields:
            if one.name not in frame.columns:
                continue
            column = _Column(raw.table, one, frame[one.name], manner, shows, unmapped)
            made[one.name] = column.read()
            faults += column.faults
        tables[raw.table] = _whole(raw.table, made, frame.height)
    return tables, faults, unmapped


def _whole(table: str, made: Mapping[str, pl.Series], height: int) -> pl.DataFrame:
    wanted = columns(table)
    return pl.DataFrame([
        made[name].cast(kind).alias(name) if name in made else pl.Series(name, [None], kind).new_from_index(0, height)
        for name, kind in wanted.items()
    ])  # fmt: skip


class _Column:
    """One column on its way: the fast path for what is as it should be, one look at each other wording."""

    def __init__(self, table: str, field: Field, cells: pl.Series, manner: Manner, shows: bool | None,
                 unmapped: dict[tuple[str, str], int]) -> None:
        self.table, self.field, self.cells, self.manner, self.shows = table, field, cells, manner, shows
        self.unmapped = unmapped
        self.faults: list[Fault] = []

    def read(self) -> pl.Series:
        kind = self.field.kind
        if kind in ("dates", "codes"):
            return self._many()
        if kind == "id":
            made = as_text(self.cells)
            made = pl.select(pl.when(made != "").then(made)).to_series()
        elif kind == "date":
            made = self._dates(self.cells)
        elif kind == "code":
            made = self._codes(as_text(self.cells))
        elif kind == "number":
            made = self._numbers(as_text(self.cells))
        else:
            made = self._answers(as_text(self.cells))
        if self.field.required and made.null_count():
            blank = made.is_null() & ((as_text(self.cells) == "").fill_null(True))
            self._fault("missing", blank.arg_true().to_list(), "nothing")
        return made.alias(self.field.name)

    def _dates(self, cells: pl.Series) -> pl.Series:
        if cells.dtype == pl.Date:
            return cells
        if cells.dtype.is_float():
            serial = cells.is_between(*_SERIALS)
            days = pl.select(pl.lit(_EPOCH) + pl.duration(days=cells.cast(pl.Int64, strict=False))).to_series()
            made = pl.select(pl.when(serial).then(days)).to_series()
            self._fault_each("no_date", as_text(cells), cells.is_not_null() & ~serial)
            return made
        text = as_text(cells)
        shape = "%Y-%m-%d" if self.manner.usual == "iso" else "%d/%m/%Y"
        usual = text.str.contains(r"^\d{4}-\d\d-\d\d$" if self.manner.usual == "iso" else r"^\d\d/\d\d/\d{4}$")
        made = pl.select(pl.when(usual).then(text)).to_series().str.to_date(shape, strict=False)
        odd = made.is_null() & (text != "")
        if self.manner.usual == "dmy" and self.shows is False and self.manner.answer != "dmy":
            odd |= (made.dt.day() <= 12) & (made.dt.day() != made.dt.month())
        return self._mend(made, text, odd, self._date)

    def _date(self, text: str) -> tuple[Any, str]:
        manner = self.manner
        found = read_date(text, usual=manner.usual, answer=manner.answer, day_first=self.shows)
        return (found, "") if isinstance(found, date) else (None, found.replace(" ", "_"))

    def _codes(self, text: pl.Series) -> pl.Series:
        known = code_set(str(self.field.codes), self.manner.year)
        plain = [code for code, stands in known.now.items() if stands == code]
        fine = text.is_in(plain)
        made = pl.select(pl.when(fine).then(text)).to_series()
        return self._mend(made, text, ~fine & (text != ""), self._code)

    def _code(self, text: str) -> tuple[Any, str]:
        known = code_set(str(self.field.codes), self.manner.year)
        code = known.find(text, self.manner.spellings)
        if code is None:
            return None, "no_code"
        bare = text.strip().upper()
        if bare in known.ever and bare not in known.now:
            return code, "code_of_another_year"
        return code, "" if code in known.now.values() else "code_of_another_year"

    def _numbers(self, text: pl.Series) -> pl.Series:
        plain = text.str.contains(r"^\d{1,6}(\.0+)?$")
        made = pl.select(pl.when(plain).then(text)).to_series().str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)
        return self._mend(made, text, ~plain & (text != ""), lambda _text: (None, "no_number"))

    def _answers(self, text: pl.Series) -> pl.Series:
        lower = text.str.to_lowercase().str.replace(r"^[a-z]\)\s*", "")
        yes, no = lower.is_in(_YES), lower.is_in(_NO)
        made = pl.select(pl.when(yes).then(True).when(no).then(False)).to_series()
        return self._mend(made, text, made.is_null() & (text != ""), lambda _text: (None, "no_answer"))

    def _many(self) -> pl.Series:
        """Several values in one cell of the raw table: each is read, and those that cannot be are left out."""
        name = self.field.name
        rows = pl.DataFrame({"row": pl.int_range(len(self.cells), eager=True), "text": self.cells.str.split(MANY)})
        long = rows.explode("text").filter(pl.col("text").is_not_null())
        texts = as_text(long["text"])
        places = long["row"].to_list()
        made = self._dates(texts) if self.field.kind == "dates" else self._codes(texts)
        self.faults = [Fault(f.cause, f.table, None if f.row is None else places[f.row], f.field, f.there, f.expected)
                       for f in self.faults]
        packed = pl.DataFrame({"row": long["row"], name: made}).drop_nulls().group_by("row").agg(name)
        return rows.join(packed, on="row", how="left", maintain_order="left")[name]

    def _mend(self, made: pl.Series, text: pl.Series, odd: pl.Series, read: Any) -> pl.Series:
        """Each odd wording is read once; `read` gives its value and, unless all is well, the cause of the fault."""
        if not odd.any():
            return made
        odd = odd.fill_null(False)
        wordings = text.filter(odd).unique(maintain_order=True).to_list()
        values = {wording: read(wording) for wording in wordings}
        replaced = pl.Series([values[wording][0] for wording in text.filter(odd).to_list()], dtype=made.dtype)
        made = made.scatter(odd.arg_true(), replaced)
        causes = {wording: cause for wording, (_value, cause) in values.items() if cause}
        if causes:
            for cause in dict.fromkeys(causes.values()):
                self._fault_each(cause, text, odd & text.is_in([w for w in causes if causes[w] == cause]))
        return made

    def _fault_each(self, cause: str, text: pl.Series, where: pl.Series) -> None:
        rows = where.fill_null(False).arg_true().to_list()
        if cause == "no_code":
            for wording in text.gather(rows).to_list():
                key = (str(self.field.codes), wording)
                self.unmapped[key] = self.unmapped.get(key, 0) + 1
        there = {wording: describe(wording) for wording in set(text.gather(rows).to_list())}
        self.faults += [Fault(cause, self.table, row, self.field.name, there[text[row]], self._example()) for row in rows]

    def _fault(self, cause: str, rows: list[int], there: str) -> None:
        self.faults += [Fault(cause, self.table, row, self.field.name, there, self._example()) for row in rows]

    def _example(self) -> str:
        if self.field.kind in ("date", "dates"):
            return "a date such as " + ("2024-02-14" if self.manner.usual == "iso" else "14/02/2024")
        if self.field.kind in ("code", "codes"):
            codes = list(code_set(str(self.field.codes), self.manner.year).now)
            return f"one of {', '.join(codes)}" if len(codes) <= 6 else f"a code such as {codes[0]} or {codes[1]}"
        return {"number": "a whole number such as 2", "bool": "true or false", "id": "the id of the child"}[self.field.kind]


def as_text(cells: pl.Series) -> pl.Series:
    """The cells as text without the space around it; whole numbers without a decimal point; blank is ""."""
    if cells.dtype == pl.String:
        return cells.str.strip_chars().fill_null("")
    if cells.dtype.is_float():
        whole = cells.is_not_null() & (cells == cells.floor()) & (cells.abs() < 1e15)
        return pl.select(
            pl.when(whole).then(cells.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(cells.cast(pl.String)).fill_null("")
        ).to_series()  # fmt: skip
    return cells.cast(pl.String).fill_null("")


def _order_of(raws: list[Raw], usual: Order) -> bool | None:
    """What the dates of the whole file show of their order: True day first, False month first, None nothing."""
    first = second = 0
    for text in _odd_dates(raws, usual):
        shown = shows_order(text)
        first += shown is True
        second += shown is False
    if second and usual == "dmy":
        first += sum(_plain_day_first(raws))
    if not (first or second):
        return None
    return first > second


def _date_columns(raws: list[Raw]) -> Iterator[pl.Series]:
    for raw in raws:
        for one in raw.fields:
            if one.kind == "date" and one.name in raw.frame.columns and raw.frame[one.name].dtype == pl.String:
                yield raw.frame[one.name]


def _odd_dates(raws: list[Raw], usual: Order) -> Iterator[str]:
    wanted = r"^\s*\d{1,2}[-/. ]\d{1,2}[-/. ]\d{4}" if usual == "iso" else r"^\s*\d{1,2}[-/. ](1[3-9]|2\d|3[01])[-/. ]\d{4}"
    for cells in _date_columns(raws):
        yield from cells.filter(cells.str.contains(wanted).fill_null(False)).to_list()


def _plain_day_first(raws: list[Raw]) -> Iterator[int]:
    for cells in _date_columns(raws):
        yield int(cells.str.contains(r"^\s*(1[3-9]|2\d|3[01])[-/. ]\d{1,2}[-/. ]\d{4}").sum())
