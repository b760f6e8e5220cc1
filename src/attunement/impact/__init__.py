"""The trial's estimators: what the programme changed, and how sure we may be."""

from attunement.impact.attrition import attrition
from attunement.impact.balance import balance
from attunement.impact.cace import cace
from attunement.impact.errors import ImpactError
from attunement.impact.estimate import Estimate, Fit
from attunement.impact.flags import Flag, Flagged
from attunement.impact.icc import icc
from attunement.impact.imputation import Imputed, delta, impute, reference_based
from attunement.impact.invariance import Invariance, invariance
from attunement.impact.linear import ancova
from attunement.impact.longitudinal import mixed
from attunement.impact.multiplicity import benjamini_hochberg, hochberg, holm
from attunement.impact.nested import partially_nested
from attunement.impact.one_factor import one_factor, reliability
from attunement.impact.ordinal import ordinal
from attunement.impact.plan import Plan, plan_of
from attunement.impact.pooling import pool
from attunement.impact.power import Power, power
from attunement.impact.rate import rate
from attunement.impact.reallocation import Randomised, randomisation_test, stepdown
from attunement.impact.resampling import bootstrap
from attunement.impact.risk import risk
from attunement.impact.running import Results, run
from attunement.impact.simulation.planned import Design
from attunement.impact.standardised import EffectSize, effect_size
from attunement.impact.subgroup import subgroup
from attunement.impact.time_to_event import Survival, kaplan_meier, time_to_event
from attunement.impact.tipping import Tipping, tipping_point

__all__ = [
    "Design",
    "EffectSize",
    "Estimate",
    "Fit",
    "Flag",
    "Flagged",
    "ImpactError",
    "Imputed",
    "Invariance",
    "Plan",
    "Power",
    "Randomised",
    "Results",
    "Survival",
    "Tipping",
    "ancova",
    "attrition",
    "balance",
    "benjamini_hochberg",
    "bootstrap",
    "cace",
    "delta",
    "effect_size",
    "hochberg",
    "holm",
    "icc",
    "impute",
    "invariance",
    "kaplan_meier",
    "mixed",
    "one_factor",
    "ordinal",
    "partially_nested",
    "plan_of",
    "pool",
    "power",
    "randomisation_test",
    "rate",
    "reference_based",
    "reliability",
    "risk",
    "run",
    "stepdown",
    "subgroup",
    "time_to_event",
    "tipping_point",
]
