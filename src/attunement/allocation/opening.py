"""A locked scheme once its secret is opened: everything that its arms can be drawn again from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from attunement.allocation.chain import plain_json
from attunement.allocation.errors import AllocationError
from attunement.allocation.lists import FromList
from attunement.allocation.minimising import Minimisation
from attunement.allocation.naming import parse
from attunement.allocation.schemes import Scheme
from attunement.allocation.seed import commitment
from attunement.allocation.source import Source


@dataclass(frozen=True)
class OpenedScheme:
    """A version of the scheme as it was locked, with its seed.

    places: stratum -> places planned in it. factors: (factor, its levels, its weight as a text such as "1/2") in order,
    for minimisation. rows: stratum -> arms from 0, for a list. software: the version that locked it.
    """

    version: int
    seed: str = field(repr=False)
    salt: str = field(repr=False)
    scheme: str
    ratio: tuple[int, ...]
    arms: tuple[str, ...]
    places: Mapping[str, int]
    software: str
    factors: Sequence[tuple[str, Sequence[str], str]] = ()
    rows: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def rule(self, stratum: str) -> Scheme | Minimisation:
        """The rule by which the arms of a stratum are drawn. Raises AllocationError."""
        if stratum not in self.places:
            raise AllocationError(f"the locked scheme has no stratum {stratum}: it has {', '.join(self.places)}")
        if self.scheme == "list":
            return FromList.of(self.rows, self.arms).within(stratum)
        factors = {factor: tuple(levels) for factor, levels, _ in self.factors}
        weights = {factor: Fraction(weight) for factor, _, weight in self.factors}
        return parse(self.scheme, self.ratio, n=self.places[stratum], factors=factors, weights=weights)

    def source(self, stratum: str) -> Source:
        """The chance of a stratum: bound to the version and the stratum's name."""
        return Source(bytes.fromhex(self.seed), f"{self.version}:{stratum}")

    @property
    def commitment(self) -> str:
        """What was published when the scheme was locked. Raises AllocationError."""
        whole = FromList.of(self.rows, self.arms) if self.scheme == "list" else self.rule(min(self.places))
        strata = [f"{stratum}: {places}" for stratum, places in sorted(self.places.items())]
        return commitment(bytes.fromhex(self.seed), bytes.fromhex(self.salt), whole, strata, self.software, self.arms)


def opening_text(schemes: Sequence[OpenedScheme]) -> str:
    """What the entry `arms.opened` opens: every locked version with its seed."""
    return plain_json({"schemes": [asdict(scheme) for scheme in schemes]})


def opened_schemes(text: str | bytes) -> dict[int, OpenedScheme]:
    """Version -> scheme, from `opening_text`. Raises AllocationError."""
    try:
        return {made.version: made for made in (_scheme(told) for told in json.loads(text)["schemes"])}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise AllocationError("what it opens is no list of locked schemes with their seeds") from None


def _scheme(told: Mapping[str, Any]) -> OpenedScheme:
    facts: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    made = OpenedScheme(**facts)
    texts = (made.seed, made.salt, made.scheme, made.software, *made.arms, *made.places)
    if not all(isinstance(text, str) for text in texts) or not isinstance(made.version, int) or not made.places:
        raise ValueError
    bytes.fromhex(made.seed + made.salt)
    return made
