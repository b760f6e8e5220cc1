"""Indicators of a whole snapshot, recounted here by plain loops over its rows; and what happens without data."""

from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl
import pytest

from attunement import process
from attunement.process import ProcessError
from attunement.process.sources import delivery
from attunement.process.supervision import expected_minutes
from attunement.report.snapshot import Snapshot
from tests.report.conftest import EARLY, FINAL, write_snapshot

COLUMNS = ["indicator", "group", "value", "numerator", "denominator", "missing", "cut"]


@pytest.fixture(scope="module")
def final(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return Snapshot.open(write_snapshot(tmp_path_factory.mktemp("final") / "snapshot"))


@pytest.fixture(scope="module")
def early(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Before the end: sessions are open, some families have not started."""
    return Snapshot.open(write_snapshot(tmp_path_factory.mktemp("early") / "snapshot", known_on=EARLY))


def rows(snapshot: Snapshot, name: str) -> list[dict[str, Any]]:
    return snapshot.frame(name).collect().to_dicts()


def offered(snapshot: Snapshot) -> dict[str, date]:
    """Family → day of allocation, in the arm that receives the programme."""
    return {row["family"]: row["allocated_on"] for row in rows(snapshot, "arm_key/arms") if row["arm"] == "vig"}


def held(snapshot: Snapshot) -> dict[str, list[dict[str, Any]]]:
    """Family → its sessions held; the snapshot's sessions name the index child, which is the family and a letter."""
    found: dict[str, list[dict[str, Any]]] = {family: [] for family in offered(snapshot)}
    for row in rows(snapshot, "delivery/sessions"):
        if row["state"] == "held":
            found[row["trial_number"][:4]].append(row)
    return found


def of(frame: pl.DataFrame, indicator: str, group: str = "all") -> tuple[Any, ...]:
    row = frame.row(by_predicate=(pl.col("indicator") == indicator) & (pl.col("group") == group), named=True)
    return row["value"], row["numerator"], row["denominator"], row["missing"]


@pytest.mark.parametrize("name", ["reach", "adoption", "timeliness", "dose", "fidelity", "supervision", "usual_care",
                                  "responsiveness", "adaptations"])  # fmt: skip
def test_every_family_of_indicators_has_the_same_columns_and_the_cut(final: Snapshot, name: str) -> None:
    frame = getattr(process, name)(final)
    assert frame.columns == COLUMNS
    assert set(frame["cut"]) == {FINAL}
    assert not frame.select("indicator", "group").is_duplicated().any()


@pytest.mark.parametrize("when", ["final", "early"])
def test_dose_equals_the_truth(when: str, request: pytest.FixtureRequest) -> None:
    snapshot = request.getfixturevalue(when)
    had, frame = held(snapshot), process.dose(snapshot)
    families, sessions = len(had), [row for own in had.values() for row in own]
    assert of(frame, "sessions_a_family")[:3] == (len(sessions) / families, len(sessions), families)
    assert of(frame, "planned_sessions_or_more")[1] == sum(len(own) >= 8 for own in had.values())
    minutes = sum(row["minutes"] for row in sessions)
    assert of(frame, "minutes_a_family")[:3] == (minutes / families, minutes, families)
    kinds = [{(row["cycle"], row["kind"]) for row in own} for own in had.values()]
    assert of(frame, "all_cycles")[1] == sum(
        all({(cycle, "film"), (cycle, "review")} <= own for cycle in (1, 2, 3)) for own in kinds)
    cut = FINAL if when == "final" else EARLY
    late = {row["trial_number"] for row in rows(snapshot, "delivery/sessions")
            if row["state"] == "planned" and row["planned_on"] < cut}  # fmt: skip
    assert of(frame, "families_with_a_session_not_logged")[1] == len(late)


def test_sites_add_up_to_the_whole(early: Snapshot) -> None:
    frame = process.dose(early, by="site")
    for indicator in ("sessions_a_family", "minutes_a_family", "not_logged_of_due"):
        parts = frame.filter((pl.col("indicator") == indicator) & (pl.col("group") != "all"))
        assert parts["numerator"].sum() == of(frame, indicator)[1]
        assert parts["denominator"].sum() == of(frame, indicator)[2]
    with pytest.raises(ProcessError, match="not by 'arm'"):
        process.dose(early, by="arm")  # type: ignore[arg-type]


def test_a_session_rearranged_is_neither_missed_nor_cancelled(tmp_path: Path) -> None:
    def change(programme: Any) -> None:
        next(row for row in programme.rows["delivery/sessions"] if row["state"] == "not_attended")["state"] = "rearranged"

    snapshot = Snapshot.open(write_snapshot(tmp_path / "snapshot", change=change))
    frame = process.dose(snapshot)
    assert of(frame, "rearranged_of_planned")[1:3] == (1, 144)
    assert of(frame, "not_attended_of_due")[1:3] == (23, 143)
    assert of(frame, "held_of_due")[1:3] == (105, 143)


@pytest.mark.parametrize("when", ["final", "early"])
def test_timeliness_equals_the_truth(when: str, request: pytest.FixtureRequest) -> None:
    """Product-limit by hand: everybody is at risk until started, withdrawn or the cut."""
    snapshot = request.getfixturevalue(when)
    cut = FINAL if when == "final" else EARLY
    left = {row["family"]: row["withdrawn_on"] for row in rows(snapshot, "blind/families") if row["withdrawn_on"]}
    lives = []
    for family, on in offered(snapshot).items():
        first = min((row["held_on"] for row in held(snapshot)[family]), default=None)
        lives.append(((min(first or cut, left.get(family, cut)) - on).days if first is None else (first - on).days,
                      first is not None))  # fmt: skip
    frame = process.timeliness(snapshot)
    for day in (14, 28, 56):
        share = 1.0
        for step in sorted({days for days, began in lives if began and days <= day}):
            share *= 1 - sum(life == (step, True) for life in lives) / sum(days >= step for days, _ in lives)
        value, began, denominator, _ = of(frame, f"started_by_day_{day}")
        assert value == pytest.approx(1 - share, abs=1e-12)
        assert (began, denominator) == (sum(b and d <= day for d, b in lives), len(lives))
    assert process.time_to_start(snapshot)["at_risk"][0] == len(lives) - sum(
        days < min(d for d, b in lives if b) for days, _ in lives)


def test_a_cycle_wants_film_clip_and_review_in_that_order(tmp_path: Path) -> None:
    def change(programme: Any) -> None:
        films = [row for row in programme.rows["delivery/sessions"] if row["kind"] == "film" and row["state"] == "held"]
        films[0]["clips"], films[1]["clips"] = 0, None
        films[2]["held_on"] += timedelta(30)

    snapshot = Snapshot.open(write_snapshot(tmp_path / "snapshot", change=change))
    frame = process.fidelity(snapshot)
    begun = sum(row["kind"] == "film" for own in held(snapshot).values() for row in own)
    assert of(frame, "cycles_complete_of_begun") == ((begun - 3) / begun, begun - 3, begun, 1)
    assert of(frame, "cycles_complete_of_planned")[2] == 3 * len(offered(snapshot))
    assert of(frame, "gap_days_median")[0] == 7


def test_ratings_by_two_supervisors_and_by_oneself(final: Snapshot) -> None:
    given = pl.DataFrame({"film": ["a", "a", "b", "b", "c", "a"], "rater": ["S1", "S2", "S1", "S2", "S1", "P1"],
                          "role": ["supervisor"] * 5 + ["self"], "rating": [3, 3, 1, 2, None, 4]})  # fmt: skip
    frame = process.fidelity(final, ratings=given)
    assert of(frame, "mean_supervisor_rating") == (9 / 4, 9, 4, 1)
    assert of(frame, "mean_self_rating") == (4.0, 4, 1, 0)
    assert of(frame, "double_rated_kappa")[1:3] == (2, 2)
    for bad in (given.drop("role"), given.with_columns(role=pl.lit("friend")), pl.concat([given, given])):
        with pytest.raises(ProcessError):
            process.fidelity(final, ratings=bad)


def test_what_nobody_recorded_is_unknown_and_not_nothing(final: Snapshot) -> None:
    assert of(process.fidelity(final), "mean_self_rating")[0] is None
    assert of(process.reach(final), "referred_of_estimated_eligible") == (None, 0, 0, 40)
    assert of(process.usual_care(final), "any_service", "usual_care")[::3] == (None, 33 - len(offered(final)))
    assert of(process.responsiveness(final), "rating_all_sessions")[0] is None


def test_reach_wants_a_figure_of_every_site(final: Snapshot) -> None:
    whole = process.reach(final, estimated_eligible={"A": 20, "B": 20, "C": 20, "D": 20})
    assert of(whole, "referred_of_estimated_eligible") == (0.5, 40, 80, 0)
    assert of(process.reach(final, estimated_eligible={"A": 20}), "referred_of_estimated_eligible")[0] is None
    began = sum(bool(own) for own in held(final).values())
    assert of(whole, "started_of_offered")[1:3] == (began, len(offered(final)))


def test_reached_and_not_reached_side_by_side(final: Snapshot) -> None:
    table = process.reached(final, stage="started")
    assert table.filter(pl.col("characteristic") == "site")["n_reached"].unique().len() == 1
    sums = table.filter(pl.col("characteristic") == "site").select(pl.col("reached", "not_reached").sum()).row(0)
    assert sums == pytest.approx((1, 1))
    score = table.row(by_predicate=pl.col("level") == "mean", named=True) if table.filter(
        pl.col("level") == "mean").height == 1 else table.filter(pl.col("level") == "mean").row(0, named=True)  # fmt: skip
    assert score["n_reached"] + score["n_not_reached"] + score["missing"] == len(offered(final))
    with pytest.raises(ProcessError, match="not at 'born'"):
        process.reached(final, stage="born")  # type: ignore[arg-type]


def test_supervision_is_held_against_what_the_stage_expects(final: Snapshot) -> None:
    """Stage 1 asks 7 hours for 6 cycles, stage 2 another 8 for 9: after 9 cycles 7 + 8 × 3/9 hours."""
    rule = next(rule for rule in final.study.accreditation if rule.adopted)
    assert expected_minutes(0, rule) == 0
    assert expected_minutes(6, rule) == 7 * 60
    assert expected_minutes(9, rule) == pytest.approx(60 * (7 + 8 / 3))
    assert expected_minutes(99, rule) == 23 * 60
    frame = process.supervision(final)
    minutes = sum(row["minutes_held"] or 0 for row in rows(final, "delivery/supervision"))
    assert of(frame, "supervision_minutes_held_of_expected")[1] == minutes
    assert of(frame, "supervisions_missed_of_booked")[:2] == (1 / 15, 1)
    with pytest.raises(ProcessError, match="no accreditation pathway called 'x'"):
        process.supervision(final, pathway="x")


def test_adoption_counts_against_the_caseload_that_the_study_asks(final: Snapshot) -> None:
    loads: dict[str, set[str]] = {}
    first: dict[str, date] = {}
    for row in rows(final, "delivery/assignments"):
        loads.setdefault(row["practitioner"], set()).add(row["trial_number"])
        first[row["practitioner"]] = min(first.get(row["practitioner"], row["from_on"]), row["from_on"])
    frame = process.adoption(final)
    assert of(frame, "practitioners_at_caseload")[1:3] == (sum(len(own) >= 6 for own in loads.values()), len(loads))
    days = median((on - date(2021, 6, 1)).days for on in first.values())
    assert of(frame, "median_months_to_first_family")[0] == pytest.approx(days / (365.25 / 12))


def test_usual_care_by_arm_and_contamination(final: Snapshot) -> None:
    arms = {row["family"]: row["arm"] for row in rows(final, "arm_key/arms")}
    control = sorted(family for family, arm in arms.items() if arm == "usual_care")
    services = pl.DataFrame({"family": [*control[:4], *control[:4]], "service": ["visitor"] * 4 + ["group"] * 4,
                             "had": [True, False, None, True, None, None, False, False],
                             "contacts": [3, None, None, None] + [None] * 4})  # fmt: skip
    spoilt = pl.DataFrame({"family": control[:3], "video_feedback": [True, False, None],
                           "trained_worker": [None, False, False]})  # fmt: skip
    frame = process.usual_care(final, services=services, contamination=spoilt)
    assert of(frame, "had_visitor", "usual_care") == (2 / 3, 2, 3, len(control) - 3)
    assert of(frame, "contacts_visitor", "usual_care") == (3 / 2, 3, 2, len(control) - 2)
    assert of(frame, "any_service", "usual_care") == (1.0, 2, 2, len(control) - 2), (
        "a no and a silence are not a no")
    assert of(frame, "had_visitor", "vig")[0] is None
    assert of(frame, "contaminated_of_asked", "usual_care") == (1 / 2, 1, 2, len(control) - 2)
    for bad in (pl.concat([services, services]), services.drop("had"), services.with_columns(family=pl.lit("Z1"))):
        with pytest.raises(ProcessError):
            process.usual_care(final, services=bad)


def test_parents_ratings_and_changes_and_events(final: Snapshot) -> None:
    first = next(row for row in rows(final, "delivery/sessions") if row["state"] == "held")
    said = pl.DataFrame({"trial_number": [first["trial_number"]], "number": [first["number"]], "rating": [9]})
    count = sum(len(own) for own in held(final).values())
    assert of(process.responsiveness(final, responses=said), "rating_all_sessions") == (9.0, 9, 1, count - 1)
    log = pl.DataFrame({"kind": ["length", "place"], "planned": [True, None], "agreed": [False, True],
                        "on": [date(2022, 1, 1), date(2022, 2, 1)]})  # fmt: skip
    frame = process.adaptations(final, log=log)
    assert of(frame, "adaptations_forced") == (0.0, 0, 1, 1)
    assert of(frame, "adaptations_not_agreed") == (0.5, 1, 2, 0)
    events = pl.DataFrame({"on": [date(2021, 7, 1), FINAL + timedelta(1)], "site": ["A", None], "event": ["x", "y"]})
    assert process.context(final, events).rows() == [(date(2021, 7, 1), "A", "x", 0)]


def test_figures_rows_agree_with_the_indicators(final: Snapshot) -> None:
    had = held(final)
    steps = dict(process.funnel(final).iter_rows())
    assert steps["referred"] == 40 and steps["started"] == sum(bool(own) for own in had.values())
    assert steps["8 sessions or more"] == process.sessions(final).filter("enough")["families"].sum()
    lanes = process.swimmer(final)
    assert lanes["family"].n_unique() == len(had), "a family that never started keeps its lane"
    assert lanes.filter(pl.col("state") == "held").height == sum(len(own) for own in had.values())
    assert process.heat_map(final)["minutes_held"].sum() == 840
    assert dict(process.logic_model(final).select("node", "count").iter_rows())["sessions held"] == 105


def test_an_empty_row_of_the_coverage_matrix_warns(final: Snapshot) -> None:
    indicators = pl.concat([process.reach(final), process.dose(final), process.responsiveness(final)])
    table = process.coverage(indicators, interview=["quality"], document=["adaptation"])
    assert table["dimension"].to_list() == list(process.DIMENSIONS) and table.height == 8
    warned = table.filter(pl.col("warning").is_not_null())["dimension"].to_list()
    assert warned == ["responsiveness", "differentiation", "monitoring of the comparison"], (
        "an indicator without a value covers nothing")
    with pytest.raises(ProcessError, match="none of the eight"):
        process.coverage(indicators, interview=["mood"])


@pytest.mark.parametrize("framework", ["mrc", "proctor", "re_aim"])
def test_a_view_sorts_the_same_indicators(final: Snapshot, framework: Any) -> None:
    indicators = pl.concat([process.reach(final), process.dose(final)])
    table = process.view(indicators, framework)
    assert sorted(table["indicator"].drop_nulls()) == sorted(indicators["indicator"])
    assert set(table["place"]) == set(process.VIEWS[framework])


def test_one_tidier_form_an_arm_with_the_actual_half_from_data(final: Snapshot) -> None:
    form = process.tidier(final, {"usual_care": {"why": "what families have anyway"}})
    assert form.height == 24 and form["number"].max() == 12
    told = form.filter((pl.col("arm") == "vig") & (pl.col("item") == "when and how much")).row(0, named=True)
    assert told["planned"] == "8 sessions in 3 cycles" and "105 sessions held" in told["actual"]
    assert form.filter(pl.col("arm") == "usual_care")["planned"][1] == "what families have anyway"
    for bad in ({"vig": {"colour": "x"}}, {"other": {}}):
        with pytest.raises(ProcessError):
            process.tidier(final, bad)


def test_without_the_key_families_offered_are_those_that_delivery_knows(tmp_path: Path) -> None:
    snapshot = Snapshot.open(write_snapshot(tmp_path / "masked", key=False))
    assert delivery(snapshot).programme.height <= 18
    with pytest.raises(ProcessError, match="not released"):
        process.usual_care(snapshot)
    blind = Snapshot.open(write_snapshot(tmp_path / "blind", key=False, delivery=False))
    assert "started_of_offered" not in process.reach(blind)["indicator"]
    with pytest.raises(ProcessError, match="without its delivery part"):
        process.dose(blind)
    with pytest.raises(ProcessError, match="An opened snapshot is wanted"):
        process.dose(tmp_path)  # type: ignore[arg-type]
