"""Whether the question itself can be put: names, options, levels, numbers and seeds, before any data are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
import polars as pl

from attunement.impact.errors import ImpactError


def column_name(name: object) -> str:
    """The name of a column; ImpactError when it is no text."""
    if not isinstance(name, str):
        raise ImpactError(f"A column is named by its name in text, not by {said(name)}.")
    return name


def names(wanted: Sequence[str], what: str = "covariates") -> list[str]:
    """A list of column names as a list; ImpactError when it is one name, or something else."""
    if isinstance(wanted, str):
        raise ImpactError(f"{what} is a list of column names, not one name.")
    if isinstance(wanted, bytes | Mapping | pl.DataFrame) or not isinstance(wanted, Iterable):
        raise ImpactError(f"{what} is a list of column names, not {said(wanted)}.")
    return [column_name(name) for name in wanted]


def option(value: object, choices: Iterable[str], name: str) -> str:
    """The option; ImpactError when it is none of its choices."""
    known = list(choices)
    if not isinstance(value, str) or value not in known:
        words = " or ".join(map(repr, known)) if len(known) == 2 else f"one of {', '.join(known)}"
        raise ImpactError(f"{name} is {words}, not {said(value)}.")
    return value


def share(level: float) -> None:
    """ImpactError when a confidence level is no number between 0 and 1."""
    if not is_number(level) or not 0 < level < 1:
        raise ImpactError(f"level is a share between 0 and 1, such as 0.95, not {said(level)}.")


def whole(value: object, name: str, least: int) -> int:
    """A whole number from `least` on."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer) or value < least:
        raise ImpactError(f"{name} is a whole number from {least} on, not {said(value)}.")
    return int(value)


def seeded(seed: object) -> np.random.SeedSequence:
    """The sequence of a seed, a whole number from 0 on."""
    return np.random.SeedSequence(whole(seed, "seed", 0))


def arm_labels(labels: Any) -> tuple[Any, Any]:
    """The reference arm's label and the other's."""
    sound = isinstance(labels, tuple | list) and len(labels) == 2
    if not sound or any(isinstance(one, np.ndarray | pl.DataFrame | pl.Series) for one in labels) or labels[0] == labels[1]:
        raise ImpactError("labels are two different values: the reference arm first, then the other.")
    return labels[0], labels[1]


def is_number(value: object) -> bool:
    """Whether it is one finite number."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and isfinite(value)


def said(value: object) -> str:
    """A wrong value in a few words."""
    if isinstance(value, str | int | float | np.number):
        text = repr(value.item() if isinstance(value, np.number) else value)
        return text if len(text) <= 60 else f"{text[:57]}..."
    return "nothing" if value is None else f"a {type(value).__name__}"
