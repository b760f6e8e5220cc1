"""How far a scheme can be guessed, from made-up trials: minimisation, and what passes through too many states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from attunement.allocation.balancing import Held, empty, pick, places, steps_of
from attunement.allocation.errors import AllocationError
from attunement.allocation.figures import Simulated
from attunement.allocation.leaning import Floats
from attunement.allocation.minimising import Minimisation
from attunement.allocation.schemes import Complete, PermutedBlocks

MOST_RUNS = 100_000
CanBeTried = Minimisation | Complete | PermutedBlocks


def simulate(scheme: CanBeTried, n: int, runs: int = 2_000, seed: int = 1) -> Simulated:
    """How far a scheme of any number of arms can be guessed, and how level it keeps them, each with its standard error
    from the number of runs. Raises AllocationError."""
    for what, number, least in (("n", n, 1), ("runs", runs, 2), ("seed", seed, 0)):
        if not isinstance(number, int) or isinstance(number, bool) or number < least:
            raise AllocationError(f"{what} should be a whole number from {least} on, not {number!r}")
    if runs > MOST_RUNS:
        raise AllocationError(f"at most {MOST_RUNS:,} made-up trials are simulated, not {runs:,}")
    if not isinstance(scheme, (Minimisation, Complete, PermutedBlocks)):
        raise AllocationError("simulated figures are for minimisation, blocks and the plain draw")
    chance = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))
    counts, shares = np.zeros((scheme.arms, runs), dtype=np.int64), np.array(scheme.ratio)[:, None]
    right, forced, level = np.zeros(runs), np.zeros(runs), np.zeros(runs)
    held: Held = {}
    if isinstance(scheme, Minimisation):
        held = empty(scheme, runs)
        comers = ({f: chance.integers(len(ls), size=runs) for f, ls in scheme.factors.items()} for _ in range(n))
        drawn = places(scheme, held, comers, chance)
    else:
        drawn = _plain(scheme, n, runs, chance)
    for place, (arm, best, chances) in enumerate(drawn, start=1):
        right += (chances * best).sum(axis=0) / best.sum(axis=0)
        forced += chances.max(axis=0) > 1 - 1e-12
        counts[arm, np.arange(runs)] += 1
        level += (counts * sum(scheme.ratio) == place * shares).all(axis=0)
    ahead = np.abs(_unit(scheme) * (counts * sum(scheme.ratio) - n * shares)) / sum(scheme.ratio)
    return _simulated(scheme, n, runs, (right / n, forced / n, level / n), ahead,
                      _margins(scheme, held).max(axis=0) if isinstance(scheme, Minimisation) else None)


def _simulated(scheme: CanBeTried, n: int, runs: int, shares: Sequence[Floats],
               ahead: Floats, margin: Floats | None) -> Simulated:
    """From the figures of each run: shares of its places, |D| of each arm at its end, its worst margin."""
    guess, forced, level = shares
    squares, sizes = (ahead**2).mean(axis=0), ahead.mean(axis=0)
    sd = float(np.sqrt(squares.mean()))
    return Simulated(
        scheme=scheme.name, n=n, ratio=scheme.ratio, runs=runs,
        guess=float(guess.mean()), guess_mc_error=_error(guess),
        deterministic=float(forced.mean()), deterministic_mc_error=_error(forced),
        balance=float(level.mean()), balance_mc_error=_error(level),
        sd=sd, sd_mc_error=_error(squares) / (2 * sd) if sd else 0.0,
        mean_abs=float(sizes.mean()), mean_abs_mc_error=_error(sizes),
        max_abs=float(ahead.max()),
        worst_margin=None if margin is None else float(margin.mean()),
        worst_margin_mc_error=None if margin is None else _error(margin))


def _error(figures: Floats) -> float:
    """The standard error of their mean."""
    return float(figures.std(ddof=1) / np.sqrt(len(figures)))


def _margins(scheme: Minimisation, held: Held) -> Floats:
    """The largest |D| of an arm within every level of every factor, shape (levels, replicates)."""
    counts = np.concatenate(list(held.values())) // steps_of(scheme)
    expected = counts.sum(axis=1, keepdims=True) * (np.array(scheme.ratio)[:, None] / sum(scheme.ratio))
    ahead: Floats = np.abs(_unit(scheme) * (counts - expected)).max(axis=1)
    return ahead


def _unit(scheme: CanBeTried) -> int:
    """A difference of two equal arms is twice an arm's excess over its share."""
    return 2 if scheme.arms == 2 and scheme.ratio[0] == scheme.ratio[1] else 1


def _plain(
    scheme: Complete | PermutedBlocks, n: int, runs: int, chance: np.random.Generator
) -> Iterator[tuple[NDArray[np.int8], NDArray[np.bool_], Floats]]:
    """For each place: arms drawn, which were furthest below their share, and every arm's chance."""
    shares, whole = np.array(scheme.ratio)[:, None], sum(scheme.ratio)
    sizes = np.array(scheme.sizes if isinstance(scheme, PermutedBlocks) else [whole])
    counts, left = np.zeros((scheme.arms, runs), dtype=np.int64), np.zeros((scheme.arms, runs))
    for place in range(n):
        ended = np.flatnonzero(left.sum(axis=0) == 0)
        left[:, ended] = shares * (sizes[chance.integers(len(sizes), size=len(ended))] // whole)
        chances = left / left.sum(axis=0)
        behind = place * shares - whole * counts
        arm = pick(chances, chance.random(runs))
        counts[arm, np.arange(runs)] += 1
        if isinstance(scheme, PermutedBlocks):
            left[arm, np.arange(runs)] -= 1
        yield arm, behind == behind.max(axis=0), chances
