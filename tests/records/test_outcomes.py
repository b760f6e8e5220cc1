"""Outcomes follow the contract: on worked cases, and on random histories against a day-by-day oracle."""

import random
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attunement.records import RecordsError, derive
from attunement.records.ending import ANSWERS
from attunement.records.further import cp_plan_at_end
from attunement.records.histories import EPISODES
from attunement.records.outcomes import COLUMNS, RANDOMISED
from tests.records.outcome_oracle import Child
from tests.records.random_histories import differences, frames, history, unsupported

T0 = date(2023, 8, 31)
T1 = date(2024, 2, 29)
EXTRACT = T1 + timedelta(60)


def episode(kind, start, end=None, **more):
    blank = {"end_code": None, "legal_status": "C2" if kind == "care" else None, "transfer_in": None}
    return blank | {"kind": kind, "start": start, "end": end} | more


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
    assert {row[name] for name in COLUMNS if name not in ("trial_id", "t1", "state", "evidence")} == {None}
    assert row["evidence"] == []
    assert outcome()["state"] == "complete"


@pytest.mark.parametrize("answer", [None, "no_record", "moved_out", "transferred", "adopted", "died"])
def test_silence_is_never_none(answer):
    row = outcome(answer=answer)
    assert (row["state"], row["stop_date"]) == (answer or "missing", None)
    assert (row["cp_days"], row["s47_count"], row["closed"], row["status_t0"]) == (None,) * 4


def test_two_plans_that_touch_are_one_stretch():
    row = outcome(episode("cp_plan", day(-90), day(40)), episode("cp_plan", day(40)), episode("cin_plan", day(-200)))
    assert (row["cp_days"], row["cp_to_cin"], row["deescalated_any"]) == ((T1 - T0).days, False, False)


def test_a_plan_open_at_the_end_can_be_asked_for_in_care_or_not():
    cases = [
        ([episode("cp_plan", day(-9)), episode("care", day(9))], "found"),
        ([episode("cp_plan", day(-9), T1)], "found"),
        ([episode("cp_plan", day(-9))], "moved_out"),
    ]
    tables = frames([({"answer": answer, "death_date": None}, rows, [], T0, EXTRACT) for rows, answer in cases])
    found = cp_plan_at_end(tables[1], derive(*tables))
    assert found["cp_plan_at_end"].to_list() == [True, False, None]
    assert found.columns == [*COLUMNS, "cp_plan_at_end"]


def test_overlapping_and_repeated_plans_count_each_day_once():
    plan = episode("cp_plan", day(10), day(20))
    row = outcome(plan, plan, episode("cp_plan", day(15), day(25)))
    assert (row["cp_days"], row["cin_to_cp"], row["status_t1"]) == (15, True, 0)


def test_a_plan_taken_over_from_another_authority_is_no_new_step_up():
    assert not outcome(episode("cp_plan", day(10), transfer_in=True))["cin_to_cp"]


def test_a_transfer_stops_the_count_on_its_day_and_is_not_a_closure():
    row = outcome(episode("referral", day(-30), day(90), end_code="RC5"), episode("cp_plan", day(-20), day(90)))
    assert (row["state"], row["stop_date"], row["status_t1"], row["closed"]) == ("transferred", day(90), None, False)
    assert (row["cp_days"], row["escalated_end"]) == (89, None)


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


def test_one_child_under_two_ids_has_one_row():
    children, *rest = frames([({"answer": "found", "death_date": None}, [episode("cp_plan", day(5))], [], T0, EXTRACT)])
    other = children.with_columns(answer=pl.lit("no_record"))
    unanswered = children.with_columns(answer=pl.lit(None, pl.String))
    found = derive(pl.concat([other, unanswered, children, children]), *rest)
    assert found["state"].to_list() == ["complete"]
    assert found["cp_days"].to_list() == [(T1 - T0).days - 4]


def test_the_latest_extract_counts_and_without_one_nothing_is_known():
    *tables, randomised = frames([({"answer": "found", "death_date": None}, [], [], T0, EXTRACT)])
    early = randomised.with_columns(extract_date=pl.lit(day(30)))
    assert derive(*tables, pl.concat([early, randomised]))["state"].to_list() == ["complete"]
    none = randomised.with_columns(extract_date=pl.lit(None))
    assert derive(*tables, none)["state"].to_list() == ["not_yet_known"]


def strangely_typed(table):
    """The same rows as another program might hand them over: instants, text, empty columns without a type."""
    table = table.with_columns(extra=pl.lit("left"), row_number=pl.int_range(pl.len()))
    table = pl.concat([table, table]).sample(fraction=1, shuffle=True, seed=2)
    changes = {"start": pl.col("start").cast(pl.Datetime("ns")) if "start" in table.columns else None,
               "date": pl.col("date").dt.to_string() if "date" in table.columns else None,
               "kind": pl.col("kind").cast(pl.Categorical) if "kind" in table.columns else None}
    table = table.with_columns(**{name: change for name, change in changes.items() if change is not None})
    empty = [name for name in table.columns if table[name].null_count() == table.height]
    return table.with_columns(pl.lit(None).alias(name) for name in empty).select(reversed(table.columns))


def test_frames_of_other_types_give_the_same_outcomes(many):
    tables = frames(many[:200])
    *others, randomised = (strangely_typed(table) for table in tables)
    assert derive(*others, randomised).sort("trial_id").equals(derive(*tables).sort("trial_id"))


def test_numbers_serve_as_ids_and_come_back_as_numbers():
    tables = frames([({"answer": "found", "death_date": None}, [episode("cin_plan", day(-5))], [], T0, EXTRACT)])
    found = derive(*(table.with_columns(trial_id=pl.lit(17)) for table in tables))
    assert found["trial_id"].to_list() == [17]
    assert found["status_t0"].to_list() == [2]


def test_frames_without_rows_need_no_columns():
    *_, randomised = frames([({"answer": "found", "death_date": None}, [], [], T0, EXTRACT)])
    nothing = pl.DataFrame()
    assert derive(nothing, nothing, nothing, randomised)["state"].to_list() == ["missing"]
    assert derive(nothing, nothing, nothing, nothing).schema == pl.Schema(COLUMNS)
    nulls = pl.DataFrame({name: [None] for name in EPISODES})
    assert derive(nothing, nulls, nothing, randomised)["state"].to_list() == ["missing"]


@pytest.mark.parametrize(
    ("place", "change", "said"),
    [
        (0, {"answer": None}, "children lacks the column answer"),
        (0, {"death_date": pl.lit("31/08/2023")}, "death_date in the table of children must hold dates"),
        (1, {"kind": pl.lit("plan")}, "use one of referral, cin_plan, cp_plan, care"),
        (1, {"transfer_in": pl.lit("yes")}, "must hold true or false"),
        (1, {"start": pl.lit(45000)}, "must hold dates"),
        (2, {"kind": pl.lit("assessment")}, "use one of s47, icpc"),
        (3, {"t0": pl.lit("soon")}, "must hold dates"),
        (3, {"t0": pl.lit(None, pl.Date)}, "once"),
        (3, {"t0": pl.lit(date(9999, 12, 1))}, "after 2200"),
    ],
)
def test_tables_that_make_no_sense_are_refused(place, change, said):
    events = [{"kind": "s47", "date": day(3)}]
    tables = frames([({"answer": "found", "death_date": None}, [episode("care", day(1))], events, T0, EXTRACT)])
    name, value = next(iter(change.items()))
    tables[place] = tables[place].drop(name) if value is None else tables[place].with_columns(**change)
    with pytest.raises(RecordsError, match=said):
        derive(*tables)


def test_what_contradicts_itself_is_refused():
    children, *rest, randomised = frames([({"answer": "found", "death_date": None}, [], [], T0, EXTRACT)])
    other_day = randomised.with_columns(t0=pl.col("t0").dt.offset_by("1d"))
    with pytest.raises(RecordsError, match="once"):
        derive(children, *rest, pl.concat([randomised, other_day]))
    with pytest.raises(RecordsError, match="two different answers"):
        derive(pl.concat([children, children.with_columns(answer=pl.lit("died"))]), *rest, randomised)


@pytest.fixture(scope="module")
def many():
    chance = random.Random(20221122)
    return [history(chance) for _ in range(1500)]


def test_random_histories_give_what_the_day_by_day_oracle_gives(many):
    assert differences(many) == 0


def test_values_rest_on_their_evidence_alone(many):
    assert unsupported(many) == 0


def test_the_random_histories_are_not_all_alike(many):
    found = derive(*frames(many))
    assert set(found["state"]) == {"complete", "not_yet_known", "missing", *ANSWERS} - {"found"}
    for name in (name for name, kind in COLUMNS.items() if kind == pl.Boolean):
        assert {True, False, None} == set(found[name]), name
        assert found[name].sum() > 15, name


def test_the_order_of_rows_does_not_matter(many):
    tables = frames(many[:300])
    mixed = [table.sample(fraction=1, shuffle=True, seed=4) for table in tables[:3]]
    assert derive(*mixed, tables[3]).equals(derive(*tables))


@settings(deadline=None)
@given(st.dates(date(1990, 1, 1), date(2060, 12, 31)))
def test_windows_end_as_calendars_do(t0):
    assert outcome(t0=t0, extract=date(2100, 1, 1))["t1"] == Child(None, [], [], t0, t0).t1
