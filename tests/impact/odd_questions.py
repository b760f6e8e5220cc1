"""Odd arguments at every public door of the engine: `python -m tests.impact.odd_questions`.

Each argument of each function in turn is replaced by something that it is not. The answer must be a result, or one
sentence of ours.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from math import inf, nan
from typing import Any

import numpy as np
import polars as pl

from attunement import impact
from tests.impact.odd_data import ITEMS, LATER, MODEL, trial, tried

DATA = trial(np.random.default_rng(1), 60)
IMPUTED = impact.impute(DATA, outcome="y", m=3, **MODEL)
EFFECT = impact.ancova(DATA, outcome="y", **MODEL).effect
LOTS = np.random.default_rng(1).integers(0, 2, (29, DATA.height))
P = {"p": [0.1, 0.2]}
ASKED: dict[str, dict[str, Any]] = {
    "ancova": {"outcome": "y", "se": "cr2", "cluster": "practitioner", **MODEL},
    "ancova with Lin": {"outcome": "y", "adjust": "lin", **MODEL},
    "partially_nested": {"outcome": "y", "practitioner": "practitioner", **MODEL},
    "mixed": {"outcome": "y", "fixed": ["base"], "group": "site", "slopes": ["base"]},
    "risk": {"outcome": "yes", **MODEL},
    "ordinal": {"outcome": "level", **MODEL},
    "rate": {"outcome": "count", "exposure": "months", **MODEL},
    "time_to_event": {"time": "time", "event": "event", "arm": "arm", "covariates": ["base"], "strata": "site"},
    "kaplan_meier": {"time": "time", "event": "event", "arm": "arm"},
    "cace": {"outcome": "y", "dose": "dose", "at_least": 6, **MODEL},
    "effect_size": {"outcome": "y", **MODEL},
    "icc": {"outcome": "y", "group": "practitioner"},
    "impute": {"outcome": "y", "m": 3, **MODEL},
    "reference_based": {"rule": "j2r", "outcome": "y", "m": 3, **MODEL},
    "tipping_point": {"outcome": "y", "m": 3, "seed": 1, "amounts": [-1.0, 1.0], **MODEL},
    "randomisation_test": {"outcome": "y", "scheme": "blocks:4", "stratum": "site", "arrival": "came", "replicates": 29,
                           **MODEL},
    "randomisation_test of an array": {"outcome": "y", "scheme": LOTS, **MODEL},
    "stepdown": {"outcomes": ["y", "dose"], "scheme": LOTS, **MODEL},
    "bootstrap": {"outcome": "y", "replicates": 100, **MODEL},
    "subgroup": {"outcome": "y", "moderator": "kind", **MODEL},
    "balance": {"arm": "arm", "covariates": ["base"]},
    "attrition": {"outcome": "y", **MODEL},
    "reliability": {"items": ITEMS},
    "one_factor": {"items": ITEMS},
    "invariance": {"items": ITEMS, "group": "arm"},
    "invariance over time": {"items": ITEMS, "later": LATER},
    "delta": {"imputed": IMPUTED, "amount": 1.0, "arm": 1},
    "pool": {"estimates": [EFFECT, EFFECT], "complete_df": 50},
    "holm": P, "hochberg": P, "benjamini_hochberg": P,
    "power": {"design": impact.Design(60), "replicates": 5, "seed": 1, "workers": 1},
    "Design": {"families": 60},
}  # fmt: skip
ODD: list[Any] = [
    None, "", "nowhere", "base", 0, 1, -1, 2.5, nan, inf, [], ["nowhere"], ["base", "base"], [1], True, object(), {}, b"x",
    DATA, np.array([1.0, nan]), np.array([]), ["y"], ("arm", "arm"), ("a",), 3, np.array([[2, 3]]),
]  # fmt: skip


def questions(odd: Sequence[Any] = ODD) -> Iterator[tuple[str, Callable[[pl.DataFrame], Any]]]:
    """Every function with one argument replaced, and what it is called; the data too."""
    for name, asked in ASKED.items():
        function = getattr(impact, name.split()[0])
        known = inspect.signature(function).parameters
        wants_data = "data" in known
        for argument in [one for one in {**known, **asked} if one not in ("data", "imputation")]:
            for value in odd:
                changed = asked | {argument: value}
                yield f"{name}, {argument} {type(value).__name__} {str(value)[:20]!r}", (
                    lambda data, f=function, c=changed, w=wants_data: _ours(f(data, **c) if w else f(**c))
                )
        if wants_data:
            for value in (None, {}, DATA.lazy(), [1], "base"):
                yield f"{name}, data {type(value).__name__}", lambda data, f=function, a=asked, v=value: f(v, **a)


def _ours(found: Any) -> Any:
    """What holds unknown values by its nature is not looked into."""
    return None if isinstance(found, impact.Imputed | impact.Power | impact.Design) else found


def main() -> int:
    asked = wrong = 0
    for name, question in questions():
        asked += 1
        said = tried(question, DATA)
        if said is not None:
            wrong += 1
            print(f"\n{name}:\n{said}")
    print(f"{asked} questions, {wrong} answers that should not be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
