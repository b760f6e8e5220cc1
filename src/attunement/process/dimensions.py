"""Eight dimensions of implementation, which indicators speak to them, and three frameworks' views of the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import polars as pl

from attunement.process.errors import ProcessError

DIMENSIONS = ("fidelity", "dosage", "quality", "responsiveness", "differentiation", "reach", "adaptation",
              "monitoring of the comparison")  # fmt: skip
EVIDENCE = ("quantitative", "interview", "document")
VIEWS: Mapping[str, tuple[str, ...]] = {
    "mrc": ("implementation", "mechanisms", "context"),
    "proctor": ("acceptability", "adoption", "appropriateness", "feasibility", "fidelity", "cost", "penetration",
                "sustainability"),
    "re_aim": ("reach", "effectiveness", "adoption", "implementation", "maintenance"),
}  # fmt: skip
"""MRC guidance 2015; Proctor and others 2011; RE-AIM (Glasgow and others 1999)."""

_PLACES: tuple[tuple[str, str | None, str, str, str], ...] = (
    ("referred_of_", "reach", "implementation", "penetration", "reach"),
    ("eligible_of_", "reach", "implementation", "appropriateness", "reach"),
    ("consented_of_", "reach", "implementation", "acceptability", "reach"),
    ("baseline_of_", "reach", "implementation", "acceptability", "reach"),
    ("allocated_of_", "reach", "implementation", "penetration", "reach"),
    ("help_needed_of_", "reach", "context", "appropriateness", "reach"),
    ("started_", "reach", "implementation", "acceptability", "reach"),
    ("completed_of_", "dosage", "implementation", "feasibility", "implementation"),
    ("practitioners_", None, "implementation", "adoption", "adoption"),
    ("families_a_practitioner", None, "implementation", "adoption", "adoption"),
    ("median_months_", None, "implementation", "adoption", "adoption"),
    ("cycles_complete_", "fidelity", "implementation", "fidelity", "implementation"),
    ("cycles_with_a_clip", "fidelity", "implementation", "fidelity", "implementation"),
    ("gap_days_", "fidelity", "implementation", "fidelity", "implementation"),
    ("mean_supervisor_", "quality", "implementation", "fidelity", "implementation"),
    ("mean_self_", "quality", "implementation", "fidelity", "implementation"),
    ("double_rated_", "quality", "implementation", "fidelity", "implementation"),
    ("supervision", "quality", "implementation", "feasibility", "implementation"),
    ("rating_", "responsiveness", "mechanisms", "acceptability", "implementation"),
    ("adaptations", "adaptation", "implementation", "fidelity", "implementation"),
    ("any_service", "monitoring of the comparison", "context", "appropriateness", "implementation"),
    ("had_", "monitoring of the comparison", "context", "appropriateness", "implementation"),
    ("contacts_", "monitoring of the comparison", "context", "appropriateness", "implementation"),
    ("contaminated_", "differentiation", "context", "fidelity", "implementation"),
    ("delivered_to_control", "differentiation", "context", "fidelity", "implementation"),
    ("median_days_", "dosage", "implementation", "feasibility", "implementation"),
    ("", "dosage", "implementation", "feasibility", "implementation"),
)
"""The first start that fits: dimension (None: adoption is none of the eight), and a place in each view."""


def place(indicator: str) -> dict[str, str | None]:
    """Where an indicator stands: `dimension`, `mrc`, `proctor`, `re_aim`."""
    row = next(row for row in _PLACES if indicator.startswith(row[0]))
    return {"dimension": row[1], "mrc": row[2], "proctor": row[3], "re_aim": row[4]}


def view(indicators: pl.DataFrame, framework: Literal["mrc", "proctor", "re_aim"]) -> pl.DataFrame:
    """The same indicators in a framework's order, with a column `place`; a place without any is a row of nulls.

    Nothing is counted anew: a view sorts.
    """
    if framework not in VIEWS:
        raise ProcessError(f"There are the views {', '.join(VIEWS)}, and none called {framework!r}.")
    placed = indicators.with_columns(
        place=pl.col("indicator").map_elements(lambda name: place(name)[framework], return_dtype=pl.String)
    )
    order = pl.DataFrame({"place": VIEWS[framework]})
    return order.join(placed, on="place", how="left", maintain_order="left_right")


def coverage(indicators: pl.DataFrame, *, interview: Iterable[str] = (), document: Iterable[str] = ()) -> pl.DataFrame:
    """One row a dimension: how many indicators have a value (`quantitative`), how many themes (`interview`) and
    documents (`document`, both given as the dimension each speaks to); `warning` in words where a row is empty.
    """
    told = [place(name)["dimension"] for name in indicators.filter(pl.col("value").is_not_null())["indicator"].unique()]
    sources: dict[str, list[str | None]] = {"quantitative": told, "interview": list(interview), "document": list(document)}
    for name in (*sources["interview"], *sources["document"]):
        if name not in DIMENSIONS:
            raise ProcessError(f"'{name}' is none of the eight dimensions: {', '.join(DIMENSIONS)}.")
    rows = []
    for dimension in DIMENSIONS:
        counts = [sources[kind].count(dimension) for kind in EVIDENCE]
        rows.append((dimension, *counts, None if any(counts) else f"Nothing is known about {dimension}."))
    schema = {"dimension": pl.String} | dict.fromkeys(EVIDENCE, pl.Int64) | {"warning": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
