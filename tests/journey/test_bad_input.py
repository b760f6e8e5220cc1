"""Bad input at every door: one clear page, the right status, no traceback, and nothing half-written."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import Resolver404, resolve

from attunement.journey.consent import actions as consent
from attunement.journey.outcomes import actions as outcomes
from attunement.journey.outcomes.models import Extract
from attunement.journey.people.roles import BY_LINK, ROLES
from attunement.journey.surveys import actions as surveys
from attunement.journey.surveys.models import Answer
from attunement.journey.trail import clock, outbox, versions
from attunement.journey.trail.models import Entry, Message
from attunement.study.calendar import window_instants
from attunement.web.logs import Plain
from attunement.web.middleware import Door
from tests.cast import STAFF
from tests.test_routes import addresses, patterns, things  # noqa: F401

PEOPLE = {key: role for key, role, _site in STAFF}
# What looking at a page writes: that an arm was read, a film watched, a workbook fetched.
LOOKING = {"arms.read", "arms.read_many", "arms.list_read", "films.watched", "outcomes.downloaded",
           "arms.certificate_downloaded", "arms.list_downloaded"}


@pytest.fixture
def visit(browse):
    """Clients that are given the page for a fault, as people are, and not the exception."""

    def signed_in(role: str | None, *, strict: bool = False) -> Client:
        client = browse(role)
        client.raise_request_exception = False
        client.handler.enforce_csrf_checks = strict
        return client

    return signed_in


def is_a_page(answer) -> bool:
    return b"<h1" in answer.content and b"Traceback" not in answer.content


def written_since(number: int) -> set[str]:
    return set(Entry.objects.filter(number__gt=number).values_list("verb", flat=True)) - LOOKING


def holder(right: str) -> str:
    return next((key for key, role in PEOPLE.items() if right in ROLES[role].rights), "trial_manager")


# Methods, and addresses that lead nowhere


def test_no_page_breaks_on_another_method(things, visit):  # noqa: F811
    before = Entry.objects.count()
    clients = {key: visit(key) for key in PEOPLE}
    rights = {pattern.name: pattern.callback.permission for pattern in patterns()}
    for name, address in addresses(things):
        client = clients[holder(rights[name])]
        assert not client.head(address).content, name
        for method in ("options", "put", "patch", "delete", "trace"):
            assert getattr(client, method)(address).status_code < 500, (method, name)
    assert not written_since(before)


MADE_UP = ["0", "-1", str(10**18), str(10**30), "x" * 3000, "%00", "a%00b", "%ff%fe", "%F0%9F%98%80", "..%2f..", "A-99",
           "00000000-0000-0000-0000-000000000000"]


def resolves(address: str) -> bool:
    try:
        return bool(resolve(address))
    except Resolver404:
        return False


def test_an_address_made_up_leads_nowhere(things, visit):  # noqa: F811
    asked: set[str] = set()
    before, clients = Entry.objects.count(), {key: visit(key) for key in PEOPLE}
    for pattern in patterns():
        if not pattern.pattern.converters or pattern.name.startswith("account_"):
            continue
        client = visit(None) if pattern.callback.permission == BY_LINK else clients[holder(pattern.callback.permission)]
        for word in MADE_UP:
            address = "/" + re.sub(r"<[^>]*>", word, str(pattern.pattern))
            if not resolves(unquote(address)):
                address = f"/nowhere/{word}/"  # no page is asked: one answer stands for all of these
                if address in asked:
                    continue
                asked.add(address)
            for answer in (client.get(address), client.post(address)):
                known = answer.status_code in (404, 410) and is_a_page(answer)
                assert known or answer.status_code in (302, 405), (pattern.name, word, answer.status_code)
    assert not written_since(before)


def test_no_site_reaches_anothers_family_by_address(things, visit):  # noqa: F811
    """Looking is held by the table of permissions; here every address is also posted to, by everybody of site B."""
    before = Entry.objects.count()
    for key in ("coordinator_b", "practitioner_b", "la_analyst_b", "practitioner_2"):
        client = visit(key)
        for name, address in addresses(things):
            if any(str(thing) in address for thing in things.values() if str(thing) != "baseline"):
                for send in (client.get, client.post):
                    answer = send(address, {"role": "coordinator", "state": "held", "route": "none", "mode": "visit"})
                    alike = (name, answer.status_code) == ("play", 405)
                    assert answer.status_code in (403, 404) or alike, (key, name, answer.status_code)
    assert not written_since(before)


def test_a_workbook_of_another_site_is_not_there(programme, visit):
    for code in ("A", "C", "%00", "x" * 500):
        assert visit("la_analyst_b").get(f"/records/{code}.xlsx").status_code == 404


def test_a_snapshot_is_not_there_by_another_name(things, visit):  # noqa: F811
    client = visit("trial_manager")
    for name in ("..", "%2e%2e", "..%2f..%2fattunement.toml", things["name"] + "%00", things["name"].upper() + "x"):
        for page in ("report", "release", "build"):
            assert client.post(f"/snapshots/{name}/{page}/").status_code == 404


# Bodies


def test_a_form_without_its_token_is_our_page(things, visit):  # noqa: F811
    client, before = visit("coordinator", strict=True), Entry.objects.count()
    answer = client.post(f"/families/{things['code']}/allocate/", {"key": "1"})
    assert answer.status_code == 403 and is_a_page(answer) and b"open too long" in answer.content
    assert not written_since(before)


@pytest.fixture
def token(programme) -> str:
    family = programme.consented()
    return surveys.send_link(by=programme.people["survey_team"], family=family, code="baseline", route="none")


LONG = b"item=demo_warmth%3A1&value=" + b"1" * 100_000


@pytest.mark.parametrize(("stated", "status"), [
    (str(len(LONG)), 413), (str(10**12), 413), ("9" * 5000, 413), ("70000", 413), ("", 422), ("0", 422), ("27", 422),
    ("many", 400), ("-1", 400), ("1e9", 400), ("٣", 400)])
def test_a_long_body_is_not_read_whatever_its_stated_length(programme, visit, token, stated, status):
    answer = visit(None).generic("POST", f"/q/{token}/save/", LONG, "application/x-www-form-urlencoded",
                                 CONTENT_LENGTH=stated)
    assert answer.status_code == status, answer.content
    assert not Answer.objects.exists()


@pytest.mark.parametrize("body", [
    b"item=%ff%fe&value=%00", b"\xff\xfe\x00", b"item=demo_warmth:1&value=%C3%28", b"=&=&&&",
    b"item=demo_warmth:1&value=1%00",
    b"a=1&" * 5000, b"item=demo_warmth%3A" + b"9" * 5000 + b"&value=1", b"item=demo_warmth%3A-1&value=1"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                                  "multipart/form-data", "application/json; charset=nonsense", "text/plain"])
def test_an_answer_in_broken_bytes_is_said_and_not_saved(programme, visit, token, body, kind):
    for page in ("save", "question", "finish"):
        answer = visit(None).generic("POST", f"/q/{token}/{page}/", body, kind)
        assert answer.status_code in (302, 400, 422), (page, answer.status_code)
    assert not Answer.objects.exists()


@pytest.mark.parametrize("language", ["xx", "en-xr\0", "../en", "x" * 5000, "EN", "ar"])
def test_an_unknown_language_falls_back_to_the_familys(programme, visit, language):
    link = consent.give_link(by=programme.people["coordinator"], family=programme.refer(), leads_to=consent.CONSENT)
    client = visit(None)
    for page in ("", "statements/", "change/", "thanks/"):
        assert client.get(f"/c/{link}/{page}", {"language": language}).status_code in (200, 302)
    client.cookies["django_language"] = "xx"
    answer = client.get(f"/c/{link}/", headers={"accept-language": language.replace("\0", "")})
    assert answer.status_code == 200 and b'lang="en"' in answer.content


def test_a_cookie_that_no_database_can_look_for_is_dropped():
    request = RequestFactory().get("/", headers={"cookie": r'sign_in="\000aaaaaaaaaaaa"; csrftoken=abc'})
    assert "\0" in request.COOKIES["sign_in"]
    assert Door(lambda asked: HttpResponse(" ".join(asked.COOKIES)))(request).content == b"csrftoken"


def test_what_is_typed_stays_out_of_logs_sessions_and_tasks(programme, visit, caplog, monkeypatch):
    """A name in a good form, in a wrong one, in an address, and in a request that ends in a fault of ours."""
    caplog.set_level("DEBUG")
    client = visit("coordinator")
    good = {"site": programme.sites["A"].pk, "carer": "Zebulon Quaggaby", "phone": "07700 900987", "language": "en",
            "email": "quaggaby@example.org", "on_a_plan": "yes", "focal_parent": "yes", "born_on": "2021-05-01",
            "agreed": "yes", "hours": "0-24", "safe": ["text"]}
    assert client.post("/families/refer/", good | {"email": "Quaggaby at home"}).status_code == 422
    assert client.post("/families/refer/", good).status_code == 302
    assert client.get("/families/", {"page": "Quaggaby"}).status_code == 200
    assert client.get("/families/Quaggaby/").status_code == 404

    def fails(**facts):
        raise RuntimeError(str(facts))

    monkeypatch.setattr("attunement.journey.referral.actions.refer", fails)
    assert client.post("/families/refer/", good).status_code == 500
    formatter = Plain(style="{", fmt="{name} {message}")
    lines = [formatter.format(record) for record in caplog.records]
    assert lines and not [line for line in lines if "quaggaby" in line.lower()]
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            found |= {f"{table}.{name}" for row in cursor.fetchall() for name, cell in zip(names, row, strict=True)
                      if re.search("quaggaby|900987", str(cell).lower())}
    assert found == {"referral_contact.carer", "referral_contact.phone", "referral_contact.email"}
    assert not [cell for session in Session.objects.all() for cell in session.get_decoded().values()
                if "quaggaby" in str(cell).lower()]


def test_a_link_is_nowhere_in_clear_once_its_message_has_left_or_was_stopped(programme):
    by, families = programme.people["survey_team"], [programme.consented(), programme.consented()]
    tokens = [surveys.send_link(by=by, family=family, code="baseline", route="text") for family in families]
    assert all(Message.objects.filter(body__contains=token).exists() for token in tokens), "it waits until it leaves"
    consent.withdraw(by=programme.people["coordinator"], family=families[1], purpose="taking_part", mode="visit")
    outbox.send_waiting.call()
    sent, stopped = (Message.objects.get(family=family.code) for family in families)
    assert sent.sent_at and sent.body == "" and stopped.stopped and stopped.body == ""


# The authority's workbook, through its page


def book(*names: str, size: int = 0) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as parts:
        for name in ("[Content_Types].xml", "xl/workbook.xml", *names):
            parts.writestr(name, b"<x/>" + b" " * (size if name == names[-1] else 0))
    return target.getvalue()


@pytest.mark.parametrize(("content", "said"), [
    (book("xl/vbaProject.bin"), "macro"), (book("xl/worksheets/sheet1.xml", size=200 * 1024 * 1024), "unpack"),
    (book("xl/worksheets/sheet1.xml"), "mend|workbook|sheet")])
def test_a_workbook_that_must_not_be_opened_is_one_clear_page(programme, visit, content, said):
    family = programme.allocated()
    with clock.at(clock.now() + timedelta(days=260)):
        outcomes.download(by=programme.people["la_analyst"], site=family.site)
        answer = visit("la_analyst").post("/records/send/", {
            "site": family.site.pk, "workbook": SimpleUploadedFile("r.xlsx", content)})
    assert answer.status_code == 422 and is_a_page(answer)
    assert re.search(said, answer.content.decode().lower()) and not Extract.objects.exists()


# A window whose last day is longer or shorter than the others


@pytest.mark.parametrize(("allocated", "last"), [
    (date(2021, 6, 3), date(2021, 10, 31)), (date(2021, 10, 27), date(2022, 3, 27))])
def test_a_window_that_ends_as_the_clock_changes_ends_at_its_own_midnight(programme, visit, allocated, last):
    with clock.at(clock.local(allocated)):
        family = programme.allocated()
    with clock.at(clock.local(last, 9)):
        token = surveys.send_link(by=programme.people["survey_team"], family=family, code="four_months", route="none")
    point = next(each for each in versions.current().time_points if each.code == "four_months")
    london, after = ZoneInfo("Europe/London"), last + timedelta(days=1)
    late = datetime(last.year, last.month, last.day, 23, 59, tzinfo=london)
    out = datetime(after.year, after.month, after.day, 0, 1, tzinfo=london)
    _opens, closes = window_instants(point, allocated, "Europe/London")
    assert late < closes < out
    phone, given = visit(None), {"item": "demo_warmth:1", "value": "1"}
    with clock.at(out):
        assert phone.post(f"/q/{token}/save/", given).status_code == 410
        assert not Answer.objects.filter(questionnaire__time_point="four_months").exists()
    with clock.at(late):
        assert phone.post(f"/q/{token}/save/", given).status_code == 204
