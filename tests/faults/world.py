"""Run as a program beside a served study: fills its database by the real actions, or says what stands in it.

`python -m tests.faults.world prepare N | many N | risky N | asked | count | counted_and_opened | next_is_vig | draft |
fill TEMPLATE TARGET`; each prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

import django
from django.conf import settings


def migrated() -> None:
    """The tables of an empty study."""
    from attunement.web import tables

    tables.bring_up_to_date()


def prepare(families: int) -> dict[str, object]:
    from attunement.journey.consent import actions as consent
    from tests import cast
    from tests.faults.studies import ready

    migrated()
    cast.open_programme()
    programme = cast.Programme()
    waiting = ready(programme, families, sites="AB") if families > 8 else [
        programme.baselined(site="AB"[number % 2]).code for number in range(families)]
    open_families = [programme.consented() for _number in range(4)]
    links = []
    for family in open_families:
        programme.questionnaire(family)
        links.append(consent.give_link(by=programme.people["survey_team"], family=family, leads_to="baseline"))
    signed_in = {key: _sign_in(programme.people[key]) for key in ("coordinator", "coordinator_b", "practitioner", "funder")}
    return {"ready": waiting, "links": links, "open": [family.code for family in open_families], "signed_in": signed_in}


def many(families: int) -> dict[str, object]:
    """Families ready to be allocated at every site, by copying rows; each site's coordinator signed in."""
    from django.conf import settings

    from tests.faults.studies import SITES, open_study, ready

    programme = open_study(settings.PLACE.root, settings.PLACE.database)
    return {"ready": ready(programme, families),
            "signed_in": {site: _sign_in(programme._coordinator(site)) for site in SITES}}


def risky(families: int) -> dict[str, object]:
    """Families whose first questionnaire has forty items and three on safety, each with its link."""
    from tests import cast
    from tests.journey.risky import ask_risky, link_to

    migrated()
    cast.open_programme()
    programme = cast.Programme()
    ask_risky(programme, "coordinator", "survey_team", instruments='"bench_forty", "demo_safety"')
    made = [programme.consented() for _number in range(families)]
    return {"links": [link_to(programme, family) for family in made], "open": [family.code for family in made]}


def asked() -> dict[str, object]:
    """Families to be called, to be written to and to be thanked, a set for each width of a screen."""
    from attunement.journey.fieldwork import actions, schedule
    from attunement.journey.fieldwork.models import Sending
    from attunement.journey.trail import clock
    from tests import cast

    migrated()
    cast.open_programme()
    programme, found = cast.Programme(), {}
    team = programme.people["survey_team"]
    for width in ("phone", "desktop"):
        family = programme.consented(hours=(9, 20), language="en-xr" if width == "desktop" else "en")
        actions.ask_for_call(by=team, family=family, code="baseline")
        found |= {width: family.code, f"{width}_owed": programme.baselined().code}
    schedule.run()
    for _width in ("phone", "desktop"):
        family = programme.consented(address="1 Long Lane, Anytown, AB1 2CD", safe=["post"])
        for day in (0, 14):
            Sending.objects.create(family=family, time_point="baseline", day=day, route="post", state="letter",
                                   made_at=clock.now())
    return found | {"letter": family.site.code}


def next_is_vig() -> dict[str, object]:
    """Opens the programme and allocates families at site A until the scheme's limit makes the next one VIG."""
    from attunement.journey.arms.models import Allocation
    from tests import cast

    migrated()
    cast.open_programme()
    programme, ahead = cast.Programme(), 0
    while ahead < 3:
        family = programme.allocated()
        ahead += 1 if Allocation.objects.get(family=family).arm == 1 else -1
    return {"allocated": Allocation.objects.count()}


def draft() -> dict[str, object]:
    """A study whose scheme waits for the second person; a family with a consent link; an invitation."""
    from attunement.journey.arms.models import Scheme
    from attunement.journey.consent import actions as consent
    from attunement.journey.people import actions as people
    from tests import cast

    migrated()
    cast.open_programme(lock=False)
    programme = cast.Programme()
    family, said = programme.refer(), programme.consented()
    link = consent.give_link(by=programme.people["coordinator"], family=said, leads_to="consent")
    token = people.invite(by=programme.people["trial_manager"], email="new@example.org", name="New Person", role="funder")
    return {"unasked": family.code, "link": link, "invitation": token,
            "drafts": Scheme.objects.filter(locked_at=None).count()}


def fill(template: str, target: str) -> dict[str, object]:
    """Fills a downloaded workbook as an analyst would."""

    import numpy as np

    from attunement.journey.outcomes import queries
    from attunement.journey.people.models import Site
    from attunement.journey.trail import clock
    from attunement.records import made_up

    rows, random = queries.due(Site.objects.get(code="A")), np.random.default_rng(1)
    histories = [made_up.make_history(row.trial_number, allocated_on=row.allocated_on, window_end=row.window_end,
                                      worse=0.4, random=random) for row in rows]
    with Path(template).open("rb") as source, Path(target).open("wb") as made:
        made_up.fill(source, made, histories, extract_on=clock.today())
    return {"children": len(rows)}


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
    from attunement.journey.surveys.models import Alert, Answer
    from attunement.journey.trail.models import Entry
    from attunement.journey.trail.queries import first_broken

    places: dict[str, list[int]] = {}
    for name, place in Allocation.objects.order_by("place").values_list("stratum__name", "place"):
        places.setdefault(name, []).append(place)
    return {"allocations": Allocation.objects.count(), "places": places, "broken": first_broken(),
            "entries": Entry.objects.filter(verb="arms.allocated").count(),
            "answers": [list(row) for row in Answer.objects.order_by("questionnaire_id", "id").values_list(
                "questionnaire__family__code", "instrument", "item", "value")],
            "alerts": [list(row) for row in Alert.objects.values_list("questionnaire__family__code", "item")]}


def opened() -> dict[str, object]:
    """Opens the seed at the end and verifies the log, from the certificate and nothing else."""
    import tempfile
    from datetime import date

    from attunement.allocation import verify
    from attunement.journey.arms import afterwards
    from attunement.journey.arms.models import Scheme
    from attunement.journey.trail import clock
    from tests import cast

    people = cast.Programme().people
    with clock.at(clock.local(date(2022, 4, 4))), tempfile.TemporaryDirectory() as folder:
        made = afterwards.propose(by=people["trial_manager"], kind="opening", reason="The end")
        afterwards.agree(by=people["monitoring_statistician"], proposal=made)
        log, certificate = Path(folder) / "log", Path(folder) / "certificate.json"
        log.write_bytes(afterwards.export(by=people["monitoring_statistician"]))
        certificate.write_text(Scheme.objects.get(version=1).certificate, encoding="utf-8")
        verdict = verify(log, certificate)
    return {"whole": verdict.whole, "draws": verdict.draws, "said": verdict.sentence}


COMMANDS = {"prepare": lambda words: prepare(int(words[0])), "many": lambda words: many(int(words[0])),
            "risky": lambda words: risky(int(words[0])), "count": lambda _words: count(), "asked": lambda _words: asked(),
            "counted_and_opened": lambda _words: count() | opened(),
            "next_is_vig": lambda _words: next_is_vig(), "draft": lambda _words: draft(),
            "fill": lambda words: fill(*words)}

if __name__ == "__main__":
    django.setup()
    print(json.dumps(COMMANDS[sys.argv[1]](sys.argv[2:])))
