"""The analysis plan: data of the study file, hashed, and locked before anybody sees an arm."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from attunement.impact.asked import said
from attunement.impact.errors import ImpactError
from attunement.study import Study
from attunement.study.schema import Estimand

ATTRIBUTES = ("population", "treatment", "variable", "intercurrent", "summary")
"""The five attributes of an estimand: ICH E9(R1), section A.3."""


@dataclass(frozen=True)
class Plan:
    """The estimands in the study file's order, and the hash under which they are locked."""

    estimands: tuple[Estimand, ...]

    @property
    def sha256(self) -> str:
        """Of the estimands as JSON with sorted keys: the same as the lock of the plan keeps."""
        plan = [estimand.model_dump(mode="json") for estimand in self.estimands]
        return hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()

    def holds(self, estimand: Estimand) -> bool:
        """Whether this very estimand is planned."""
        return estimand in self.estimands


def plan_of(study: Study) -> Plan:
    """The plan that a study file holds; ImpactError for anything but a study."""
    if not isinstance(study, Study):
        raise ImpactError(f"plan_of takes a study, not {said(study)}.")
    return Plan(tuple(study.estimands))


def attributes(estimand: Estimand) -> Mapping[str, str]:
    """The five attributes by name."""
    return {name: getattr(estimand, name) for name in ATTRIBUTES}
