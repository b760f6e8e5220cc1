"""A whole programme made up from a known truth: families, answers, films, sessions, returns."""

import tomllib
from pathlib import Path
from typing import Any

from attunement.rehearsal.errors import RehearsalError
from attunement.rehearsal.programme import Minutes, Programme, Referred, Visit
from attunement.rehearsal.script import Done, rehearse
from attunement.rehearsal.truth import Truth

__all__ = ["Done", "Minutes", "Programme", "Referred", "RehearsalError", "Truth", "Visit", "authors", "interviews",
           "rehearse"]


def authors() -> str:
    """The authors' file of a rehearsal: every text says that it is made up; no row of a checklist stays empty."""
    return (Path(__file__).parent / "authors.toml").read_text(encoding="utf-8")


def interviews() -> dict[str, Any]:
    """The interviews of a rehearsal: `codes` (name, dimension, parent) and `texts` (offered, text, passages)."""
    return tomllib.loads((Path(__file__).parent / "interviews.toml").read_text(encoding="utf-8"))
