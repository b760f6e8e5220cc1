"""A forecast of families: what it says of easy cases, and that its band holds as often as it says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom

from attunement.process import ProcessError, detectable, forecast


def test_one_site_is_about_the_negative_binomial_of_its_own_past():
    said = forecast([30], [100.0], [100.0], 55)
    exact = nbinom(30, 0.5)
    assert abs(said.reaches - exact.sf(24)) < 0.04
    assert abs(said.low - 30 - exact.ppf(0.1)) <= 2 and abs(said.high - 30 - exact.ppf(0.9)) <= 2
    assert abs(said.by_site[0] - 60) < 2


def test_with_no_days_left_what_is_there_is_all():
    said = forecast([3, 4], [10, 20], [0, 0], 8)
    assert (said.low, said.middle, said.high, said.reaches) == (7, 7, 7, 0.0)
    assert forecast([3, 4], [10, 20], [0, 0], 7).reaches == 1.0


def test_more_days_mean_more_families_and_a_better_chance():
    chances = [forecast([9, 3, 5, 8], [60] * 4, [days] * 4, 100).reaches for days in (30, 120, 240, 400)]
    assert chances == sorted(chances) and chances[0] < 0.01 and chances[-1] > 0.99


def test_a_site_that_was_slow_is_drawn_towards_the_others_and_not_past_them():
    said = forecast([20, 20, 20, 0], [100] * 4, [100] * 4, 100)
    assert 0 < said.by_site[3] < 20


def test_the_band_holds_about_as_often_as_it_says():
    random, inside = np.random.default_rng(4), 0
    for _trial in range(150):
        rates = random.gamma(6, 0.05, size=4)
        past, later = random.poisson(rates * 60), random.poisson(rates * 150)
        if past.sum():
            said = forecast(past.tolist(), [60] * 4, [150] * 4, 1)
            inside += said.low <= past.sum() + later.sum() <= said.high
    assert 0.70 < inside / 150 < 0.92


@pytest.mark.parametrize("wrong", [([], [], []), ([1], [1, 2], [1]), ([-1], [1], [1]), ([1], [1], [-1]), ([0], [5], [5]),
                                   ([1], [0], [5])])
def test_what_cannot_be_forecast_is_said(wrong):
    with pytest.raises(ProcessError):
        forecast(*wrong, 10)


def test_the_least_difference_that_a_trial_can_show():
    assert abs(detectable(252, correlation=0.6, loss=0.25) - 0.3261) < 1e-3
    assert detectable(4, correlation=0.0, loss=0.5) is None
