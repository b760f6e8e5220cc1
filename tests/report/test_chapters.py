"""What the chapters say: in plain words, true to the numbers, and cautious where caution is due."""

import csv
import html
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from attunement.report import Built, Meta, seal_manifest
from tests.report.conftest import build

Write = Callable[..., Path]


@pytest.fixture(scope="module")
def whole(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(released, tmp_path_factory.mktemp("chapters") / "report")


def chapter(built: Built, name: str) -> str:
    """The words of a chapter without markup or drawings."""
    text = built.html.read_text().split(f'<section id="{name}"')[1].split("</section>")[0]
    words = re.sub(r"<[^>]+>", "", re.sub(r"<svg.*?</svg>", "", text.split(">", 1)[1], flags=re.DOTALL))
    return html.unescape(words)


def table(built: Built, name: str) -> dict[str, list[str]]:
    with (built.results_json.parent / f"tables/{name}.csv").open(encoding="utf-8") as stream:
        return {row[0]: row[1:] for row in list(csv.reader(stream))[1:]}


def test_the_summary_says_how_many_and_what_was_found(whole: Built) -> None:
    words = chapter(whole, "summary")
    assert (
        "Local authorities referred 40 families. 33 took part, and a computer placed them at random: 18 to VIG" in words
    )
    assert "had answered the questions again." in words
    assert "points higher than that of the Usual care group (95% confidence interval of the difference" in words
    assert "Zero, no difference, lies outside the interval." in words
    assert (
        "Of 18 families offered Video Interaction Guidance (VIG), 15 had a first session and 12 the closing one"
        in words
    )


def test_without_an_effect_zero_lies_inside(snapshot: Write, tmp_path: Path) -> None:
    words = chapter(build(snapshot(effect=0.0), tmp_path / "out"), "summary")
    assert "Zero, no difference, lies inside the interval, so the data allow for none." in words


def test_a_lower_mean_is_said_to_be_lower(snapshot: Write, tmp_path: Path) -> None:
    built = build(snapshot(effect=-3.0), tmp_path / "out")
    assert re.search(r"was \d+\.\d\d points lower than that of the Usual care group", chapter(built, "summary"))
    assert table(built, "primary-table")["Warmth (higher is better)"][2].startswith("\N{MINUS SIGN}")


def test_the_dummy_summary_says_that_it_means_nothing(snapshot: Write, tmp_path: Path) -> None:
    words = chapter(build(snapshot(key=False, delivery=False), tmp_path / "out"), "summary")
    assert "DUMMY ARM KEY: the numbers by arm mean nothing." in words
    assert "What was delivered and what it cost are withheld from this report." in words


def test_the_early_summary_says_whose_time_is_not_over(snapshot: Write, tmp_path: Path) -> None:
    words = chapter(build(snapshot(known_on=date(2022, 1, 31)), tmp_path / "out"), "summary")
    assert re.search(r"for \d+ the time to answer is not over yet\.", words)


def test_the_baseline_shows_every_site_and_scale(whole: Built) -> None:
    rows = table(whole, "baseline-table")
    assert [name for name in rows if name.startswith("Site")] == [f"Site: Authority {site}" for site in "ABCD"]
    assert "Demonstration scale: warmth" in rows
    head = (whole.results_json.parent / "tables/baseline-table.csv").read_text().splitlines()[0].replace("\xa0", " ")
    assert "VIG (n = 18),Usual care (n = 15)" in head
    sites = [rows[f"Site: Authority {site}"] for site in "ABCD"]
    assert sum(int(row[4]) for row in sites) == 18
    assert sum(int(row[5]) for row in sites) == 15


def test_the_question_asked_has_its_five_parts(whole: Built) -> None:
    assert list(table(whole, "estimand-warmth")) == [
        "Families", "Compared", "Outcome", "What happens on the way", "Summary",
    ]  # fmt: skip


def test_records_are_described_by_arm_with_their_denominators(whole: Built) -> None:
    rows = table(whole, "records-described")
    assert re.fullmatch(r"\d+ of 17 \(\d+\.\d%\)", rows["Came into care"][0])
    assert re.fullmatch(r"\d\.\d\d, n = 13", rows["Section 47 enquiries"][1])
    assert "never counted as “no”" in chapter(whole, "records")


def test_what_was_delivered_names_who_counts(whole: Built, snapshot: Write, tmp_path: Path) -> None:
    assert "are all those allocated to VIG. Those who never started are counted." in chapter(whole, "delivery")
    dummy = build(snapshot(key=False), tmp_path / "out")
    assert "those with a practitioner or a session, as the arm key is not released" in chapter(dummy, "delivery")
    assert table(dummy, "uptake-table") == table(whole, "uptake-table")


def test_costs_add_up_in_print(whole: Built) -> None:
    rows = table(whole, "cost-per-family")
    for row in rows.values():
        start_up, running, together = (int(value) for value in row[5:8])
        assert abs(start_up + running - together) <= 1, "each is rounded by itself"
    lines = [*table(whole, "cost-start-up").values(), *table(whole, "cost-running").values()]
    assert sum(int(line[7]) for line in lines) == int(rows["The whole programme"][7])


def test_prices_of_two_years_are_said(snapshot: Write, tmp_path: Path) -> None:
    changed = ("unit_cost_pence = 37500\nprice_year = 2021", "unit_cost_pence = 37500\nprice_year = 2019")
    words = chapter(build(snapshot(study=changed), tmp_path / "out"), "cost")
    assert "in prices of 2019, 2021" in words
    assert "Prices of different years. They are added as they stand." in words


def test_a_study_without_further_scales_says_so(snapshot: Write, tmp_path: Path) -> None:
    folder = snapshot()
    parts = (folder / "study.toml").read_text().split("[[estimands]]")
    kept = [
        part for part in parts if 'outcome = "demo_invasion"' not in part and 'outcome = "demo_efficacy"' not in part
    ]
    (folder / "study.toml").write_text("[[estimands]]".join(kept))
    seal_manifest(folder, Meta("2", date(2023, 2, 28), "attunement test", ("A",)))
    assert "The study plans no further scale." in chapter(build(folder, tmp_path / "out"), "secondary")
