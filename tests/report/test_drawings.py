"""Drawings: marks where the numbers are, words escaped, lines broken to fit."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import polars as pl
import pytest

from attunement import study
from attunement.impact import Estimate
from attunement.report.drawing import Drawing, wrap
from attunement.report.effects import Answer, Arm
from attunement.report.figures import forest, sessions
from attunement.report.ledger import Ledger
from attunement.report.model import Figure

NAME = "{http://www.w3.org/2000/svg}"
SIZE = Estimate("arm", "g", 0.3, 0.1, 90.0, 0.1, 0.5, 0.01, "made up", 100, (50, 50))
NOBODY = Arm(0, None, None, None)


def answer(place: int, estimate: Estimate | None) -> Answer:
    return Answer(study.load("vig").estimands[place], None, estimate, NOBODY, NOBODY, f"Scale {place}")


def marks(figure: Figure, tag: str) -> list[dict[str, str]]:
    return [dict(mark.attrib) for mark in ElementTree.fromstring(figure.svg).iter(f"{NAME}{tag}")]


def interval(figure: Figure) -> tuple[float, float]:
    line = next(line for line in marks(figure, "line") if line["y1"] == line["y2"])
    return float(line["x1"]), float(line["x2"])


def test_words_in_a_drawing_are_escaped() -> None:
    drawing = Drawing(10, 10)
    drawing.words(0, 0, "<b> & co")
    svg = drawing.svg("x", "a < b", "c & d")
    assert "&lt;b&gt; &amp; co" in svg and "a &lt; b" in svg and "c &amp; d" in svg
    ElementTree.fromstring(svg)


def test_lines_are_broken_at_words_and_lose_none() -> None:
    text = "The child is not subject of a child in need plan or a child protection plan"
    lines = wrap(text, 200, 14)
    assert " ".join(lines) == text
    assert len(lines) > 2 and max(len(line) for line in lines) <= 200 / (14 * 0.53)
    assert wrap("unbreakable", 10, 14) == ["unbreakable"]


def test_the_forest_puts_the_interval_round_the_estimate() -> None:
    figure = forest((answer(0, SIZE),), "VIG", "Usual care", Ledger())
    low, high = interval(figure)
    square = next(rect for rect in marks(figure, "rect"))
    middle = float(square["x"]) + float(square["width"]) / 2
    zero = (200 + 590) / 2
    assert low < middle < high
    assert middle - low == pytest.approx(high - middle, abs=0.02)
    assert (middle - zero) / (high - zero) == pytest.approx(0.3 / 0.5, abs=0.01)


@pytest.mark.parametrize("reach", [0.2, 0.9, 2.4, 5.0, 30.0])
def test_the_forest_holds_wide_intervals(reach: float) -> None:
    wide = replace(SIZE, low=-reach, high=reach / 2, value=-reach / 4)
    low, high = interval(forest((answer(0, wide),), "VIG", "Usual care", Ledger()))
    assert 200 <= low < high <= 590


def test_the_forest_says_in_words_what_it_draws() -> None:
    ledger = Ledger()
    figure = forest((answer(0, SIZE), answer(1, replace(SIZE, value=-0.25)), answer(2, None)), "VIG", "UC", ledger)
    said = ledger.said(figure.description)
    assert said == (
        "Difference in standard deviations and 95% interval. Scale 0 0.30, 0.10 to 0.50; "
        "Scale 1 \N{MINUS SIGN}0.25, 0.10 to 0.50. Above zero: higher in VIG."
    )
    assert said in figure.svg
    assert [row[0] for row in figure.data.rows] == ["Scale 0 (higher is better)", "Scale 1 (lower is better)"]
    assert "on 2 scales" in figure.alt


def test_bars_are_as_tall_as_their_counts() -> None:
    counts = pl.DataFrame({"sessions": [0, 1, 2], "families": [2, 0, 4]})
    ledger = Ledger()
    figure = sessions(counts, 2, ledger)
    heights = [float(bar["height"]) for bar in marks(figure, "rect")]
    assert heights[1] == 0
    assert heights[2] == pytest.approx(2 * heights[0], abs=0.02)
    assert ledger.said(figure.description) == "2 families had no session and 4 had the 2 planned or more."
    assert [row[0] for row in figure.data.rows] == ["0", "1", "2"]


def test_nobody_offered_draws_an_empty_axis() -> None:
    figure = sessions(pl.DataFrame({"sessions": [0], "families": [0]}), 8, Ledger())
    assert re.search(r"how many of 0 families", figure.alt)
