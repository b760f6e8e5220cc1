"""Allocation schemes. Each says the chances of the next place, given the arms already drawn in the stratum."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from attunement.allocation.errors import AllocationError
from attunement.allocation.source import Source

HALF = Fraction(1, 2)
EVEN = (1, 1)


class Scheme(ABC):
    """A rule for drawing arms (numbered from 0) one after another within a stratum."""

    @property
    @abstractmethod
    def spec(self) -> str:
        """The scheme as a study file writes it; `parse(spec, ratio)` gives it back."""

    @abstractmethod
    def chances(self, history: Sequence[int], source: Source) -> tuple[Fraction, ...]:
        """The exact chance of each arm at the next place, known from inside the scheme. Raises AllocationError."""

    @property
    def ratio(self) -> tuple[int, ...]:
        return EVEN

    @property
    def arms(self) -> int:
        return len(self.ratio)

    @property
    def name(self) -> str:
        """The scheme with its ratio: what streams and commitments are bound to."""
        return f"{self.spec} {':'.join(map(str, self.ratio))}"

    def draw(self, history: Sequence[int], source: Source) -> int:
        """The arm of the next place: a pure function of seed, label, scheme and `history`.

        history: the arms already drawn in the stratum, in order, counted from 0. Raises AllocationError.
        """
        for arm in history:
            if not isinstance(arm, int) or isinstance(arm, bool) or not 0 <= arm < self.arms:
                raise AllocationError(f"the history names arm {arm!r}: arms are 0 to {self.arms - 1}")
        chances = self.chances(history, source)
        return source.stream(self.name, "place", len(history)).pick(chances)


@dataclass(frozen=True)
class Complete(Scheme):
    """Each place by itself, with chances in proportion to the ratio: a coin for 1:1."""

    shares: tuple[int, ...] = EVEN

    def __post_init__(self) -> None:
        check_ratio(self.shares)

    @property
    def spec(self) -> str:
        return "complete"

    @property
    def ratio(self) -> tuple[int, ...]:
        return self.shares

    def chances(self, history: Sequence[int], source: Source) -> tuple[Fraction, ...]:
        return tuple(Fraction(share, sum(self.shares)) for share in self.shares)


@dataclass(frozen=True)
class PermutedBlocks(Scheme):
    """Blocks in which the arms stand exactly in the ratio; the size of each is drawn by itself from `sizes`."""

    sizes: tuple[int, ...]
    shares: tuple[int, ...] = EVEN

    def __post_init__(self) -> None:
        check_ratio(self.shares)
        if not self.sizes or len(set(self.sizes)) != len(self.sizes):
            raise AllocationError("blocks need at least one size, and no size twice")
        for size in self.sizes:
            if size < 1 or size % sum(self.shares):
                raise AllocationError(f"a block of {size} cannot hold the ratio {':'.join(map(str, self.shares))}")

    @property
    def spec(self) -> str:
        return f"blocks:{','.join(map(str, self.sizes))}"

    @property
    def ratio(self) -> tuple[int, ...]:
        return self.shares

    def chances(self, history: Sequence[int], source: Source) -> tuple[Fraction, ...]:
        start = block = 0
        while True:
            size = self._size(block, source)
            inside = history[start : start + size]
            left = [share * size // sum(self.shares) - inside.count(arm) for arm, share in enumerate(self.shares)]
            if min(left) < 0:
                raise AllocationError(f"this history is not of {self.spec} under this seed: see block {block + 1}")
            if len(inside) < size:
                return tuple(Fraction(places, sum(left)) for places in left)
            start, block = start + size, block + 1

    def _size(self, block: int, source: Source) -> int:
        if len(self.sizes) == 1:
            return self.sizes[0]
        return self.sizes[source.stream(self.name, "block size", block).below(len(self.sizes))]


@dataclass(frozen=True)
class BigStick(Scheme):
    """A coin, until the arms differ by `limit`: then the smaller arm. Soares and Wu 1983."""

    limit: int

    def __post_init__(self) -> None:
        check_limit(self.limit)

    @property
    def spec(self) -> str:
        return f"big_stick:{self.limit}"

    def chances(self, history: Sequence[int], source: Source) -> tuple[Fraction, ...]:
        ahead = difference(history)
        return fair() if abs(ahead) < self.limit else smaller_gets(Fraction(1), ahead)


@dataclass(frozen=True)
class EfronCoin(Scheme):
    """A coin that falls on the smaller arm with chance `p`; a fair one when the arms are level. Efron 1971."""

    p: Fraction | float

    def __post_init__(self) -> None:
        if not HALF <= self.p <= 1:
            raise AllocationError(f"Efron's coin takes a chance from 1/2 to 1, not {self.p}")
        object.__setattr__(self, "p", Fraction(self.p).limit_denominator(1_000_000))

    @property
    def spec(self) -> str:
        return f"efron:{self.p}"

    def chances(self, history: Sequence[int], source: Source) -> tuple[Fraction, ...]:
        ahead = difference(history)
        return smaller_gets(Fraction(self.p), ahead) if ahead else fair()


@dataclass(frozen=True)
class WeiUrn(Scheme):
    """An urn of `alpha` balls for each arm; each draw adds `beta` balls of the other arm. Wei 1978."""

    alpha: int
    beta: int

    def __post_init__(self) -> None:
        if self.alpha < 0 or self.beta < 0 or self.alpha + self.beta == 0:
            raise AllocationError("Wei's urn takes two whole numbers from 0 on, not both 0")

    @property
    def spec(self) -> str:
        return f"wei:{self.alpha},{self.beta}"

    def chances(self, history: Sequence[int], source: Source) -> tuple[Fraction, ...]:
        balls = [self.alpha + self.beta * history.count(other) for other in (1, 0)]
        return tuple(Fraction(count, sum(balls)) for count in balls) if sum(balls) else fair()


@dataclass(frozen=True)
class MaximalProcedure(Scheme):
    """Every sequence of `n` within `limit` that ends as level as can be is equally likely. Berger and others 2003."""

    limit: int
    n: int

    def __post_init__(self) -> None:
        check_limit(self.limit)
        if self.n < 1:
            raise AllocationError("the maximal procedure needs to know how many places there will be")

    @property
    def spec(self) -> str:
        return f"maximal:{self.limit}"

    @property
    def name(self) -> str:
        return f"{super().name} n={self.n}"

    def chances(self, history: Sequence[int], source: Source) -> tuple[Fraction, ...]:
        left, ahead = self.n - len(history), difference(history)
        if left < 1:
            raise AllocationError(f"all {self.n} places of {self.spec} are used: it cannot go on beyond them")
        ways = [endings(left - 1, self.limit).get(ahead + step, 0) for step in (1, -1)]
        if not any(ways):
            raise AllocationError(f"this history is not of {self.spec}: it cannot end level within {self.n} places")
        return tuple(Fraction(way, sum(ways)) for way in ways)


@lru_cache(maxsize=1 << 12)
def endings(left: int, limit: int) -> Mapping[int, int]:
    """Difference now -> in how many ways `left` places can follow: never past the limit, level or one apart at last."""
    ways = dict.fromkeys((-1, 0, 1), 1)
    for step in range(2, left + 2):
        reach = range(-min(limit, step), min(limit, step) + 1)
        ways = {ahead: ways.get(ahead + 1, 0) + ways.get(ahead - 1, 0) for ahead in reach}
    return ways


def difference(history: Sequence[int]) -> int:
    return history.count(0) - history.count(1)


def fair() -> tuple[Fraction, ...]:
    return (HALF, HALF)


def smaller_gets(p: Fraction, ahead: int) -> tuple[Fraction, ...]:
    return (1 - p, p) if ahead > 0 else (p, 1 - p)


def check_ratio(ratio: tuple[int, ...]) -> None:
    if len(ratio) < 2 or any(share < 1 for share in ratio):
        raise AllocationError("a ratio names two arms or more, each with a whole number from 1 on")


def check_limit(limit: int) -> None:
    if limit < 1:
        raise AllocationError(f"the arms must be allowed to differ by 1 at least, not {limit}")
