"""Five hundred made-up names, numbers and notes, typed wherever somebody can type: where they may never turn up.

Never in a log, in an address, in the name of a job or a file, in a message, on the page of a fault, or in what the trail
says happened.
"""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from django.conf import settings
from django_tasks_db.models import DBTaskResult

from attunement.journey.consent import actions as consent
from attunement.journey.surveys import actions as surveys
from attunement.journey.trail.models import Entry, Message
from attunement.web.logs import Plain
from tests.journey.test_bad_input import PEOPLE, holder, visit  # noqa: F401
from tests.journey.test_random_walk import ENDS, Page, asked_for, filled
from tests.test_routes import things  # noqa: F401

MANY = 500
FREE = (None, "", "text", "tel", "email", "search", "url")
SOUNDS = ["zib", "quon", "vex", "jup", "wom", "kry", "phag", "xil"]


class Canaries:
    """Hands out names, numbers and notes that occur nowhere else, and finds them again."""

    def __init__(self, seed: int) -> None:
        self.chance, self.given = random.Random(seed), list[str]()

    def word(self) -> str:
        return "".join(self.chance.choice(SOUNDS) for _sound in range(4)) + f"{len(self.given):03}"

    def typed(self, field: str) -> str:
        """For a field of a form, by its name; every canary is a text of its own."""
        word = self.word()
        if "phone" in field:
            word = f"07700 {900_000 + len(self.given)}"
        self.given.append(word)
        if "mail" in field:
            return f"{word}@example.org"
        return word if "phone" in field or "name" in field or field == "carer" else f"She said {word} to me"

    def found_in(self, text: str) -> list[str]:
        low = text.lower()
        return [word for word in self.given if word in low or word.replace(" ", "") in low]


class Typing(Page):
    """A page that knows which fields of a form somebody types into."""

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, given)
        at = dict(given)
        if at.get("name") and (tag == "textarea" or (tag == "input" and at.get("type") in FREE)):
            self.forms[-1].setdefault("free", set()).add(at.get("name") or "")


class Logged(logging.Handler):
    """Every line that any part would write, in the words in which it would stand in the log."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(Plain("{asctime} {levelname} {name} {message}", style="{"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def logged() -> Iterator[Logged]:
    handler, names = Logged(), ["", *logging.root.manager.loggerDict]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:  # the template engine tells of each variable that is not there, a thousand lines a page
        logging.getLogger(name).setLevel(logging.INFO if name == "django.template" else logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def send(client: Any, here: str, canaries: Canaries, chance: random.Random) -> list[tuple[str, Any]]:
    """Fills every form of a page, a canary wherever one can type; (address, answer) of each."""
    answers = []
    shown = client.get(here)
    forms = [] if shown.streaming else Typing(shown.content.decode("latin-1")).forms
    for form in forms:
        free = form.get("free", set()) - {"csrfmiddlewaretoken"}
        if not free or any(end in form["to"] for end in ENDS):
            continue
        if here == "/trail/":  # Asks for a trial number and a code, which addresses may carry.
            continue
        assert form["post"], f"{here}: what is typed would stand in an address"
        data = filled(form, chance) | {name: canaries.typed(name) for name in free}
        to = urljoin(here, form["to"]).split("?")[0]
        answers.append((to, client.post(to, data)))
    return answers


def refer(programme: Any, client: Any, canaries: Canaries) -> str:
    """A family with a canary for a name, a number, an e-mail and a street."""
    answer = client.post("/families/refer/", dict.fromkeys(programme.yes(), "yes") | {
        "site": programme.sites["A"].pk, "born_on": "2021-04-01", "language": "en", "agreed": "yes", "hours": "0-24",
        **{name: canaries.typed(name) for name in ("carer", "phone", "email", "address")}})
    assert answer.status_code == 302, re.findall("error-message.*", answer.content.decode())
    return str(answer["Location"])


@pytest.mark.parametrize("seed", [3])
def test_what_is_typed_stays_where_it_belongs(programme, things, visit, logged, capfd, seed):  # noqa: F811
    canaries, chance = Canaries(seed), random.Random(seed)
    clients = {key: visit(key) for key in PEOPLE}
    where = [refer(programme, clients["coordinator"], canaries) for _family in range(40)]
    pages = [(here, holder(right)) for _name, here, right in asked_for(things)]
    own = visit(None)
    by = programme.people["coordinator"]
    links = [f"/q/{surveys.send_link(by=by, family=programme.consented(), code='baseline', route='none')}/",
             f"/c/{consent.give_link(by=by, family=programme.refer(), leads_to=consent.CONSENT)}/"]
    reached = [(own, here) for here in links] + [(clients[key], here) for here, key in pages]
    while len(canaries.given) < MANY:
        typed_into = []
        for client, here in reached:
            answers = send(client, here, canaries, chance)
            for to, answer in answers:
                keeps_quiet(canaries, to, answer)
            typed_into += [(client, here)] * bool(answers)
        reached = typed_into  # the others have nothing to type into
    for here in where:
        keeps_quiet(canaries, here, clients["coordinator_b"].get(here))  # another authority's
        keeps_quiet(canaries, here, clients["funder"].get(here))
    assert not canaries.found_in("\n".join([*logged.lines, *capfd.readouterr()]))
    assert len(logged.lines) > 100
    assert not canaries.found_in("\n".join(str(vars(job)) for job in DBTaskResult.objects.all()))
    assert not canaries.found_in("\n".join(f"{each.subject} {each.body} {each.family}" for each in Message.objects.all()))
    assert not canaries.found_in("\n".join(f"{each.who} {each.verb} {each.what}" for each in Entry.objects.all()))
    root: Path = settings.PLACE.root
    assert not canaries.found_in("\n".join(str(path) for path in root.rglob("*")))


def keeps_quiet(canaries: Canaries, to: str, answer: Any) -> None:
    """No address carries what was typed, and no page of a fault repeats it."""
    assert answer.status_code < 500, to
    assert not canaries.found_in(to + answer.get("Location", "") + answer.get("Content-Disposition", ""))
    if answer.status_code >= 400 and answer.status_code != 422:
        assert not canaries.found_in(answer.content.decode()), (to, answer.status_code)
