"""What leaves has passed the disclosure gate: in every file and figure, in every profile."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attunement import report
from attunement.cli import main
from attunement.report import Built, ReportError
from attunement.report.ledger import Ledger
from tests.report.conftest import build as build_true

Write = Callable[..., Path]
PROFILES = ("round-5", "suppress-5", "dfe", "tre-10")


def results(built: Built) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(built.results_json.read_text())
    return found


@pytest.fixture(scope="module")
def gated(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return report.build(released, tmp_path_factory.mktemp("gated") / "report")


@pytest.fixture(scope="module")
def true(released: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return results(build_true(released, tmp_path_factory.mktemp("true") / "report"))


def under(profile: str, snapshot: Write, folder: Path) -> Built:
    return report.build(snapshot(study=('profile = "round-5"', f'profile = "{profile}"')), folder / "out")


def test_by_default_every_count_is_rounded_from_its_true_one(gated: Built, true: dict[str, Any]) -> None:
    counts = results(gated)["counts"]
    assert counts.keys() == true["counts"].keys()
    assert all(n is None or n == (true["counts"][id_] + 2) // 5 * 5 for id_, n in counts.items())
    assert sum(n is None for n in counts.values()) < len(counts) / 10
    assert results(gated)["disclosure"] == "round-5"
    assert true["disclosure"] is None


def test_figures_descriptions_and_tables_show_the_same_counts(gated: Built) -> None:
    page = gated.html.read_text()
    with (gated.results_json.parent / "tables/flow-table.csv").open(encoding="utf-8") as stream:
        printed = {row[1] for row in list(csv.reader(stream))[1:]}
    for figure in ("flow", "sessions"):
        drawing = page.split(f'<figure id="{figure}"')[1].split("</svg>")[0]
        numbers = [int(text) for text in re.findall(r"<text[^>]*>(\d+)</text>", drawing)]
        if figure == "flow":
            assert {str(n) for n in numbers} <= printed | {"10"}
            described = re.search(r"<desc[^>]*>(.*?)</desc>", drawing, re.DOTALL)
            assert described and all(int(n) % 5 == 0 for n in re.findall(r"(?<![\d.])\d+", described.group(1)))


def test_no_text_of_the_page_holds_a_true_count_in_words(gated: Built) -> None:
    page = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", gated.html.read_text(), flags=re.DOTALL)
    words = re.sub(r"<[^>]+>", " ", page.split('<section id="about"')[0])
    said = re.findall(r"(\d+)\s+(?:families|had a first|took part|to VIG)|n\s=\s(\d+)|(\d+) of (\d+) \(", words)
    assert said and all(int(n) % 5 == 0 for groups in said for n in groups if n)


def test_no_word_tells_that_it_was_one(gated: Built) -> None:
    assert "further child was" not in gated.html.read_text()


def test_shares_risk_differences_and_costs_come_from_the_rounded_counts(gated: Built) -> None:
    found = results(gated)
    arms = {e["id"]: e for e in found["estimates"]}["cp_plan"]["arms"]
    difference = next(e for e in found["estimates"] if e["id"] == "cp_plan")
    assert difference["value"] == pytest.approx(arms["vig"]["mean"] - arms["usual_care"]["mean"])
    assert all(arm["n"] % 5 == 0 for arm in arms.values())
    numbers = found["numbers"]
    offered = numbers["cost.families_offered"]["value"]
    assert numbers["cost.per_family_offered.total"]["value"] == pytest.approx(
        (numbers["cost.total"]["value"]) / offered, abs=1)
    for id_, number in numbers.items():
        if f"{id_}.numerator" in numbers and number["text"].endswith("%"):
            share = numbers[f"{id_}.numerator"]["value"] / numbers[f"{id_}.denominator"]["value"]
            assert number["value"] == pytest.approx(share)


def test_the_model_itself_leaves_as_it_is(gated: Built, true: dict[str, Any]) -> None:
    for own, whole in zip(results(gated)["estimates"], true["estimates"], strict=True):
        if own["estimand"]["analysis"] == "ancova":
            assert all(own[name] == whole[name] for name in ("value", "se", "df", "low", "high", "p", "n"))
            assert all(n % 5 == 0 for n in own["n_by_arm"].values())


def test_means_are_not_so_fine_that_they_tell_of_how_many(gated: Built) -> None:
    for id_, number in results(gated)["numbers"].items():
        if id_.startswith(("baseline.demo", "records.")) and isinstance(number["value"], float):
            assert number["value"] == round(number["value"], 2), id_


@pytest.mark.parametrize(("profile", "small"), [("suppress-5", (1, 4)), ("dfe", (1, 5)), ("tre-10", (0, 9))])
def test_hiding_profiles_hide_every_small_count(snapshot: Write, tmp_path: Path, profile: str, small: Any) -> None:
    found = results(under(profile, snapshot, tmp_path))
    shown = [n for n in found["counts"].values() if n is not None]
    assert shown and not [n for n in shown if small[0] <= n <= small[1]]
    assert found["disclosure"] == profile


def test_few_families_show_no_estimate_and_no_cost(snapshot: Write, tmp_path: Path) -> None:
    built = report.build(snapshot(families=6, study=('profile = "round-5"', 'profile = "tre-10"')), tmp_path / "out")
    found = results(built)
    assert all(estimate["value"] is None for estimate in found["estimates"])
    assert all(arm["mean"] is None for estimate in found["estimates"] for arm in estimate["arms"].values())
    assert "cost.total" not in found["numbers"]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("families", [0, 1, 13])
def test_a_small_programme_still_makes_a_report(snapshot: Write, tmp_path: Path, profile: str, families: int) -> None:
    folder = snapshot(families=families, study=('profile = "round-5"', f'profile = "{profile}"'))
    assert report.build(folder, tmp_path / "out").html.exists()


def test_the_page_says_what_was_done_and_the_full_one_that_it_may_not_leave(gated: Built, released: Path,
                                                                         tmp_path: Path) -> None:  # fmt: skip
    assert "rounded to the nearest 5, each by itself, so they need not add up" in gated.html.read_text()
    assert "not for publication" not in gated.html.read_text().lower()
    assert main(["report", str(released), "--to", str(tmp_path / "out"), "--not-for-publication"]) == 0
    page = (tmp_path / "out" / "report.html").read_text()
    assert page.count("NOT FOR PUBLICATION") == 22
    assert main(["report", str(released), "--to", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "report.html").read_bytes() == gated.html.read_bytes()


def test_a_profile_that_nobody_knows_is_refused_with_the_study_file(snapshot: Write, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="profile"):
        report.build(snapshot(study=('profile = "round-5"', 'profile = "round-7"')), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_counts_that_contradict_one_another_do_not_pass() -> None:
    from attunement.disclosure import profile

    ledger = Ledger()
    ledger.count("whole", 3)
    ledger.count("part", 4)
    ledger.adds_up("whole", "part")
    with pytest.raises(ReportError, match="gate"):
        ledger.decide(profile("dfe"))
