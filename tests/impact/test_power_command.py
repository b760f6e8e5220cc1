"""`attunement power STUDY`: a table for people, plain values for machines, one line for a mistake."""

import json

import pytest

from attunement.cli import main


def test_power_shows_each_analysis_of_the_study_as_planned(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["power", "vig", "--replicates", "200"]) == 0
    shown = capsys.readouterr().out
    assert "21 practitioners" in shown
    assert "big_stick:3" in shown
    assert "ANCOVA" in shown


def test_power_as_json_has_both_truths_for_every_number_of_families(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["power", "vig", "--replicates", "200", "--families", "60", "128", "--effect", "0.5", "--json"]
    assert main(asked) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["effect"]["design"]["families"] for row in found] == [60, 128]
    assert [row["no_effect"]["design"]["effect"] for row in found] == [0.0, 0.0]
    assert found[1]["effect"]["analyses"][0]["rejection"] > found[1]["no_effect"]["analyses"][0]["rejection"]


@pytest.mark.parametrize("words", [
    ["nothing"], ["vig", "--families", "3"], ["vig", "--icc", "-1"], ["vig", "--dropout", "2"],
    ["vig", "--replicates", "0"], ["vig", "--outcome", "binary", "--effect", "0.9"],
])  # fmt: skip
def test_a_mistake_is_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["power", *words]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("attunement: ")
    assert said.err.count("\n") == 1
    assert said.out == ""
