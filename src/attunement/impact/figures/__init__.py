"""Figures of results: each with its alternative text and the numbers behind it, and the same bytes every time."""

from attunement.impact.figures.canvas import Figure
from attunement.impact.figures.effects import forest, subgroup_forest
from attunement.impact.figures.families import baseline_follow_up, missingness
from attunement.impact.figures.planning import power_curve
from attunement.impact.figures.practitioners import caterpillar
from attunement.impact.figures.robustness import rerandomisation, tipping_surface
from attunement.impact.figures.survival import kaplan_meier

__all__ = [
    "Figure",
    "baseline_follow_up",
    "caterpillar",
    "forest",
    "kaplan_meier",
    "missingness",
    "power_curve",
    "rerandomisation",
    "subgroup_forest",
    "tipping_surface",
]
