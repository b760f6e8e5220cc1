"""What was delivered, to whom, how soon, and how well supported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import polars as pl

from attunement import process
from attunement.report import printing
from attunement.report.chapters.caseload import caseload
from attunement.report.figures import sessions
from attunement.report.ledger import Ledger
from attunement.report.material import Deliveries, Material
from attunement.report.model import Block, Column, Inline, Notice, Paragraph, Section, Table

WITHHELD = Notice(
    "withheld",
    "Withheld",
    ("This snapshot was handed over without its delivery part, which would show who was offered the programme.",),
)


_ROUNDING = 1e-9


class Said(NamedTuple):
    """How an indicator is said: its title, and whether its value is a share, a number or hours from minutes."""

    title: str
    form: Literal["share", "number", "hours"]


SAID = {
    "eligible_of_referred": Said("Eligible, of families referred", "share"),
    "consented_of_eligible": Said("Consented, of those eligible", "share"),
    "baseline_of_consented": Said("Baseline done, of those who consented", "share"),
    "allocated_of_baseline": Said("Allocated, of those with a baseline", "share"),
    "help_needed_of_allocated": Said("Need help to answer, of those allocated", "share"),
    "started_of_offered": Said("Started: a session held, of those offered", "share"),
    "completed_of_offered": Said("Completed: closing session held, of those offered", "share"),
    "completed_of_started": Said("Completed, of those who started", "share"),
    "practitioners_with_a_family": Said("Practitioners with a family, of those trained", "share"),
    "families_a_practitioner": Said("Families a practitioner with any", "number"),
    "practitioners_who_left": Said("Practitioners who left, of those trained", "share"),
    "sessions_a_family": Said("Sessions held, a family offered", "number"),
    "planned_sessions_or_more": Said("Had the planned number of sessions or more", "share"),
    "cycles_a_family": Said("Cycles delivered (film, then shared review), a family offered", "number"),
    "all_cycles": Said("Had all planned cycles", "share"),
    "cycles_with_a_clip": Said("Cycles with a clip recorded, of cycles delivered", "share"),
    "minutes_a_session": Said("Minutes a session held", "number"),
    "held_of_due": Said("Held, of sessions due", "share"),
    "not_attended_of_due": Said("Family not there", "share"),
    "cancelled_family_of_due": Said("Cancelled by the family", "share"),
    "cancelled_practitioner_of_due": Said("Cancelled by the practitioner", "share"),
    "not_logged_of_due": Said("Not logged", "share"),
    "practitioners_at_caseload": Said("With the planned caseload or more, of those with a family", "share"),
    "contaminated_of_asked": Said("Had a part of it elsewhere, of families in usual care asked", "share"),
    "delivered_to_control": Said("Had a session of the programme, of families in usual care", "share"),
    "adapted_of_held": Said("Changed, of sessions held", "share"),
    "adaptations_planned": Said("Chosen, of changes with a reason", "share"),
    "adaptations_forced": Said("Forced, of changes with a reason", "share"),
    "adaptations_agreed": Said("Of a kind agreed with the developer", "share"),
    "adaptations_not_agreed": Said("Of a kind not agreed with the developer", "share"),
    "started_by_day_14": Said("Started within 14 days of allocation", "share"),
    "started_by_day_28": Said("Started within 28 days", "share"),
    "started_by_day_56": Said("Started within 56 days", "share"),
    "median_days_to_start": Said("Median days from allocation to the first session", "number"),
    "supervisions_held_of_booked": Said("Supervisions held, of those booked", "share"),
    "supervision_minutes_held_of_booked": Said("Supervision time held, of time booked", "share"),
    "supervision_minutes_a_practitioner": Said("Hours of supervision a practitioner trained (n: minutes)", "hours"),
}


def reach_table(material: Material, ledger: Ledger) -> Table:
    return indicator_table("reach-table", "From referral to allocation", process.reach_of(material.families), ledger)


def delivery_chapter(material: Material, ledger: Ledger) -> Section:
    """Reach always; the rest only with the delivery part."""
    blocks: list[Block] = [reach_table(material, ledger)]
    if material.deliveries is None:
        return Section("delivery", "What was delivered", (WITHHELD, *blocks))
    return Section("delivery", "What was delivered", (*blocks, *_delivered(material, material.deliveries, ledger)))


def _delivered(material: Material, had: Deliveries, ledger: Ledger) -> list[Block]:
    plan, cut = material.study.delivery, material.known_on
    planned = len(plan.sessions)
    cycles = len({session.cycle for session in plan.sessions if session.cycle is not None})
    dose = process.dose_of(had.programme, had.sessions, planned=planned, cycles=cycles, known_on=cut)
    ends = pl.col("indicator").str.ends_with("_of_due")
    source = (
        "Families offered the programme are those with a practitioner or a session, as the arm key is not released."
        if material.dummy
        else f"Families offered the programme are all those allocated to {material.arm_name(material.arms.programme)}."
    )
    took_up = pl.concat(
        [
            process.started(had.programme, had.sessions),
            process.adoption_of(had.practitioners, had.assignments, known_on=cut),
        ]
    )
    own = process.sessions_a_family(had.programme, had.sessions)
    return [
        Paragraph((source + " Those who never started are counted.",)),
        indicator_table("uptake-table", "Taking it up", took_up, ledger),
        caseload(material, had, ledger),
        indicator_table(
            "dose-table", f"Dose: {planned} sessions in {cycles} cycles are planned", dose.filter(~ends), ledger
        ),
        sessions(own, planned, ledger),
        indicator_table("sessions-due-table", "What became of the sessions due", dose.filter(ends), ledger),
        Paragraph(("“Not logged” means that nobody has said what happened: it is not counted as not held.",), "note"),
        indicator_table(
            "timeliness-table", "How soon",
            process.timeliness_of(had.programme, had.sessions, known_on=cut), ledger,
            "Kaplan-Meier: families that have not started stay in until they withdraw or the data end.",
        ),
        indicator_table(
            "supervision-table", "Supervision of practitioners",
            process.supervision_of(had.supervision, had.practitioners, known_on=cut), ledger,
        ),
    ]  # fmt: skip


def indicator_table(
    id_: str, caption: str, indicators: pl.DataFrame, ledger: Ledger, note: str = "", said_: Mapping[str, Said] = SAID
) -> Table:
    """An indicator a row: its value, numerator, denominator and what is missing. `said_`: how each is said."""
    rows = []
    for row in indicators.iter_rows(named=True):
        name, said = f"process.{row['indicator']}", said_[row["indicator"]]
        cells: tuple[Inline, ...] = (
            said.title,
            _value(name, row, said.form, ledger),
            ledger.count(f"{name}.numerator", row["numerator"]),
            ledger.count(f"{name}.denominator", row["denominator"]),
            ledger.count(f"{name}.missing", row["missing"]),
        )
        rows.append(cells)
    columns = (Column("Indicator", False), Column("Value"), Column("n"), Column("N"), Column("Missing"))
    return Table(id_, caption, columns, tuple(rows), (note,) if note else ())


def _value(name: str, row: dict[str, Any], form: str, ledger: Ledger) -> Inline:
    """The indicator's value; with a gate a share or a mean is that of the counts shown."""
    value, part, whole = row["value"], row["numerator"], row["denominator"]
    if form == "share":
        ledger.adds_up(f"{name}.denominator", f"{name}.numerator")
    if ledger.gate is None or value is None:
        return ledger.put(name, value, _print(value, form))
    if not whole or abs(value * whole - part) > _ROUNDING * max(1, part):
        few = not ledger.enough(whole)
        return ledger.put(name, None, printing.HIDDEN) if few else ledger.put(name, value, _print(value, form))
    shown = ledger.ratio(ledger.shown(f"{name}.numerator", part), ledger.shown(f"{name}.denominator", whole), None)
    if shown is None or not (form == "share" or ledger.enough(whole)):
        return ledger.put(name, None, printing.HIDDEN)
    return ledger.put(name, shown, _print(shown, form))


def _print(value: float | None, form: str) -> str:
    if form == "share":
        return printing.share(value)
    if form == "hours":
        return printing.decimal(None if value is None else value / 60, 1)
    return printing.decimal(value, 1)
