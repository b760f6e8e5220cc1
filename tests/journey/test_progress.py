"""The page of progress: rates, months, kinds of loss for those who run the trial; gated counts for the funder."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attunement.journey.delivery import actions as delivery
from attunement.journey.fieldwork import actions as fieldwork
from attunement.journey.oversight import figures, published, queries
from attunement.journey.people.models import Person
from attunement.journey.surveys import actions as surveys
from attunement.journey.surveys.questions import asked
from attunement.journey.trail import clock
from attunement.journey.trail.errors import NotAllowed
from attunement.journey.trail.models import Entry


def test_consent_and_baseline_before_the_draw_are_counted_by_site(programme):
    programme.refer()
    programme.consented()
    programme.allocated()
    programme.allocated(site="B")
    lines = {line.site: line for line in figures.rates()}
    assert lines["A"].consent == (2, 3) and lines["B"].consent == (1, 1)
    assert lines[""].baseline == (2, 2)


def test_months_are_held_against_the_target_up_to_the_last_day_of_the_intake(programme):
    programme.allocated()
    with clock.at(clock.now() + timedelta(days=400)):
        months = figures.recruitment()
        assert months[0].all == 1 and months[0].sites[0] == 1
        assert months[-1].target == queries.funnels()[-1].target == sum(month.planned for month in months)
        assert months[-1].so_far == 1


def test_a_follow_up_is_due_then_overdue_then_lost(programme):
    programme.allocated()
    told = []
    for days in (30, 112, 130, 170):
        with clock.at(clock.now() + timedelta(days=days)):
            line = queries.follow_ups()[0]
            told.append((line.later, line.due, line.overdue, line.missed))
            lost = len(figures.survey_dropout())
    assert told == [(1, 0, 0, 0), (0, 1, 0, 0), (0, 1, 1, 0), (0, 0, 0, 1)]
    assert lost == 1


def test_help_is_counted_by_how_the_questionnaire_was_answered(programme):
    programme.baselined()
    assert [(row[0], row[2]) for row in figures.helped()] == [("By telephone", 1)]


def test_help_is_counted_by_why_it_was_given_and_by_whom(programme, browse):
    family, by = programme.consented(), programme.people["survey_team"]
    paper = programme.questionnaire(family)
    for question in asked(paper.study_version, "baseline", paper.language):
        surveys.save_answer(by=by, questionnaire_id=paper.pk, instrument=question.instrument, item=question.item,
                            given=question.options[1][0], mode="interpreter")
    surveys.complete(by=by, questionnaire_id=paper.pk, mode="interpreter", help_minutes=25, help_reason="language",
                     helper="interpreter")
    programme.baselined()
    assert figures.reasons_of_help() == [("Another language", "An interpreter", 1, 25)]
    assert "Help, by reason and by who gave it" in browse("trial_manager").get("/progress/").content.decode()


def test_a_family_that_was_looked_for_and_not_found_is_lost_before_its_window_closes(programme):
    family, team = programme.allocated(), programme.people["survey_team"]
    with clock.at(clock.now() + timedelta(days=112)):
        trace = fieldwork.open_trace(by=team, family=family, code="four_months", why="no_answer")
        assert (queries.follow_ups()[0].due, queries.follow_ups()[0].lost) == (1, 0)
        fieldwork.note_trace(by=team, trace=trace, tried="worker")
        fieldwork.lost(by=team, trace=trace)
        line = queries.follow_ups()[0]
        assert (line.due, line.overdue, line.missed, line.lost) == (0, 0, 1, 1) and figures.survey_dropout() == {family.pk}
        programme.answered(family, "four_months")
        line = queries.follow_ups()[0]
        assert (line.done, line.missed, line.lost) == (1, 0, 0) and not figures.survey_dropout()


def given_up(programme):
    family = programme.assigned()
    session = family.sessions.order_by("number").first()
    delivery.record_session(by=programme.people["practitioner"], session=session, state="cancelled_family", held_on=None)
    return family


def test_loss_of_three_kinds_is_told_to_those_who_may_see_arms_only_and_on_record(programme):
    given_up(programme)
    with clock.at(clock.now() + timedelta(days=90)):
        told = figures.dropout_kinds(by=programme.people["process_evaluator"])
        assert (told.survey, told.delivery, told.both) == (0, 1, 0)
        assert Entry.objects.filter(verb="oversight.dropout_read").count() == 1
        for who in ("trial_manager", "survey_team", "trial_statistician", "funder", "coordinator", "practitioner"):
            with pytest.raises(NotAllowed):
                figures.dropout_kinds(by=Person.objects.get(email=f"{who}@example.org"))


def test_a_masked_page_of_progress_has_no_loss_of_delivery(programme, browse):
    given_up(programme)
    with clock.at(clock.now() + timedelta(days=90)):
        assert "The programme only" in browse("process_evaluator").get("/progress/").content.decode()
        for who in ("trial_manager", "trial_statistician", "funder"):
            assert "The programme only" not in browse(who).get("/progress/").content.decode()


def test_the_funder_sees_only_what_passed_the_gate(programme, browse):
    for _number in range(3):
        programme.refer()
    programme.allocated()
    page = browse("funder").get("/progress/").content.decode()
    assert "as they may be published" in page and "True counts" not in page
    cells = [cell for table in published.progress().tables for _name, row in table.rows for cell in row]
    assert cells and all(cell is None or cell % 5 == 0 for cell in cells)


def test_each_family_counts_once_at_the_last_step_it_reached(programme):
    programme.refer()
    programme.consented()
    programme.allocated()
    rows = published._by_site(["A", "B"]).rows_by_key(["site", "reached"], unique=True)
    assert rows["A", published.REACHED[1]] == rows["A", published.REACHED[2]] == rows["Total", "Allocated"] == (1,)
    assert rows["A", "Total"] == (3,)


def test_after_the_intake_its_end_is_told_and_no_forecast(programme, browse):
    programme.allocated()
    assert "Will the target be reached" in browse("trial_manager").get("/progress/").content.decode()
    assert "The intake ended on" not in browse("trial_manager").get("/progress/").content.decode()
    with clock.at(clock.now() + timedelta(days=400)):
        shown = browse("trial_manager").get("/progress/").content.decode()
        assert "The intake ended on 31 March 2022 with 1 family allocated" in shown and "at the rates seen" not in shown
