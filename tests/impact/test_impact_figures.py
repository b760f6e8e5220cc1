"""Every figure has words and numbers behind it, and the same bytes for the same data."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

from attunement import impact
from attunement.impact import ImpactError, figures

TRIAL = pl.read_csv(Path(__file__).parents[1] / "data" / "impact" / "vigsim.csv", null_values="NA")
ASKED = {"arm": "arm", "covariates": ["y0"], "site": "site"}
DRAWS: dict[str, Callable[[], figures.Figure]] = {
    "forest": lambda: figures.forest({name: impact.effect_size(TRIAL, outcome=name, **ASKED) for name in ("y1", "y5")}),
    "subgroup-forest": lambda: figures.subgroup_forest(impact.subgroup(TRIAL, outcome="y1", moderator="first", **ASKED)),
    "baseline-follow-up": lambda: figures.baseline_follow_up(TRIAL, outcome="y5", arm="arm", baseline="y0", site="site"),
    "caterpillar": lambda: figures.caterpillar(TRIAL, outcome="y5", practitioner="practitioner", **ASKED),
    "tipping-surface": lambda: figures.tipping_surface(
        impact.tipping_point(TRIAL, [-9.0, 0.0, 9.0], control=[-9.0, 0.0, 9.0], outcome="y1", **ASKED, m=5)),
    "re-randomisation": lambda: figures.rerandomisation(np.linspace(-3, 3, 101), 2.4),
    "kaplan-meier": lambda: figures.kaplan_meier(impact.kaplan_meier(TRIAL, time="time", event="event", arm="arm")),
    "power-curve": lambda: figures.power_curve(pl.DataFrame({"families": [128, 252], "power": [0.38, 0.62]})),
    "missingness": lambda: figures.missingness(TRIAL, columns=["y0", "y1", "dose"], arm="arm"),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWS)
def test_a_figure_says_what_it_shows_and_does_not_change(name: str) -> None:
    figure = DRAWS[name]()
    drawn = figure.svg()
    assert figure.name == name
    assert drawn == DRAWS[name]().svg()
    tree = ElementTree.fromstring(drawn)
    words = [child.text for child in tree if child.tag.endswith(("title", "desc"))]
    assert words == [figure.title, figure.alt]
    assert tree.get("role") == "img"
    assert len(figure.alt) > 40
    assert not figure.data.is_empty()
    assert b"20" + b"26-" not in drawn


def test_a_figure_may_be_saved_again_and_in_another_format() -> None:
    figure = DRAWS["kaplan-meier"]()
    before = figure.svg()
    assert figure.png(40).startswith(b"\x89PNG")
    assert figure.svg() == before


def test_the_tail_of_the_histogram_is_p() -> None:
    figure = figures.rerandomisation(np.arange(-50, 50), 49.0)
    assert "p is 0.0396" in figure.alt
    assert figure.data["count"].sum() == 100
    assert figure.data["low"].min() < -49  # type: ignore[operator]
    assert figures.rerandomisation(np.arange(50), 20.0).data["low"].min() == 0


def test_the_surface_with_one_row_is_a_line_with_its_interval() -> None:
    tipping = impact.tipping_point(TRIAL, [-5.0, 0.0, 5.0], outcome="y1", **ASKED, m=5)
    assert figures.tipping_surface(tipping).data.height == 3


def test_practitioners_are_shrunken_numbered_and_lowest_first() -> None:
    data = figures.caterpillar(TRIAL, outcome="y5", practitioner="practitioner", **ASKED).data
    assert data["value"].is_sorted()
    assert data["practitioner"].to_list()[:3] == ["1", "2", "3"]
    assert abs(float((data["value"]).mean())) < 0.5  # type: ignore[arg-type]
    flat = figures.caterpillar(TRIAL, outcome="y1", practitioner="practitioner", **ASKED)
    assert flat.data["value"].abs().max() == 0
    assert "zero" in flat.alt


@pytest.mark.parametrize(
    "draw",
    [
        lambda: figures.forest({}),
        lambda: figures.subgroup_forest(impact.ancova(TRIAL, outcome="y1", **ASKED)),
        lambda: figures.rerandomisation([], 1.0),
        lambda: figures.rerandomisation([1.0, float("nan")], 1.0),
        lambda: figures.kaplan_meier(pl.DataFrame()),
        lambda: figures.power_curve(pl.DataFrame({"families": [1]})),
        lambda: figures.missingness(TRIAL, columns=[], arm="arm"),
        lambda: figures.baseline_follow_up(TRIAL.with_columns(y1=1.0), outcome="y1", arm="arm", baseline="y0"),
        lambda: figures.caterpillar(TRIAL.with_columns(y1=1.0), outcome="y1", practitioner="practitioner", **ASKED),
    ],
)
def test_nothing_to_draw_is_one_sentence(draw: Callable[[], figures.Figure]) -> None:
    with pytest.raises(ImpactError):
        draw()
