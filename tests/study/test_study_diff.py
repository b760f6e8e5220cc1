"""Differences and amendments in English."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from attunement.study import Study, diff
from attunement.study.amendments import for_later_families, refusals

if TYPE_CHECKING:
    from conftest import Bench

SECOND_SITE = '[[sites]]\ncode = "S"\nname = "South"\ntarget = 20\n\n'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("target = 20", "target = 30", "The site target of North goes from 20 to 30."),
        (
            "due = 2024-12-31",
            "due = 2025-01-31",
            "The due date of the report final goes from 31 December 2024 to 31 January 2025.",
        ),
        ("ratio = [1, 1]", "ratio = [2, 1]", "The allocation ratio of the allocation goes from 1 and 1 to 2 and 1."),
        (
            'en = "I want',
            'en = "Yes, I want',
            "The statement of the purpose taking_part of the consent in en changes from",
        ),
        ("masked = false", "masked = true", "The masking of the role coordinator goes from no to yes."),
        (SECOND_SITE, "", "South is removed."),
        ("end = 2024-06-30\n", "", "The end of the calendar statement intake goes from 30 June 2024 to nothing."),
        (
            'en = "We want to know if reading helps."',
            'en = "We want to learn."',
            "The paragraph 1 of the notice of the consent in en",
        ),
        (
            "unit_cost_pence = 500",
            "unit_cost_pence = 500\nlow_pence = 400",
            "The low unit cost in pence of the cost category books goes from nothing to 400.",
        ),
        ("week = 1", "week = 2", "The week of the planned session Last of the delivery goes from 1 to 2."),
        (
            'title = "A small study"',
            'title = "A larger study of reading together"',
            "The title of the study changes from “A small study” to “A larger",
        ),
    ],
)
def test_each_change_is_one_sentence(bench: Bench, old: str, new: str, told: str) -> None:
    sentences = diff(bench.study(), bench.study((old, new)))
    assert len(sentences) == 1
    assert sentences[0].startswith(told)


def test_what_is_added_says_what_it_holds(bench: Bench) -> None:
    without = bench.study((SECOND_SITE, ""))
    assert diff(without, bench.study()) == ["South is added (target 20)."]


def test_a_table_that_comes_or_goes_is_one_sentence(bench: Bench) -> None:
    table = '[cost_analysis]\nthresholds = [0, 50]\nsource = "nobody"\n\n[[estimands]]'
    without, within = bench.study(), bench.study(("[[estimands]]", table))
    assert diff(without, within) == ["The cost analysis of the study is added (thresholds 0 and 50, source nobody)."]
    assert diff(within, without) == ["The cost analysis of the study is removed."]
    higher = bench.study(("[[estimands]]", table.replace("50", "70")))
    assert diff(within, higher) == ["The list of thresholds of the cost analysis goes from 0 and 50 to 0 and 70."]


def test_a_change_of_order_is_told(bench: Bench) -> None:
    first = '[[sites]]\ncode = "N"\nname = "North"\ntarget = 20\n\n'
    turned = bench.study((first + SECOND_SITE, SECOND_SITE + first))
    assert diff(bench.study(), turned) == ["The order of the sites changes from N and S to S and N."]


def test_a_study_does_not_differ_from_itself(vig: Study) -> None:
    assert diff(vig, vig) == []


def test_made_up_languages_are_passed_over(vig: Study) -> None:
    changed = vig.model_copy(
        update={
            "time_points": tuple(
                point.model_copy(update={"title": {"en": "New", "en-xr": "⟦New⟧"}}) for point in vig.time_points
            )
        }
    )
    assert len(diff(vig, changed)) == 2


def other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case date():
            return value + timedelta(1)
        case str():
            return value + "x"
        case _:
            return None


def spoilt(value: Any) -> list[Any]:
    """Copies of parsed TOML, each with one leaf changed."""
    if isinstance(value, dict):
        return [value | {key: new} for key, part in value.items() for new in spoilt(part)]
    if isinstance(value, list):
        return [[*value[:at], new, *value[at + 1 :]] for at, part in enumerate(value) for new in spoilt(part)]
    return [other(value)]


def test_no_change_of_any_value_goes_unsaid(bench: Bench) -> None:
    parsed = tomllib.loads(bench.write().read_text(encoding="utf-8"))
    small = Study.model_validate(parsed)
    seen = 0
    for changed in spoilt(parsed):
        try:
            study = Study.model_validate(changed)
        except ValueError:
            continue
        seen += 1
        assert diff(small, study), changed
    assert seen > 80


def amended(bench: Bench, *changes: tuple[str, str], allocated: bool = True) -> list[str]:
    return refusals(bench.study(), bench.study(*changes), allocated=allocated)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('code = "waiting"', 'code = "usual"', "The arms cannot change"),
        ("receives_programme = false", "receives_programme = true", "The arms cannot change"),
        (
            'outcome = "demo_warmth"',
            'outcome = "demo_invasion"',
            "it is demo_warmth at after, and would become demo_invasion at after",
        ),
        ('direction = "higher"', 'direction = "lower"', "The primary outcome cannot change"),
        ("months_after = 3\nwindow", "months_after = 4\nwindow", "The primary outcome cannot change"),
        ('role = "primary"', 'role = "secondary"', "would become none"),
        (SECOND_SITE, "", "South cannot leave"),
    ],
)
def test_what_stands_from_the_first_allocation_on(bench: Bench, old: str, new: str, told: str) -> None:
    assert [told in refusal for refusal in amended(bench, (old, new))] == [True]
    assert amended(bench, (old, new), allocated=False) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"blocks:4,6"', '"big_stick:3"', "The scheme goes from “blocks:4,6” to “big_stick:3” for later families only"),
        ("ratio = [1, 1]", "ratio = [2, 1]", "The ratio goes from 1:1 to 2:1 for later families only"),
        ("target = 20", "target = 25", "The target of North goes from 20 to 25 for later families only"),
    ],
)
def test_scheme_ratio_and_target_change_for_later_families(bench: Bench, old: str, new: str, told: str) -> None:
    before, after = bench.study(), bench.study((old, new))
    assert refusals(before, after, allocated=True) == []
    sentences = for_later_families(before, after, allocated=True)
    assert len(sentences) == 1 and sentences[0].startswith(told) and "new locked version" in sentences[0]
    assert for_later_families(before, after, allocated=False) == []


def test_another_study_is_no_amendment(bench: Bench) -> None:
    assert "another study" in amended(bench, ('slug = "small"', 'slug = "large"'), allocated=False)[0]
