"""Who is called when an answer needs a person."""

from __future__ import annotations

from django.db.models import Prefetch

from attunement.journey.people.models import Holding, Person
from attunement.journey.surveys.models import OnCall
from attunement.journey.trail import versions


def on_call(site: str) -> list[Person]:
    """The site's list in its order: those who still work here and may see its alerts."""
    held = Holding.objects.filter(until=None, person__is_active=True).select_related("site")
    rows = (OnCall.objects.filter(site__code=site, until=None).select_related("person")
            .prefetch_related(Prefetch("person__holdings", held, to_attr="held")))
    return [row.person for row in rows if row.person.may("surveys.alerts", site)]


def behind_the_list() -> list[Person]:
    """Everybody who holds the role to which the study lets an alert go that nobody took."""
    risk = versions.current().risk
    held = Holding.objects.filter(role=risk.escalates_to if risk else "trial_manager", until=None, person__is_active=True)
    return [holding.person for holding in held.select_related("person")]
