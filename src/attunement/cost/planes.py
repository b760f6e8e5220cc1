"""The cost-effectiveness plane as rows: what its figure and its table are drawn from."""

from __future__ import annotations

import numpy as np
import polars as pl

from attunement.cost.decision import options
from attunement.cost.joint import Joint
from attunement.cost.trial import Floats

QUADRANTS = ("north-east", "south-east", "south-west", "north-west")
"""More effective and dearer, more effective and cheaper, less effective and cheaper, less effective and dearer."""
CHI2_95 = 5.991464547107979
"""The 95 % point of χ² with two degrees of freedom."""


def plane(source: Joint | pl.DataFrame, *, points: int = 73) -> pl.DataFrame:
    """Columns option, effect, cost, quadrant: each draw's differences from the first option; from a `Joint` the
    `points` of the 95 % ellipse of the two differences.
    """
    if isinstance(source, Joint):
        angle = np.linspace(0, 2 * np.pi, points)
        circle = np.sqrt(CHI2_95) * np.stack([np.cos(angle), np.sin(angle)])
        size = np.sqrt(np.diag(source.cov))
        root = np.linalg.cholesky(source.cov / np.outer(size, size)) * size[:, None]
        cost, effect = root @ circle + np.array([[source.cost.value], [source.effect.value]])
        return _points("1", effect, cost)
    names, costs, effects = options(source)
    return pl.concat([_points(name, effects[:, place] - effects[:, 0], costs[:, place] - costs[:, 0])
                      for place, name in enumerate(names) if place])  # fmt: skip


def _points(option: str, effect: Floats, cost: Floats) -> pl.DataFrame:
    better, dearer = effect > 0, cost > 0
    quadrant = np.where(better, np.where(dearer, QUADRANTS[0], QUADRANTS[1]),
                        np.where(dearer, QUADRANTS[3], QUADRANTS[2]))  # fmt: skip
    return pl.DataFrame({"effect": effect, "cost": cost, "quadrant": quadrant}).select(
        pl.lit(option).alias("option"), "effect", "cost", "quadrant"
    )
