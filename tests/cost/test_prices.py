"""Prices have a year, a source and one currency, or they are refused in one line."""

from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from attunement import cost
from attunement.cost import CostError, Deflator, Prices, Quantity, Resource, UnitCost, read_prices

HEADER = "resource,unit,perspective,phase,scales,value,price_year,currency,source,low,high"
ROW = "editing,minute,provider,running,session,0.55,2021,GBP,made up,0.40,0.70"
GAS = Resource("gas", "unit")


def written(tmp_path: Path, *rows: str, name: str = "prices.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_a_csv_table_is_read_row_by_row(tmp_path: Path) -> None:
    prices = read_prices(written(tmp_path, HEADER, ROW, "", ROW.replace("editing", "travel").replace("0.40,0.70", ",")))
    assert prices.price_year == 2021
    assert prices.unit("editing") == Fraction(11, 20), "a price is exact"
    assert prices.range("editing") == (Fraction(2, 5), Fraction(7, 10))
    assert prices.range("travel") == (Fraction(11, 20),) * 2


def test_the_demonstration_table_says_that_it_is_made_up() -> None:
    path = Path(cost.__file__).parent / "demo_prices.toml"
    prices = read_prices(path)
    assert all("made up" in row.source for row in prices.unit_costs)
    assert prices.unit("course") == Fraction(400) * 100 / 98


def test_a_price_is_brought_to_the_base_year() -> None:
    """375 pounds of 2019 at an index of 95 are 394.74 at 100."""
    series = (Deflator("made up", 2019, 95), Deflator("made up", 2021, 100))
    prices = Prices((GAS,), (UnitCost("gas", "375.00", 2019, "GBP", "made up", 300, 400),), 2021, series)
    assert prices.unit("gas") == Fraction(37500, 95)
    assert prices.range("gas") == (Fraction(30000, 95), Fraction(40000, 95))


@pytest.mark.parametrize(("old", "new", "sentence"), [
    (",2021,", ",,", "has no price year"),
    (",2021,", ",21,", "four figures"),
    ("0.55", "-0.55", "cannot be below zero"),
    ("0.55", "", "no number"),
    ("0.55", "nan", "no number"),
    ("0.55", "1e999999999", "no number|above"),
    ("GBP", "pounds", "three capital letters"),
    ("made up", "", "no source"),
    ("0.40", "0.60", "between its low and its high"),
    ("running", "sometimes", "start_up or running"),
    (",session,", ",child,", "scales with"),
    ("editing", "Editing time", "small letters"),
    ("minute", "", "has no unit"),
    ("0.70", "0.70,1", "12 cells"),
])  # fmt: skip
def test_a_bad_row_is_named(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    with pytest.raises(CostError, match=f"prices.csv, row 2: .*({sentence})") as caught:
        read_prices(written(tmp_path, HEADER, ROW.replace(old, new, 1)))
    assert "\n" not in str(caught.value)


def test_two_currencies_do_not_add(tmp_path: Path) -> None:
    euro = ROW.replace("editing", "travel").replace("GBP", "EUR")
    with pytest.raises(CostError, match=r"prices.csv: Prices are in EUR and GBP"):
        read_prices(written(tmp_path, HEADER, ROW, euro))


def test_prices_of_two_years_want_a_deflator(tmp_path: Path) -> None:
    older = ROW.replace("editing", "travel").replace("2021", "2019")
    path = written(tmp_path, HEADER, ROW, older)
    with pytest.raises(CostError, match="2019, 2021: say to which year"):
        read_prices(path)
    with pytest.raises(CostError, match="'travel' is of 2019, and no deflator gives 2021"):
        read_prices(path, price_year=2021)
    series = [Deflator("s", 2019, 95), Deflator("s", 2021, 100)]
    assert read_prices(path, price_year=2021, deflators=series).unit("travel") == Fraction(55, 95)


@pytest.mark.parametrize(("name", "text", "sentence"), [
    ("prices.csv", "", "'resource' is wanting"),
    ("prices.csv", HEADER, "no price in it"),
    ("prices.csv", HEADER + ",colour", "no column 'colour'"),
    ("prices.csv", f'{HEADER}\n"editing', "no CSV table"),
    ("prices.csv", f"{HEADER}\n{ROW}\n{ROW}", "'editing' is described twice"),
    ("prices.toml", "prices = 3", "are tables"),
    ("prices.toml", "prices = [", "is no TOML"),
    ("prices.toml", "[[prices]]\ncolour = 1", "no column 'colour'"),
    ("prices.toml", "price_year = '2021'", "price_year is a year"),
    ("prices.toml", "[[deflators]]\nyear = 1", "no price in it|series, year and index"),
    ("prices.xlsx", "", "a .csv or a .toml"),
])  # fmt: skip
def test_a_bad_file_is_refused_in_one_line(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    with pytest.raises(CostError, match=sentence) as caught:
        read_prices(written(tmp_path, text, name=name))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(CostError, match="cannot be read"):
        read_prices(tmp_path / "none.csv")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CostError, match="UTF-8"):
        read_prices(tmp_path / "bytes.csv")


@pytest.mark.parametrize(("make", "sentence"), [
    (lambda: Quantity("editing", "P1", "F1", 1, -5), "below zero"),
    (lambda: Quantity("editing", "P1", "F1", 1, 5, "guess"), "not by 'guess'"),
    (lambda: Deflator("s", 2021, 0), "above 0"),
    (lambda: UnitCost("gas", 1, None, "GBP", "made up"), "no price year"),
    (lambda: Prices((GAS,), (), 2021), "'gas' has no price"),
    (lambda: Prices((), (UnitCost("gas", 1, 2021, "GBP", "x"),), 2021), "is not described"),
])  # fmt: skip
def test_what_is_no_quantity_or_price(make: Any, sentence: str) -> None:
    with pytest.raises(CostError, match=sentence):
        make()


def test_editing_counts_until_the_editor_is_left_alone() -> None:
    start = datetime(2021, 9, 1, 10)
    touches = [start + timedelta(minutes=at) for at in (0, 4, 9, 40, 41, 51)]
    assert cost.editing_minutes(touches) == 20, "the gap of 31 minutes is not editing; one of exactly ten is"
    assert cost.editing("P1", "F1", 2, touches).provenance == "event"
    assert cost.editing("P1", "F1", 2, touches, confirmed=12).amount == 12
    with pytest.raises(CostError, match="confirmed"):
        cost.editing("P1", "F1", 2, touches, confirmed=21)


def test_training_is_places_hours_and_backfill() -> None:
    rows = list(cost.training(["P1", "P2"], days=2, hours_a_day=7, backfill_days=2))
    assert sum(row.amount for row in rows if row.resource == "course_time") == 28
    assert [row.resource for row in rows[:3]] == ["course", "course_time", "backfill"]


@pytest.mark.parametrize(("scheme", "amounts"), [
    ("eef", {79.99: 1, 80: 2, 200: 2, 200.01: 3, 720: 3, 1200: 4, 1200.01: 5}),
    ("eif", {0: 1, 99: 1, 100: 2, 499: 2, 500: 3, 999: 3, 1000: 4, 2000: 4, 2001: 5}),
])  # fmt: skip
def test_bands_are_dated_data(scheme: str, amounts: dict[float, int]) -> None:
    assert {amount: cost.band(amount, scheme).rank for amount in amounts} == amounts
    assert cost.band(1, scheme).source and cost.band(1, scheme).read_on.year >= 2026
    with pytest.raises(CostError, match="eef, eif"):
        cost.band(1, "nobody")
