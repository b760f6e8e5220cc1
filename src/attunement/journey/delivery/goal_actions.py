"""The parent's own small goals, and where the parent says they are with each."""

from __future__ import annotations

from attunement.journey.delivery.models import Goal, GoalRating
from attunement.journey.delivery.permissions import need_caseload
from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import Refused

MOST = 10


def scale() -> tuple[int, int]:
    """The least and the most that a goal can be rated."""
    asked = versions.current().delivery.goal_rating
    if asked is None:
        raise Refused("This study keeps no goals.")
    return asked


@action
def add_goal(*, by: Person, family: Family, text: str) -> Goal:
    """Keeps a goal in the parent's words. The trail notes that there is one more, not the words."""
    need_caseload(by, family)
    scale()
    if not 3 <= len(text.strip()) <= 300:
        raise Refused("Write the goal in 3 to 300 characters.")
    if family.goals.count() >= MOST:
        raise Refused(f"There are {MOST} goals already. Small goals, and few, help more.")
    made = Goal.objects.create(family=family, text=text.strip(), made_on=clock.today())
    record(by=by, verb="delivery.goal_added", family=family.code, site=family.site.code)
    return made


@action
def rate_goal(*, by: Person, goal: Goal, rating: int) -> GoalRating:
    """Keeps what the parent says today; said again on the same day, the later holds. No log holds the number."""
    need_caseload(by, goal.family)
    least, most = scale()
    if not least <= rating <= most:
        raise Refused(f"A goal is rated from {least} to {most}.")
    found, _new = GoalRating.objects.update_or_create(goal=goal, rated_on=clock.today(), defaults={"rating": rating})
    record(by=by, verb="delivery.goal_rated", family=goal.family.code, site=goal.family.site.code)
    return found
