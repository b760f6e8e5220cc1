"""Chance from a seed: every draw has its own stream, named by scheme, stratum, purpose and position."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from attunement.allocation.drbg import HmacDrbg
from attunement.allocation.errors import AllocationError

SEED_BYTES = 48
_LEAST_SEED_BYTES = 32


class Stream:
    """Whole numbers and choices from one stream, exact: no modulo, no floating point."""

    def __init__(self, drbg: HmacDrbg) -> None:
        self._drbg = drbg

    def below(self, count: int) -> int:
        """A whole number from 0 to `count` - 1, each equally likely, by rejection. Raises AllocationError."""
        if count < 1:
            raise AllocationError(f"there is no whole number from 0 to {count - 1} to choose")
        bits = (count - 1).bit_length()
        while True:
            number = int.from_bytes(self._drbg.generate((bits + 7) // 8), "big") >> (-bits % 8)
            if number < count:
                return number

    def pick(self, chances: Sequence[Fraction]) -> int:
        """A position in `chances`, each with exactly its chance; they sum to 1. Raises AllocationError."""
        if any(chance < 0 for chance in chances) or sum(chances) != 1:
            raise AllocationError(f"chances must sum to 1 and none be below 0: {', '.join(map(str, chances))}")
        whole = lcm(*(chance.denominator for chance in chances))
        left = self.below(whole)
        for position, chance in enumerate(chances):
            left -= int(chance * whole)
            if left < 0:
                return position
        raise AssertionError("chances that sum to 1 leave nothing over")


@dataclass(frozen=True, slots=True)
class Source:
    """The chance of one stratum: `seed` is secret (32 bytes or more), `label` names study version and stratum."""

    seed: bytes = field(repr=False)
    label: str

    def __post_init__(self) -> None:
        if not isinstance(self.seed, bytes) or len(self.seed) < _LEAST_SEED_BYTES:
            raise AllocationError(f"a seed is {_LEAST_SEED_BYTES} bytes or more: take new_seed()")
        if not isinstance(self.label, str):
            raise AllocationError("the label of a source is a text that names its stratum")

    def stream(self, scheme: str, purpose: str, position: int) -> Stream:
        """The stream of one draw; the same four names and the same seed give the same stream for ever."""
        return self.draws(scheme, purpose).stream(position)

    def draws(self, scheme: str, purpose: str) -> Draws:
        """The streams of all positions of one purpose."""
        said = json.dumps(["attunement allocation 1", scheme, self.label, purpose])
        return Draws(self.seed + said[:-1].encode())


@dataclass(frozen=True, slots=True)
class Draws:
    """The seed and the names, but for the position, that begin the material of every stream."""

    material: bytes = field(repr=False)

    def stream(self, position: int) -> Stream:
        return Stream(HmacDrbg(self.material + b", %d]" % position))
