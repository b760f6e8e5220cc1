"""Who shares a practitioner: clusters numbered, and each family without one a cluster of its own."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from attunement.impact.edge import Rows, words

Whole = NDArray[np.int64]


def clusters(data: pl.DataFrame, name: str, used: Rows) -> tuple[Whole, int, tuple[int, int]]:
    """The cluster of each family analysed, 0..G-1, G, and how many clusters each arm has.

    A family without a cluster is its own; so is each family of arm 0 where all have one word that arm 1 never has.
    """
    found = words(data, name)[used.kept]
    control = used.arm == 0
    shared = set(found[control]) - {None}
    if len(shared) == 1 and not shared & set(found[~control]):
        found = found.copy()
        found[control] = None
    keys: dict[object, int] = {}
    numbered = np.array(
        [keys.setdefault((at,) if word is None else word, len(keys)) for at, word in enumerate(found)], dtype=np.int64
    )
    in_arms = np.unique(numbered[control]).size, np.unique(numbered[~control]).size
    return numbered, len(keys), in_arms
