"""A stratum as it fills, place by place: the arms that `draw` gives, without going over the history at each place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from math import lcm
from typing import Protocol

from attunement.allocation.checking import arm_of
from attunement.allocation.errors import AllocationError
from attunement.allocation.lists import FromList
from attunement.allocation.minimising import Levels, Minimisation
from attunement.allocation.schemes import CountScheme, PermutedBlocks, Scheme
from attunement.allocation.source import Source

Lots = tuple[int, tuple[int, ...]]
"""How many lots there are, and the first lot after each arm's."""


class _Follower(Protocol):
    """What a scheme must remember of a stratum so far."""

    def lots(self, levels: Levels | None) -> Lots: ...

    def add(self, arm: int, levels: Levels | None) -> None: ...


class Running:
    """`next()` is `scheme.draw(history, source)`, and puts the arm into the history.

    For minimisation `next(levels)` is `draw(before, levels, source)`.
    """

    def __init__(self, scheme: Scheme | Minimisation, source: Source) -> None:
        self._draws = source.draws(scheme.name, "place")
        self._scheme, self._follower = scheme, _follower(scheme, source)
        self.places = 0

    def next(self, levels: Levels | None = None) -> int:
        """The arm of the next place, from 0. Raises AllocationError."""
        whole, edges = self._follower.lots(levels)
        # A place that is certain is drawn all the same, of one lot: whoever waits for the answer can time nothing.
        arm = bisect_right(edges, self._draws.stream(self.places).below(whole))
        self.put(arm, levels)
        return arm

    def put(self, arm: int, levels: Levels | None = None) -> None:
        """Puts an arm into the history that was drawn before. Raises AllocationError."""
        self._follower.add(arm_of(arm, self._scheme.arms), levels)
        self.places += 1


def _follower(scheme: Scheme | Minimisation, source: Source) -> _Follower:
    match scheme:
        case Minimisation():
            return _Margins(scheme)
        case PermutedBlocks():
            return _Blocks(scheme, source)
        case CountScheme():
            return _Counts(scheme)
        case FromList():
            return _Rows(scheme)
        case _:
            raise AllocationError(f"{scheme!r} is no scheme that can be followed")


@lru_cache(maxsize=1 << 14)
def lots(chances: tuple[Fraction, ...]) -> Lots:
    """Chances in whole lots, as `Stream.pick` deals them."""
    whole = lcm(*(chance.denominator for chance in chances))
    return whole, tuple(accumulate(int(chance * whole) for chance in chances))


class _Counts:
    def __init__(self, scheme: CountScheme) -> None:
        self._scheme, self._counts = scheme, [0] * scheme.arms
        self._known: dict[tuple[int, ...], Lots] = {}

    def lots(self, levels: Levels | None) -> Lots:
        key = tuple(self._counts)
        if key not in self._known:
            self._known = {key: lots(self._scheme.after(key))}
        return self._known[key]

    def add(self, arm: int, levels: Levels | None) -> None:
        self._counts[arm] += 1


class _Blocks:
    """Places left for each arm in the running block."""

    def __init__(self, scheme: PermutedBlocks, source: Source) -> None:
        self._scheme, self._source, self._block = scheme, source, 0
        self._left: list[int] = []
        self._known: dict[tuple[int, ...], Lots] = {}

    def lots(self, levels: Levels | None) -> Lots:
        if not any(self._left):
            self._left = self._scheme.block(self._scheme.size(self._block, self._source))
            self._block += 1
        key = tuple(self._left)
        if key not in self._known:
            self._known[key] = lots(tuple(Fraction(places, sum(key)) for places in key))
        return self._known[key]

    def add(self, arm: int, levels: Levels | None) -> None:
        self.lots(levels)
        if not self._left[arm]:
            raise AllocationError(
                f"this history is not of {self._scheme.spec} under this seed: see block {self._block}"
            )
        self._left[arm] -= 1


class _Margins:
    def __init__(self, scheme: Minimisation) -> None:
        self._scheme = scheme
        self._counts = {f: {level: [0] * scheme.arms for level in ls} for f, ls in scheme.factors.items()}
        self._known: dict[tuple[int, ...], Lots] = {}
        self._last: Levels | None = None

    def lots(self, levels: Levels | None) -> Lots:
        preferred = self._scheme.preferred(self._counts, self._checked(levels))
        if preferred not in self._known:
            self._known[preferred] = lots(self._scheme.chances(preferred))
        return self._known[preferred]

    def add(self, arm: int, levels: Levels | None) -> None:
        told = self._checked(levels)
        self._last = None
        for factor, counts in self._counts.items():
            counts[told[factor]][arm] += 1

    def _checked(self, levels: Levels | None) -> Mapping[str, str]:
        """A newcomer is weighed and then added: what was found right for the one is not looked at again."""
        if levels is None or levels is not self._last:
            self._scheme.check_levels(levels)  # type: ignore[arg-type]  # it refuses None in a sentence
            self._last = levels
        return levels  # type: ignore[return-value]


class _Rows:
    def __init__(self, scheme: FromList) -> None:
        self._scheme, self._place = scheme, 0

    def lots(self, levels: Levels | None) -> Lots:
        return lots(self._scheme.at(self._place))

    def add(self, arm: int, levels: Levels | None) -> None:
        if self._scheme.at(self._place)[arm] != 1:
            raise AllocationError(f"this history is not of this list: see place {self._place + 1}")
        self._place += 1
