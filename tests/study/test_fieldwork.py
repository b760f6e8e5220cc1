"""The schedule of reminders, vouchers and export rights: their defaults, and what a study file can get wrong."""

from __future__ import annotations

import pytest

from attunement import study
from attunement.study.checks import fieldwork
from attunement.study.diff import diff
from attunement.study.reading import read_text
from attunement.study.schema import Fieldwork

TEXT = study.read("vig").text
STEP = '[[fieldwork.steps]]\nday = 3\nroute = "mail"\notherwise = ["text"]\n'


def said(old: str, new: str) -> list[str]:
    changed = TEXT.replace(old, new, 1)
    assert changed != TEXT
    return [remark.text for remark in fieldwork.remarks(read_text(changed).study)]


def test_without_a_word_in_the_study_file_families_hear_on_days_0_3_7_10_and_14():
    assert [step.day for step in Fieldwork().steps] == [0, 3, 7, 10, 14]
    assert {step.route for step in Fieldwork().steps} == {"text", "mail", "call", "post"}


def test_vig_states_its_steps_its_vouchers_and_who_takes_answers_out():
    vig = read_text(TEXT).study
    assert vig.fieldwork.steps == Fieldwork().steps
    assert {voucher.time_point: voucher.pence for voucher in vig.fieldwork.vouchers} == {
        "baseline": 1000, "four_months": 2000}
    assert not list(fieldwork.remarks(vig)) and len(vig.export_rights) == 3


@pytest.mark.parametrize(("old", "new", "sentence"), [
    (STEP, STEP.replace("day = 3", "day = 0"), "in the order of their days, one a day"),
    (STEP, STEP.replace("day = 3", "day = 12"), "in the order of their days, one a day"),
    (STEP, STEP.replace('"text"', '"mail"'), "name each route once"),
    ("day = 14", "day = 60", "four_months is open for 42 days after its first one"),
    ('time_point = "four_months"\npence', 'time_point = "six_months"\npence', "six_months, which is no time point"),
    ('time_point = "four_months"\npence', 'time_point = "baseline"\npence', "baseline has 2 vouchers; it is one"),
    ('role = "trial_manager"\ninstrument', 'role = "printer"\ninstrument', "printer may take answers out"),
    ('instrument = "support_received"', 'instrument = "phq9"', "phq9, which the study does not ask"),
    ('instrument = "support_received"', 'instrument = "*"', "two export rights on *"),
])
def test_a_fieldwork_that_cannot_be_kept_is_named(old, new, sentence):
    assert any(sentence in text for text in said(old, new))


@pytest.mark.parametrize(("old", "new", "sentence"), [
    ("day = 3\n", "day = -3\n", "at least 0"), ('route = "call"', 'route = "pigeon"', "text, mail, call or post"),
    ("pence = 1000", "pence = 0", "above 0"), ('level = "none"', 'level = "some"', "none, deidentified or full"),
])
def test_a_value_that_is_none_is_refused_with_its_place(old, new, sentence):
    with pytest.raises(study.StudyError, match=sentence):
        read_text(TEXT.replace(old, new, 1))


def test_an_amendment_of_the_steps_reads_as_a_sentence():
    later = read_text(TEXT.replace(STEP, "", 1)).study
    assert diff(read_text(TEXT).study, later) == ["The step of day 3 of the fieldwork is removed."]
