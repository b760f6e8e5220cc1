"""A program beside a served study, asked line by line and answering each with a line of JSON: `film [clips]` makes a
family with a film, `withdraw CODE` ends its filming."""

from __future__ import annotations

import io
import json
import sys
from functools import cache

import django


@cache
def eight_seconds() -> bytes:
    from attunement.film.made_up import make_film

    file = io.BytesIO()
    make_film(file, seconds=8, seed=5, width=320, height=240)
    return file.getvalue()


def film(*, clips: bool) -> dict[str, object]:
    from attunement.journey.delivery import actions as delivery
    from attunement.journey.films import actions
    from tests import cast
    from tests.journey.films_cast import added, filmed, session

    programme = cast.Programme()
    family, by = filmed(programme), programme.people["practitioner"]
    delivery.ask_helping_question(by=by, family=family, text="What does she tell me?")
    made = added(programme, family, eight_seconds())
    for first in (0, 90, 180) if clips else ():
        actions.mark_clip(by=by, film=made, first=first, last=first + 29, principle=1)
    return {"family": family.code, "film": str(made.pk), "review": session(family, "review").pk,
            "session": session(family).pk}


def withdraw(code: str) -> dict[str, object]:
    from attunement.journey.consent import actions as consent
    from attunement.journey.referral.models import Family
    from tests import cast

    consent.withdraw(by=cast.Programme().people["coordinator"], family=Family.objects.get(code=code),
                     purpose="being_filmed")
    return {}


if __name__ == "__main__":
    django.setup()
    for line in sys.stdin:
        what, *words = line.split()
        print(json.dumps(film(clips="clips" in words) if what == "film" else withdraw(*words)), flush=True)
