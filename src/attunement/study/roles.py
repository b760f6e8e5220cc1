"""The roles that a study file may use, and whether the work of each needs the arm, must not have it, or either."""

from __future__ import annotations

from typing import Literal

ROLES: dict[str, Literal["sees", "masked", "either"]] = {
    "practitioner": "sees",
    "supervisor": "sees",
    "coordinator": "sees",
    "la_analyst": "masked",
    "survey_team": "masked",
    "trial_manager": "either",
    "monitoring_statistician": "sees",
    "trial_statistician": "masked",
    "process_evaluator": "either",
    "cost_evaluator": "either",
    "funder": "masked",
    "system_owner": "masked",
}
