"""Implementation: who was reached, what was delivered, how soon, how well supervised, and who could be counted.

Each indicator family takes an opened snapshot; the functions whose names end in `_of` take frames already read.
"""

import polars as pl

from attunement.process.adoption import adoption, adoption_of
from attunement.process.agreement import Agreement, alpha, fleiss, kappa, kappa_of
from attunement.process.characteristics import reached
from attunement.process.dimensions import DIMENSIONS, VIEWS, coverage, view
from attunement.process.dose import dose, dose_of, sessions_a_family
from attunement.process.errors import ProcessError
from attunement.process.experience import adaptations, context, responsiveness
from attunement.process.families import by_family, one_a_family, programme_families
from attunement.process.fidelity import fidelity
from attunement.process.flow import ArmFlow, CountsDoNotAddUp, Flow, flow
from attunement.process.follow_up import questionnaire_states, records_states
from attunement.process.forecast import Forecast, detectable, forecast
from attunement.process.pictures import funnel, heat_map, logic_model, sessions, swimmer
from attunement.process.reach import reach, reach_of, started
from attunement.process.sources import SnapshotLike
from attunement.process.supervision import supervision, supervision_of
from attunement.process.tidier import tidier
from attunement.process.timeliness import kaplan_meier, time_to_start, timeliness, timeliness_of
from attunement.process.usual_care import usual_care

__all__ = [
    "DIMENSIONS",
    "VIEWS",
    "Agreement",
    "ArmFlow",
    "CountsDoNotAddUp",
    "Flow",
    "Forecast",
    "ProcessError",
    "SnapshotLike",
    "adaptations",
    "adoption",
    "adoption_of",
    "alpha",
    "by_family",
    "context",
    "coverage",
    "detectable",
    "dose",
    "dose_of",
    "fidelity",
    "fleiss",
    "flow",
    "forecast",
    "funnel",
    "heat_map",
    "indicators",
    "kaplan_meier",
    "kappa",
    "kappa_of",
    "logic_model",
    "one_a_family",
    "programme_families",
    "questionnaire_states",
    "reach",
    "reach_of",
    "reached",
    "records_states",
    "responsiveness",
    "sessions",
    "sessions_a_family",
    "started",
    "supervision",
    "supervision_of",
    "swimmer",
    "tidier",
    "time_to_start",
    "timeliness",
    "timeliness_of",
    "usual_care",
    "view",
]


def indicators(snapshot: SnapshotLike) -> pl.DataFrame:
    """Every indicator family of a snapshot in one tidy frame; usual care by arm only where the arm key is there."""
    kinds = [reach, adoption, dose, timeliness, fidelity, supervision, responsiveness, adaptations]
    kinds += [usual_care] if snapshot.has("arm_key") else []
    return pl.concat([one(snapshot) for one in kinds], how="diagonal_relaxed")
