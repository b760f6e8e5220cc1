"""Scores from answers. Sums are exact fractions until the end; nothing is clipped and nothing is dropped."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Literal

from attunement.instruments.key import InstrumentError, Item, Key, Scale

Answer = int | Literal["na"] | None


@dataclass(frozen=True, slots=True)
class Scores:
    """`scales`, `bands`: scale name -> score, band name or None. `alerts`, `missing`: item numbers, in order."""

    scales: Mapping[str, float | None]
    bands: Mapping[str, str | None]
    alerts: tuple[int, ...]
    missing: tuple[int, ...]


def score(key: Key, answers: Mapping[int, Answer]) -> Scores:
    """Scores of one form: `answers` maps item number -> whole number as printed, "na", or None (missing).

    An item that is not in `answers` is missing. Prorated scores are not rounded; their band is that of the
    score rounded to a whole number, half up. Raises InstrumentError, naming the item, for an impossible answer.
    """
    given = _checked(key, answers)
    values = {item.number: _counts(item, given[item.number]) for item in key.items}
    exact = {scale.name: _total(key, scale, values) for scale in key.scales}
    return Scores(
        scales={name: None if total is None else float(total) for name, total in exact.items()},
        bands={scale.name: _band(scale, exact[scale.name]) for scale in key.scales},
        alerts=tuple(alert.item for alert in key.alerts if _raises(given[alert.item], alert.above)),
        missing=tuple(number for number, answer in given.items() if answer is None),
    )


def counted(key: Key, answers: Mapping[int, Answer]) -> dict[int, int | None]:
    """What each item adds to its scale (turned round where reversed, "na" at what it counts), None where missing.

    These are the values from which reliability is computed: before any prorating. Raises InstrumentError.
    """
    given = _checked(key, answers)
    return {item.number: _counts(item, given[item.number]) for item in key.items}


def check_answer(key: Key, number: int, answer: object) -> Answer:
    """The answer if item `number` offers it (None: missing). Raises InstrumentError that names the item."""
    item = key.item(number)
    if answer is None:
        return None
    if isinstance(answer, str):
        if answer == "na" and item.na:
            return "na"
        reason = 'does not offer "not applicable"' if answer == "na" else f"cannot be {answer!r}"
        raise InstrumentError(f"{key.slug} item {number} {reason}")
    value = _whole(answer)
    if value is None or not item.low <= value <= item.high:
        raise InstrumentError(
            f"{key.slug} item {number} cannot be {answer!r}: it takes whole numbers {item.low} to {item.high}"
        )
    return value


def _whole(answer: object) -> int | None:
    if isinstance(answer, bool):
        return None
    try:
        return operator.index(answer)  # type: ignore[arg-type]
    except TypeError:
        return None


def _checked(key: Key, answers: Mapping[int, Answer]) -> dict[int, Answer]:
    given: dict[int, Answer] = {item.number: None for item in key.items}
    for number, answer in answers.items():
        given[key.item(number).number] = check_answer(key, number, answer)
    return given


def _counts(item: Item, answer: Answer) -> int | None:
    value = item.na_counts if answer == "na" else answer
    if value is None or answer == "na" or item.direction == "forward":
        return value
    return item.low + item.high - value


def _total(key: Key, scale: Scale, values: Mapping[int, int | None]) -> Fraction | None:
    transform = scale.transform
    if transform is None:
        return _sum(key, scale, values)
    source = _sum(key, key.scale(transform.of), values)
    if source is None:
        return None
    if transform.times is not None:
        return source * transform.times
    return Fraction(transform.table[int(source - Fraction(key.span(transform.of)[0]))])


def _sum(key: Key, scale: Scale, values: Mapping[int, int | None]) -> Fraction | None:
    items = key.items_of(scale.name)
    answered = [value for item in items if (value := values[item.number]) is not None]
    if len(items) - len(answered) > scale.rule.prorate_up_to:
        return None
    return Fraction(sum(answered) * len(items), len(answered))


def _band(scale: Scale, total: Fraction | None) -> str | None:
    if total is None:
        return None
    rounded = floor(total + Fraction(1, 2))
    return next((band.name for band in scale.bands if band.low <= rounded <= band.high), None)


def _raises(answer: Answer, above: int) -> bool:
    return isinstance(answer, int) and answer > above
