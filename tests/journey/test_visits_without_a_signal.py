"""A visit is noted by taps; one that a phone kept is taken in once, whenever it comes, and never dropped."""

from __future__ import annotations

import base64
import json
import os
import uuid
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attunement.journey.delivery import actions, late_actions
from attunement.journey.delivery.models import LateVisit, Session
from attunement.journey.delivery.visits import Noted
from attunement.journey.oversight.freezing import frames
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry

SAID = {"state": ["held"], "held_on": ["2021-07-12"], "minutes": ["60"], "rating": ["3"], "place": ["home"],
        "present": ["carer", "infant"], "interpreter": ["no"], "filmed": ["no"]}


@pytest.fixture
def session(programme):
    session = programme.assigned().sessions.first()
    with clock.at(clock.now() + timedelta(days=8)):
        yield session


def sealed(person, session, said=SAID, key=None, purpose=b"attunement visit 1"):
    """As the phone's script seals it."""
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.b64decode(late_actions.lock()))
    own, nonce = ec.generate_private_key(ec.SECP256R1()), os.urandom(12)
    shown = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    secret = HKDF(SHA256(), 32, shown, purpose).derive(own.exchange(ec.ECDH(), theirs))
    plain = json.dumps({"session": str(session.pk), "key": key or str(uuid.uuid4()), "said": said}).encode()
    return base64.b64encode(shown + nonce + AESGCM(secret).encrypt(nonce, plain, person.code.encode())).decode()


def test_what_was_noted_is_kept_shown_and_logged_without_the_parents_tap(programme, browse, session):
    client = browse("practitioner")
    given = {name: values if len(values) > 1 else values[0] for name, values in SAID.items()}
    given |= {"key": str(uuid.uuid4()), "adaptation": "shorter", "adaptation_why": "infant", "training_stage": "Stage 1"}
    for _twice in range(2):
        assert client.post(f"/sessions/{session.pk}/", given).status_code == 302
    assert client.post(f"/sessions/{session.pk}/", given | {"key": str(uuid.uuid4())}).status_code == 409
    session.refresh_from_db()
    assert (session.present, session.place, session.interpreter, session.filmed, session.rating) == (
        ["carer", "infant"], "home", False, False, 3)
    assert (session.adaptation, session.adaptation_why, session.training_stage) == ("shorter", "infant", "Stage 1")
    page = client.get(f"/sessions/{session.pk}/").content.decode()
    assert "Parent or carer, The infant" in page and "At home" in page and "Helpful" not in page
    entry = Entry.objects.get(verb="delivery.session_recorded")
    assert "shorter" in entry.what and "rating" not in entry.what


def test_the_stage_of_training_is_noted_by_itself(programme, session):
    actions.record_session(by=programme.people["practitioner"], session=session, state="held", held_on=clock.today(),
                           minutes=60)
    session.refresh_from_db()
    assert session.training_stage == "Stage 1"


@pytest.mark.parametrize(("state", "noted"), [
    ("held", Noted(place="moon")), ("held", Noted(present=("ghost",))), ("held", Noted(rating=5)),
    ("held", Noted(rating=0)),
    ("held", Noted(reason="ill")), ("held", Noted(adaptation_why="infant")),
    ("held", Noted(training_stage="Stage 9")),
    ("not_attended", Noted(rating=1)), ("not_attended", Noted(filmed=True)), ("not_attended", Noted(reason="whim")),
    ("not_attended", Noted(adaptation="shorter"))])
def test_what_cannot_be_noted_is_refused(programme, session, state, noted):
    with pytest.raises(Refused):
        actions.record_session(by=programme.people["practitioner"], session=session, state=state, held_on=clock.today(),
                               minutes=60, noted=noted)
    session.refresh_from_db()
    assert session.state == "planned"


def test_the_last_visits_place_and_company_are_chosen_beforehand(programme, browse, session):
    actions.record_session(by=programme.people["practitioner"], session=session, state="held", held_on=clock.today(),
                           minutes=60, noted=Noted(place="centre", present=("carer", "sibling"), interpreter=True))
    second = session.family.sessions.get(number=2)
    page = browse("practitioner").get(f"/sessions/{second.pk}/").content.decode()
    assert "At a centre; parent or carer, brother or sister; interpreter; as planned" in page


def test_what_was_noted_is_in_a_snapshot_from_the_day_of_the_visit_on(programme, session):
    actions.record_session(by=programme.people["practitioner"], session=session, state="held", held_on=clock.today(),
                           minutes=60, noted=Noted(place="centre", present=("carer", "sibling"), interpreter=True,
                                                   filmed=False, adaptation="shorter", rating=3))
    wanted = {"place": "centre", "present": "carer sibling", "interpreter": True, "filmed": False, "rating": 3,
              "adaptation": "shorter", "adaptation_why": None, "reason": None}
    for day, kept in ((clock.today(), wanted), (clock.today() - timedelta(days=1), dict.fromkeys(wanted))):
        rows = frames(versions.current(), cut_on=day)["delivery/sessions"].sort("number")
        assert rows.select(*wanted).row(0, named=True) == kept
        assert rows.select(*wanted).row(1, named=True) == dict.fromkeys(wanted)


def test_the_start_page_has_what_is_to_be_recorded_now(programme, browse, session):
    page = browse("practitioner").get("/").content.decode()
    assert f'href="/sessions/{session.pk}/"' in page and "Not logged yet: planned for 12 July 2021" in page
    assert f'href="/sessions/{session.pk}/"' not in browse("practitioner_2").get("/").content.decode()


def test_a_visit_that_a_phone_kept_is_recorded_once_however_often_it_comes(programme, browse, session):
    client, key = browse("practitioner"), str(uuid.uuid4())
    for _time in range(3):
        text = sealed(programme.people["practitioner"], session, key=key)
        assert client.post("/visits/late/", {"sealed": text}).status_code == 204
    session.refresh_from_db()
    assert (session.state, session.minutes, session.rating, session.client_key) == ("held", 60, 3, key)
    assert Entry.objects.filter(verb="delivery.session_recorded").count() == 1 and not LateVisit.objects.exists()


def test_a_visit_that_the_page_recorded_already_is_not_recorded_again_from_the_phone(programme, browse, session):
    key, client = str(uuid.uuid4()), browse("practitioner")
    client.post(f"/sessions/{session.pk}/", {"state": "held", "held_on": "2021-07-12", "minutes": "60", "key": key})
    text = sealed(programme.people["practitioner"], session, key=key)
    assert client.post("/visits/late/", {"sealed": text}).status_code == 204
    assert not LateVisit.objects.exists()


@pytest.mark.parametrize(("said", "why"), [
    (SAID | {"minutes": [""]}, "Give the minutes"), (SAID | {"state": [""]}, "Say whether"), ({}, "Say whether"),
    (SAID | {"held_on": ["2031-07-12"]}, "cannot lie in the future"), (SAID | {"minutes": ["61"]}, "valid choice")])
def test_what_cannot_be_recorded_is_kept_for_its_sender_until_it_is_settled(programme, browse, session, said, why):
    client, person = browse("practitioner"), programme.people["practitioner"]
    text = sealed(person, session, said)
    for _time in range(2):
        assert client.post("/visits/late/", {"sealed": text}).status_code == 204
    late = LateVisit.objects.get()
    assert why in late.why and late.session == session
    assert why in client.get("/caseload/").content.decode()
    assert browse("practitioner_2").post(f"/visits/late/{late.pk}/settle/").status_code == 404
    assert client.post(f"/visits/late/{late.pk}/settle/").status_code == 302
    assert why not in client.get("/caseload/").content.decode()
    with pytest.raises(NotAllowed):
        late_actions.settle(by=programme.people["practitioner_2"], late=late)


def test_a_visit_to_a_family_that_was_handed_over_meanwhile_is_kept_too(programme, browse, session):
    text = sealed(programme.people["practitioner"], session)
    actions.hand_over(by=programme.people["coordinator"], family=session.family, reason="left",
                      practitioner=programme.people["practitioner_2"])
    assert browse("practitioner").post("/visits/late/", {"sealed": text}).status_code == 204
    assert "not on your caseload" in LateVisit.objects.get().why
    assert Session.objects.get(pk=session.pk).state == "planned"


@pytest.mark.parametrize("change", ["x", "", "other person", "other purpose", "no session", "odd key"])
def test_what_was_not_sealed_here_by_this_person_is_refused_and_nothing_is_kept(programme, browse, session, change):
    person = programme.people["practitioner"]
    text = {"x": "x", "": "", "other person": sealed(programme.people["practitioner_2"], session),
            "other purpose": sealed(person, session, purpose=b"another"),
            "no session": sealed(person, Session(pk=999999)), "odd key": sealed(person, session, key="1")}[change]
    assert browse("practitioner").post("/visits/late/", {"sealed": text}).status_code == 422
    assert not LateVisit.objects.exists()
    assert browse("practitioner").get("/visits/late/").status_code == 405


def test_a_lost_key_takes_only_the_phone_s_memory_and_not_the_page(programme, browse, monkeypatch):
    programme.assigned()

    def lost(name, *, first):
        raise Refused("The key file is missing.")

    monkeypatch.setattr("attunement.journey.trail.keys.at_first_use", lost)
    answer = browse("practitioner").get("/caseload/")
    assert answer.status_code == 200 and 'data-lock=""' in answer.content.decode()
