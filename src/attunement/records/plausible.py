"""Whether a row can be so: rules of our own on single rows. Each is a line of RULES; its words are in causes.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

C = pl.col
_EARLIEST = date(1990, 1, 1)
_TEN_MONTHS = timedelta(days=305)
_ADULT = timedelta(days=18 * 365 + 5)
_TOO_OLD = timedelta(days=26 * 365 + 7)
_YEARS_TWO = timedelta(days=731)
_PLANS = ("cin_plans", "cp_plans", "in_need")
_LASTING = ("referrals", "assessments", *_PLANS, "early_help", "care_episodes")
_STARTING = (*_LASTING, "s47")
LATEST = C("latest")


@dataclass(frozen=True, slots=True)
class Rule:
    """In a row of `tables` where `when` holds, `cause` is found at the first of `shown`; the others are shown too."""

    cause: str
    tables: tuple[str, ...]
    shown: tuple[str, ...]
    when: pl.Expr


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that found rows of a table (counted from 0)."""

    cause: str
    table: str
    rows: list[int]
    shown: tuple[str, ...]


def _of_children() -> Iterator[Rule]:
    children = ("children",)
    yield Rule("birth_in_future", children, ("birth_date",), C("birth_date") > LATEST)
    yield Rule("too_old", children, ("birth_date",), C("as_of") - C("birth_date") > _TOO_OLD)
    yield Rule(
        "birth_and_expected",
        children,
        ("expected_birth_date", "birth_date"),
        C("birth_date").is_not_null() & C("expected_birth_date").is_not_null(),
    )
    yield Rule(
        "no_birth",
        children,
        ("birth_date",),
        C("birth_date").is_null() & C("expected_birth_date").is_null() & C("no_fault_at_birth"),
    )
    long_past = C("expected_birth_date") < C("as_of") - timedelta(days=60)
    far_off = C("expected_birth_date") > LATEST + _TEN_MONTHS
    yield Rule(
        "expected_long_ago", children, ("expected_birth_date",), (long_past | far_off) & C("birth_date").is_null()
    )
    yield Rule(
        "unborn_with_sex",
        children,
        ("sex", "expected_birth_date"),
        C("birth_date").is_null() & C("expected_birth_date").is_not_null() & C("sex").is_in(["M", "F"]),
    )
    yield Rule("died_before_birth", children, ("death_date", "birth_date"), C("death_date") < C("birth_date"))
    yield Rule("died_in_future", children, ("death_date",), C("death_date") > LATEST)
    yield Rule(
        "own_child_older",
        children,
        ("own_child_birth_date", "birth_date"),
        C("own_child_birth_date") < C("birth_date") + timedelta(days=3_652),
    )


def _of_ids() -> Iterator[Rule]:
    shape = C("child_id").str.contains("^[A-Za-z0-9]{1,20}$")
    yield Rule("id_shape", ("children",), ("child_id",), (C("census_year") >= 2025) & ~shape)


def _of_times() -> Iterator[Rule]:
    yield Rule("ends_before_start", _LASTING, ("end", "start"), C("end") < C("start"))
    for table, names in DAYS.items():
        for name in names:
            yield Rule("starts_in_future", (table,), (name,), C(name) > LATEST)
            yield Rule("long_ago", (table,), (name,), C(name) < _EARLIEST)
    unborn = C("born") - C("start")
    yield Rule("before_birth", tuple(t for t in _STARTING if t != "care_episodes"), ("start",), unborn > _TEN_MONTHS)
    yield Rule("born_in_care", ("care_episodes",), ("start",), (C("start") < C("born")) & ~C("unborn"))
    yield Rule("after_death", _STARTING, ("start",), C("start") > C("died"))
    yield Rule("adult", ("cp_plans", "care_episodes"), ("start",), C("start") - C("born") > _ADULT)
    yield Rule(
        "closed_without_reason",
        ("referrals", "in_need", "care_episodes"),
        ("end_code", "end"),
        C("end").is_not_null() & C("end_code").is_null() & C("no_fault_at_reason"),
    )
    yield Rule(
        "reason_without_end",
        ("referrals", "in_need", "care_episodes"),
        ("end", "end_code"),
        C("end").is_null() & C("end_code").is_not_null() & C("no_fault_at_end"),
    )


def _of_work() -> Iterator[Rule]:
    yield Rule("long_assessment", ("assessments",), ("end", "start"), C("end") - C("start") > _YEARS_TWO)
    yield Rule("conference_before_enquiry", ("s47",), ("icpc_date", "start"), C("icpc_date") < C("start"))
    yield Rule(
        "conference_not_required",
        ("s47",),
        ("icpc_not_required", "icpc_date"),
        C("icpc_not_required") & C("icpc_date").is_not_null(),
    )
    yield Rule(
        "conference_without_date",
        ("s47",),
        ("icpc_date", "led_to_plan"),
        C("led_to_plan") & C("icpc_date").is_null() & C("no_fault_at_conference"),
    )
    yield Rule("many_plans", ("cp_plans",), ("previous_plans",), C("previous_plans") > 9)
    yield Rule(
        "review_outside_plan",
        ("cp_plans",),
        ("reviews", "start", "end"),
        (C("reviews").list.min() < C("start")) | (C("reviews").list.max() > C("end")),
    )
    yield Rule(
        "review_outside_plan",
        ("cp_plans",),
        ("review", "start", "end"),
        (C("review") < C("start")) | (C("review") > C("end")),
    )
    yield Rule(
        "category_on_no_plan",
        ("cp_plans",),
        ("initial_category",),
        C("initial_category").is_null() & C("category").is_null() & C("no_fault_at_category"),
    )


def _of_episodes() -> Iterator[Rule]:
    yield Rule(
        "long_short_break",
        ("care_episodes",),
        ("end", "start", "legal_status"),
        (C("legal_status") == "V3") & (C("end") - C("start") > timedelta(days=17)),
    )
    yield Rule(
        "same_day_reason", ("care_episodes",), ("legal_status",), C("legal_status").is_null() & C("no_fault_at_status")
    )
    closed = C("status") == "closed"
    yield Rule(
        "status_disagrees",
        ("in_need",),
        ("status", "end"),
        (closed & C("end").is_null() & C("no_fault_at_end")) | (~closed & (C("end") <= C("as_of"))),
    )
    yield Rule(
        "before_referral", ("assessments", "s47", "cin_plans", "cp_plans"), ("start",), C("start") < C("referred")
    )
    yield Rule("after_closure", ("assessments", "s47", "cin_plans", "cp_plans"), ("start",), C("start") > C("closed"))
    yield Rule(
        "open_after_closure",
        ("cin_plans", "cp_plans"),
        ("end", "start"),
        (C("end") > C("closed")) | (C("end").is_null() & C("closed").is_not_null() & C("no_fault_at_end")),
    )


# A day in each of these fields has been when the return was made.
DAYS: Mapping[str, tuple[str, ...]] = {
    "referrals": ("start", "end", "icpc_date"), "assessments": ("start", "end"), "cin_plans": ("start", "end"),
    "s47": ("start", "icpc_date"), "cp_plans": ("start", "end"), "care_episodes": ("start", "end"),
    "in_need": ("start", "end"), "early_help": ("start", "end"),
}  # fmt: skip
# A value that was there but could not be read is told once: it is not missing besides.
FAULTY: Mapping[str, tuple[str, ...]] = {
    "no_fault_at_birth": ("birth_date", "expected_birth_date"), "no_fault_at_end": ("end",),
    "no_fault_at_reason": ("end_code",), "no_fault_at_conference": ("icpc_date",), "no_fault_at_status": ("legal_status",),
    "no_fault_at_category": ("initial_category", "category"),
}  # fmt: skip
RULES = (*_of_children(), *_of_ids(), *_of_times(), *_of_work(), *_of_episodes())


def hits(tables: Mapping[str, pl.DataFrame]) -> Iterator[Hit]:
    """What the rules find; the tables carry the facts of `facts.with_facts`."""
    for name, frame in tables.items():
        here = [
            rule for rule in RULES if name in rule.tables and set(rule.when.meta.root_names()) <= set(frame.columns)
        ]
        if not here or not frame.height:
            continue
        found = frame.select(rule.when.fill_null(False).alias(str(n)) for n, rule in enumerate(here))
        totals = found.sum().row(0)
        for n, rule in enumerate(here):
            if totals[n]:
                yield Hit(rule.cause, name, found[str(n)].arg_true().to_list(), rule.shown)
