"""Implementation: who was reached, what was delivered, how soon, how well supervised, and who could be counted."""

from attunement.process.adoption import adoption
from attunement.process.dose import dose, sessions_a_family
from attunement.process.families import by_family, one_a_family, programme_families
from attunement.process.flow import ArmFlow, CountsDoNotAddUp, Flow, flow
from attunement.process.follow_up import questionnaire_states, records_states
from attunement.process.errors import ProcessError
from attunement.process.reach import reach, started
from attunement.process.supervision import supervision
from attunement.process.timeliness import kaplan_meier, timeliness

__all__ = [
    "ArmFlow",
    "CountsDoNotAddUp",
    "Flow",
    "ProcessError",
    "adoption",
    "by_family",
    "dose",
    "flow",
    "kaplan_meier",
    "one_a_family",
    "programme_families",
    "questionnaire_states",
    "reach",
    "records_states",
    "sessions_a_family",
    "started",
    "supervision",
    "timeliness",
]
