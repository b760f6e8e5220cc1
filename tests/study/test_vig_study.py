"""The shipped VIG study says what was announced, and its checker says what the announcement contradicts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import attunement.study
from attunement.study import Finding, Study, report_lines
from attunement.study.planned import final_allocation, first_allocation, last_due, said


def test_sites_arms_and_places(vig: Study) -> None:
    assert [site.target for site in vig.sites] == [63, 63, 63, 63]
    assert [(arm.code, arm.receives_programme) for arm in vig.arms] == [("vig", True), ("usual_care", False)]
    assert vig.allocation.ratio == (1, 1)
    assert vig.allocation.strata == ("site",)
    assert (vig.delivery.practitioners, vig.delivery.families_per_practitioner) == (21, 6)
    assert not vig.delivery.families_is_ceiling


def test_eight_weekly_sessions_in_three_cycles(vig: Study) -> None:
    assert [session.kind for session in vig.delivery.sessions] == ["meeting", *["film", "review"] * 3, "closing"]
    assert [session.cycle for session in vig.delivery.sessions] == [None, 1, 1, 2, 2, 3, 3, None]
    assert [session.week for session in vig.delivery.sessions] == list(range(8))
    assert len(vig.delivery.principles) == 6


def test_every_use_of_a_family_has_its_own_purpose(vig: Study) -> None:
    codes = [purpose.code for purpose in vig.consent.purposes]
    assert codes == [
        "taking_part",
        "survey",
        "la_records",
        "being_filmed",
        "supervision_use",
        "training_use",
        "copy_to_parent",
        "later_contact",
    ]
    for purpose in vig.consent.purposes:
        assert purpose.lawful_basis and purpose.statement["en"] and purpose.withdrawal_effect["en"]
    reaffirmed = [purpose.code for purpose in vig.consent.purposes if purpose.reaffirmed]
    assert reaffirmed == ["being_filmed"]


def test_words_for_families_are_short(vig: Study) -> None:
    texts = [paragraph["en"] for paragraph in vig.consent.notice.paragraphs]
    texts += [
        words["en"] for purpose in vig.consent.purposes for words in (purpose.statement, purpose.withdrawal_effect)
    ]
    for text in texts:
        for sentence in text.replace("?", ".").split(". "):
            assert len(sentence.split()) <= 22, sentence


def test_time_points_records_and_roles(vig: Study) -> None:
    assert [(point.code, point.months_after) for point in vig.time_points] == [("baseline", None), ("four_months", 4)]
    assert (vig.records.months_after, vig.records.lag_days) == (6, 60)
    assert {role.code for role in vig.roles if not role.masked} == {
        "practitioner",
        "supervisor",
        "coordinator",
        "monitoring_statistician",
        "process_evaluator",
        "cost_evaluator",
    }
    assert len(vig.roles) == 12


def test_both_labels_and_both_pathways_stand_with_their_source(vig: Study) -> None:
    assert {label.code: label.source for label in vig.design_labels} == {
        "efficacy": "announcement",
        "effectiveness": "funder",
    }
    older, other = vig.accreditation
    assert [stage.cycles for stage in older.stages] == [6, 9, 12]
    assert [stage.clients for stage in older.stages] == [2, 3, 3]
    assert [stage.supervision_hours for stage in older.stages] == [7, 8, 8]
    assert other.stages[2].clients == 4
    assert [(form.meetings, form.minutes) for form in other.stages[0].supervision_as] == [(8, 60), (6, 90), (4, 120)]


def test_the_public_fee_list_comes_to_2695_pounds(vig: Study) -> None:
    assert sum(cost.unit_cost_pence for cost in vig.costs if cost.source.startswith("public fee list")) == 269_500
    for cost in vig.costs:
        assert "public fee list" in cost.source or "made up" in cost.source


def test_the_calendar_goes_by_july(vig: Study) -> None:
    intake = said(vig, "intake")
    assert intake and intake.start == date(2021, 7, 1)
    assert first_allocation(vig) == date(2021, 7, 1)
    assert final_allocation(vig) == date(2022, 3, 31)
    last = last_due(vig)
    assert last and (last.kind, last.on, last.last) == ("records", date(2022, 9, 30), date(2022, 11, 29))


def test_made_up_language_is_filled_in_everywhere(vig: Study) -> None:
    assert vig.time_points[0].title["en-xr"].startswith("⟦")
    for paragraph in vig.consent.notice.paragraphs:
        assert set(paragraph) == {"en", "en-xr"}
    shipped = Path(attunement.study.__file__).parent / "studies/vig/study.toml"
    assert "⟦" not in shipped.read_text(encoding="utf-8")


def test_nothing_in_vig_is_an_error(vig_findings: list[Finding]) -> None:
    assert {finding.level for finding in vig_findings} == {"problem", "note"}
    assert all("study.toml:" in line for line in report_lines(vig_findings))


def test_statements_on_intake_contradict_each_other(saying: Callable[..., Finding]) -> None:
    finding = saying("start of intake", "contradict", "1 July 2021", "1 August 2021", "goes by intake_july")
    assert finding.level == "problem"


def test_randomisation_may_start_before_intake(saying: Callable[..., Finding]) -> None:
    assert saying("Randomisation may start before intake", "1 July 2021", "1 August 2021").level == "problem"


def test_last_randomisation_for_each_datum_of_each_report(saying: Callable[..., Finding]) -> None:
    answers = saying("The report on_time is due on 31 August 2022", "four_months")
    assert "allocated by 3 April 2022 (without these days: by 30 April 2022)" in answers.text
    assert "31 March 2022, so all can be in" in answers.text
    outcomes = saying("The report on_time is due on 31 August 2022", "outcomes from records")
    assert "allocated by 2 January 2022 (without these days: by 28 February 2022)" in outcomes.text
    assert "from 3 January 2022 to 31 March 2022 are not yet known" in outcomes.text
    assert "so all can be in" in saying("The report final", "outcomes from records").text


def test_two_reports_are_needed(saying: Callable[..., Finding]) -> None:
    finding = saying("two reports are needed", "29 November 2022", "marked incomplete", "31 August 2022")
    assert finding.level == "problem"
    assert "plans both: on_time (on time) and final (complete)" in finding.text


def test_places_fit_the_plan(saying: Callable[..., Finding]) -> None:
    finding = saying("21 × 6 = 126", "252 randomised", "fit the plan", "planned, not a ceiling")
    assert "each further family needs 8 sessions (3 cycles), 20 hours" in finding.text
    assert finding.level == "note"


def test_trial_families_do_not_make_up_accreditation(saying: Callable[..., Finding]) -> None:
    assert "9 cycles and 2 clients must come from practice families" in saying("18 cycles", "27 cycles").text


def test_sessions_of_the_last_family_fit_in(saying: Callable[..., Finding]) -> None:
    assert "42 days" in saying("19 May 2022", "30 June 2022").text


def test_follow_up_cannot_be_judged_at_the_review(saying: Callable[..., Finding]) -> None:
    assert "18 October 2021" in saying("criterion follow_up", "30 September 2021").text
