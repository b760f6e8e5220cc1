"""Every role follows links and sends forms filled with nonsense, and never meets a fault of ours."""

from __future__ import annotations

import random
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from attunement.journey.consent import actions as consent
from attunement.journey.people.roles import ROLES
from attunement.journey.surveys import actions as surveys
from attunement.journey.trail.queries import first_broken
from tests.journey.test_bad_input import PEOPLE, holder, is_a_page, visit  # noqa: F401
from tests.test_routes import addresses, patterns, things  # noqa: F401

STEPS = 12  # of each of the sixteen people, and of a family on each kind of link
WORDS = ["", "\0", "0", "-1", str(10**30), "9" * 5000, "x" * 20_000, "\ud7ff\uffff", "=1+1", "<b>bold", "../../etc",
         "%00", "٣", "31", "31/02/2022", "baseline", "1e9", "NaN", "true", "'; DROP TABLE x", "𝟙", "\u202e",
         "\r\nA: b", "a@b"]
FILES = [b"", b"plain text", b"PK\x03\x04", b"\0" * 900, b"\xff\xfe[study]\n", b"a = 1\n" * 40]
# Words for the end of a visit: whoever follows them has gone.
ENDS = ("/accounts/logout/", "/static/", "/hand-over/")


class Page(HTMLParser):
    """The links of a page, and its forms: where each goes, how, and its fields with the values one may choose."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[dict[str, Any]] = []
        self._select = ""
        self.feed(content)

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        at = dict(given)
        if tag == "a" and at.get("href"):
            self.links.append(at["href"] or "")
        elif tag == "form":
            post = (at.get("method") or "").lower() == "post"
            self.forms.append({"to": at.get("action") or "", "post": post, "fields": {}})
        elif self.forms and tag in ("input", "button", "select", "textarea") and at.get("name"):
            self._select = at["name"] or ""
            found = self.forms[-1]["fields"].setdefault(self._select, [])
            if tag in ("input", "button"):
                found.append("FILE" if at.get("type") == "file" else at.get("value") or "on")
        elif self.forms and tag == "option" and self._select:
            self.forms[-1]["fields"][self._select].append(at.get("value") or "")


def filled(form: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Half of it sensible, so that some of it is taken, and half nonsense; now and then a field is left out."""
    given: dict[str, Any] = {}
    for name, choices in form["fields"].items():
        roll = chance.random()
        if "FILE" in choices:
            given[name] = SimpleUploadedFile(chance.choice(["a.mp4", "a.xlsx", "\u202e.toml"]), chance.choice(FILES))
        elif roll < 0.5 and choices:
            given[name] = chance.choice(choices)
        elif roll < 0.92:
            given[name] = chance.choice(WORDS)
    return given


def walk(client: Any, starts: list[str], chance: random.Random, *, stay: str = "/") -> list[tuple[str, str, int]]:
    """Where one went, how, and the status; after a few steps, or where nothing leads on, from a start again."""
    seen, here, page = [], "", None
    for step in range(STEPS):
        how, data = "get", {}
        if page is None or step % 3 == 0:
            here = chance.choice(starts)
        else:
            forms = [form for form in page.forms if not form["to"].startswith(ENDS)]
            links = [link for link in page.links if usable(urljoin(here, link), stay)]
            links = [link for link in links if urljoin(here, link) not in {where for _how, where, _ in seen}] or links
            if forms and (chance.random() < 0.9 or not links):
                form = chance.choice(forms)
                here, how, data = urljoin(here, form["to"]), "post" if form["post"] else "get", filled(form, chance)
            else:
                here = urljoin(here, chance.choice(links)) if links else chance.choice(starts)
        parts = urlsplit(here)
        answer = getattr(client, how)(parts.path, data or (dict(parse_qsl(parts.query)) if how == "get" else {}))
        seen.append((how, here, answer.status_code))
        assert answer.status_code < 500, (how, here, data)
        if answer.status_code in (301, 302):
            here, page = answer["Location"], Page("")
            page.links = [here]
        elif answer["Content-Type"].startswith("text/html") and not answer.streaming and answer.content:
            assert is_a_page(answer), (how, here)
            page = Page(answer.content.decode())
        else:
            page = None
    return seen


def usable(address: str, stay: str) -> bool:
    parts = urlsplit(address)
    inside = not parts.netloc and not parts.fragment and parts.path.startswith(stay)
    return inside and not any(end in parts.path for end in ENDS)


@pytest.mark.parametrize("seed", [11])
def test_a_random_walk_of_every_role_meets_no_fault(programme, things, visit, seed):  # noqa: F811
    chance, seen = random.Random(seed), []
    for key, role in PEOPLE.items():
        starts = [where for _name, where, right in asked_for(things) if right in ROLES[role].rights] + ["/"]
        seen += walk(visit(key), starts, chance)
    assert len({where for _how, where, _status in seen}) > 40
    assert {200, 302, 422} <= {status for _how, _where, status in seen}
    assert first_broken() is None


def asked_for(things: dict[str, Any]) -> list[tuple[str, str, str]]:  # noqa: F811
    rights = {pattern.name: pattern.callback.permission for pattern in patterns()}
    return [(name, where, rights[name]) for name, where in addresses(things)]


@pytest.mark.parametrize("seed", [13])
def test_no_form_of_any_page_filled_with_nonsense_meets_a_fault(programme, things, visit, seed):  # noqa: F811
    """Each form three times, by whoever may send it: its sentence, or the page after it; never a fault of ours."""
    chance, sent = random.Random(seed), []
    clients = {key: visit(key) for key in PEOPLE}
    for name, here, right in asked_for(things):
        client = clients[holder(right)]
        shown = client.get(here)
        forms = [] if shown.streaming else Page(shown.content.decode("latin-1")).forms
        for form in [form for form in forms if not any(end in form["to"] for end in ENDS)] * 3:
            to, data = urljoin(here, form["to"]).split("?")[0], filled(form, chance)
            answer = client.post(to, data) if form["post"] else client.get(to, data)
            assert answer.status_code < 500 and (answer.status_code in (204, 302) or is_a_page(answer)), (name, to, data)
            sent.append(answer.status_code)
    assert len(sent) > 70 and {302, 422} <= set(sent)
    assert first_broken() is None


@pytest.mark.parametrize("seed", [12])
def test_a_random_walk_on_a_familys_links_meets_no_fault(programme, visit, seed):  # noqa: F811
    chance, by = random.Random(seed), programme.people["coordinator"]
    asked = surveys.send_link(by=by, family=programme.consented(), code="baseline", route="none")
    agreed = consent.give_link(by=by, family=programme.refer(), leads_to=consent.CONSENT)
    for address in (f"/q/{asked}/", f"/c/{agreed}/"):
        for _time in range(2):
            assert 200 in {status for _how, _where, status in walk(visit(None), [address], chance, stay=address)}
    assert first_broken() is None
