"""The shared review on the tablet: clips and no picture more, what is said in a tap, and that it counts."""

from __future__ import annotations

import base64
import io
import json
import os
import uuid

import av
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.urls import reverse
from django.utils import timezone

from attunement.film.made_up import read_number
from attunement.journey.delivery.models import Session
from attunement.journey.films import actions, review_actions
from attunement.journey.films.models import Seen, Viewing
from attunement.journey.supervision.queries import complete_cycles
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry
from tests.film.films import grey
from tests.journey.films_cast import added, filmed, session


@pytest.fixture
def family(programme):
    return filmed(programme)


@pytest.fixture
def review(family):
    return session(family, "review")


@pytest.fixture
def clip(programme, family):
    film = added(programme, family)
    return actions.mark_clip(by=programme.people["practitioner"], film=film, first=10, last=24, principle=3)


def entry(kind: str, **facts) -> dict:
    return {"key": str(uuid.uuid4()), "kind": kind, "at": int(timezone.now().timestamp() * 1000), **facts}


def sealed(about: str, said: dict) -> str:
    """What the script keeps."""
    own = ec.generate_private_key(ec.SECP256R1())
    shown = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.b64decode(review_actions.lock()))
    key = HKDF(SHA256(), 32, shown, review_actions.BOX.purpose).derive(own.exchange(ec.ECDH(), theirs))
    nonce = os.urandom(12)
    return base64.b64encode(shown + nonce + AESGCM(key).encrypt(nonce, json.dumps(said).encode(), about.encode())).decode()


@pytest.fixture
def note(programme, review):
    def noted(kind: str, **facts):
        return review_actions.note(by=programme.people["practitioner"], review=review, said=entry(kind, **facts))

    return noted


def test_the_tablet_gets_the_clips_pictures_and_not_one_more(browse, review, clip):
    address = reverse("review_clip", args=[review.pk, clip.pk])
    answer = browse("practitioner").get(address)
    assert answer["Content-Type"] == "video/mp4" and answer["Cache-Control"] == "no-store"
    with av.open(io.BytesIO(answer.content), options={"ignore_editlist": "1"}) as film:
        assert [read_number(grey(picture)) for picture in film.decode(video=0)] == list(range(10, 25))
    assert Viewing.objects.count() == 1
    assert browse("practitioner_2").get(address).status_code == 404 and browse("supervisor").get(address).status_code == 403


def test_what_is_said_is_noted_once_and_is_in_no_log(programme, review, clip):
    said = entry("said", clip=clip.pk, frame=12, code="words", words="She looked at me")
    for _time in range(2):
        review_actions.note(by=programme.people["practitioner"], review=review, said=dict(said))
    made = Seen.objects.get()
    assert (made.words, made.frame, made.clip) == ("She looked at me", 12, clip)
    assert "looked" not in str(list(Entry.objects.values_list("what", flat=True)))


@pytest.mark.parametrize("said", [
    {}, {"kind": "shout"}, {"key": "1"}, {"at": -1}, {"at": "noon"}, {"at": 1 << 60}, {"clip": 999}, {"clip": "x"},
    {"code": "bad"}, {"kind": "end"}, {"kind": "end", "minutes": 0}, {"kind": "end", "minutes": "50"}])
def test_what_is_no_part_of_the_review_is_refused(programme, review, clip, said):
    given = entry("said", code="") if not said else entry("said", code="like") | said
    with pytest.raises(Refused):
        review_actions.note(by=programme.people["practitioner"], review=review, said=given)
    assert not Seen.objects.exists()


def test_a_clip_that_the_parent_takes_out_is_out_at_once(note, browse, review, clip):
    note("out", clip=clip.pk)
    clip.refresh_from_db()
    assert clip.taken_out_at is not None
    assert browse("practitioner").get(reverse("review_state", args=[review.pk])).json() == {"clips": []}
    note("out", clip=clip.pk)


def test_its_end_counts_as_the_cycles_shared_review(programme, note, review, clip):
    by = programme.people["practitioner"]
    assert complete_cycles([by.pk])[by.pk] == set()
    note("play", clip=clip.pk, frame=10)
    note("end", minutes=55)
    held = Session.objects.get(pk=review.pk)
    assert (held.state, held.minutes) == ("held", 55)
    assert complete_cycles([by.pk])[by.pk] == {(review.family_id, 1)}


def test_a_review_that_is_recorded_already_is_not_ended_twice(note, review):
    note("end", minutes=55)
    with pytest.raises(Refused):
        note("end", minutes=60)
    assert Session.objects.get(pk=review.pk).minutes == 55


def test_others_note_nothing(programme, review):
    for role in ("practitioner_2", "supervisor", "coordinator"):
        with pytest.raises(NotAllowed):
            review_actions.note(by=programme.people[role], review=review, said=entry("pause"))


def test_what_the_tablet_kept_is_taken_for_this_person_and_this_review_only(programme, browse, review):
    by = programme.people["practitioner"]
    kept = sealed(review_actions.paper(by, review), entry("said", code="like"))
    other = sealed("another", entry("said", code="like"))
    address = reverse("review_late", args=[review.pk])
    answers = [browse("practitioner").post(address, {"sealed": each}).status_code for each in (kept, kept, other, "", "x")]
    assert answers == [204, 204, 422, 422, 422] and Seen.objects.count() == 1
