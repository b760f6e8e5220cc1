"""The four words of a cost model: what is used, what one unit of it costs, how much was used, and prices over time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Literal, get_args

from attunement.cost.errors import CostError

Number = int | str | float | Decimal | Fraction
Phase = Literal["start_up", "running"]
Scales = Literal["fixed", "practitioner", "family", "session"]
Provenance = Literal["event", "timesheet", "survey", "invoice", "assumed"]

_CODE = re.compile(r"[a-z0-9][a-z0-9_]*\Z")
_CURRENCY = re.compile(r"[A-Z]{3}\Z")


@dataclass(frozen=True)
class Resource:
    """Something that is used. `scales` says with what: one programme (`fixed`), a practitioner, a family, a session.

    `unit` is one of `unit`'s own words, say minute, hour, mile, attendee; `perspective` who bears it, say provider.
    """

    code: str
    unit: str
    perspective: str = "provider"
    phase: Phase = "running"
    scales: Scales = "session"

    def __post_init__(self) -> None:
        if not _CODE.match(str(self.code)):
            raise CostError(f"A resource's code is small letters, figures and _, not {self.code!r}.")
        for name in ("unit", "perspective"):
            if not str(getattr(self, name) or "").strip():
                raise CostError(f"The resource '{self.code}' has no {name}.")
        if self.phase not in get_args(Phase):
            raise CostError(f"The resource '{self.code}' is start_up or running, not {self.phase!r}.")
        if self.scales not in get_args(Scales):
            raise CostError(f"The resource '{self.code}' scales with {', '.join(get_args(Scales))}, "
                            f"not with {self.scales!r}.")


@dataclass(frozen=True)
class UnitCost:
    """What one unit of a resource costs, in the prices of one year, and who says so. `low` and `high`: its range."""

    resource: str
    value: Fraction
    price_year: int
    currency: str
    source: str
    low: Fraction | None = None
    high: Fraction | None = None

    def __init__(self, resource: str, value: Number, price_year: int | None, currency: str = "GBP", source: str = "",
                 low: Number | None = None, high: Number | None = None) -> None:
        of = f"The price of '{resource}'"
        given = {
            "resource": resource, "value": exact(value, of), "price_year": year(price_year, of), "currency": currency,
            "source": source, "low": None if low is None else exact(low, f"{of}, low,"),
            "high": None if high is None else exact(high, f"{of}, high,"),
        }  # fmt: skip
        for name, held in given.items():
            object.__setattr__(self, name, held)
        if not _CURRENCY.match(str(currency)):
            raise CostError(f"{of} has the currency {currency!r}: three capital letters are meant, say GBP.")
        if not str(source or "").strip():
            raise CostError(f"{of} has no source: say where it comes from.")
        if (self.low is not None and self.low > self.value) or (self.high is not None and self.high < self.value):
            raise CostError(f"{of} does not lie between its low and its high.")


@dataclass(frozen=True)
class Quantity:
    """How much of a resource was used: by whom, for which family and session (None: for none), and how it is known."""

    resource: str
    who: str | None
    family: str | None
    session: int | None
    amount: Fraction
    provenance: Provenance

    def __init__(self, resource: str, who: str | None = None, family: str | None = None, session: int | None = None,
                 amount: Number = 0, provenance: Provenance = "event") -> None:
        of = f"A quantity of '{resource}'"
        given = {"resource": resource, "who": who, "family": family, "session": session,
                 "amount": exact(amount, of), "provenance": provenance}  # fmt: skip
        for name, held in given.items():
            object.__setattr__(self, name, held)
        if provenance not in get_args(Provenance):
            raise CostError(f"{of} is known by {', '.join(get_args(Provenance))}, not by {provenance!r}.")


@dataclass(frozen=True)
class Deflator:
    """One year of a price series: a value of `year` becomes value × index(base) / index(year) in the base's prices."""

    series: str
    year: int
    index: Fraction

    def __init__(self, series: str, year: int, index: Number) -> None:
        of = f"The deflator '{series}'"
        for name, held in {"series": series, "year": globals()["year"](year, of), "index": exact(index, of)}.items():
            object.__setattr__(self, name, held)
        if self.index <= 0:
            raise CostError(f"{of} is 0 in {year}: an index lies above 0.")


def exact(value: Number, of: str) -> Fraction:
    """`value` without rounding; a float counts as the decimal it prints as. CostError: no number, or below zero."""
    try:
        if isinstance(value, bool) or value is None:
            raise ValueError
        number = value if isinstance(value, Fraction) else _decimal(str(value).strip())
    except (ValueError, InvalidOperation, OverflowError):
        raise CostError(f"{of} is {value!r}, which is no number.") from None
    if number < 0:
        raise CostError(f"{of} is {value}: it cannot be below zero.")
    return number


def _decimal(text: str) -> Fraction:
    """An exponent is money's own size: '1e999999999' would fill the memory before it is refused."""
    number = Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise ValueError
    return Fraction(number)


def year(value: int | None, of: str) -> int:
    """`value` as a year. CostError where there is none."""
    if value is None or not str(value).strip():
        raise CostError(f"{of} has no price year: say in which year's prices it stands.")
    if isinstance(value, bool) or not re.fullmatch(r"\d{4}", str(value).strip()) or not 1900 <= int(value) <= 2200:
        raise CostError(f"{of} has the price year {value!r}: four figures are meant.")
    return int(value)
