"""What callers hand over, held to what it should be: each fault in one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from attunement.allocation.errors import AllocationError

_FINEST, _LARGEST = 1_000_000, 10**15


def whole(value: Any, what: str, least: int = 0) -> int:
    """A whole number from `least` on; NumPy's count as such. Raises AllocationError."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < least:
        raise AllocationError(f"{what} should be a whole number from {least} on, not {value!r}")
    return int(value.__index__())


def wholes(values: Any, what: str, least: int = 1) -> tuple[int, ...]:
    """Several of them. Raises AllocationError."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise AllocationError(f"{what} should be whole numbers, as in (4, 6), not {values!r}")
    return tuple(whole(value, f"each of {what}", least) for value in values)


def shares(ratio: Any) -> tuple[int, ...]:
    """A ratio of two arms or more. Raises AllocationError."""
    if isinstance(ratio, (str, bytes)) or not isinstance(ratio, Iterable):
        raise AllocationError(f"a ratio is whole numbers, one for each arm, not {ratio!r}")
    told = tuple(ratio)
    whole_numbers = all(hasattr(share, "__index__") and not isinstance(share, bool) for share in told)
    if not whole_numbers or len(told) < 2 or any(share < 1 for share in told):
        raise AllocationError(
            f"a ratio names two arms or more, each with a whole number from 1 on, not {':'.join(map(str, told))}"
        )
    return tuple(int(share) for share in told)


def exact(number: Any, what: str) -> Fraction:
    """A number as a fraction: 2/3 written as a float is two thirds. Raises AllocationError."""
    known = isinstance(number, (int, float, Fraction)) and not isinstance(number, bool)
    if not known or not -_LARGEST <= number <= _LARGEST:
        raise AllocationError(f"{what} should be a number, and no endless one, not {str(number)[:40]}")
    return Fraction(number).limit_denominator(_FINEST)


def arm_of(arm: Any, arms: int) -> int:
    """An arm that a history names, from 0. Raises AllocationError."""
    if isinstance(arm, bool) or not hasattr(arm, "__index__") or not 0 <= arm < arms:
        raise AllocationError(f"the history names arm {arm!r}: arms are 0 to {arms - 1}")
    return int(arm.__index__())
