"""What a key file says: items by number only, scales, bands, alerts, and how sure each fact is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import ConfigDict

_KIND = re.compile(r"[a-z][a-z0-9_]{0,29}")
NO_OTHER_FIELDS = ConfigDict(extra="forbid", allow_inf_nan=False)


class InstrumentError(ValueError):
    """A key, a wording or an answer that cannot be right, in one sentence."""


@dataclass(frozen=True, slots=True)
class Item:
    """One question: answers are whole numbers `low` to `high`; `na_counts` is what "not applicable" scores."""

    __pydantic_config__: ClassVar[ConfigDict] = NO_OTHER_FIELDS

    number: int
    scale: str
    low: int
    high: int
    na: bool = False
    na_counts: int | None = None
    direction: Literal["forward", "reversed"] = "forward"

    @property
    def codes(self) -> tuple[int | Literal["na"], ...]:
        """Every answer that the form offers for this item."""
        numbers = range(self.low, self.high + 1)
        return (*numbers, "na") if self.na else tuple(numbers)


@dataclass(frozen=True, slots=True)
class Band:
    """A named range of a scale; both bounds belong to it."""

    __pydantic_config__: ClassVar[ConfigDict] = NO_OTHER_FIELDS

    name: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens when answers are missing: up to `prorate_up_to` of them are filled with the mean of the others."""

    __pydantic_config__: ClassVar[ConfigDict] = NO_OTHER_FIELDS

    prorate_up_to: int = 0

    def __str__(self) -> str:
        if self.prorate_up_to == 0:
            return "complete answers only"
        return f"up to {self.prorate_up_to} missing answers are filled with the mean of the others"


@dataclass(frozen=True, slots=True)
class Transform:
    """A scale made from the sum of another: multiplied by `times`, or looked up in `table` from its lowest sum on."""

    __pydantic_config__: ClassVar[ConfigDict] = NO_OTHER_FIELDS

    of: str
    times: int | None = None
    table: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """A score. `high_is` says in words what a high score means."""

    __pydantic_config__: ClassVar[ConfigDict] = NO_OTHER_FIELDS

    name: str
    high_is: str
    rule: Rule = Rule()
    transform: Transform | None = None
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """An answer to `item` greater than `above` needs a person's attention; `kind` says what it may be a sign of.

    The rule is as old as the key file that holds it: the key's `version` is its version.
    """

    __pydantic_config__: ClassVar[ConfigDict] = NO_OTHER_FIELDS

    item: int
    above: int
    kind: str = "safety"


@dataclass(frozen=True, slots=True)
class Service:
    """What an item of a schedule of usual care asks for, in short words for a table. `contaminates`: a family that is not
    offered the programme has had a part of it that way.
    """

    __pydantic_config__: ClassVar[ConfigDict] = NO_OTHER_FIELDS

    item: int
    code: str
    title: str
    contaminates: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement. K: known from the owner's or a published text. C: to be confirmed before a real study."""

    __pydantic_config__: ClassVar[ConfigDict] = NO_OTHER_FIELDS

    text: str
    mark: Literal["K", "C"]
    source: str


@dataclass(frozen=True)
class Key:
    """How one instrument is scored. Raises InstrumentError, naming the instrument, when its parts do not fit."""

    __pydantic_config__: ClassVar[ConfigDict] = NO_OTHER_FIELDS

    slug: str
    version: str
    name: str
    citation: str
    about: str
    licence_class: Literal["A", "B", "C", "D", "own"]
    licence: str
    validated: bool
    items: tuple[Item, ...]
    scales: tuple[Scale, ...]
    facts: tuple[Fact, ...]
    alerts: tuple[Alert, ...] = ()
    services: tuple[Service, ...] = ()

    def __post_init__(self) -> None:
        for fault in _faults(self):
            raise InstrumentError(f"{self.slug}: {fault}")

    @property
    def open_facts(self) -> tuple[Fact, ...]:
        """The facts that are still to be confirmed with the licence-holder."""
        return tuple(fact for fact in self.facts if fact.mark == "C")

    def item(self, number: int) -> Item:
        """The item of that number. Raises InstrumentError."""
        if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= len(self.items):
            return self.items[number - 1]
        raise InstrumentError(f"{self.slug} has no item {number!r}: its items are 1 to {len(self.items)}")

    def scale(self, name: str) -> Scale:
        """The scale of that name. Raises InstrumentError."""
        for scale in self.scales:
            if scale.name == name:
                return scale
        known = ", ".join(scale.name for scale in self.scales)
        raise InstrumentError(f"{self.slug} has no scale {name!r}: its scales are {known}")

    def items_of(self, scale: str) -> tuple[Item, ...]:
        """The items that the scale counts; for a transformed scale, those of the scale it is made from."""
        transform = self.scale(scale).transform
        source = transform.of if transform else scale
        return tuple(item for item in self.items if item.scale == source)

    def span(self, scale: str) -> tuple[float, float]:
        """The lowest and the highest possible score of a scale."""
        items, transform = self.items_of(scale), self.scale(scale).transform
        low, high = sum(item.low for item in items), sum(item.high for item in items)
        if transform is None or (transform.times is None and not transform.table):
            return low, high
        if transform.times is not None:
            return low * transform.times, high * transform.times
        return transform.table[0], transform.table[-1]


def _faults(key: Key) -> list[str]:
    names = [scale.name for scale in key.scales]
    plain = {scale.name for scale in key.scales if scale.transform is None}
    faults = []
    if [item.number for item in key.items] != list(range(1, len(key.items) + 1)) or not key.items:
        faults.append("items are numbered from 1, in order, none left out")
    if len(set(names)) != len(names) or not names:
        faults.append("it needs at least one scale, and no name twice")
    for item in key.items:
        if item.low >= item.high:
            faults.append(f"item {item.number}: low must be less than high")
        if item.scale not in plain:
            faults.append(f"item {item.number} counts towards {item.scale!r}, which is no scale summed from items")
        counts = item.low if item.na_counts is None else item.na_counts
        if item.na != (item.na_counts is not None) or not item.low <= counts <= item.high:
            faults.append(f"item {item.number}: na and na_counts stand together, and na_counts lies within the range")
    for alert in key.alerts:
        if alert.item not in range(1, len(key.items) + 1):
            faults.append(f"an alert names item {alert.item}, which does not exist")
        elif not key.items[alert.item - 1].low <= alert.above < key.items[alert.item - 1].high:
            faults.append(f"the alert of item {alert.item}: above {alert.above} is no answer of it, or every one")
        if not _KIND.fullmatch(alert.kind):
            faults.append(f"the alert of item {alert.item}: its kind is a short name such as self_harm")
    if len({alert.item for alert in key.alerts}) != len(key.alerts):
        faults.append("an item has two alerts: one rule an item")
    for service in key.services:
        if service.item not in range(1, len(key.items) + 1):
            faults.append(f"the service {service.code!r} is asked by item {service.item}, which does not exist")
        if not _KIND.fullmatch(service.code) or not service.title.strip():
            faults.append(f"the service {service.code!r} needs a short name such as health_visitor, and a title")
    if len({service.code for service in key.services}) != len(key.services):
        faults.append("two services have the same code")
    return faults or [fault for scale in key.scales for fault in _scale_faults(key, scale, plain)]


def _scale_faults(key: Key, scale: Scale, plain: set[str]) -> list[str]:
    faults = []
    transform = scale.transform
    if transform is not None and transform.of not in plain:
        return [f"scale {scale.name} is made from {transform.of!r}, which is no scale summed from items"]
    items = key.items_of(scale.name)
    if not items:
        return [f"scale {scale.name} has no items"]
    if not 0 <= scale.rule.prorate_up_to < len(items):
        faults.append(f"scale {scale.name}: at least one of its {len(items)} items must be answered")
    if transform is not None:
        sums = sum(item.high - item.low for item in items) + 1
        if (transform.times is None) == (not transform.table):
            faults.append(f"scale {scale.name} needs either times or a table")
        elif transform.table and len(transform.table) != sums:
            faults.append(f"scale {scale.name}: its table has {len(transform.table)} values for {sums} sums")
        elif transform.table and key.scale(transform.of).rule.prorate_up_to:
            faults.append(f"scale {scale.name}: a table takes whole sums, so {transform.of} may not be prorated")
        if scale.rule.prorate_up_to:
            faults.append(f"scale {scale.name}: the missing rule stands at {transform.of}, which it is made from")
    edges = [edge for band in scale.bands for edge in (band.low, band.high)]
    if edges != sorted(edges) or any(a.high >= b.low for a, b in zip(scale.bands, scale.bands[1:], strict=False)):
        faults.append(f"scale {scale.name}: bands go from low to high and share no score")
    return faults
