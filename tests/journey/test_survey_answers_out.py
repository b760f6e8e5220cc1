"""Answers are taken out by those who may, by trial number, and it stands in the trail."""

from __future__ import annotations

import polars as pl
import pytest

from attunement.journey.surveys import actions
from attunement.journey.surveys.export_actions import export_answers
from attunement.journey.surveys.models import Answer
from attunement.journey.surveys.questions import asked
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Rule, adopt_study
from attunement.journey.trail.errors import NotAllowed
from attunement.journey.trail.models import Entry


def test_every_answer_leaves_with_how_it_was_given_and_no_name(programme, tmp_path):
    family, by = programme.consented(), programme.people["survey_team"]
    paper = programme.questionnaire(family)
    for question in asked(1, "baseline", "en"):
        given = "skip" if question.place == 2 else question.options[1][0]
        actions.save_answer(by=by, questionnaire_id=paper.pk, instrument=question.instrument, item=question.item,
                            given=given, mode="paper", helper="team")
    actions.complete(by=by, questionnaire_id=paper.pk, mode="paper", help_minutes=4, help_reason="reading", helper="team")
    programme.questionnaire(programme.consented())
    made = export_answers(by=programme.people["trial_manager"], to=tmp_path)
    assert {path.name for path in made} == {"answers.csv", "answers.sav", "answers.dta", "answers.R", "labels.csv"}
    row, = pl.read_csv(tmp_path / "answers.csv").to_dicts()
    assert (row["family"], row["mode"], row["help_minutes"], row["help_reason"]) == (family.code, "paper", 4, "reading")
    assert row["started_at"] == row["completed_at"] == "2021-07-05T11:00:00Z"
    values = [value for name, value in row.items() if name.startswith(("demo_", "support_"))]
    assert len(values) == Answer.objects.filter(questionnaire=paper).count() == 24 and values[1] == -9
    assert all(b"Zebedee" not in path.read_bytes() and b"vig" not in path.read_bytes().lower() for path in made)
    assert Entry.objects.get(verb="surveys.answers_exported").what == (
        '{"instruments":4,"level":"full","questionnaires":1}')


@pytest.mark.parametrize("role", ["coordinator", "practitioner", "funder", "survey_team"])
def test_others_take_none_out(programme, tmp_path, role):
    with pytest.raises(NotAllowed):
        export_answers(by=programme.people[role], to=tmp_path / "to")
    assert not (tmp_path / "to").exists()


def adopt(programme, old: str, new: str) -> None:
    text = versions.StudyVersion.objects.last().text
    assert old in text
    adopt_study(by=Rule("test"), text=text.replace(old, new), reason="A test", approved_by="A test",
                holds_from=clock.today())


def test_the_statistician_takes_out_what_the_study_file_says_under_another_number_and_by_month(programme, tmp_path):
    families = [programme.baselined().code for _family in range(3)]
    export_answers(by=programme.people["trial_statistician"], to=tmp_path / "one")
    export_answers(by=programme.people["trial_statistician"], to=tmp_path / "two")
    rows = pl.read_csv(tmp_path / "one" / "answers.csv").to_dicts()
    assert not any(name.startswith("support_received") for name in rows[0]) and "demo_warmth_1" in rows[0]
    assert {row["started_at"] for row in rows} == {"2021-07"}
    numbers = [row["family"] for row in rows]
    assert numbers == sorted(set(numbers)) and len(numbers) == 3 and not any(code in str(rows) for code in families)
    assert [row["family"] for row in pl.read_csv(tmp_path / "two" / "answers.csv").to_dicts()] == numbers
    for path in (tmp_path / "one").iterdir():
        assert not any(code.encode() in path.read_bytes() for code in families), path.name


def test_one_instrument_that_is_not_whole_takes_the_numbers_from_the_whole_table(programme, tmp_path):
    family = programme.baselined()
    adopt(programme, 'role = "trial_statistician"\ninstrument = "support_received"\nlevel = "none"',
          'role = "trial_manager"\ninstrument = "support_received"\nlevel = "deidentified"')
    export_answers(by=programme.people["trial_manager"], to=tmp_path)
    assert family.code not in (tmp_path / "answers.csv").read_text()


def test_who_has_no_line_takes_none_and_a_study_without_lines_gives_everything(programme, tmp_path):
    family = programme.baselined()
    adopt(programme, 'role = "trial_manager"\ninstrument = "*"\nlevel = "full"',
          'role = "trial_manager"\ninstrument = "*"\nlevel = "none"')
    with pytest.raises(NotAllowed, match="none of its instruments"):
        export_answers(by=programme.people["trial_manager"], to=tmp_path / "to")
    assert not (tmp_path / "to").exists()
    text = versions.StudyVersion.objects.last().text
    cut = text[text.index("[[export_rights]]"):text.index("[delivery]\n")]
    adopt(programme, cut, "")
    export_answers(by=programme.people["trial_statistician"], to=tmp_path / "all")
    assert family.code in (tmp_path / "all" / "answers.csv").read_text()
