"""A small share of `make calibrate`, and what needs no simulation: every allocation that could have been."""

from itertools import combinations

import numpy as np
import polars as pl
import pytest

from attunement.impact import randomisation_test
from benches.calibrate import EFFECT, imputed


@pytest.mark.parametrize("covariates", [[], ["baseline"]])
def test_the_randomisation_test_is_exact_over_all_allocations(covariates: list[str]) -> None:
    chance = np.random.default_rng(4)
    rows = pl.DataFrame({"outcome": chance.normal(size=8), "baseline": chance.normal(size=8)})
    every = np.array([[int(at in chosen) for at in range(8)] for chosen in combinations(range(8), 4)])
    p = []
    for which, arm in enumerate(every):
        others = np.delete(every, which, axis=0)
        data = rows.with_columns(arm=pl.Series(arm))
        fit = randomisation_test(data, outcome="outcome", arm="arm", covariates=covariates, scheme=others)
        p.append(fit.effect.p)
    shares = np.array(p) * len(every)
    # turned round, an allocation has the same |t|: p goes up in pairs
    assert sorted(np.rint(shares).astype(int)) == sorted(2 * list(range(2, len(every) + 1, 2)))
    assert np.allclose(shares, np.rint(shares), atol=1e-9)


def test_imputation_by_arm_is_unbiased_where_complete_cases_mislead() -> None:
    found = imputed(200, 7)
    (many, _se, covered), (cases, *_) = (rows.T for rows in found.values())
    error = many.std(ddof=1) / len(many) ** 0.5
    assert abs(many.mean() - EFFECT) < 4 * error
    assert abs(cases.mean() - EFFECT) > 8 * error
    assert covered.mean() > 0.9
