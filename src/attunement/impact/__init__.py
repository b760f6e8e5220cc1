"""The trial's estimators: what the programme changed, and how sure we may be."""

from attunement.impact.balance import balance
from attunement.impact.errors import ImpactError
from attunement.impact.estimate import Estimate, Fit
from attunement.impact.flags import Flag, Flagged
from attunement.impact.icc import icc
from attunement.impact.linear import ancova
from attunement.impact.longitudinal import mixed
from attunement.impact.nested import partially_nested
from attunement.impact.power import Power, power
from attunement.impact.reallocation import Randomised, randomisation_test, stepdown
from attunement.impact.risks import risk_difference
from attunement.impact.simulation.planned import Design
from attunement.impact.standardised import EffectSize, effect_size

__all__ = [
    "Design",
    "EffectSize",
    "Estimate",
    "Fit",
    "Flag",
    "Flagged",
    "ImpactError",
    "Power",
    "Randomised",
    "ancova",
    "balance",
    "effect_size",
    "icc",
    "mixed",
    "partially_nested",
    "power",
    "randomisation_test",
    "risk_difference",
    "stepdown",
]
