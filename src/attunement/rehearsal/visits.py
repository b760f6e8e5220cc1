"""What is noted of a visit: mostly the usual, now and then a change and why, and the parent's own tap."""

from __future__ import annotations

import numpy as np

from attunement.rehearsal.cases import Case, Rehearsal
from attunement.rehearsal.programme import Visit
from attunement.study.schema import Choice, PlannedSession

_REMOTE, _CHANGED, _TWICE = 0.12, 0.1, 0.04
GOALS = ("Sleep in her own bed", "More smiles at meal times", "Play on the floor every day", "Fewer tears at bath time")


def noted(rehearsal: Rehearsal, case: Case, plan: PlannedSession, number: int, state: str) -> Visit:
    """Drawn from the family's own chance, apart from everything else that is made up of it."""
    visit, random = rehearsal.study.delivery.visit, rehearsal.chance.stream("visits", *case.life.place, number)
    draws = random.random(8)
    if state != "held":
        return Visit(reason=_one(visit.reasons, draws[0]))
    changed = draws[1] < _CHANGED
    usual = visit.places[:1]
    return Visit(
        present=_present(visit.present, draws[2]),
        place=_one(visit.places if draws[3] < _REMOTE else usual, draws[4]),
        interpreter=case.life.language != rehearsal.study.languages[0].code or None,
        filmed=plan.kind in ("film", "review") and rehearsal.allows(case, "filming"),
        adaptation=_one(visit.adaptations, draws[5]) if changed else "",
        adaptation_why=_one(visit.adaptation_reasons, draws[6]) if changed and visit.adaptations else "",
        rating=_rating(len(visit.rating), random),
        goal=_with_the_goal(rehearsal, plan, draws[0]),
        twice=bool(draws[7] < _TWICE),
    )


def goal(rehearsal: Rehearsal, case: Case) -> str:
    """The parent's goal; empty where the study keeps none."""
    random = rehearsal.chance.stream("visits", *case.life.place, 10_000)
    return GOALS[int(random.integers(len(GOALS)))] if rehearsal.study.delivery.goal_rating else ""


def _with_the_goal(rehearsal: Rehearsal, plan: PlannedSession, draw: float) -> int | None:
    """Where the parent is with the goal: low at first, higher in the last session; asked in reviews and at the end."""
    if rehearsal.study.delivery.goal_rating is None or plan.kind not in ("review", "closing"):
        return None
    least, most = rehearsal.study.delivery.goal_rating
    return least + int((most - least) * min(1.0, (plan.cycle or 4) / 6 + draw / 3))


def _one(choices: tuple[Choice, ...], draw: float) -> str:
    return choices[int(draw * len(choices))].code if choices else ""


def _present(choices: tuple[Choice, ...], draw: float) -> tuple[str, ...]:
    """The usual two, and now and then one more."""
    many = 3 if draw < 0.25 else 2
    return tuple(choice.code for choice in choices[:many])


def _rating(most: int, random: np.random.Generator) -> int | None:
    return int(random.integers(max(1, most - 2), most + 1)) if most else None
