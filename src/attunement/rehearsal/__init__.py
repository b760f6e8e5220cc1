"""A whole programme made up from a known truth: families, answers, films, sessions, returns."""

from attunement.rehearsal.errors import RehearsalError
from attunement.rehearsal.programme import Minutes, Programme, Referred, Visit
from attunement.rehearsal.script import Done, rehearse
from attunement.rehearsal.truth import Truth

__all__ = ["Done", "Minutes", "Programme", "Referred", "RehearsalError", "Truth", "Visit", "rehearse"]
