"""Attunement: run and evaluate relationship-based family programmes, end to end."""

__version__ = "0.1.0"
