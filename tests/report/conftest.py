"""A made-up programme of 40 families for the VIG study, written as a sealed snapshot."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from attunement import report
from attunement.report import Built, Meta, seal_manifest, write_part
from attunement.report.contract import COLUMNS
from attunement.study import load
from attunement.study.reading import locate

VIG = load("vig")
FINAL, EARLY = date(2023, 2, 28), date(2022, 1, 31)
SCALES = (("demo_warmth", "warmth"), ("demo_invasion", "invasion"), ("demo_efficacy", "efficacy"))
CHANGES = {3: "died", 9: "removed", 15: "moved"}
Rows = dict[str, list[dict[str, Any]]]


def build(snapshot: Path, to: Path, **more: Any) -> Built:
    """The report with true counts, as those who run the trial see it."""
    return report.build(snapshot, to, not_for_publication=True, **more)


class Programme:
    """Makes rows family by family; what happened after the cut is left out."""

    def __init__(self, families: int, effect: float, known_on: date) -> None:
        self.chance, self.effect, self.known_on = random.Random(11), effect, known_on
        self.rows: Rows = {name: [] for name in COLUMNS}
        for place in range(5):
            site = "ABCD"[place % 4]
            self.add("delivery/practitioners", practitioner=f"P{place:02}", site=site, trained_on=date(2021, 6, 1))
            for month in (9, 10, 11):
                held = None if (place, month) == (0, 10) else 60
                state, on = "held" if held else "missed", date(2021, month, 3)
                self.add("delivery/supervision", practitioner=f"P{place:02}", site=site, booked_on=on,
                         minutes_booked=60, minutes_held=held, state=state)  # fmt: skip
            on = date(2021, 9, 1)
            self.add("delivery/staff_time", practitioner=f"P{place:02}", category="editing", on=on, minutes=90)
        for number in range(families):
            self.family(number)

    def add(self, name: str, **row: Any) -> None:
        self.rows[name].append(row)

    def day(self, on: date) -> date | None:
        return on if on <= self.known_on else None

    def family(self, number: int) -> None:
        referred = date(2021, 7, 5) + timedelta(7 * number // 2 + number)
        family = f"{'ABCD'[number % 4]}{number:03}"
        base = {"family": family, "site": family[0], "language": "en-xr" if number % 7 == 0 else "en",
                "referred_on": referred, "help_needed": number % 10 == 0, "eligible": True}  # fmt: skip
        first = {**base, "trial_number": f"{family}a", "index_child": number % 13 != 5}
        if number % 13 == 5:
            reason = "infant_under_12_months" if number == 5 else "on_a_plan"
            self.add("blind/families", **first | {"eligible": False, "ineligible_reason": reason})
        elif number % 17 == 6:
            self.add("blind/families", **first)
        elif number % 19 == 7:
            self.add("blind/families", **first, consented_on=referred)
        else:
            self.placed(number, first)
        if number == 8:
            self.add("blind/families", **{**base, "trial_number": f"{family}b", "index_child": False})

    def placed(self, number: int, row: dict[str, Any]) -> None:
        allocated = row["referred_on"] + timedelta(10)
        withdrawn = self.day(allocated + timedelta(50)) if number == 12 else None
        dates = {"consented_on": allocated - timedelta(7), "baseline_on": allocated - timedelta(2)}
        self.add(
            "blind/families", **row, **dates, allocated_on=allocated, withdrawn_on=withdrawn, change=CHANGES.get(number)
        )
        arm = ("vig", "usual_care")[number // 4 % 2]
        self.add("arm_key/arms", family=row["family"], arm=arm, allocated_on=allocated, salt=f"{number:032x}")
        answered = number not in {3, 9, 12, 15, 22}
        for instrument, scale in SCALES:
            true = self.chance.gauss(20, 5)
            self.score(row, "baseline", instrument, scale, true, allocated - timedelta(2))
            later = 0.6 * true + 8 + self.chance.gauss(0, 4) + 5 * self.effect * (arm == "vig")
            if answered:
                self.score(
                    row, "four_months", instrument, scale, None if number == 27 else later, allocated + timedelta(125)
                )
        self.record(number, row, allocated)
        if arm == "vig":
            self.deliver(number, row, allocated)

    def score(
        self, row: dict[str, Any], point: str, instrument: str, scale: str, value: float | None, on: date
    ) -> None:
        if on <= self.known_on:
            self.add("blind/scores", trial_number=row["trial_number"], time_point=point, instrument=instrument,
                     scale=scale, value=value, completed_on=on, mode="online", language=row["language"])  # fmt: skip

    def record(self, number: int, row: dict[str, Any], allocated: date) -> None:
        taken = allocated + timedelta(260)
        if taken <= self.known_on and number != 30:
            found = number not in CHANGES
            status = "found" if found else {"removed": "found", "died": "died", "moved": "moved_out"}[CHANGES[number]]
            values = {o.code: self.chance.randint(0, 1) if status == "found" else None for o in VIG.records.outcomes}
            self.add("blind/outcomes", trial_number=row["trial_number"], extract_on=taken, status=status, **values)

    def deliver(self, number: int, row: dict[str, Any], allocated: date) -> None:
        who = f"P{number % 5:02}"
        self.add("delivery/assignments", trial_number=row["family"], practitioner=who, from_on=allocated)
        held = {0: 0, 1: 3}.get(number % 9, 8)
        for place, planned in enumerate(VIG.delivery.sessions, start=1):
            on = allocated + timedelta(7 * place + number % 5)
            state = "held" if place <= held else ("not_attended", "cancelled_family", "planned")[number % 3]
            state = state if on <= self.known_on else "planned"
            done = state == "held"
            self.add("delivery/sessions", trial_number=row["family"], practitioner=who, number=place, kind=planned.kind,
                     cycle=planned.cycle, planned_on=on, state=state, held_on=on if done else None,
                     minutes=55 if done else None, travel_minutes=40 if done or state == "not_attended" else None,
                     preparation_minutes=50 if done else None, films=int(done and planned.kind == "film"),
                     clips=3 if done and planned.kind == "film" else 0)  # fmt: skip

    def frame(self, name: str) -> pl.DataFrame:
        kinds = dict(COLUMNS[name])
        if name == "blind/outcomes":
            kinds |= {outcome.code: pl.Int64 for outcome in VIG.records.outcomes}
        return pl.DataFrame([{column: row.get(column) for column in kinds} for row in self.rows[name]], schema=kinds)


def write_snapshot(folder: Path, *, families: int = 40, effect: float = 1.0, known_on: date = FINAL, key: bool = True,
                   delivery: bool = True, demonstration: bool = True, study: tuple[str, str] = ("", ""),
                   change: Callable[[Programme], None] | None = None) -> Path:  # fmt: skip
    """Write and seal a snapshot; then take away the parts that are withheld. `study`: words to change in its file."""
    programme = Programme(families, effect, known_on)
    if change is not None:
        change(programme)
    for name in COLUMNS:
        write_part(folder, name, programme.frame(name))
    text = locate("vig").read_text(encoding="utf-8")
    assert study[0] in text
    (folder / "study.toml").write_text(text.replace(*study, 1) if study[0] else text, encoding="utf-8")
    seal_manifest(folder, Meta("1", known_on, "attunement test", ("A", "B", "C", "D"), demonstration))
    for part, kept in (("arm_key", key), ("delivery", delivery)):
        if not kept:
            shutil.rmtree(folder / part)
    return folder


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The final snapshot, whole; tests read it and never write in it."""
    return write_snapshot(tmp_path_factory.mktemp("released") / "snapshot")


@pytest.fixture
def snapshot(tmp_path: Path) -> Callable[..., Path]:
    """Write a snapshot of one's own: any argument of `write_snapshot`."""
    return lambda **wanted: write_snapshot(tmp_path / f"snapshot-{len(list(tmp_path.iterdir()))}", **wanted)
