"""An authority that sends what the cohort command makes of its statutory returns: a census, looked-after files."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from openpyxl import load_workbook  # type: ignore[import-untyped]

from attunement.records import read
from attunement.records.cohort import read_sheet, write_cohort
from attunement.records.made_up import History
from attunement.records.made_up_care import episodes_903, header_903, xml_903
from attunement.records.made_up_returns import Person, cin_census
from attunement.records.sheets import CHILDREN

_FIRST_ID = 480_000
Child = tuple[History, date, date]


def statutory_files(children: Sequence[Child], extract_on: date) -> dict[str, bytes]:
    """The returns of the authority, and its own sheet. `children`: (history, birth date, day of allocation)."""
    year = extract_on.year + (extract_on.month > 3)
    people = [Person(str(_FIRST_ID + n), born, past) for n, (past, born, _day) in enumerate(children)]
    sheet = io.StringIO()
    rows = csv.writer(sheet)
    rows.writerow(("trial_number", "child_id", "t0"))
    rows.writerows((past.trial_number, _FIRST_ID + n, day.isoformat()) for n, (past, _born, day) in enumerate(children))
    return {"cin.xml": cin_census(people, year=year, reference=extract_on, made=extract_on),
            "header.csv": header_903(people, year=year), "episodes.csv": episodes_903(people),
            "ssda903.xml": xml_903(people, year=year), "sheet.csv": sheet.getvalue().encode()}  # fmt: skip


def by_cohort(children: Sequence[Child], extract_on: date) -> bytes:
    """Our workbook as the cohort command cuts it out of the returns; what no return says, an analyst has answered."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in statutory_files(children, extract_on).items():
            (folder / file).write_bytes(content)
        returns = [read(folder / file) for file in ("cin.xml", "header.csv", "episodes.csv")]
        write_cohort(returns, read_sheet(folder / "sheet.csv"), folder / "cohort.xlsx", extract_on=extract_on)
        return _answered((folder / "cohort.xlsx").read_bytes(), children)


def _answered(workbook: bytes, children: Sequence[Child]) -> bytes:
    known = {past.trial_number: past for past, _born, _day in children}
    book = load_workbook(io.BytesIO(workbook))
    for row in book[CHILDREN.name].iter_rows(min_row=2):
        if row[0].value in known:
            row[3].value, row[4].value = known[row[0].value].answer, known[row[0].value].died_on
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
