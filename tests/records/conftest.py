import io
from datetime import date

import pytest
from openpyxl import load_workbook

from attunement.records import workbook
from attunement.records.made_up import History, fill

ASKED = (
    workbook.Row("A-001a", date(2023, 8, 31), date(2024, 2, 29)),
    workbook.Row("A-001b", date(2023, 8, 31), date(2024, 2, 29)),
    workbook.Row("A-002a", date(2023, 9, 1), date(2024, 3, 1)),
)
KNOWN = {row.trial_number: row.allocated_on for row in ASKED}
EXTRACT = date(2024, 5, 20)
FILLED = (
    History(
        "A-001a",
        "found",
        referrals=[(date(2023, 7, 1), date(2024, 1, 10), "RC7")],
        assessments=[
            ("assessment", date(2023, 7, 2), date(2023, 7, 30)),
            ("section 47", date(2023, 10, 2), None),
            ("conference", date(2023, 10, 12), None),
        ],
        plans=[("CIN", date(2023, 8, 1), date(2023, 10, 12), None), ("CP", date(2023, 10, 12), None, "no")],
        care=[(date(2023, 11, 1), date(2023, 11, 9), "V4", None), (date(2024, 1, 5), None, "C2", None)],
    ),
    History("A-001b", "no record"),
    History("A-002a", "died", died_on=date(2023, 12, 24), referrals=[(date(2023, 8, 1), None, None)]),
)


@pytest.fixture(scope="session")
def blank_workbook():
    target = io.BytesIO()
    workbook.template(target, site="Northshire", study="A study", children=ASKED)
    return target.getvalue()


@pytest.fixture(scope="session")
def filled_workbook(blank_workbook):
    target = io.BytesIO()
    fill(io.BytesIO(blank_workbook), target, FILLED, extract_on=EXTRACT)
    return target.getvalue()


@pytest.fixture(scope="session")
def returned(filled_workbook):
    """Read the filled workbook after `change(book)` or after cells are set: returned({"Plans!C2": "31/02/2022"})."""

    def read(cells=(), change=None, **more):
        book = load_workbook(io.BytesIO(filled_workbook))
        for place, value in dict(cells).items():
            sheet, cell = place.split("!")
            book[sheet][cell] = value
        if change:
            change(book)
        target = io.BytesIO()
        book.save(target)
        return workbook.read(target, known=KNOWN, **more)

    return read
