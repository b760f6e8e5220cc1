"""Run as a program beside a served study: a family whose film session was held. Prints its sessions as JSON."""

from __future__ import annotations

import json

import django


def prepare() -> dict[str, object]:
    from attunement.journey.delivery import actions as delivery
    from tests import cast
    from tests.journey.films_cast import filmed, session

    programme = cast.Programme()
    family = filmed(programme)
    delivery.ask_helping_question(by=programme.people["practitioner"], family=family, text="What does she tell me?")
    return {"family": family.code, "film": session(family).pk, "review": session(family, "review").pk}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(prepare()))
