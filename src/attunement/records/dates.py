"""Dates as authorities write them, told from dates that could be two days, and from what is no date."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal

from attunement.records.layout import Order

Answer = date | Literal["ambiguous", "no date"]
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_LONG = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_SHORT = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{1,2})")
_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/ ]([a-z]{3,9})\.?[-/, ]{1,2}(\d{4}|\d{2})")
_NAMED_FIRST = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_WEEKDAY = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? ", re.IGNORECASE)
_DIGITS = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_CLOCK = re.compile(r"[T ](\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?( ?[AaPp][Mm])?(Z|[+-]\d{2}:?\d{2})?$")
_SERIAL = re.compile(r"(\d{5})(?:\.\d*)?")
_FIRST_SERIAL, _LAST_SERIAL = 7_306, 73_050
_EPOCH = date(1899, 12, 30)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def read_date(text: str, *, usual: Order, answer: Order | None = None, day_first: bool | None = None) -> Answer:
    """The day that `text` names, "ambiguous" where two readings are possible, or "no date".

    `usual` is how the format writes dates; `answer` what a person said of the file; `day_first` what the other dates
    of the file show: True (day first), False (month first), None (nothing).
    """
    bare = _WEEKDAY.sub("", _CLOCK.sub("", text.strip()), count=1) if len(text) < 40 else text
    if found := _ISO.fullmatch(bare) or _DIGITS.fullmatch(bare):
        return _day(found[1], found[2], found[3])
    if found := _LONG.fullmatch(bare):
        return _day_first(found[3], found[2], found[1], usual, answer, day_first)
    if found := _SHORT.fullmatch(bare):
        return _two_digits(found[1], found[2], found[3], answer)
    if found := _NAMED.fullmatch(bare.lower()):
        return _named(found[1], found[2], found[3])
    if found := _NAMED_FIRST.fullmatch(bare.lower()):
        return _named(found[2], found[1], found[3])
    if (found := _SERIAL.fullmatch(bare)) and _FIRST_SERIAL <= int(found[1]) <= _LAST_SERIAL:
        return _EPOCH + timedelta(int(found[1]))
    return "no date"


def shows_order(text: str) -> bool | None:
    """True where the text can only be day first, False where it can only be month first, None where it shows neither."""
    found = _LONG.fullmatch(_CLOCK.sub("", text.strip()) if len(text) < 40 else text)
    if not found:
        return None
    first, second = int(found[1]), int(found[2])
    if 12 < first <= 31 and second <= 12:
        return True
    return False if 12 < second <= 31 and first <= 12 else None


def _day_first(year: str, month: str, day: str, usual: Order, answer: Order | None, seen: bool | None) -> Answer:
    if int(day) <= 12 and int(month) <= 12 and day != month and answer != "dmy":
        if answer == "iso":
            return "no date"
        if seen is False or (usual == "iso" and seen is None):
            return "ambiguous"
    return _day(year, month, day)


def _two_digits(first: str, second: str, third: str, answer: Order | None) -> Answer:
    """Day, month, year or year, month, day: certain only if one of the two is a day between 1990 and next year."""
    latest = date.today().year + 1
    readings = {
        "dmy": _day(_century(third, latest), second, first), "iso": _day(_century(first, latest), second, third)
    }  # fmt: skip
    if answer:
        return readings[answer]
    possible = {day for day in readings.values() if isinstance(day, date) and 1990 <= day.year <= latest}
    if len(possible) == 1:
        return possible.pop()
    return "ambiguous" if possible else "no date"


def _named(day: str, month: str, year: str) -> Answer:
    if month[:3] not in _MONTHS:
        return "no date"
    whole = year if len(year) == 4 else _century(year, date.today().year + 1)
    return _day(whole, str(_MONTHS.index(month[:3]) + 1), day)


def _century(year: str, latest: int) -> str:
    number = 2000 + int(year)
    return str(number if number <= latest else number - 100)


def _day(year: str, month: str, day: str) -> Answer:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return "no date"
