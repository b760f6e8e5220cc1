"""Outcomes follow the contract: on worked cases, and on random histories against a day-by-day oracle."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attunement.records import RecordsError, derive
from attunement.records.histories import CHILDREN, EPISODES, EVENTS
from attunement.records.outcomes import COLUMNS, RANDOMISED
from tests.records.outcome_oracle import Child

T0 = date(2023, 8, 31)
T1 = date(2024, 2, 29)
EXTRACT = T1 + timedelta(60)


def episode(kind, start, end=None, **more):
    blank = {"end_code": None, "legal_status": "C2" if kind == "care" else None, "transfer_in": None}
    return blank | {"kind": kind, "start": start, "end": end} | more


def frames(cases):
    """`cases`: (child, episodes, events, t0, extract) each; child i has the trial_id Ti."""
    tables = {"children": [], "episodes": [], "events": [], "randomised": []}
    for i, (child, episodes, events, t0, extract) in enumerate(cases):
        own = {"trial_id": f"T{i}"}
        tables["children"].append(own | {"birth_date": None} | child)
        tables["episodes"] += [own | {"row_id": f"e{n}"} | row for n, row in enumerate(episodes)]
        tables["events"] += [own | {"row_id": f"v{n}"} | row for n, row in enumerate(events)]
        tables["randomised"].append(own | {"t0": t0, "extract_date": extract})
    schemas = (CHILDREN, EPISODES, EVENTS, RANDOMISED)
    return [pl.DataFrame(rows, schema=schema) for rows, schema in zip(tables.values(), schemas, strict=True)]


def outcome(*episodes, events=(), answer="found", death=None, t0=T0, extract=EXTRACT):
    events = [{"kind": kind, "date": day} for kind, day in events]
    case = ({"answer": answer, "death_date": death}, episodes, events, t0, extract)
    return derive(*frames([case])).row(0, named=True)


def day(n):
    return T0 + timedelta(n)


def test_the_window_ends_six_calendar_months_later_cut_to_the_month():
    assert outcome()["t1"] == T1


def test_an_extract_before_the_lag_is_over_knows_nothing_yet():
    row = outcome(episode("cp_plan", day(-10)), extract=EXTRACT - timedelta(1), answer="died")
    assert row["state"] == "not_yet_known"
    assert {row[name] for name in COLUMNS if name not in ("trial_id", "t0", "t1", "state", "evidence")} == {None}
    assert outcome()["state"] == "complete"


@pytest.mark.parametrize("answer", [None, "no_record", "moved_out", "transferred", "adopted", "died"])
def test_silence_is_never_none(answer):
    row = outcome(answer=answer)
    assert (row["state"], row["stop_date"]) == (answer or "missing", None)
    assert (row["cp_days"], row["s47_count"], row["closed"], row["status_t0"]) == (None,) * 4


def test_two_plans_that_touch_are_one_stretch():
    row = outcome(episode("cp_plan", day(-90), day(40)), episode("cp_plan", day(40)), episode("cin_plan", day(-200)))
    assert (row["cp_days"], row["cp_to_cin"], row["deescalated_any"]) == ((T1 - T0).days, False, False)
    assert row["cp_plan_at_end"]


def test_overlapping_and_repeated_plans_count_each_day_once():
    plan = episode("cp_plan", day(10), day(20))
    row = outcome(plan, plan, episode("cp_plan", day(15), day(25)))
    assert (row["cp_days"], row["cin_to_cp"], row["status_t1"]) == (15, True, 0)


def test_a_plan_taken_over_from_another_authority_is_no_new_step_up():
    assert not outcome(episode("cp_plan", day(10), transfer_in=True))["cin_to_cp"]


def test_a_transfer_stops_the_count_on_its_day_and_is_not_a_closure():
    row = outcome(episode("referral", day(-30), day(90), end_code="RC5"), episode("cp_plan", day(-20), day(90)))
    assert (row["state"], row["stop_date"], row["status_t1"], row["closed"]) == ("transferred", day(90), None, False)
    assert (row["cp_days"], row["cp_plan_at_end"], row["escalated_end"]) == (89, None, None)


def test_a_death_outranks_what_was_written_on_the_same_day():
    closing = episode("referral", day(-30), day(90), end_code="RC5")
    adopting = episode("care", day(-30), day(90), end_code="E11")
    assert outcome(closing, adopting, death=day(90))["state"] == "died"
    assert outcome(closing, adopting)["state"] == "adopted"
    assert outcome(closing, adopting, death=day(-1))["state"] == "adopted"
    assert outcome(closing, death=T1 + timedelta(1), answer=None)["state"] == "transferred"


def test_a_short_break_is_not_care_but_what_follows_is():
    stay = episode("care", day(-5), day(12), legal_status="V4")
    row = outcome(stay, episode("care", day(20), None))
    assert (row["entered_care"], row["care_days"], row["status_t0"]) == (True, (T1 - T0).days - 19, 0)
    assert not outcome(stay, episode("care", day(14), day(20), legal_status="V3"))["entered_care"]
    assert not outcome(episode("care", day(-5)))["entered_care"]


def test_enquiries_and_conferences_are_counted_by_their_days_inside_the_window():
    events = [("s47", day(0)), ("s47", day(1)), ("s47", day(1)), ("s47", T1), ("icpc", T1 + timedelta(1))]
    row = outcome(events=[*events, ("icpc", day(9))])
    assert (row["s47_count"], row["icpc_count"]) == (2, 1)
    assert row["evidence"] == ["v1", "v2", "v3", "v5"]


def test_a_plan_may_start_before_birth_and_a_case_may_close():
    row = outcome(episode("referral", day(-400), day(100), end_code="RC7"), episode("cp_plan", day(-300), day(60)))
    assert (row["status_t0"], row["closed"], row["status_t1"]) == (3, True, 0)


def test_a_case_closed_and_opened_on_one_day_stays_open():
    row = outcome(episode("referral", day(-400), day(100), end_code="RC7"), episode("referral", day(100)))
    assert (row["closed"], row["rereferred"]) == (False, False)
    row = outcome(episode("referral", day(-200), day(100), end_code="RC7"), episode("referral", day(101)))
    assert (row["closed"], row["rereferred"]) == (True, True)


def test_a_referral_is_a_second_one_up_to_twelve_calendar_months_after_the_first():
    again = episode("referral", date(2023, 10, 30), None)
    for first, expected in ((date(2022, 10, 30), True), (date(2022, 10, 29), False)):
        closed = episode("referral", first, date(2023, 1, 1), end_code="RC7")
        assert outcome(closed, again)["rereferred"] is expected


def test_a_step_down_must_reach_a_plan_within_a_week():
    plan = episode("cp_plan", day(-10), day(50))
    assert outcome(plan, episode("cin_plan", day(57)))["cp_to_cin"]
    assert not outcome(plan, episode("cin_plan", day(58)))["cp_to_cin"]


def test_a_child_without_any_row_is_missing_and_rows_of_others_do_not_matter():
    tables = frames([({"answer": "found", "death_date": None}, [episode("cp_plan", day(1))], [], T0, EXTRACT)])
    extra = pl.DataFrame([{"trial_id": "unseen", "t0": T0, "extract_date": EXTRACT}], schema=RANDOMISED)
    found = derive(*tables[:3], pl.concat([extra, tables[3]]))
    assert found["trial_id"].to_list() == ["unseen", "T0"]
    assert found["state"].to_list() == ["missing", "complete"]


def test_tables_that_make_no_sense_are_refused():
    children, episodes, events, randomised = frames([({"answer": "found", "death_date": None}, [], [], T0, EXTRACT)])
    assert derive(children.clear(), episodes, events, randomised.clear()).is_empty()
    for wrong in (
        (children.drop("answer"), episodes, events, randomised),
        (children, episodes, events, randomised.with_columns(t0=pl.lit("soon"))),
        (children, episodes, events, randomised.with_columns(t0=pl.lit(None, pl.Date))),
        (
            children,
            episodes,
            events,
            pl.concat([randomised, randomised.with_columns(t0=pl.col("t0").dt.offset_by("1d"))]),
        ),
        (pl.concat([children, children.with_columns(answer=pl.lit("died"))]), episodes, events, randomised),
    ):
        with pytest.raises(RecordsError):
            derive(*wrong)


# Days cluster round the edges of the window, where mistakes live.
NEAR = st.one_of(
    st.integers(-400, 260), st.integers(-3, 12), st.integers(170, 192), st.sampled_from([0, 1, 181, 182, 183, 184])
)
ENDS = {"referral": ["RC1", "RC2", "RC5", "RC7"], "care": ["E11", "E2", "E3", "X1", "E4A"]}


@st.composite
def histories(draw):
    t0 = draw(st.sampled_from([T0, date(2024, 2, 29), date(2023, 3, 31), date(2023, 1, 15), date(2022, 10, 30)]))
    at = NEAR.map(lambda n: t0 + timedelta(n))
    episodes = []
    for kind in draw(st.lists(st.sampled_from(["referral", "cin_plan", "cp_plan", "care"]), max_size=9)):
        start = draw(at)
        end = draw(st.one_of(st.none(), at, st.integers(0, 90).map(lambda n, s=start: s + timedelta(n))))
        row = episode(kind, start, end, transfer_in=draw(st.sampled_from([None, False, True])))
        if kind in ENDS and end and draw(st.integers(0, 3)) == 0:
            row["end_code"] = draw(st.sampled_from(ENDS[kind]))
        if kind == "care":
            row["legal_status"] = draw(st.sampled_from(["C2", "V2", "V3", "V4"]))
        episodes += [row] * draw(st.sampled_from([1, 1, 1, 2]))
    events = [{"kind": kind, "date": draw(at)} for kind in draw(st.lists(st.sampled_from(["s47", "icpc"]), max_size=5))]
    answer = draw(st.sampled_from(["found"] * 6 + [None, "moved_out", "died"]))
    child = {"answer": answer, "death_date": draw(st.one_of(st.none(), st.none(), st.none(), at))}
    late = draw(st.sampled_from([0, 1, 5, 300]))
    extract = Child(child, [], [], t0, t0).t1 + timedelta(60 + (late or -1))
    return child, episodes, events, t0, extract


@given(st.lists(histories(), min_size=3, max_size=3))
@settings(max_examples=250, deadline=None)
def test_outcomes_equal_those_of_the_day_by_day_oracle(cases):
    for case, row in zip(cases, derive(*frames(cases)).iter_rows(named=True), strict=True):
        expected = Child(*case).outcomes()
        assert {name: row[name] for name in expected} == expected
        assert all(row[name] is None for name in COLUMNS if name not in (*expected, "trial_id", "t0", "evidence"))


@given(histories())
@settings(max_examples=150, deadline=None)
def test_values_rest_on_their_evidence_alone(case):
    children, episodes, events, randomised = frames([case])
    whole = derive(children, episodes, events, randomised)
    evidence = whole["evidence"][0].to_list()
    reduced = (t.filter(pl.col("row_id").is_in(evidence)) for t in (episodes, events))
    if whole["stop_date"][0]:
        assert derive(children, *reduced, randomised).equals(whole)
    else:
        assert evidence == []


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_does_not_matter(case, random):
    child, episodes, events, t0, extract = case
    one = derive(*frames([case])).drop("evidence")
    shuffled = (child, random.sample(episodes, len(episodes)), random.sample(events, len(events)), t0, extract)
    assert derive(*frames([shuffled])).drop("evidence").equals(one)
