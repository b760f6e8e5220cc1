"""What is put in as truth is what the scales then show."""

from __future__ import annotations

import numpy as np
import pytest

from attunement import instruments, study
from attunement.rehearsal import RehearsalError, Truth
from attunement.rehearsal.chance import Chance
from attunement.rehearsal.minds import SKIP, Minds
from attunement.rehearsal.scales import scales_of

FAMILIES = 5_000
VIG = study.load("vig")


def totals(scale, answers):
    low, high = np.array(scale.low), np.array(scale.high)
    return np.where(scale.turned, low + high - answers, answers).sum(axis=-1)


@pytest.mark.parametrize("effect", [0.0, 0.3, 1.0, -0.8])
@pytest.mark.parametrize("slug", ["demo_warmth", "demo_efficacy", "phq9", "swemwbs", "kpcs"])
def test_a_scale_has_the_effect_the_correlation_and_the_reliability_wanted(slug, effect):
    for scale in scales_of(instruments.load(slug), 0.85):
        random, items = np.random.default_rng(1), len(scale.numbers)
        before, noise = random.standard_normal((2, FAMILIES))
        kept, spread = scale.correlation_for(0.6), scale.spread_for(0.15)
        after = kept * before + np.sqrt(1 - kept**2) * noise
        treated = after + scale.shift_for(effect, spread) + spread * random.standard_normal(FAMILIES)
        noises = random.standard_normal((3, FAMILIES, items))
        first, control, programme = (
            scale.given(score, noise) for score, noise in zip((before, after, treated), noises, strict=True))
        shown, told = totals(scale, control), totals(scale, programme)
        assert abs((told.mean() - shown.mean()) / shown.std() - effect) < 0.06
        assert abs(shown.std() - scale.sd) < 0.03 * scale.sd
        assert abs(shown.mean() - scale.mean()) < 0.05 * scale.sd
        assert abs(np.corrcoef(totals(scale, first), shown)[0, 1] - 0.6) < 0.03
        within = np.where(scale.turned, np.array(scale.high) - control, control).var(axis=0).sum()
        alpha = items / (items - 1) * (1 - within / shown.var())
        assert 0.74 < alpha < 0.87


def test_practitioners_who_differ_much_do_not_blur_the_effect():
    (scale,) = scales_of(instruments.load("demo_warmth"), 0.85)
    random, spread = np.random.default_rng(2), scale.spread_for(1.0)
    noises = random.standard_normal((2, FAMILIES, len(scale.numbers)))
    score = random.standard_normal(FAMILIES)
    treated = score + scale.shift_for(1.2, spread) + spread * random.standard_normal(FAMILIES)
    shown, told = (totals(scale, scale.given(one, noise)) for one, noise in zip((score, treated), noises, strict=True))
    assert abs((told.mean() - shown.mean()) / shown.std() - 1.2) < 0.05


def test_answers_stay_within_each_items_range():
    for slug in instruments.slugs():
        key = instruments.load(slug)
        for scale in scales_of(key, 0.85):
            given = scale.given(np.array([-9.0, 0.0, 9.0]), np.zeros((3, len(scale.numbers))))
            for number, column in zip(scale.numbers, given.T, strict=True):
                assert key.item(number).low <= column.min() <= column.max() <= key.item(number).high
            ends = totals(scale, given)
            assert ends[0] == sum(scale.low) and ends[2] == sum(scale.high)


def scores(truth, families=400, *, programme, practitioner=0.0):
    minds = Minds(VIG, truth, Chance(3))
    rows = []
    for number in range(families):
        given = minds.answers((0, number), "four_months", programme=programme, practitioner=practitioner)
        rows.append([sum(int(one.text) for one in given if one.instrument == slug)
                     for slug in ("demo_warmth", "demo_invasion", "demo_efficacy")])
    return np.array(rows, float)


def test_families_in_the_programme_gain_on_every_scale_in_the_direction_that_the_study_wants():
    truth = Truth(effect=1.0, practitioner_sd=0.0, skipped_item=0.0)
    without, within = scores(truth, programme=False), scores(truth, programme=True)
    gain = (within - without).mean(axis=0) / without.std(axis=0)
    assert np.allclose(gain, [1.0, -0.5, 0.5], atol=0.1)
    assert np.corrcoef(without.T)[0, 1] < -0.1 < 0.1 < np.corrcoef(without.T)[0, 2]


def test_a_good_practitioner_moves_families_further_than_a_poor_one():
    truth = Truth(effect=0.5, skipped_item=0.0)
    poor, good = (scores(truth, programme=True, practitioner=size).mean(axis=0) for size in (-2, 2))
    assert good[0] > poor[0] and good[1] < poor[1] and good[2] > poor[2]


def test_by_arm_off_leaves_no_answer_to_the_arm():
    minds = Minds(VIG, Truth(effect=1.0, by_arm=False), Chance(3))
    for number in range(20):
        place = (1, number)
        assert minds.answers(place, "four_months") == minds.answers(
            place, "four_months", programme=True, practitioner=1.5)


def test_the_programme_never_reaches_back_to_the_baseline():
    minds = Minds(VIG, Truth(effect=2.0), Chance(3))
    assert minds.answers((0, 1), "baseline") == minds.answers((0, 1), "baseline", programme=True, practitioner=2.0)


def test_a_share_of_items_is_passed_over():
    minds = Minds(VIG, Truth(skipped_item=0.25), Chance(8))
    given = [one.text for number in range(60) for one in minds.answers((0, number), "baseline")]
    assert 0.2 < given.count(SKIP) / len(given) < 0.3


@pytest.mark.parametrize("wrong", [
    {"effect": float("nan")}, {"dropout": 1.2}, {"twins": -0.1}, {"films": -1}, {"held": 0.9, "not_attended": 0.3},
    {"reliability": 0.01}, {"effect": "large"}, {"dropout_sites": ()}, {"worse": None}, {"removals": 0.5},
    {"by_arm": 1}, {"twins": 2}, {"twins": True}, {"dropout_sites": 0.1}])
def test_a_truth_that_is_none_is_refused(wrong):
    with pytest.raises(RehearsalError):
        Truth(**wrong)


@pytest.mark.parametrize("wrong", [{"effect": 3.0}, {"effect": -9.0}, {"baseline_correlation": 0.95}])
def test_a_truth_that_no_scale_can_show_is_refused_in_a_sentence(wrong):
    with pytest.raises(RehearsalError, match=r"demo_warmth\.warmth"):
        Minds(VIG, Truth(**wrong), Chance(1))


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1"])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(RehearsalError):
        Chance(seed)
