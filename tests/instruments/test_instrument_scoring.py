"""Scores by hand, the traps one by one, and what must hold for any answers."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attunement.instruments import InstrumentError, Rule, check_answer, counted, load, score, slugs


def form(key, *answers):
    return score(key, dict(enumerate(answers, start=1)))


def answers_to(key, missing=False):
    choices = {item.number: st.sampled_from(item.codes) for item in key.items}
    return st.fixed_dictionaries({n: st.none() | choice if missing else choice for n, choice in choices.items()})


ANY_FORM = st.sampled_from(slugs()).flatmap(lambda slug: st.tuples(st.just(load(slug)), answers_to(load(slug), True)))


def test_mors_sf_gives_two_sums_and_never_a_total():
    scores = form(load("mors_sf"), 5, 1, 4, 3, 0, 5, 2, 4, 1, 0, 5, 3, 2, 1)
    assert scores.scales == {"warmth": 5 + 4 + 3 + 5 + 4 + 5 + 2, "invasion": 1 + 0 + 2 + 1 + 0 + 3 + 1}
    assert scores.bands == {"warmth": None, "invasion": None}


def test_mors_sf_needs_each_scale_complete_by_itself():
    scores = score(load("mors_sf"), {n: 2 for n in range(1, 15) if n != 5})
    assert scores.scales == {"warmth": 14, "invasion": None}
    assert scores.missing == (5,)


@pytest.mark.parametrize(("item", "total"), [(1, 44), (9, 44)])
def test_kpcs_counts_not_applicable_as_two_at_items_1_and_9(item, total):
    assert score(load("kpcs"), {n: 3 for n in range(1, 16)} | {item: "na"}).scales == {"total": total}


def test_kpcs_does_not_take_a_blank_for_not_applicable():
    scores = score(load("kpcs"), {n: 3 for n in range(2, 16)})
    assert (scores.scales["total"], scores.bands["total"], scores.missing) == (None, None, (1,))
    assert counted(load("kpcs"), {1: "na", 9: None})[1] == 2
    assert counted(load("kpcs"), {1: "na", 9: None})[9] is None


@pytest.mark.parametrize(("last", "band"), [(0, "low"), (1, None)])
def test_kpcs_is_low_at_39_and_not_at_40(last, band):
    assert form(load("kpcs"), *[3] * 13, 0, last).bands["total"] == band


@pytest.mark.parametrize("slug", ["kpcs", "phq9", "who5", "mors_sf"])
def test_not_applicable_is_an_error_where_the_form_has_none(slug):
    for item in load(slug).items:
        if not item.na:
            with pytest.raises(InstrumentError, match=f"{slug} item {item.number} .*not applicable"):
                score(load(slug), {item.number: "na"})


@pytest.mark.parametrize(
    ("total", "band"),
    [
        *[(0, "minimal"), (4, "minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (14, "moderate")],
        *[(15, "moderately severe"), (19, "moderately severe"), (20, "severe"), (27, "severe")],
    ],
)
def test_phq9_bands(total, band):
    answers = [min(3, max(0, total - 3 * n)) for n in range(9)]
    assert form(load("phq9"), *answers).bands == {"total": band}


@pytest.mark.parametrize(
    ("answers", "total", "band"),
    [
        ([2, 2, 1, 1, 1, 1, 0, None, None], Fraction(72, 7), "moderate"),
        ([1, 1, 1, 1, 1, 0, 0, 0, None], Fraction(45, 8), "mild"),
        ([1, 1, 1, 1, 0, 0, 0, 0, None], Fraction(36, 8), "mild"),
        ([3, 3, 3, 3, 3, 3, None, None, None], None, None),
        ([None] * 9, None, None),
    ],
)
def test_phq9_is_prorated_up_to_two_missing_and_its_band_is_rounded_half_up(answers, total, band):
    scores = form(load("phq9"), *answers)
    assert scores.scales["total"] == (None if total is None else pytest.approx(float(total), rel=1e-15))
    assert scores.bands["total"] == band


def test_phq9_alert_fires_on_item_9_whatever_else_is_missing():
    for answer in (1, 2, 3):
        assert score(load("phq9"), {9: answer}).alerts == (9,)
        assert form(load("phq9"), *[0] * 8, answer).alerts == (9,)
    assert form(load("phq9"), *[3] * 8, 0).alerts == ()
    assert score(load("phq9"), {}).alerts == ()


@pytest.mark.parametrize(
    ("total", "band"), [(4, "minimal"), (5, "mild"), (10, "moderate"), (15, "severe"), (21, "severe")]
)
def test_gad7_bands(total, band):
    assert form(load("gad7"), *[min(3, max(0, total - 3 * n)) for n in range(7)]).bands == {"total": band}


def test_who5_names_raw_and_percent_apart():
    assert form(load("who5"), 3, 3, 2, 2, 2).scales == {"raw": 12, "percent": 48}
    assert form(load("who5"), 3, 3, 2, 2, 2).bands == {"raw": None, "percent": "screen further"}
    assert form(load("who5"), 3, 3, 3, 2, 2).bands["percent"] is None
    assert score(load("who5"), {1: 5}).scales == {"raw": None, "percent": None}


METRIC = """7.00 9.51 11.25 12.40 13.33 14.08 14.75 15.32 15.84 16.36 16.88 17.43 17.98 18.59 19.25 19.98 20.73 21.54
22.35 23.21 24.11 25.03 26.02 27.03 28.13 29.31 30.70 32.55 35.00"""


def test_swemwbs_metric_comes_from_the_table():
    for raw, metric in enumerate(METRIC.split(), start=7):
        answers = [1 + min(4, max(0, raw - 7 - 4 * n)) for n in range(7)]
        assert form(load("swemwbs"), *answers).scales == {"raw": raw, "metric": float(metric)}


def test_spans_of_transformed_scales():
    assert [load("who5").span(name) for name in ("raw", "percent")] == [(0, 25), (0, 100)]
    assert [load("swemwbs").span(name) for name in ("raw", "metric")] == [(7, 35), (7.0, 35.0)]


def test_bpses_and_demo_scales_are_plain_sums():
    assert form(load("bpses"), 1, 2, 3, 4, 5).scales == {"total": 15}
    assert form(load("demo_warmth"), 0, 1, 2, 3, 4, 5, 5).scales == {"warmth": 20}
    assert form(load("demo_invasion"), 5, 0, 0, 0, 0, 0, 0).scales == {"invasion": 5}
    assert form(load("demo_efficacy"), 1, 1, 1, 1, 1, 5).scales == {"efficacy": 10}


@pytest.mark.parametrize("answer", [4, -1, 1.5, 2.0, True, "3", "", "NA", float("nan"), [1], 10**30])
def test_an_impossible_answer_is_refused_and_names_its_item(answer):
    with pytest.raises(InstrumentError, match="phq9 item 4 "):
        score(load("phq9"), {4: answer})


@pytest.mark.parametrize("number", [0, 10, -1, "1", 1.0, True, None])
def test_an_unknown_item_is_refused(number):
    with pytest.raises(InstrumentError, match="phq9 has no item"):
        check_answer(load("phq9"), number, 1)
    with pytest.raises(InstrumentError, match="its items are 1 to 9"):
        score(load("phq9"), {number: 1})


def test_whole_numbers_of_numpy_are_whole_numbers():
    assert score(load("gad7"), {n: np.int8(2) for n in range(1, 8)}).scales == {"total": 14}


def test_a_reversed_item_is_turned_round_but_not_applicable_is_not():
    key = load("kpcs")
    turned = replace(key, items=(replace(key.items[0], direction="reversed", na_counts=1), *key.items[1:]))
    assert [counted(turned, {1: answer})[1] for answer in (0, 1, 3, "na")] == [3, 2, 0, 1]


def test_no_answers_are_missing_even_under_a_generous_rule():
    key = load("gad7")
    generous = replace(key, scales=(replace(key.scales[0], rule=Rule(prorate_up_to=6)),))
    assert score(generous, {}).scales == {"total": None}
    assert score(generous, {2: 3}).scales == {"total": 21}


@given(ANY_FORM)
def test_a_score_lies_within_its_span_and_missing_items_are_told(given_form):
    key, answers = given_form
    scores = score(key, answers)
    assert scores.missing == tuple(number for number in sorted(answers) if answers[number] is None)
    for scale in key.scales:
        low, high = key.span(scale.name)
        value = scores.scales[scale.name]
        assert value is None or low <= value <= high
        assert value is not None or any(answers[item.number] is None for item in key.items_of(scale.name))


@given(ANY_FORM, st.randoms())
def test_the_order_of_answers_and_leaving_out_what_is_missing_change_nothing(given_form, random):
    key, answers = given_form
    given_answers = [(number, answer) for number, answer in answers.items() if answer is not None]
    shuffled = random.sample(given_answers, k=len(given_answers))
    assert score(key, dict(shuffled)) == score(key, answers)


@given(ANY_FORM)
def test_a_higher_answer_never_lowers_a_sum(given_form):
    key, answers = given_form
    before = score(key, answers).scales
    for item in key.items:
        answer = answers[item.number]
        if isinstance(answer, int) and answer < item.high:
            after = score(key, answers | {item.number: answer + 1}).scales
            assert all(after[name] is None or after[name] >= before[name] for name in after)
