"""Many made-up programmes, allocated as the study says: on average the analysis finds what was put in."""

from __future__ import annotations

import numpy as np
import polars as pl

from attunement import allocation, instruments, study
from attunement.impact import ancova
from attunement.rehearsal import Truth, rehearse
from tests.rehearsal.notebook import Notebook

VIG = study.load("vig")
WARMTH = instruments.load("demo_warmth")
PROGRAMMES, FAMILIES = 6, 252


class Allocating(Notebook):
    """A notebook that draws each family's arm by the study's own scheme, within its site."""

    def __init__(self, seed: int) -> None:
        super().__init__(VIG)
        self._scheme = allocation.parse(VIG.allocation.scheme, VIG.allocation.ratio)
        self._seed, self.drawn = seed.to_bytes(32, "big"), {}

    def _allocate(self, *, family):
        self.allocated[family] = self.now.date()
        history = self.drawn.setdefault(family[0], {})
        history[family] = self._scheme.draw(list(history.values()), allocation.Source(self._seed, family[0]))
        return VIG.arms[history[family]].code

    def _due(self, site):
        """Nobody: the authorities' returns are not looked at here, and cost most of the time."""
        return []


def estimate(seed: int, effect: float) -> tuple[float, float]:
    """Difference in warmth in standard deviations of the control arm, and its standard error."""
    notes = Allocating(seed)
    rehearse(VIG, notes, families=FAMILIES, seed=seed, truth=Truth(effect=effect, films=0))
    given: dict[tuple[str, str], dict[int, int]] = {}
    for call in notes.told("answer"):
        if call["given"].instrument == WARMTH.slug and call["given"].text != "skip":
            given.setdefault((call["family"], call["time_point"]), {})[call["given"].item] = int(call["given"].text)
    totals = {place: sum(item.low + item.high - told[item.number] if item.direction != "forward" else told[item.number]
                         for item in WARMTH.items)
              for place, told in given.items() if len(told) == len(WARMTH.items)}
    rows = [(family, site, float(VIG.arms[arm].receives_programme), totals.get((family, "baseline")),
             totals.get((family, "four_months"))) for site, arms in notes.drawn.items() for family, arm in arms.items()]
    data = pl.DataFrame(rows, orient="row", schema={"family": pl.String, "site": pl.String, "arm": pl.Float64,
                                                    "before": pl.Float64, "after": pl.Float64})
    sd = data.filter(pl.col("arm") == 0)["after"].std()
    effect_found = ancova(data, outcome="after", arm="arm", covariates=["before"], site="site").effect
    return effect_found.value / sd, effect_found.se / sd


def test_what_is_put_in_is_what_the_analysis_finds_on_average():
    """The same families in the same arms, with and without the effect: what chance gives to an arm cancels out."""
    seeds = range(300, 300 + PROGRAMMES)
    without, within = (np.array([estimate(seed, effect) for seed in seeds])[:, 0] for effect in (0.0, 0.3))
    assert abs((within - without).mean() - 0.3) < 0.03
    assert abs(without.mean()) < 3 * without.std(ddof=1) / np.sqrt(PROGRAMMES)
