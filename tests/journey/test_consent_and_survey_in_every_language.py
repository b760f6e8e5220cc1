"""Every page that a family sees, in the made-up right-to-left language: no word went past translation."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from attunement.journey.consent import actions as consent
from attunement.journey.surveys import actions as surveys
from attunement.journey.surveys.questions import asked
from attunement.journey.trail import versions

MADE_UP = "en-xr"
UNREAD = {"script", "style"}
SHOWN = {"alt", "aria-label", "placeholder", "title", "data-say-saving", "data-say-saved", "data-say-waiting",
         "data-say-choose", "data-say-progress", "data-say-title"}
EMPTY = {"meta", "link", "input", "br", "img", "circle", "hr"}


class Words(HTMLParser):
    """The texts of a page that somebody reads or hears, but for parts marked as of another language."""

    def __init__(self) -> None:
        super().__init__()
        self.within: list[bool] = []
        self.found: list[str] = []
        self.root: dict[str, str | None] = {}

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        if tag == "html":
            self.root = facts
        other = tag in UNREAD or facts.get("lang", MADE_UP) != MADE_UP
        if tag not in EMPTY:
            self.within.append(other)
        if not any(self.within):
            self.found += [value or "" for name, value in attrs if name in SHOWN]

    def handle_endtag(self, tag):
        if tag not in EMPTY:
            self.within.pop()

    def handle_data(self, data):
        if not any(self.within):
            self.found.append(data)


def foreign(page: str) -> list[str]:
    """Texts that are not in the made-up language; several may follow each other within one element."""
    words = Words()
    words.feed(page)
    words.close()
    assert words.root.get("lang") == MADE_UP and words.root.get("dir") == "rtl"
    texts = [re.sub(r"⟦[^⟧]*(?:⟦[^⟧]*⟧[^⟧]*)*⟧", "", text) for text in words.found]
    return [text.strip() for text in texts if re.search(r"[^\W\d]", text)]


@pytest.fixture
def family(programme):
    return programme.refer(language=MADE_UP)


@pytest.fixture
def phone(browse):
    return browse(None)


def test_every_page_of_consent(phone, programme, family):
    token = consent.give_link(by=programme.people["coordinator"], family=family, leads_to=consent.CONSENT)
    yes = {f"say-{each.code}": "yes" for each in versions.current().consent.purposes}
    counts = yes | {"notice": "1", "language": MADE_UP}
    pages = [phone.get(f"/c/{token}/{page}") for page in ("", "statements/", "thanks/", "fine/", "change/")]
    pages += [phone.post(f"/c/{token}/statements/", sent) for sent in ({}, yes, yes | {"change": "1"})]
    pages.append(phone.post(f"/c/{token}/confirm/", counts, follow=True))
    pages.append(phone.post(f"/c/{token}/change/survey/", follow=True))
    consent.revoke_links(by=programme.people["coordinator"], family=family)
    pages.append(phone.get(f"/c/{token}/"))
    assert [page.status_code for page in pages] == [200] * 5 + [422, 200, 200, 200, 200, 410]
    assert not {text for page in pages for text in foreign(page.content.decode())}


def test_every_page_of_a_questionnaire(phone, programme, family):
    programme.consented(family=family)
    token = surveys.send_link(by=programme.people["survey_team"], family=family, code="baseline", route="none")
    pages = [phone.get(f"/q/{token}/"), phone.get(f"/q/{token}/question/"), phone.post(f"/q/{token}/question/", {})]
    for question in asked(1, "baseline", MADE_UP):
        pages.append(phone.post(f"/q/{token}/save/", {"item": question.code, "value": "wrong"}))
        phone.post(f"/q/{token}/save/", {"item": question.code, "value": question.options[0][0]})
        pages.append(phone.get(f"/q/{token}/question/"))
    assert {page.json()["problem"][0] for page in pages if "json" in page["Content-Type"]} == {"⟦"}
    pages = [page for page in pages if "html" in page["Content-Type"]]
    pages.append(phone.post(f"/q/{token}/finish/", follow=True))
    pages.append(phone.get(f"/q/{token}/"))
    assert pages[-1].status_code == 410 and len(pages) == 29
    assert not {text for page in pages for text in foreign(page.content.decode())}


def test_every_word_of_the_script_s_questions(phone, programme, family):
    programme.consented(family=family)
    token = surveys.send_link(by=programme.people["survey_team"], family=family, code="baseline", route="none")
    for each in phone.get(f"/q/{token}/module/").json()["questions"]:
        words = [each["text"], each["instruction"], *(label for _code, label in each["options"])]
        assert all(text.startswith("⟦") for text in words) and each["notice"][:1] in ("", "⟦")


def test_a_message_to_the_family_is_in_its_language(programme, family):
    from attunement.journey.trail.models import Message

    programme.consented(family=family)
    surveys.send_link(by=programme.people["survey_team"], family=family, code="baseline", route="text")
    assert Message.objects.get().body.startswith("⟦") and "/q/" in Message.objects.get().body


def test_pages_before_the_language_is_known_follow_the_browser(phone):
    for address in ("/c/nothing/", "/q/nothing/"):
        page = phone.get(address, headers={"accept-language": MADE_UP})
        assert page.status_code == 404 and not foreign(page.content.decode())


def test_the_proof_finds_a_word_that_went_past_translation():
    page = '<html lang="en-xr" dir="rtl"><p>⟦a⟧ and 3 of ⟦b⟧</p><p lang="en">English</p><input><p>12.</p></html>'
    assert foreign(page) == ["and 3 of"]
