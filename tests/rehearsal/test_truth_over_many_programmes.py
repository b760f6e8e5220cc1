"""Many made-up programmes, allocated as the study says: on average the analysis finds what was put in."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from attunement.impact import ancova
from tests.rehearsal.costed import Rehearsed, holds, programme

PROGRAMMES, FAMILIES, EFFECT = 6, 252, 0.3
SEEDS = range(300, 300 + PROGRAMMES)


@cache
def rehearsed(seed: int, effect: float) -> Rehearsed:
    return programme(seed, effect, FAMILIES)


def estimate(seed: int, effect: float) -> tuple[float, float]:
    """Difference in warmth in standard deviations of the control arm, and its standard error."""
    data = rehearsed(seed, effect).data
    sd = data.filter(pl.col("arm") == 0)["after"].std()
    effect_found = ancova(data, outcome="after", arm="arm", covariates=["before"], site="site").effect
    return effect_found.value / sd, effect_found.se / sd


def test_what_is_put_in_is_what_the_analysis_finds_on_average():
    """The same families in the same arms, with and without the effect: what chance gives to an arm cancels out."""
    without, within = (np.array([estimate(seed, effect) for seed in SEEDS])[:, 0] for effect in (0.0, EFFECT))
    assert abs((within - without).mean() - EFFECT) < 0.03
    assert abs(without.mean()) < 3 * without.std(ddof=1) / np.sqrt(PROGRAMMES)


def test_cost_and_effect_together_hold_the_truth_in_nearly_every_programme():
    """Of six limits at 95 %, more than one that misses comes by chance in three of a hundred such sets."""
    found = holds([rehearsed(seed, EFFECT) for seed in SEEDS], EFFECT)
    for what in ("cost", "effect", "net_benefit", "curve"):
        assert sum(not getattr(one, what) for one in found) <= 1, what


def test_the_families_costs_are_the_programmes_cost_to_the_last_fraction():
    for seed in SEEDS:
        one = rehearsed(seed, EFFECT)
        assert one.summed == one.total
        assert (one.data.filter(pl.col("arm") == 0)["cost"] == 0).all()
        assert one.data.filter(pl.col("arm") == 1)["cost"].min() >= one.share
