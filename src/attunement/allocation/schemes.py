"""Allocation schemes. Each says the chances of the next place, given the arms already drawn in the stratum."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from attunement.allocation.checking import arm_of, exact, shares, whole, wholes
from attunement.allocation.errors import AllocationError
from attunement.allocation.source import Source

HALF = Fraction(1, 2)
FAIR = (HALF, HALF)
EVEN = (1, 1)


class Scheme(ABC):
    """A rule for drawing arms (numbered from 0) one after another within a stratum."""

    ratio: tuple[int, ...] = EVEN

    @property
    @abstractmethod
    def spec(self) -> str:
        """The scheme as a study file writes it; `parse(spec, ratio)` gives it back."""

    @abstractmethod
    def chances(self, history: Sequence[int], source: Source) -> tuple[Fraction, ...]:
        """The exact chance of each arm at the next place, known from inside the scheme. Raises AllocationError."""

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
            arm_of(arm, self.arms)
        chances = self.chances(history, source)
        return source.stream(self.name, "place", len(history)).pick(chances)


class CountScheme(Scheme):
    """A scheme whose chances hang on how many families each arm has so far, and on nothing else."""

    @abstractmethod
    def after(self, counts: Sequence[int]) -> tuple[Fraction, ...]:
        """The chance of each arm when the arms have these counts. Raises AllocationError."""

    def chances(self, history: Sequence[int], source: Source) -> tuple[Fraction, ...]:
        return self.after([history.count(arm) for arm in range(self.arms)])


@dataclass(frozen=True)
class Complete(CountScheme):
    """Each place by itself, with chances in proportion to the ratio: a coin for 1:1."""

    ratio: tuple[int, ...] = EVEN

    def __post_init__(self) -> None:
        object.__setattr__(self, "ratio", shares(self.ratio))

    @property
    def spec(self) -> str:
        return "complete"

    def after(self, counts: Sequence[int]) -> tuple[Fraction, ...]:
        return tuple(Fraction(share, sum(self.ratio)) for share in self.ratio)


@dataclass(frozen=True)
class PermutedBlocks(Scheme):
    """Blocks in which the arms stand exactly in the ratio; the size of each is drawn by itself from `sizes`."""

    sizes: tuple[int, ...]
    ratio: tuple[int, ...] = EVEN

    def __post_init__(self) -> None:
        object.__setattr__(self, "ratio", shares(self.ratio))
        object.__setattr__(self, "sizes", wholes(self.sizes, "the sizes of blocks", 0))
        if not self.sizes or len(set(self.sizes)) != len(self.sizes):
            raise AllocationError("blocks need at least one size, and no size twice")
        for size in self.sizes:
            if size < 1 or size % sum(self.ratio):
                raise AllocationError(f"a block of {size} cannot hold the ratio {':'.join(map(str, self.ratio))}")

    @property
    def spec(self) -> str:
        return f"blocks:{','.join(map(str, self.sizes))}"

    def chances(self, history: Sequence[int], source: Source) -> tuple[Fraction, ...]:
        start = block = 0
        while True:
            size = self.size(block, source)
            inside = history[start : start + size]
            left = [whole - inside.count(arm) for arm, whole in enumerate(self.block(size))]
            if min(left) < 0:
                raise AllocationError(f"this history is not of {self.spec} under this seed: see block {block + 1}")
            if len(inside) < size:
                return tuple(Fraction(places, sum(left)) for places in left)
            start, block = start + size, block + 1

    def block(self, size: int) -> list[int]:
        """The places of each arm in a block of `size`."""
        return [share * size // sum(self.ratio) for share in self.ratio]

    def size(self, block: int, source: Source) -> int:
        """The size of a block, counted from 0."""
        if len(self.sizes) == 1:
            return self.sizes[0]
        return self.sizes[source.stream(self.name, "block size", block).below(len(self.sizes))]


@dataclass(frozen=True)
class BigStick(CountScheme):
    """A coin, until the arms differ by `limit`: then the smaller arm. Soares and Wu 1983."""

    limit: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "limit", check_limit(self.limit))

    @property
    def spec(self) -> str:
        return f"big_stick:{self.limit}"

    def after(self, counts: Sequence[int]) -> tuple[Fraction, ...]:
        ahead = counts[0] - counts[1]
        return FAIR if abs(ahead) < self.limit else smaller_gets(Fraction(1), ahead)


@dataclass(frozen=True)
class EfronCoin(CountScheme):
    """A coin that falls on the smaller arm with chance `p`; a fair one when the arms are level. Efron 1971."""

    p: Fraction | float

    def __post_init__(self) -> None:
        p = exact(self.p, "the chance of Efron's coin")
        if not HALF <= p <= 1:
            raise AllocationError(f"Efron's coin takes a chance from 1/2 to 1, not {self.p}")
        object.__setattr__(self, "p", p)

    @property
    def spec(self) -> str:
        return f"efron:{self.p}"

    def after(self, counts: Sequence[int]) -> tuple[Fraction, ...]:
        ahead = counts[0] - counts[1]
        return smaller_gets(Fraction(self.p), ahead) if ahead else FAIR


@dataclass(frozen=True)
class WeiUrn(CountScheme):
    """An urn of `alpha` balls for each arm; each draw adds `beta` balls of the other arm. Wei 1978."""

    alpha: int
    beta: int

    def __post_init__(self) -> None:
        for name in ("alpha", "beta"):
            object.__setattr__(self, name, whole(getattr(self, name), f"{name} of Wei's urn"))
        if self.alpha + self.beta == 0:
            raise AllocationError("Wei's urn takes two whole numbers from 0 on, not both 0")

    @property
    def spec(self) -> str:
        return f"wei:{self.alpha},{self.beta}"

    def after(self, counts: Sequence[int]) -> tuple[Fraction, ...]:
        balls = [self.alpha + self.beta * other for other in (counts[1], counts[0])]
        return tuple(Fraction(count, sum(balls)) for count in balls) if sum(balls) else FAIR


@dataclass(frozen=True)
class MaximalProcedure(CountScheme):
    """Every sequence of `n` within `limit` that ends as level as can be is equally likely. Berger and others 2003."""

    limit: int
    n: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "limit", check_limit(self.limit))
        if not hasattr(self.n, "__index__") or isinstance(self.n, bool) or self.n < 1:
            raise AllocationError(
                f"the maximal procedure needs to know how many places there will be, from 1 on, not {self.n!r}"
            )
        object.__setattr__(self, "n", int(self.n))

    @property
    def spec(self) -> str:
        return f"maximal:{self.limit}"

    @property
    def name(self) -> str:
        return f"{super().name} n={self.n}"

    def after(self, counts: Sequence[int]) -> tuple[Fraction, ...]:
        left, ahead = self.n - counts[0] - counts[1], counts[0] - counts[1]
        if left < 1:
            raise AllocationError(f"all {self.n} places of {self.spec} are used: it cannot go on beyond them")
        ways = [endings(left - 1, self.limit).get(ahead + step, 0) for step in (1, -1)]
        if not any(ways):
            raise AllocationError(f"this history is not of {self.spec}: it cannot end level within {self.n} places")
        return tuple(Fraction(way, sum(ways)) for way in ways)


def endings(left: int, limit: int) -> Mapping[int, int]:
    """Difference now -> in how many ways `left` places can follow: never past the limit, level or one apart at last."""
    known = _endings(limit)
    while len(known) <= left:
        reach, ways = min(limit, len(known) + 1), known[-1]
        known.append({ahead: ways.get(ahead + 1, 0) + ways.get(ahead - 1, 0) for ahead in range(-reach, reach + 1)})
    return known[left]


@lru_cache(maxsize=16)
def _endings(limit: int) -> list[dict[int, int]]:
    """By places left, as far as anybody has asked."""
    return [dict.fromkeys((-1, 0, 1), 1)]


def smaller_gets(p: Fraction, ahead: int) -> tuple[Fraction, ...]:
    return (1 - p, p) if ahead > 0 else (p, 1 - p)


def check_limit(limit: int) -> int:
    if not hasattr(limit, "__index__") or isinstance(limit, bool) or limit < 1:
        raise AllocationError(f"the arms must be allowed to differ by 1 at least, not {limit!r}")
    return int(limit)
