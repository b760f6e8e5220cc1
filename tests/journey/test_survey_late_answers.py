"""Answers that waited on a phone: sealed to the server, sent later, saved once, and the later one holds."""

from __future__ import annotations

import base64
import json
import os
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attunement.journey.surveys import sealed
from attunement.journey.surveys.models import Alert, Answer, Questionnaire
from attunement.journey.trail import clock
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Entry
from tests.journey.risky import ask_risky, link_to


@pytest.fixture
def token(programme):
    ask_risky(programme, "coordinator")
    return link_to(programme, programme.consented())


@pytest.fixture
def phone(browse, token):
    client = browse(None)
    client.post(f"/q/{token}/", {"keeps": "yes", "timing": "yes"})
    return client


def seal(lock: str, paper: int, **answer) -> str:
    """As keep.js does it."""
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.b64decode(lock))
    own = ec.generate_private_key(ec.SECP256R1())
    shown, nonce = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint), os.urandom(12)
    key = HKDF(SHA256(), 32, shown, sealed.PURPOSE).derive(own.exchange(ec.ECDH(), theirs))
    text = AESGCM(key).encrypt(nonce, json.dumps(answer).encode(), str(paper).encode())
    return base64.b64encode(shown + nonce + text).decode()


def at(**earlier) -> int:
    return int((clock.now() - timedelta(**earlier)).timestamp() * 1000)


def send(phone, token, item, given, sent, key="a" * 36, paper=None, **more):
    lock = sealed.public_key()
    text = seal(lock, paper or Questionnaire.objects.get().pk, item=item, given=given, key=key, at=sent, **more)
    return phone.post(f"/q/{token}/late/", {"sealed": text})


def test_a_late_answer_is_saved_once_with_its_own_hour_and_raises_its_alert(phone, token):
    for _time in range(3):
        assert send(phone, token, "demo_safety:3", "2", at(hours=50), took=17).status_code == 204
    row = Answer.objects.get()
    assert (row.value, row.mode, row.took, row.given_at) == (2, "self", 10, clock.now() - timedelta(hours=50))
    assert Alert.objects.get().given_at == row.given_at
    assert Entry.objects.filter(verb="surveys.answered").count() == 1


def test_of_two_answers_the_later_given_holds_in_whatever_order_they_come(phone, token):
    send(phone, token, "demo_safety:1", "3", at(minutes=5), key="b" * 36)
    send(phone, token, "demo_safety:1", "1", at(minutes=9), key="c" * 36)
    assert Answer.objects.get().value == 3
    assert Entry.objects.filter(verb="surveys.answered").count() == 2


def test_an_answer_given_on_the_last_day_counts_when_it_comes_the_day_after(phone, token, programme):
    Questionnaire.objects.update(last_day=clock.today())
    with clock.at(clock.now() + timedelta(days=1)):
        assert send(phone, token, "demo_safety:1", "1", at(days=1)).status_code == 204
        assert send(phone, token, "demo_safety:2", "1", at(hours=1)).status_code == 410
        assert send(phone, token, "demo_safety:3", "0", at(days=30)).status_code == 204  # held to be three days old
    assert Answer.objects.count() == 2


def test_what_was_not_sealed_for_this_server_and_this_questionnaire_is_refused(phone, token):
    paper = Questionnaire.objects.get().pk
    good = seal(sealed.public_key(), paper, item="demo_safety:1", given="1", key="a", at=at())
    whole = base64.b64decode(good)
    broken = base64.b64encode(whole[:-1] + bytes([whole[-1] ^ 1])).decode()
    other = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    for text in ("", "x", good[:40], broken, good * 40, "\0", seal(base64.b64encode(other).decode(), paper, item="x"),
                 seal(sealed.public_key(), paper + 1, item="demo_safety:1", given="1", key="a", at=at()),
                 seal(sealed.public_key(), paper, item="demo_safety:1"),
                 seal(sealed.public_key(), paper, item="demo_safety:1", given="9", key="a", at=at()),
                 seal(sealed.public_key(), paper, item=["x"], given={}, key="a", at="soon")):
        assert phone.post(f"/q/{token}/late/", {"sealed": text}).status_code == 422
    assert not Answer.objects.exists()
    with pytest.raises(Refused):
        sealed.opened("AAAA", paper)


def test_the_page_carries_the_key_only_where_the_family_agreed(browse, token):
    client = browse(None)
    assert 'data-lock=""' in client.get(f"/q/{token}/question/").content.decode()
    client.post(f"/q/{token}/", {"keeps": "yes"})
    assert f'data-lock="{sealed.public_key()}"' in client.get(f"/q/{token}/question/").content.decode()
    assert Questionnaire.objects.get().timing is False
    client.post(f"/q/{token}/")
    assert Questionnaire.objects.get().keeps is False and Entry.objects.filter(verb="surveys.chose").count() == 2


def test_how_long_an_answer_took_is_noted_coarsely_and_by_consent_only(browse, token):
    client = browse(None)
    client.post(f"/q/{token}/save/", {"item": "demo_safety:1", "value": "1", "took": "44"})
    assert Answer.objects.get().took is None
    client.post(f"/q/{token}/", {"timing": "yes"})
    client.post(f"/q/{token}/save/", {"item": "demo_safety:1", "value": "1", "took": "44"})
    assert Answer.objects.get().took == 30


def test_later_answers_take_no_statement_more(phone, token):
    phone.post(f"/q/{token}/save/", {"item": "demo_safety:1", "value": "1"})
    with CaptureQueriesContext(connection) as spent:
        phone.post(f"/q/{token}/save/", {"item": "demo_safety:2", "value": "0", "key": "d" * 36, "at": str(at())})
    assert len([query for query in spent.captured_queries if "SAVEPOINT" not in query["sql"]]) <= 10
