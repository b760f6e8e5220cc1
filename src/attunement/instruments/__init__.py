"""Questionnaires as data: one key file each (how it is scored), wordings per language apart from it, and scoring."""

from attunement.instruments.key import Alert, Band, Fact, InstrumentError, Item, Key, Rule, Scale, Transform
from attunement.instruments.reading import load, slugs
from attunement.instruments.scoring import Answer, Scores, check_answer, counted, score
from attunement.instruments.wording import Licence, Translation, Wording, wording

__all__ = [
    "Alert",
    "Answer",
    "Band",
    "Fact",
    "InstrumentError",
    "Item",
    "Key",
    "Licence",
    "Rule",
    "Scale",
    "Scores",
    "Transform",
    "Translation",
    "Wording",
    "check_answer",
    "counted",
    "load",
    "score",
    "slugs",
    "wording",
]
