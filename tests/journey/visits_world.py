"""Run as a program beside a served study: a practitioner's families with visits due today. Prints their numbers."""

from __future__ import annotations

import json

import django


def main() -> None:
    from attunement.journey.delivery import actions
    from attunement.journey.trail import clock
    from tests import cast

    programme = cast.Programme()
    person = programme.people["practitioner"]
    family = programme.allocated("vig")
    actions.assign(by=programme.people["coordinator"], family=family, practitioner=person, first_session_on=clock.today())
    film = actions.plan_session(by=person, family=family, place=2, planned_for=clock.today())
    later = actions.plan_session(by=person, family=family, place=3, planned_for=clock.today())
    plain = actions.plan_session(by=person, family=family, place=4, planned_for=clock.today())
    another = programme.allocated("vig")
    actions.assign(by=programme.people["coordinator"], family=another, practitioner=person, first_session_on=clock.today())
    print(json.dumps({"family": family.code, "meeting": family.sessions.first().pk, "film": film.pk, "later": later.pk,
                      "plain": plain.pk, "offline": another.sessions.first().pk}))


if __name__ == "__main__":
    django.setup()
    main()
