"""Run as a program beside a served study: fills its database by the real actions, or says what stands in it.

`python -m tests.faults.world prepare N` · `python -m tests.faults.world count`. Both print one line of JSON.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module

import django
from django.conf import settings


def prepare(families: int) -> dict[str, object]:
    from django.core.management import call_command

    from attunement.journey.consent import actions as consent
    from tests import cast

    call_command("migrate", verbosity=0)
    cast.open_programme()
    programme = cast.Programme()
    ready = [programme.baselined(site="AB"[number % 2]).code for number in range(families)]
    open_families = [programme.consented() for _number in range(4)]
    links = []
    for family in open_families:
        programme.questionnaire(family)
        links.append(consent.give_link(by=programme.people["survey_team"], family=family, leads_to="baseline"))
    signed_in = {key: _sign_in(programme.people[key]) for key in ("coordinator", "coordinator_b", "practitioner")}
    return {"ready": ready, "links": links, "signed_in": signed_in}


def _sign_in(person) -> str:  # type: ignore[no-untyped-def]
    """A browser session, as the sign-in page would make it."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.save()
    return str(store.session_key)


def count() -> dict[str, object]:
    from attunement.journey.arms.models import Allocation
    from attunement.journey.surveys.models import Answer
    from attunement.journey.trail.models import Entry
    from attunement.journey.trail.queries import first_broken

    places: dict[str, list[int]] = {}
    for name, place in Allocation.objects.order_by("place").values_list("stratum__name", "place"):
        places.setdefault(name, []).append(place)
    return {"allocations": Allocation.objects.count(), "places": places, "broken": first_broken(),
            "entries": Entry.objects.filter(verb="arms.allocated").count(),
            "answers": [list(row) for row in Answer.objects.order_by("questionnaire_id", "id").values_list(
                "questionnaire__family__code", "instrument", "item", "value")]}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(prepare(int(sys.argv[2])) if sys.argv[1] == "prepare" else count()))
