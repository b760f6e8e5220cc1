"""Each estimand of the study file is answered by the analysis it names, or the report says why not."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from attunement import process
from attunement.process.flow import total
from attunement.report import ReportError, Snapshot
from attunement.report.consort import count
from attunement.report.effects import answers, record_rows, scale_of, scale_rows
from attunement.report.material import Material, gather
from tests.report.conftest import build

Write = Callable[..., Path]
PRIMARY_WARMTH = 'outcome = "demo_warmth"\ntime_point = "four_months"'


def material(folder: Path) -> Material:
    return gather(Snapshot.open(folder))


def records(found: Material) -> pl.DataFrame:
    return process.records_states(found.families, found.outcomes, study=found.study, known_on=found.known_on)


@pytest.fixture(scope="module")
def whole(released: Path) -> Material:
    return material(released)


def test_the_studys_estimands_are_answered_in_order(whole: Material) -> None:
    found = answers(whole, records(whole))
    assert [answer.estimand.code for answer in found] == [estimand.code for estimand in whole.study.estimands]
    assert all(answer.fit is not None and answer.why_not == "" for answer in found)
    assert [answer.standardised is not None for answer in found] == [
        e.analysis == "ancova" for e in whole.study.estimands
    ]
    assert [answer.name for answer in found][:2] == ["Warmth", "Invasion"]


def test_every_family_allocated_has_a_row_before_any_is_left_out(whole: Material) -> None:
    rows = scale_rows(whole, whole.study.estimands[0])
    assert rows.height == whole.placed.height
    assert rows["baseline"].null_count() == 0
    assert rows["outcome"].null_count() > 0


def test_group_figures_are_of_those_analysed(whole: Material) -> None:
    answer = answers(whole, records(whole))[0]
    complete = scale_rows(whole, answer.estimand).drop_nulls(["outcome", "baseline"])
    vig = complete.filter(pl.col("treated") == 1)["outcome"]
    assert answer.programme.families == vig.len()
    assert answer.programme.mean == pytest.approx(vig.mean())
    assert answer.programme.sd == pytest.approx(vig.std())


def test_only_a_record_found_in_time_counts(whole: Material) -> None:
    states = records(whole)
    rows = record_rows(whole, "entered_care", states)
    assert set(rows.drop_nulls("outcome")["state"]) == {"found"}
    early = states.with_columns(state=pl.lit("not_yet_known"))
    assert record_rows(whole, "entered_care", early)["outcome"].null_count() == rows.height


def test_an_outcome_may_name_its_scale_and_must_where_there_are_several(whole: Material) -> None:
    assert scale_of(whole, "demo_warmth") == ("demo_warmth", "warmth")
    assert scale_of(whole, "mors_sf.warmth") == ("mors_sf", "warmth")
    with pytest.raises(ReportError, match="'mors_sf' has 2 scales"):
        scale_of(whole, "mors_sf")
    with pytest.raises(ReportError, match="'nobody_knows' has 0 scales"):
        scale_of(whole, "nobody_knows")


def test_an_arm_without_answers_is_said_and_does_not_stop_the_report(snapshot: Write, tmp_path: Path) -> None:
    def silent(programme: object) -> None:
        rows = programme.rows["blind/scores"]  # type: ignore[attr-defined]
        rows[:] = [row for row in rows if row["time_point"] == "baseline"]

    folder = snapshot(change=silent)
    first = answers(material(folder), records(material(folder)))[0]
    assert (first.fit, first.why_not) == (None, "No estimate: the outcome is not yet known for any family of one arm.")
    page = build(folder, tmp_path / "out").html.read_text()
    assert "No estimate: the outcome is not yet known" in page
    assert 'id="forest"' not in page


def test_too_few_families_give_the_estimators_own_reason(snapshot: Write) -> None:
    found = material(snapshot(families=9))
    assert "are too few for" in answers(found, records(found))[0].why_not


def test_a_primary_outcome_from_the_records_is_counted_as_such(snapshot: Write, tmp_path: Path) -> None:
    wanted = ('analysis = "ancova"\n' + PRIMARY_WARMTH, 'analysis = "risk_difference"\noutcome = "entered_care"')
    other = snapshot(study=wanted)
    found = material(other)
    flow = count(found, records(found))
    assert {arm.score_missing for arm in flow.arms} == {None}
    assert sum(arm.analysed for arm in flow.arms) == (records(found)["state"] == "found").sum()
    assert flow.referred == total(flow.excluded) + flow.allocated
    assert "percentage points between the groups" in build(other, tmp_path / "out").html.read_text()


@pytest.mark.parametrize(
    ("study", "sentence"),
    [
        (('role = "primary"', 'role = "secondary"'), "names no primary estimand"),
        ((PRIMARY_WARMTH, 'outcome = "demo_warmth"'), "'warmth' needs a time point after a baseline"),
        (('outcome = "cp_plan_at_end"', 'outcome = "sunny_days"'), "lacks the outcome 'sunny_days'"),
        (('code = "s47_count"', 'code = "s48_count"'), "lacks the outcome 's48_count'"),
        (("receives_programme = false", "receives_programme = true"), "one arm that receives the programme with one"),
    ],
)
def test_a_study_that_cannot_be_reported_is_refused(
    snapshot: Write, tmp_path: Path, study: tuple[str, str], sentence: str
) -> None:
    with pytest.raises(ReportError, match=sentence):
        build(snapshot(study=study), tmp_path / "out")
    assert not (tmp_path / "out").exists()
