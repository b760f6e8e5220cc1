"""A study file may name sub-studies; each is checked as the trial of its own that it is."""

from __future__ import annotations

import pytest

from attunement.study import Study, StudyError, check, diff, read
from attunement.study.amendments import for_later_families, refusals
from attunement.study.substudies import alone
from tests.study.conftest import SMALL, Bench

REMINDER = """
[[substudies]]
code = "reminder"
title = "Which reminder brings more answers?"
scheme = "blocks:4,6"
ratio = [1, 1]
arms = [{ code = "by_text", name = "A text" }, { code = "by_letter", name = "A letter" }]
"""


def text(*changes: tuple[str, str], more: str = "") -> str:
    found = REMINDER + more
    for old, new in changes:
        assert old in found
        found = found.replace(old, new)
    return SMALL + found


def said(bench: Bench, *changes: tuple[str, str], more: str = "") -> list[tuple[str, int, str]]:
    found = check(bench.write(text=text(*changes, more=more)))
    return [(each.level, each.line, each.text) for each in found if "reminder" in each.text]


def made(bench: Bench, *changes: tuple[str, str]) -> Study:
    return read(bench.write(text=text(*changes))).study


def test_a_sound_sub_study_is_read_and_nothing_is_said(bench: Bench) -> None:
    study = made(bench)
    assert said(bench) == [] and study.substudies[0].strata == ("site",) and study.substudies[0].needs == "allocated"
    own = alone(study, study.substudies[0])
    assert [arm.code for arm in own.arms] == ["by_text", "by_letter"] and own.allocation.scheme == "blocks:4,6"
    assert own.sites == study.sites and [arm.code for arm in study.arms] == ["reading", "waiting"]


@pytest.mark.parametrize(("changes", "more", "told", "line"), [
    ([('"blocks:4,6"', '"blocks:odd"')], "", "The scheme “blocks:odd” cannot be used", 'scheme = "blocks:odd"'),
    ([('"blocks:4,6"', '"list"')], "", "draws from its own seed", 'scheme = "list"'),
    ([('"blocks:4,6"', '"minimisation:range,4/5"')], "", "draws from its own seed", 'scheme = "minim'),
    ([("[1, 1]", "[1, 1, 1]")], "", "The ratio has 3 parts for 2 arms", "ratio = [1, 1, 1]"),
    ([("by_letter", "waiting")], "", "waiting among its arms, as the main study has", "arms ="),
    ([], 'purpose = "flying"\n', "needs flying, which is no purpose", "purpose ="),
    ([], 'strata = ["site", "mood"]\n', "has mood as a stratum", 'strata = ["site", "mood"]'),
    ([], 'strata = ["language"]\n', "no site among its strata", 'strata = ["language"]'),
    ([], "start = 2024-05-01\nend = 2024-04-30\n", "ends before it starts", "end = 2024-04-30"),
])
def test_what_cannot_be_is_said_in_one_line_with_its_place(bench, changes, more, told, line) -> None:
    found = [each for each in said(bench, *changes, more=more) if told in each[2]]
    assert [level for level, _line, _sentence in found] == ["problem"]
    assert bench.path.read_text("utf-8").splitlines()[found[0][1] - 1].startswith(line)


@pytest.mark.parametrize(("change", "told"), [
    (("by_letter", "by_text"), "by_text"), (('"reminder"', '"Reminder"'), "code"),
    ((', { code = "by_letter", name = "A letter" }', ""), "needs at least two arms"),
    (("ratio = [1, 1]\n", ""), "ratio"), (('"A text"', '"A text", masked = true'), "masked"),
    (('code = "reminder"', f'code = "r{"e" * 60}"'), "code"),
    (('code = "reminder"', 'code = "reminder"\nneeds = "luck"'), "luck"),
])
def test_a_file_that_cannot_be_used_is_refused(bench: Bench, change, told) -> None:
    with pytest.raises(StudyError, match=told) as refused:
        made(bench, change)
    assert len(refused.value.findings) == 1 and "\n" not in refused.value.findings[0].text


def test_a_difference_speaks_of_it(bench: Bench) -> None:
    before, after = read(bench.write()).study, made(bench)
    assert diff(before, after)[0].startswith("The sub-study reminder is added")
    changed = diff(after, made(bench, ('"blocks:4,6"', '"big_stick:3"'), ("A letter", "A card")))
    assert changed == ["The name of the arm by_letter of the sub-study reminder goes from “A letter” to “A card”.",
                       "The scheme of the sub-study reminder goes from blocks:4,6 to big_stick:3."]


def test_from_its_first_family_on_its_arms_stand_and_the_rest_is_for_later_families(bench: Bench) -> None:
    before, gone = made(bench), read(bench.write()).study
    arms, scheme = made(bench, ("by_letter", "by_post")), made(bench, ('"blocks:4,6"', '"big_stick:3"'))
    for new, told in ((gone, "cannot leave"), (arms, "The arms of the sub-study reminder cannot change")):
        assert [told in each for each in refusals(before, new, allocated=False, entered=["reminder"])] == [True]
        assert refusals(before, new, allocated=True) == []
    assert refusals(before, scheme, allocated=True, entered=["reminder"]) == []
    assert for_later_families(before, scheme, allocated=True) == []
    later = for_later_families(before, scheme, allocated=False, entered=["reminder"])
    assert len(later) == 1 and later[0].startswith("In the sub-study reminder the scheme goes from “blocks:4,6” to")
