"""A whole programme made up from a known truth: families, answers, films, sessions, returns."""

from pathlib import Path

from attunement.rehearsal.errors import RehearsalError
from attunement.rehearsal.programme import Minutes, Programme, Referred, Visit
from attunement.rehearsal.script import Done, rehearse
from attunement.rehearsal.truth import Truth

__all__ = ["Done", "Minutes", "Programme", "Referred", "RehearsalError", "Truth", "Visit", "authors", "rehearse"]


def authors() -> str:
    """The authors' file of a rehearsal: every text says that it is made up; no row of a checklist stays empty."""
    return (Path(__file__).parent / "authors.toml").read_text(encoding="utf-8")
