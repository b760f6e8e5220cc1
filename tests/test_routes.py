"""No route without a declared permission; and who is answered what, role by role, page by page, own and other site."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from attunement.journey.people.roles import BY_LINK, PUBLIC, RIGHTS
from tests.cast import STAFF

TABLE = Path(__file__).parent / "data" / "permissions.txt"
MARKS = {200: "yes", 302: "yes", 405: "yes", 409: "yes", 403: "-", 404: "hidden"}
# Pages that answer "not there" to everybody until something else has happened, or that need a token of their own.
APART = {"invitation", "records_accepted", "records_check", "records_corrections", "records_dates", "records_discard",
         "records_set", "records_workbook", "report"}


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        else:
            yield entry


@pytest.mark.parametrize("pattern", list(patterns()), ids=lambda pattern: str(pattern.pattern) or "/")
def test_every_route_declares_a_permission(pattern):
    assert getattr(pattern.callback, "permission", None) in RIGHTS
    assert pattern.name


def test_only_sign_in_and_the_invitation_are_public():
    public = {pattern.name for pattern in patterns() if pattern.callback.permission == PUBLIC}
    assert {name for name in public if not name.startswith(("account_", "mfa_"))} <= {"invitation", "code"}


def test_a_route_that_forgot_its_permission_is_refused(programme, browse, monkeypatch):
    view = next(pattern for pattern in patterns() if pattern.name == "families").callback
    monkeypatch.delattr(view, "permission")
    assert browse("trial_manager").get("/families/").status_code == 403


@pytest.fixture
def things(programme) -> dict[str, Any]:
    """One of everything at site A, for the addresses' arguments."""
    from attunement.journey.arms import afterwards, places
    from attunement.journey.delivery import goal_actions
    from attunement.journey.delivery.models import LateVisit
    from attunement.journey.films import desk_actions as desk
    from attunement.journey.oversight import actions as oversight
    from attunement.journey.oversight import lock_actions, published, register_actions
    from attunement.journey.supervision import actions as supervision
    from attunement.journey.supervision import training_actions as training
    from attunement.journey.trail import clock
    from attunement.journey.trail.actions import Rule

    family = programme.assigned()
    session = family.sessions.order_by("number").first()
    booked = supervision.book(by=programme.people["supervisor"], trainee=programme.people["practitioner"],
                              booked_for=clock.today(), minutes=60)
    snapshot = oversight.take_snapshot(by=programme.people["trial_manager"])
    oversight.lock_plan(by=programme.people["trial_manager"])
    lock = lock_actions.begin(by=programme.people["trial_manager"])
    film_session = family.sessions.get(kind="film", cycle=1)
    goal = goal_actions.add_goal(by=programme.people["practitioner"], family=family, text="To play more")
    late = LateVisit.objects.create(key="1", session=session, by=programme.people["practitioner"], said={}, why="A test",
                                    arrived_at=clock.now())
    course = training.open_course(by=programme.people["supervisor"], title="A course", starts_on=clock.today(), days=1)
    practice = training.add_practice_family(by=programme.people["practitioner"])
    film = _film(programme, film_session)
    entry = register_actions.open_entry(by=programme.people["trial_manager"], register="complaint", text="Late",
                                        came_on=clock.today())
    told = _told(programme, family)
    listed = places.upload(by=programme.people["monitoring_statistician"], kind="test",
                           content=b"stratum,arm\nA,vig\nA,usual_care\n")
    proposed = afterwards.propose(by=programme.people["coordinator"], kind="ineligible", family=family, reason="A test")
    out = published.publish_progress(by=Rule("progress"))
    return {"version": 1, "published_id": out.pk, "list_id": listed.pk, "proposal_id": proposed.pk,
            "substudy": "none", "site_code": family.site.code, "code": family.code, "point": "baseline",
            "session_id": session.pk, "supervision_id": booked.pk,
            "name": snapshot.name, "purpose": "being_filmed", "item": "demo_warmth:1", "film_id": film.pk,
            "alert_id": _alert(family).pk, "entry_id": _on_call(programme).pk, "site": "A", "raised_id": entry.pk,
            "query_id": _query(programme, family).pk,
            "upload_id": _upload(programme, family).pk, "hold_id": _hold(programme, film).pk,
            "clip_id": film.clips.get().pk, "trainee": programme.people["practitioner"].code,
            "lock_id": lock.pk, "number": 0, **told,
            "goal_id": goal.pk, "late_id": late.pk, "course_id": course.pk, "day": 1, "practice_code": practice.code,
            **_fieldwork(programme, family),
            "review_id": family.sessions.get(kind="review", cycle=1).pk,
            "still_id": desk.keep_still(by=programme.people["practitioner"], film=film, frame=2).pk}


def _told(programme: Any, family: Any) -> dict[str, Any]:
    """A text of an interview with a passage under a code."""
    from attunement.journey.oversight import codebook_actions, interview_actions
    from attunement.journey.oversight.models import Interview
    from attunement.journey.trail import clock

    by = programme.people["process_evaluator"]
    asked = Interview.objects.create(family=family, place=1, reserve=False, seed=1, drawn_at=clock.now(), drawn_by=by,
                                     consented_on=clock.today())
    source = interview_actions.keep(by=by, interview=asked, text="It helped.", names={})
    guid = codebook_actions.add_code(by=by, name="Help", why="A test")
    passage = interview_actions.code(by=by, source=source, code=guid, words="helped")
    return {"source_id": source.pk, "guid": guid, "passage_id": passage.pk, "clearance": "proposed", "verdict": "stays"}


def _fieldwork(programme: Any, family: Any) -> dict[str, int]:
    from attunement.journey.fieldwork import voucher_actions
    from attunement.journey.fieldwork.models import Call, Sending, Trace
    from attunement.journey.trail import clock
    from attunement.journey.trail.actions import post

    of, now = {"family": family, "time_point": "baseline"}, clock.now()
    voucher = voucher_actions.give(by=programme.people["survey_team"], family=family, code="baseline", how="sent")
    message = post(route="text", address="07700 900123", body="-", family=family.code, link=0)
    return {"call_id": Call.objects.create(**of, opened_at=now, next_at=now).pk, "voucher_id": voucher.pk,
            "trace_id": Trace.objects.create(**of, why="no_answer", opened_at=now).pk, "message_id": message.pk,
            "sending_id": Sending.objects.create(**of, day=14, route="post", state="letter", made_at=now).pk}


def _alert(family: Any) -> Any:
    from attunement.journey.surveys.models import Alert
    from attunement.journey.trail import clock

    now = clock.now()
    return Alert.objects.create(questionnaire=family.questionnaires.first(), instrument="phq9", item=9, kind="self_harm",
                                rule_version="1", given_at=now, raised_at=now, call_next_at=now, study_version=1)


def _upload(programme: Any, family: Any) -> Any:
    from attunement.journey.films import upload_actions

    return upload_actions.begin_upload(by=programme.people["practitioner"], length=1000, reaffirmed=True,
                                       session=family.sessions.get(kind="film", cycle=1))


def _hold(programme: Any, film: Any) -> Any:
    from attunement.journey.films import ending_actions

    return ending_actions.hold(by=programme.people["trial_manager"], film=film, person="J. Judge", reason="A court")


def _query(programme: Any, family: Any) -> Any:
    from attunement.journey.surveys import query_actions

    return query_actions.ask(by=programme.people["trial_manager"], questionnaire=family.questionnaires.first(),
                             instrument="demo_warmth", item=1, text="Can this be right?")


def _on_call(programme: Any) -> Any:
    from attunement.journey.surveys import alert_actions

    return alert_actions.put_on_call(by=programme.people["trial_manager"], site=programme.sites["A"],
                                     person=programme.people["coordinator"])


def _film(programme: Any, session: Any) -> Any:
    from attunement.film.made_up import make_film
    from attunement.journey.delivery import actions as delivery
    from attunement.journey.films import actions as films
    from attunement.journey.films.store import Arriving
    from attunement.journey.trail import clock

    by = programme.people["practitioner"]
    with clock.at(clock.local(session.planned_for)):
        delivery.record_session(by=by, session=session, state="held", held_on=clock.today(), minutes=60)
        session.refresh_from_db()
        content = io.BytesIO()
        make_film(content, seconds=1, seed=1)
        arriving = Arriving()
        arriving.write(content.getvalue())
        arriving.finish()
        film = films.add_film(by=by, session=session, arriving=arriving, reaffirmed=True)
        films.mark_clip(by=by, film=film, first=3, last=20, principle=1)
    return film


def addresses(things: dict[str, Any]) -> list[tuple[str, str]]:
    """(name, address) of every page of the staff whose arguments the cast can fill."""
    found = []
    for pattern in patterns():
        if pattern.callback.permission in (PUBLIC, BY_LINK) or pattern.name in APART or pattern.name.startswith("mfa_"):
            continue
        wanted = pattern.pattern.converters
        filled = {name: things[name] for name in wanted} if pattern.name != "survey_time_point" else {"code": "baseline"}
        if pattern.name == "survey_switch_off":
            filled = {"code": "baseline"}
        if pattern.name in ("trainee", "book_supervision", "ready", "meeting", "evidence"):
            filled = {"code": things["trainee"]}
        if pattern.name == "lock_step":
            filled = {"lock_id": things["lock_id"], "code": "cut"}
        if pattern.name.split("_")[0] == "review" and "session_id" in filled:
            filled |= {"session_id": things["review_id"]}
        found.append((pattern.name, reverse(pattern.name, kwargs=filled)))
    return sorted(set(found))


def matrix(things: dict[str, Any], browse: Any) -> list[str]:
    people = [key for key, _role, _site in STAFF]
    width = max(len(name) for name, _address in addresses(things)) + 2
    rows = ["page".ljust(width) + " ".join(f"{key:<24}" for key in people)]
    clients = {key: browse(key) for key in people}
    for name, address in addresses(things):
        marks = [MARKS.get(status := clients[key].get(address).status_code, str(status)) for key in people]
        rows.append(name.ljust(width) + " ".join(f"{mark:<24}" for mark in marks))
    return [row.rstrip() for row in rows]


def test_who_is_answered_what(things, browse):
    """Held to a table that was read line by line: a change of rights changes it, and shows in review."""
    found = "\n".join(matrix(things, browse))
    if os.environ.get("ATTUNEMENT_WRITE_TABLE"):
        TABLE.write_text(found + "\n", encoding="utf-8")
    assert found == TABLE.read_text(encoding="utf-8").rstrip()


def test_nobody_signed_in_is_sent_to_the_sign_in_page(things, browse):
    client = browse(None)
    for name, address in addresses(things):
        answer = client.get(address)
        assert answer.status_code == 302 and answer.url.startswith("/accounts/login/"), name

