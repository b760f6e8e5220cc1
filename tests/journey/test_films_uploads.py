"""A film that comes in pieces over connections that break: what the protocol says, who may, and what is left."""

from __future__ import annotations

import base64
import hashlib
import io
import os
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from attunement.journey.consent import actions as consent
from attunement.journey.films import incoming, scanning, store, upload_actions
from attunement.journey.films.models import Film, Upload
from attunement.journey.trail import clock
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Entry
from tests.journey.films_cast import filmed, mp4, on_disk, session, telling

FILM = mp4()
SPOKEN = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"


@pytest.fixture
def family(programme):
    for left in (settings.PLACE.root / "films").glob("*.pieces"):  # of tests before, whose rows are gone
        left.unlink()
    return filmed(programme)


class Phone:
    """A client that speaks the protocol."""

    def __init__(self, client, family, to: str = ""):
        self.client, self.address = client, to or reverse("uploads", args=[session(family).pk])

    def begin(self, length: int | None = len(FILM), body: bytes = b"", **headers: str):
        said = {"Upload-Length": str(length)} if length is not None else {"Upload-Defer-Length": "1"}
        answer = self.client.generic("POST", self.address, body, content_type=BYTES,
                                     headers=SPOKEN | {"Upload-Metadata": f"agreed {b64('yes')}"} | said | headers)
        self.upload = answer.headers.get("Location", "")
        return answer

    def send(self, offset: int, body: bytes, method: str = "PATCH", content_type: str = BYTES, **headers: str):
        return self.client.generic(method, self.upload, body, content_type=content_type,
                                   headers=SPOKEN | {"Upload-Offset": str(offset)} | headers)

    def tell(self):
        return self.client.head(self.upload, headers=SPOKEN)

    def finish(self):
        return self.client.post(self.upload + "finish/")


def b64(text: str | bytes) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def summed(body: bytes, algorithm: str = "sha256") -> dict[str, str]:
    return {"Upload-Checksum": f"{algorithm} {b64(hashlib.new(algorithm, body).digest())}"}


@pytest.fixture
def phone(browse, family):
    return Phone(browse("practitioner"), family)


def test_what_is_spoken_is_said(phone):
    answer = phone.client.options(phone.address)
    assert (answer.status_code, answer["Tus-Version"]) == (204, "1.0.0")
    assert answer["Tus-Max-Size"] == str(settings.MAX_FILM_BYTES) and "termination" in answer["Tus-Extension"]
    assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256"


def test_a_film_in_three_pieces_becomes_a_film_once(phone, programme):
    answer = phone.begin()
    assert answer.status_code == 201 and answer["Upload-Expires"].endswith("GMT")
    for first in range(0, len(FILM), 20_000):
        piece = FILM[first : first + 20_000]
        answer = phone.send(first, piece)
        assert (answer.status_code, answer["Upload-Offset"]) == (204, str(first + len(piece)))
        assert phone.tell()["Upload-Offset"] == str(first + len(piece))
    assert not Film.objects.exists()
    held = b"".join(path.read_bytes() for path in (settings.PLACE.root / "films").glob("*"))
    assert not [piece for piece in telling(FILM) if piece in held]
    answer = phone.finish()
    film = Film.objects.get()
    assert answer.url == reverse("film", args=[film.pk]) + "?added"
    assert (film.sha256, film.size) == (hashlib.sha256(FILM).hexdigest(), len(FILM))
    with store.open_film(film.pk) as clear:
        assert clear.read() == FILM
    assert phone.finish().url == answer.url and Film.objects.count() == 1
    assert Entry.objects.filter(verb="films.added").count() == 1
    assert not incoming.pieces_path(film.pk).exists()
    assert phone.tell()["Upload-Offset"] == str(len(FILM))


def test_bytes_may_come_with_the_beginning(phone):
    answer = phone.begin(body=FILM[:9000])
    assert (answer.status_code, answer["Upload-Offset"]) == (201, "9000")
    assert phone.send(9000, FILM[9000:]).status_code == 204 and phone.finish().status_code == 302


def test_a_film_whose_length_the_end_tells(phone):
    phone.begin(None, FILM[:5000])
    assert phone.tell()["Upload-Defer-Length"] == "1" and "Upload-Length" not in phone.tell().headers
    assert phone.finish().status_code == 409
    assert phone.send(5000, FILM[5000:], **{"Upload-Length": str(len(FILM))}).status_code == 204
    assert phone.send(len(FILM), b"x", **{"Upload-Length": "5"}).status_code == 400
    assert phone.finish().status_code == 302


@pytest.mark.parametrize(("offset", "status"), [(0, 409), (999, 409), (1001, 409), (5000, 409), (1000, 204)])
def test_a_duplicate_or_a_gap_is_a_conflict_and_nothing_changes(phone, offset, status):
    phone.begin()
    phone.send(0, FILM[:1000])
    assert phone.send(offset, FILM[offset : offset + 500]).status_code == status
    assert phone.tell()["Upload-Offset"] == ("1500" if status == 204 else "1000")


def test_bytes_beyond_the_length_are_never_stored(phone):
    phone.begin(1000)
    assert phone.send(0, bytes(1001)).status_code == 413
    assert phone.tell()["Upload-Offset"] == "0"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_corrupt_chunk_is_460_and_can_be_sent_again(phone, algorithm):
    phone.begin()
    wrong = phone.send(0, FILM[:1000], **summed(FILM[:999], algorithm))
    assert (wrong.status_code, phone.tell()["Upload-Offset"]) == (460, "0")
    assert phone.send(0, FILM[:1000], **summed(FILM[:1000], algorithm)).status_code == 204
    assert phone.tell()["Upload-Offset"] == "1000"


@pytest.mark.parametrize("promised", [True, False])
def test_a_connection_that_breaks_keeps_what_came_unless_a_sum_was_promised(phone, promised):
    phone.begin()
    headers = summed(FILM[:9000]) if promised else {}
    phone.client.generic("PATCH", phone.upload, FILM[:4000], content_type=BYTES, CONTENT_LENGTH="9000",
                         **{"wsgi.input": io.BytesIO(FILM[:4000])}, headers=SPOKEN | {"Upload-Offset": "0"} | headers)
    assert phone.tell()["Upload-Offset"] == ("0" if promised else "4000")


def test_while_one_request_sends_another_is_told_to_wait(phone, monkeypatch):
    phone.begin()
    upload = Upload.objects.get()
    with incoming.turn(upload.pk) as mine:
        mine.add(FILM[:100], provisional=False)
        assert phone.send(0, FILM[:1000]).status_code == 423 and phone.tell().status_code == 423
        monkeypatch.setattr(incoming, "PATIENCE", -1.0)
        assert phone.send(100, FILM[100:1000]).status_code == 204
        with pytest.raises(incoming.LostTurn):
            mine.add(FILM[100:200], provisional=False)
    assert phone.tell()["Upload-Offset"] == "1000"


def test_where_a_proxy_passes_only_get_and_post_the_method_is_in_a_header(phone):
    phone.begin()
    assert phone.send(0, FILM[:1000], "POST", **{"X-HTTP-Method-Override": "PATCH"}).status_code == 204
    assert phone.send(0, b"", "POST", **{"X-HTTP-Method-Override": "HEAD"})["Upload-Offset"] == "1000"
    assert phone.send(0, b"", "POST", **{"X-HTTP-Method-Override": "DELETE"}).status_code == 204


def test_given_up_is_gone(phone):
    before = on_disk()
    phone.begin(body=FILM[:1000])
    assert phone.client.delete(phone.upload, headers=SPOKEN).status_code == 204
    assert on_disk() == before
    assert (phone.tell().status_code, phone.send(1000, b"x").status_code) == (410, 410)
    assert phone.client.delete(phone.upload, headers=SPOKEN).status_code == 410


def test_what_was_abandoned_expires(phone):
    before = on_disk()
    phone.begin(body=FILM[:1000])
    with clock.at(clock.now() + timedelta(days=1)):
        assert phone.send(1000, FILM[1000:2000]).status_code == 204
    with clock.at(clock.now() + timedelta(days=2, hours=12)):
        assert upload_actions.tidy_uploads() == 0 and phone.tell().status_code == 200
    with clock.at(clock.now() + timedelta(days=4)):
        assert phone.tell().status_code == 410
        assert upload_actions.tidy_uploads() == 1
    assert on_disk() == before and Upload.objects.get().state == "ended"


def test_a_film_that_arrived_whole_is_finished_by_the_worker_when_the_phone_died(phone):
    phone.begin(body=FILM)
    assert upload_actions.tidy_uploads() == 0
    with clock.at(clock.now() + timedelta(minutes=5)):
        assert upload_actions.tidy_uploads() == 1
    assert Film.objects.get().size == len(FILM) and upload_actions.tidy_uploads() == 0


@pytest.mark.parametrize(("came_from", "kept"), [("page", True), ("gallery", False)])
def test_a_film_made_in_the_page_is_kept_as_far_as_it_came_when_the_page_died(phone, came_from, kept):
    phone.begin(None, FILM, **{"Upload-Metadata": f"agreed {b64('yes')},from {b64(came_from)}"})
    with clock.at(clock.now() + timedelta(minutes=50)):
        assert upload_actions.tidy_uploads() == 0
    with clock.at(clock.now() + timedelta(minutes=70)):
        assert upload_actions.tidy_uploads() == kept
    assert Film.objects.filter(came_from="page").exists() == kept


@pytest.mark.parametrize(("content", "sentence"), [
    (b"Dear diary, this is a text file with another name. " * 40, "This file is not a film"),
    (b"#EXTM3U\nfile:///etc/hostname\n", "This is a playlist"), (FILM[:300], "was cut off before its index")])
def test_what_is_no_film_is_refused_in_words_and_nothing_stays(phone, content, sentence):
    before = on_disk()
    phone.begin(len(content), content)
    answer = phone.finish()
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert on_disk() == before and not Film.objects.exists()
    assert sentence in phone.tell().content.decode() or phone.tell().status_code == 410


def test_a_film_of_more_than_ninety_minutes_is_refused(phone, monkeypatch):
    monkeypatch.setattr("attunement.journey.films.policies.LONGEST_MINUTES", 0.01)
    phone.begin(body=FILM)
    assert "at most 0.01 can be kept" in phone.finish().content.decode() and not Film.objects.exists()


def test_what_the_scanner_finds_is_refused(phone, monkeypatch):
    monkeypatch.setattr(scanning, "address", lambda: "/there")
    monkeypatch.setattr(scanning, "_reached", lambda _path: FoundIt())
    phone.begin(body=FILM)
    assert "harmful files" in phone.finish().content.decode() and not Film.objects.exists()


def test_a_long_film_goes_to_the_scanner_in_windows_that_overlap(monkeypatch, caplog):
    class Stub(FoundIt):
        def recv(self, _most):
            asked.append(len(self.got))
            return answer if answer else b"stream: X FOUND\0" if b"MARK" in self.got else b"stream: OK\0"

    asked, answer, blank = [], b"", bytes(70_000)
    monkeypatch.setattr(scanning, "address", lambda: "/there")
    monkeypatch.setattr(scanning, "_reached", lambda _path: Stub())
    for name, number in (("_BLOCK", 1000), ("_WINDOW", 20_000), ("_OVERLAP", 100)):
        monkeypatch.setattr(scanning, name, number)
    for place in (0, 19_998, 20_002, 39_000, 69_996):
        with pytest.raises(Refused, match="harmful files"):
            scanning.clean(io.BytesIO(blank[:place] + b"MARK" + blank[place:]))
    asked.clear()
    scanning.clean(io.BytesIO(blank))
    assert max(asked) < 22_000 and 70_000 < sum(asked) < 75_000
    answer = b"INSTREAM size limit exceeded. ERROR\0"
    scanning.clean(io.BytesIO(blank))
    assert "did not look through a film" in caplog.text


class FoundIt:
    """clamd's answer to a stream with something in it."""

    def __enter__(self):
        self.got = b""
        return self

    def __exit__(self, *_how):
        return None

    def sendall(self, data):
        self.got += data

    def recv(self, _most):
        assert self.got.startswith(b"zINSTREAM\0") and self.got.endswith(bytes(4)) and FILM[:60000] in self.got
        return b"stream: Eicar-Signature FOUND\0"


@pytest.mark.parametrize(("headers", "status"), [
    ({"Upload-Length": "x"}, 400), ({"Upload-Length": "-5"}, 400), ({"Upload-Length": ""}, 400),
    ({"Upload-Length": str(4 * 1024**3 + 1)}, 413), ({"Upload-Length": "9" * 30}, 400), ({"Upload-Length": "0"}, 403),
    ({"Upload-Defer-Length": "1"}, 400), ({"Upload-Metadata": "agreed %%%"}, 400), ({"Upload-Metadata": ""}, 403),
    ({"Tus-Resumable": "0.2.2"}, 412), ({"Upload-Checksum": "md5 AAAA"}, 400), ({"Upload-Checksum": "sha1 ==%"}, 400)])
def test_what_cannot_be_read_begins_nothing_more(phone, headers, status):
    assert phone.begin(1000, b"abc", **headers).status_code == status
    assert phone.client.get(phone.address).status_code == 405


@pytest.mark.parametrize("change", [{"content_type": "text/plain"}, {"Upload-Offset": "x"}, {"Upload-Offset": "-1"}])
def test_a_patch_that_cannot_be_read_changes_nothing(phone, change):
    phone.begin()
    assert phone.send(0, b"abc", **change).status_code in (400, 415)
    assert phone.tell()["Upload-Offset"] == "0"


def test_a_withdrawal_ends_what_is_on_its_way(phone, programme, family):
    before = on_disk()
    phone.begin(body=FILM[:1000])
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="being_filmed")
    assert phone.send(1000, FILM[1000:]).status_code == 410
    upload_actions.tidy_uploads()
    assert on_disk() == before and not Film.objects.exists()


@pytest.mark.parametrize(("role", "begins", "tells"), [
    ("practitioner_2", 404, 404), ("practitioner_b", 404, 404), ("supervisor", 403, 403), ("trial_manager", 403, 403),
    ("system_owner", 403, 403)])
def test_nobody_else_begins_sees_or_ends_an_upload(browse, family, phone, role, begins, tells):
    phone.begin(body=FILM[:1000])
    other = Phone(browse(role), family)
    assert other.begin().status_code == begins
    other.upload = phone.upload
    for answer in (other.tell(), other.send(1000, b"x"), other.client.delete(phone.upload, headers=SPOKEN),
                   other.finish(), other.client.get(phone.upload + "tail/")):
        assert answer.status_code == tells
    assert phone.tell()["Upload-Offset"] == "1000"


def test_without_the_sites_own_page_nothing_begins(programme, family):
    from django.test import Client

    client = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    client.force_login(programme.people["practitioner"], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert Phone(client, family).begin().status_code == 403 and not Upload.objects.exists()


def test_no_more_than_five_are_on_their_way_at_once(phone):
    assert [phone.begin().status_code for _one in range(6)] == [201] * 5 + [403]


def test_the_tail_shows_whether_a_file_is_the_same(phone):
    phone.begin(body=FILM[:5000])
    answer = phone.client.get(phone.upload + "tail/").json()
    assert answer == {"offset": 5000, "first": 0, "sha256": b64(hashlib.sha256(FILM[:5000]).digest())}
    page = phone.client.get(reverse("add_film", args=[Upload.objects.get().session_id])).content.decode()
    assert f'data-address="{phone.upload}"' in page and "Give it up" in page


def test_pieces_without_a_row_are_swept_once_they_are_old(family):
    before = on_disk()
    upload = Upload(session_id=1, by_id=1, reaffirmed=True)
    incoming.begin(upload.pk)
    upload_actions.tidy_uploads()
    assert incoming.pieces_path(upload.pk).exists()
    os.utime(incoming.pieces_path(upload.pk), (1, 1))
    assert upload_actions.tidy_uploads() == 1
    assert on_disk() == before
