"""Answers are taken out by those who may, by trial number, and it stands in the trail."""

from __future__ import annotations

import polars as pl
import pytest

from attunement.journey.surveys import actions
from attunement.journey.surveys.export_actions import export_answers
from attunement.journey.surveys.models import Answer
from attunement.journey.surveys.questions import asked
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
    made = export_answers(by=programme.people["trial_statistician"], to=tmp_path)
    assert {path.name for path in made} == {"answers.csv", "answers.sav", "answers.dta", "answers.R", "labels.csv"}
    row, = pl.read_csv(tmp_path / "answers.csv").to_dicts()
    assert (row["family"], row["mode"], row["help_minutes"], row["help_reason"]) == (family.code, "paper", 4, "reading")
    assert row["started_at"] == row["completed_at"] == "2021-07-05T11:00:00Z"
    values = [value for name, value in row.items() if name.startswith(("demo_", "support_"))]
    assert len(values) == Answer.objects.filter(questionnaire=paper).count() == 24 and values[1] == -9
    assert all(b"Zebedee" not in path.read_bytes() and b"vig" not in path.read_bytes().lower() for path in made)
    assert Entry.objects.get(verb="surveys.answers_exported").what == '{"questionnaires":1}'


@pytest.mark.parametrize("role", ["coordinator", "practitioner", "funder", "survey_team"])
def test_others_take_none_out(programme, tmp_path, role):
    with pytest.raises(NotAllowed):
        export_answers(by=programme.people[role], to=tmp_path / "to")
    assert not (tmp_path / "to").exists()
