"""Quantities of a snapshot, recounted here by plain loops over its rows."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from attunement import cost
from attunement.cost import CostError, Quantity
from attunement.process import ProcessError
from attunement.report.snapshot import Snapshot
from tests.report.conftest import write_snapshot

PRICES = cost.read_prices(Path(cost.__file__).parent / "demo_prices.toml")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return Snapshot.open(write_snapshot(tmp_path_factory.mktemp("quantities") / "snapshot"))


def total(snapshot: Snapshot, name: str, column: str) -> int:
    return sum(row[column] or 0 for row in snapshot.frame(name).collect().to_dicts())


def test_every_minute_of_delivery_is_counted_once(snapshot: Snapshot) -> None:
    used = cost.quantities(snapshot)
    for resource, column in (("session_time", "minutes"), ("travel_time", "travel_minutes")):
        assert used.amount(resource) == total(snapshot, "delivery/sessions", column)
    logged = total(snapshot, "delivery/staff_time", "minutes")
    assert used.amount("editing") == total(snapshot, "delivery/sessions", "preparation_minutes") + logged
    assert used.amount("parent_time") == used.amount("session_time"), "a parent for every minute held"
    assert used.amount("course") == 5 and used.practitioners == 5


def test_supervision_counts_both_people(snapshot: Snapshot) -> None:
    rows = [row for row in cost.quantities(snapshot).rows if row.resource == "supervision"]
    held = total(snapshot, "delivery/supervision", "minutes_held")
    assert sum(row.amount for row in rows) == 2 * held
    assert sum(row.amount for row in rows if row.who == "supervisor") == held


def test_families_that_never_started_stay_in(snapshot: Snapshot) -> None:
    used = cost.quantities(snapshot)
    assert [len(used.families), sum(f.started for f in used.families), sum(f.completed for f in used.families)] == [
        18, 15, 12]  # fmt: skip
    table = cost.per_family(used, PRICES).filter((pl.col("phase") == "total") & (pl.col("perspective") == "all"))
    by_hand = sum((row.amount * PRICES.unit(row.resource) for row in used.rows), Fraction(0))
    assert table["value"].to_list() == pytest.approx([float(by_hand / n) for n in (18, 15, 12)], rel=1e-12)


def test_each_quantity_says_whose_and_how_it_is_known(snapshot: Snapshot) -> None:
    table = cost.quantities(snapshot).tidy()
    assert table.columns == ["resource", "who", "family", "session", "amount", "provenance"]
    assert set(table["provenance"]) == {"event", "timesheet"}
    assert table.filter(pl.col("resource") == "session_time")["family"].null_count() == 0


def test_what_nobody_logged_is_counted_as_missing(tmp_path: Path) -> None:
    def change(programme: Any) -> None:
        open_ = next(row for row in programme.rows["delivery/sessions"] if row["state"] == "not_attended")
        silent = next(row for row in programme.rows["delivery/sessions"] if row["state"] == "held")
        open_["state"], silent["minutes"] = "not_logged", None

    plain = cost.quantities(Snapshot.open(write_snapshot(tmp_path / "plain")))
    used = cost.quantities(Snapshot.open(write_snapshot(tmp_path / "changed", change=change)))
    assert used.missing == plain.missing + 2
    assert cost.per_family(used, PRICES)["missing"].unique().to_list() == [used.missing]


def test_negative_minutes_are_refused_in_one_line(tmp_path: Path) -> None:
    def change(programme: Any) -> None:
        programme.rows["delivery/sessions"][0]["minutes"] = -5

    with pytest.raises(CostError, match=r"session_time.*below zero") as caught:
        cost.quantities(Snapshot.open(write_snapshot(tmp_path / "snapshot", change=change)))
    assert "\n" not in str(caught.value)


def test_without_the_delivery_part_nothing_is_costed(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match="without its delivery part"):
        cost.quantities(Snapshot.open(write_snapshot(tmp_path / "snapshot", key=False, delivery=False)))


def test_fees_come_from_invoices(snapshot: Snapshot) -> None:
    used = cost.quantities(snapshot).add([Quantity("course", "P99", amount=1, provenance="invoice")])
    assert used.amount("course") == 6
