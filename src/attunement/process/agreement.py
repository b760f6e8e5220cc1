"""How far two or more raters agree beyond chance: kappa, Fleiss's kappa and Krippendorff's alpha."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attunement.process.errors import ProcessError

Level = Literal["nominal", "ordinal", "interval", "ratio"]
CONSTANT = "undefined: every rating is the same, so chance explains all agreement"


@dataclass(frozen=True)
class Agreement:
    """`value` is None where agreement is undefined, and `note` says why: it is never taken for 1 or 0."""

    measure: str
    value: float | None
    n: int
    se: float | None = None
    note: str = ""


def kappa(table: ArrayLike, weights: Literal["linear", "quadratic"] | None = None) -> Agreement:
    """Cohen's kappa of a square table of counts, rater by rater, categories in order (Cohen 1960, 1968).

    `se` is the asymptotic error (Fleiss, Cohen and Everitt 1969). ProcessError: a table that is not square counts.
    """
    from statsmodels.stats.inter_rater import cohens_kappa

    counts = _counts(table)
    if counts.shape[0] != counts.shape[1]:
        raise ProcessError("Two raters' table has as many rows as columns.")
    name, n = f"kappa, {weights}" if weights else "kappa", int(counts.sum())
    if (counts.sum(axis=0) + counts.sum(axis=1) > 0).sum() < 2:
        return Agreement(name, None, n, note=CONSTANT)
    with np.errstate(invalid="ignore", divide="ignore"):  # a z that nobody asks for, where kappa's error is nought
        found = cohens_kappa(counts, wt=weights)
    return Agreement(name, float(found.kappa), n, float(np.sqrt(max(found.var_kappa, 0.0))))


def kappa_of(first: Sequence[object], second: Sequence[object],
             weights: Literal["linear", "quadratic"] | None = None) -> Agreement:  # fmt: skip
    """`kappa` of two raters' ratings of the same units; a unit that one left out (None) is left out."""
    if len(first) != len(second):
        raise ProcessError(f"The raters rated {len(first)} and {len(second)} units: the same units are wanted.")
    pairs = [pair for pair in zip(first, second, strict=True) if None not in pair]
    levels = sorted({rating for pair in pairs for rating in pair}, key=lambda rating: (str(type(rating)), rating))
    place = {level: number for number, level in enumerate(levels)}
    table = np.zeros((len(levels), len(levels)))
    for one, other in pairs:
        table[place[one], place[other]] += 1
    return kappa(table, weights) if pairs else Agreement("kappa", None, 0, note="no unit was rated by both")


def fleiss(table: ArrayLike) -> Agreement:
    """Fleiss's kappa (1971) of subjects × categories; each subject has the same number of ratings."""
    from statsmodels.stats.inter_rater import fleiss_kappa

    counts = _counts(table)
    if len(set(counts.sum(axis=1))) != 1 or counts.sum() < 2 * counts.shape[0]:
        raise ProcessError("Each subject has the same number of ratings, two or more.")
    if (counts.sum(axis=0) > 0).sum() < 2:
        return Agreement("Fleiss's kappa", None, counts.shape[0], note=CONSTANT)
    return Agreement("Fleiss's kappa", float(fleiss_kappa(counts)), counts.shape[0])


def alpha(ratings: Sequence[Sequence[object]], level: Level = "nominal") -> Agreement:
    """Krippendorff's alpha of raters × units, None where a rater left a unit out (Krippendorff 2011).

    Units with fewer than two ratings are dropped; `n` counts the others. ProcessError: rows of unlike length, no
    such level, or words where numbers are wanted.
    """
    from nltk.metrics.agreement import AnnotationTask

    if len({len(row) for row in ratings}) != 1:
        raise ProcessError("Every rater has an entry for every unit, None where the unit was not rated.")
    columns = [[value for value in column if value is not None] for column in zip(*ratings, strict=True)]
    paired = [column for column in columns if len(column) > 1]
    values = [value for column in paired for value in column]
    distance = _distance(level, values)
    if len(set(values)) < 2:
        return Agreement(f"alpha, {level}", None, len(paired), note=CONSTANT if values else "no unit was rated twice")
    triples = [(f"rater {rater}", f"unit {unit}", value)
               for unit, column in enumerate(paired) for rater, value in enumerate(column)]  # fmt: skip
    return Agreement(f"alpha, {level}", float(AnnotationTask(triples, distance=distance).alpha()), len(paired))


def _distance(level: Level, values: Sequence[Any]) -> Callable[[Any, Any], float]:
    tally = Counter(values)

    def ordinal(a: Any, b: Any) -> float:
        between = sum(count for value, count in tally.items() if min(a, b) <= value <= max(a, b))
        return float((between - (tally[a] + tally[b]) / 2) ** 2)

    distances: Mapping[str, Callable[[Any, Any], float]] = {
        "nominal": lambda a, b: float(a != b),
        "ordinal": ordinal,
        "interval": lambda a, b: float((a - b) ** 2),
        "ratio": lambda a, b: 0.0 if a == b else float(((a - b) / (a + b)) ** 2),
    }
    if level not in distances:
        raise ProcessError(f"Alpha is {', '.join(distances)}, not {level!r}.")
    for value in tally if level != "nominal" else ():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ProcessError(f"The {level} alpha wants numbers, and a rating is {value!r}.")
        if level == "ratio" and value < 0:
            raise ProcessError("The ratio alpha wants ratings of 0 or more.")
    return distances[level]


def _counts(table: ArrayLike) -> NDArray[np.float64]:
    try:
        counts = np.asarray(table, dtype=np.float64)
    except (TypeError, ValueError):
        raise ProcessError("A table of counts has rows of the same length, and numbers in them.") from None
    if counts.ndim != 2 or not counts.size or (counts < 0).any() or not np.isfinite(counts).all() or not counts.sum():
        raise ProcessError("A table of counts has rows and columns, none below zero, and at least one above.")
    return counts
