"""Chance of its own for everything made up, so that no family's life hangs on another's, or on its arm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attunement.rehearsal.errors import RehearsalError

PURPOSES = ("arrival", "carer", "path", "mind", "items", "leaving", "sessions", "records", "staff", "site",
            "visits", "fieldwork", "worries", "elsewhere")


@dataclass(frozen=True)
class Chance:
    """One seed; `stream` gives a purpose and a place in the programme a stream that nothing else draws from."""

    seed: int

    def __post_init__(self) -> None:
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise RehearsalError("The seed is a whole number from 0 on.")

    def stream(self, purpose: str, *place: int) -> np.random.Generator:
        """A Philox generator, seeded by the child of the seed at (purpose, *place)."""
        key = (PURPOSES.index(purpose), *place)
        return np.random.Generator(np.random.Philox(np.random.SeedSequence(self.seed, spawn_key=key)))
