"""What is wrong with a rehearsal that cannot be made."""

from __future__ import annotations


class RehearsalError(ValueError):
    """A programme that cannot be made up: one sentence says why."""
