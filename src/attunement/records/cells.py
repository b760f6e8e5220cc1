"""One cell: what may be written into it, what was found in it, and how to speak of that without repeating it."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from attunement.records.dates import read_date

T = TypeVar("T")
EARLIEST = date(1990, 1, 1)
_STARTS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LIKE_A_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_LIKE_A_CODE = re.compile(r"[A-Za-z]{1,2}\d{1,2}[A-Za-z]?")
# A longer number may be the id of a child.
_LIKE_A_NUMBER = re.compile(r"-?\d{1,4}(?:\.\d{1,2})?")


def safe_cell(value: T) -> T:
    """`value` as it may be written into a spreadsheet or CSV cell.

    Text that a spreadsheet could take for a formula (it begins with = + - @, tab or line end, also in full width) gets
    an apostrophe before it; control characters, which no workbook can hold, are dropped. All else comes back as it is.
    """
    if not isinstance(value, str):
        return value
    text = _CONTROL.sub("", value)
    return "'" + text if text.startswith(_STARTS_A_FORMULA) else text  # type: ignore[return-value]


def text_of(value: object) -> str:
    """The text in a cell with the space around it removed; whole numbers without a decimal point; blank is ""."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def date_of(value: object) -> date | None:
    """The date in a cell: a real date, 2022-02-14, 14/02/2022 or Excel's number of the day. None when it is none, or could
    be two days."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = read_date(text_of(value), usual="dmy")
    return found if isinstance(found, date) else None


def describe(value: object) -> str:
    """What stands in a cell, for a message: its text only if it has the shape of a date, number or short code.

    A name, id or postcode put into the wrong column is thereby never repeated.
    """
    if isinstance(value, bool):
        return "TRUE or FALSE"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time | timedelta):
        return "a time of day"
    text = text_of(value)
    if not text:
        return "nothing"
    if any(shape.fullmatch(text) for shape in (_LIKE_A_DATE, _LIKE_A_CODE, _LIKE_A_NUMBER)):
        return text
    if isinstance(value, int | float) or text.isdigit():
        return f"a number of {sum(c.isdigit() for c in text)} digits"
    return f"text of {len(text)} {'letters' if text.isalpha() else 'characters'}"
