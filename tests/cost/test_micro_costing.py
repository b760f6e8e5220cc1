"""Five families and two practitioners, by hand; the digits are the reference's, held to 1e-12."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attunement import cost
from attunement.cost import CostError, Quantity
from tests.cost.reference import ORACLE, micro

EXPECTED: dict[str, Any] = ORACLE["micro_cost"]["expected"]
USED, PRICES = micro()


def close(value: float) -> Any:
    return pytest.approx(value, rel=1e-12, abs=1e-12)


def test_quantities_and_costs_by_resource() -> None:
    table = cost.items(USED, PRICES)
    assert dict(table.select("resource", "quantity").iter_rows()) == EXPECTED["quantities"]
    assert dict(table.select("resource", "cost").iter_rows()) == close(EXPECTED["cost"])


def test_a_family_offered_started_and_completed_with_start_up_apart() -> None:
    table = cost.per_family(USED, PRICES)
    for per, parts in EXPECTED["per_family"].items():
        for name, value in parts.items():
            phase, view = ("total", "all") if name == "total_with_family_time" else (name, "provider")
            row = table.row(by_predicate=(pl.col("per") == per) & (pl.col("phase") == phase)
                            & (pl.col("perspective") == view), named=True)  # fmt: skip
            assert row["value"] == close(value)
            assert row["denominator"] == {"offered": 5, "started": 4, "completed": 3}[per]
    start = table.row(by_predicate=(pl.col("per") == "offered") & (pl.col("phase") == "start_up")
                      & (pl.col("perspective") == "provider"), named=True)  # fmt: skip
    assert start["numerator"] == close(EXPECTED["start_up"])


def test_three_years_and_their_mean_at_both_rates() -> None:
    table = cost.years(USED, PRICES)
    plain = {row["year"]: row for row in table.filter(pl.col("rate") == 0).iter_rows(named=True)}
    assert [plain[year]["cost"] for year in (1, 2, 3)] == close(
        [EXPECTED["years"][f"year_{year}"] for year in (1, 2, 3)])
    assert plain[None]["value"] == close(EXPECTED["years"]["mean_per_family_offered_undiscounted"])
    discounted = table.row(by_predicate=(pl.col("rate") == 0.035) & pl.col("year").is_null(), named=True)
    assert discounted["value"] == close(EXPECTED["years"]["mean_per_family_offered_costs_discounted_3.5"])


def test_staff_hours_stand_beside_the_money() -> None:
    hours = dict(cost.staff_hours(USED, PRICES).select("resource", "hours").iter_rows())
    wanted = EXPECTED["staff_hours"]
    assert hours == close({"session_time": wanted["session"], "editing": wanted["editing"],
                           "supervision": wanted["supervision"], "course_time": wanted["course"]})  # fmt: skip


def test_the_curve_over_caseload_and_attrition() -> None:
    table = cost.curve(USED, PRICES)
    found = {f"caseload {load:g}, attrition {left:g}": value for load, left, value in table.iter_rows()}
    assert found == close(EXPECTED["curve_per_family"])


def test_roll_out_drops_what_only_research_needs() -> None:
    both = dict(cost.roll_out(USED, PRICES, without=["travel"], caseload=6).iter_rows())
    assert both["trial"] == close(EXPECTED["per_family"]["offered"]["total"])
    assert both["roll_out"] == close(EXPECTED["curve_per_family"]["caseload 6, attrition 0"] - 103.5 / 5)
    same = dict(cost.roll_out(USED, PRICES).iter_rows())
    assert same["roll_out"] == close(same["trial"]), "the trial's own caseload, nobody gone: the same cost"


def test_a_tornado_has_the_widest_price_first() -> None:
    prices = cost.Prices(PRICES.resources, tuple(
        cost.UnitCost(row.resource, row.value, row.price_year, "GBP", "made up", row.value / share, row.value * share)
        if (share := {"editing": 2, "supervision": 3}.get(row.resource, 1)) > 1 else row for row in PRICES.unit_costs),
        PRICES.price_year, PRICES.deflators)  # fmt: skip
    table = cost.tornado(USED, prices)
    assert table["resource"].to_list() == ["supervision", "editing"]
    assert table["low"][1] == close(EXPECTED["per_family"]["offered"]["total"] - 324.5 / 2 / 5)
    changed = prices.with_unit("editing", prices.range("editing")[1])
    total = cost.per_family(USED, changed).filter((pl.col("per") == "offered") & (pl.col("phase") == "total")
                                                  & (pl.col("perspective") == "provider"))["value"][0]  # fmt: skip
    assert table["high"][1] == close(total), "an end of the tornado is the cost at that price"


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.integers(1, 50))
def test_money_is_exact_however_it_is_split(amounts: list[int], families: int) -> None:
    """The same minutes in one row or in many cost the same, to the last digit."""
    offered = tuple(cost.Family(str(number), False, False) for number in range(families))
    split = cost.Quantities(tuple(Quantity("course", amount=amount) for amount in amounts), offered, 2)
    whole = cost.Quantities((Quantity("course", amount=sum(amounts)),), offered, 2)
    assert cost.per_family(split, PRICES).equals(cost.per_family(whole, PRICES))


def test_nobody_completed_gives_no_value_and_no_division() -> None:
    table = cost.per_family(cost.Quantities((), (cost.Family("F", False, False),), 0), PRICES)
    assert table.filter(pl.col("per") == "completed")["value"].null_count() == 9


@pytest.mark.parametrize(("call", "sentence"), [
    (lambda: cost.per_family(USED.add([Quantity("crèche", amount=1)]), PRICES), "'crèche' was used and has no price"),
    (lambda: cost.years(cost.Quantities((), (), 2), PRICES), "No family was offered"),
    (lambda: cost.curve(USED, PRICES, attrition=[1]), "below 1"),
    (lambda: cost.curve(USED, PRICES, caseloads=[0]), "above zero"),
    (lambda: cost.roll_out(USED, PRICES, without=["miles"]), "'miles'"),
    (lambda: cost.years(USED, PRICES, count=0), "at least one year"),
    (lambda: cost.Quantities((), (cost.Family("F", False, True),), 1), "completed the programme and not started"),
])  # fmt: skip
def test_what_cannot_be_costed_is_refused_in_a_sentence(call: Any, sentence: str) -> None:
    with pytest.raises(CostError, match=sentence):
        call()
