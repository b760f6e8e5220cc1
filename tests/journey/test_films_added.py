"""A practitioner adds a film to a session: what is kept, and everything that is refused without a trace."""

from __future__ import annotations

import errno
import tracemalloc

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from attunement.journey.consent import actions as consent
from attunement.journey.films import actions, store, uploads
from attunement.journey.films.forms import FilmForm
from attunement.journey.films.models import Film
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry
from tests.journey.films_cast import added, arrived, day, filmed, mp4, on_disk, sent, session

CUT_OFF = mp4()[:300]
MULTIPART = "multipart/form-data; boundary=x"
AGREED = b'--x\r\nContent-Disposition: form-data; name="agreed"\r\n\r\non\r\n'
FILM = b'--x\r\nContent-Disposition: form-data; name="film"; filename="a.mp4"\r\n\r\n'


class Wire:
    """A body as it comes in: a head, `size` empty bytes, then the end of it or a fault."""

    def __init__(self, head: bytes, size: int, fault: Exception | None = None) -> None:
        self.head, self.left, self.fault = head, size, fault

    def read(self, size: int = -1) -> bytes:
        if self.head:
            head, self.head = self.head, b""
            return head
        if not self.left and self.fault:
            raise self.fault
        step = min(size, self.left)
        self.left -= step
        return bytes(step)


@pytest.fixture
def family(programme):
    return filmed(programme)


@pytest.fixture
def address(family):
    return reverse("add_film", args=[session(family).pk])


@pytest.fixture
def send(browse, address):
    """Posts the form as the family's practitioner; what it leaves on the disk is its own affair."""
    client = browse("practitioner")
    return lambda fields, to=address: client.post(to, fields)


def refused(answer, sentence: str, status: int = 422) -> None:
    assert answer.status_code == status
    assert sentence in answer.content.decode().replace("&#x27;", "'")
    assert not Film.objects.exists()


def test_a_film_is_kept_sealed_with_its_facts_and_one_entry(family, send):
    answer = send(sent(mp4(), name="Zebedee Quill.mp4"))
    film = Film.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("film", args=[film.pk]) + "?added")
    assert (film.frames, film.rate, film.facts["video_codec"], film.size) == (60, 30, "h264", len(mp4()))
    entry = Entry.objects.get(verb="films.added")
    assert '"reaffirmed":true' in entry.what and "Quill" not in entry.what
    assert mp4()[1000:1040] not in store.film_path(film.pk).read_bytes()
    with store.open_film(film.pk) as clear:
        assert clear.read() == mp4()


@pytest.mark.parametrize(("content", "sentence"), [
    (b"", "This file is empty (0 bytes)"),
    (b"Dear diary, this is a text file with another name. " * 40, "This file is not a film, whatever its name"),
    (CUT_OFF, "This film was cut off before its index was written"),
    (b"\x89PNG\r\n\x1a\n" + bytes(200), "This is a picture (PNG), not a film."),
    (b"\xff\xd8\xff\xe0" + bytes(200), "This is a photograph (JPEG), not a film."),
    (b"#EXTM3U\nfile:///etc/hostname\n", "This is a playlist"),
    (b"ffconcat version 1.0\nfile /etc/hostname\n", "This is a playlist"),
    (b"PK\x03\x04" + bytes(200), "This is a zip file or an office document"),
])
def test_what_is_no_film_is_refused_in_one_sentence_and_leaves_nothing(send, content, sentence):
    before = on_disk()
    refused(send(sent(content)), sentence)
    assert on_disk() == before


def test_a_film_cut_off_that_can_still_be_read_is_kept_and_says_so(send, browse):
    answer = send(sent(mp4()[:len(mp4()) * 2 // 3]))
    assert answer.status_code == 302
    assert not Film.objects.get().facts["complete"]
    assert "was cut off before its end" in browse("practitioner").get(answer.url).content.decode()


def test_the_family_must_have_agreed_again(send):
    before = on_disk()
    fields = sent(mp4())
    del fields["agreed"]
    refused(send(fields), "Tick that the family agreed again")
    assert on_disk() == before


def test_a_film_whose_form_is_refused_goes_before_the_answer_does(db):
    before = on_disk()
    film = uploads.Arrived("a.mp4", fault="")
    film.begin()
    film.take(mp4())
    film.finish()
    assert on_disk() != before
    assert not FilmForm({}, {"film": film}).is_valid() and on_disk() == before


def test_a_script_that_skips_the_form_must_say_so_too(programme, family):
    before = on_disk()
    with pytest.raises(Refused, match="Ask the family again"):
        actions.add_film(by=programme.people["practitioner"], session=session(family), arriving=arrived(mp4()),
                         reaffirmed=False)
    assert on_disk() == before


def test_the_same_film_twice_is_refused(programme, family, send):
    added(programme, family)
    before = on_disk()
    answer = send(sent(mp4()))
    assert answer.status_code == 422 and "has been added to this session already" in answer.content.decode()
    assert Film.objects.count() == 1 and on_disk() == before


def test_a_session_that_was_not_held_takes_no_film(family, send):
    before = on_disk()
    refused(send(sent(mp4()), to=reverse("add_film", args=[session(family, cycle=2).pk])),
            "Record the session as held first")
    assert on_disk() == before


def test_without_the_familys_consent_nothing_is_taken_in(programme, family, send, browse, address, monkeypatch):
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="being_filmed")
    monkeypatch.setattr(uploads, "Arriving", None)
    refused(send(sent(mp4())), "The family does not agree to be filmed")
    page = browse("practitioner").get(address).content.decode()
    assert "does not agree to be filmed" in page and 'type="file"' not in page


def test_after_a_removal_into_care_nothing_is_taken_in(programme, family, send):
    consent.record_change(by=programme.people["coordinator"], family=family, kind="removed", happened_on=day(0))
    refused(send(sent(mp4())), "circumstances have changed")


@pytest.mark.parametrize("fields", [
    {"agreed": "on"},
    {"agreed": "on", "film": "not a file at all"},
    {"agreed": "on", "movie": SimpleUploadedFile("film.mp4", b"x" * 500)},
])
def test_a_form_without_the_film_is_refused(send, fields):
    before = on_disk()
    refused(send(fields), "Choose the film on this device")
    assert on_disk() == before


def test_two_files_at_once_are_refused(send):
    before = on_disk()
    first, second = SimpleUploadedFile("a.mp4", mp4()), SimpleUploadedFile("b.mp4", mp4(2))
    for fields in ({"film": [first, second]}, {"film": first, "movie": second}):
        refused(send({"agreed": "on", **fields}), "Send one film at a time")
    assert on_disk() == before


def test_a_film_that_is_too_large_is_turned_away_before_it_is_read(browse, address):
    answer = browse("practitioner").post(address, b"", content_type=MULTIPART,
                                         CONTENT_LENGTH=str(settings.MAX_FILM_BYTES + 1))
    assert answer.status_code == 413 and "too big to send" in answer.content.decode()


@pytest.mark.parametrize("keep", [0.01, 0.5, 0.999])
def test_a_connection_that_breaks_in_the_middle_leaves_nothing(browse, address, keep):
    before = on_disk()
    whole = AGREED + FILM + mp4() + b"\r\n--x--\r\n"
    browse("practitioner").post(address, whole[: int(len(whole) * keep)], content_type=MULTIPART)
    assert not Film.objects.exists() and on_disk() == before


def test_a_reader_that_fails_in_the_middle_leaves_nothing(programme, rf):
    before = on_disk()
    wire = Wire(FILM + mp4()[:9000], 500_000, ConnectionResetError("gone"))
    with pytest.raises(ConnectionResetError):
        uploads.SealingHandler(rf.post("/")).handle_raw_input(
            wire, {"CONTENT_TYPE": MULTIPART, "CONTENT_LENGTH": "999999"}, 999_999, b"x")
    assert on_disk() == before


def test_a_form_sent_from_elsewhere_is_refused_and_what_it_brought_goes(programme, address):
    from django.test import Client

    before = on_disk()
    client = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    client.force_login(programme.people["practitioner"], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(address, sent(mp4())).status_code == 403
    assert on_disk() == before


@pytest.mark.parametrize(("role", "status"), [
    ("practitioner_2", 404), ("practitioner_b", 404), ("supervisor", 403), ("coordinator", 403), ("trial_manager", 403),
    ("system_owner", 403)])
def test_nobody_else_may_add_one_and_nothing_of_it_is_read(browse, address, monkeypatch, role, status):
    monkeypatch.setattr(uploads, "Arriving", None)
    client = browse(role)
    assert client.get(address).status_code == status
    assert client.post(address, sent(mp4())).status_code == status
    assert not Film.objects.exists()


def test_the_action_itself_asks_for_the_caseload(programme, family):
    before = on_disk()
    for role in ("practitioner_2", "supervisor", "trial_manager"):
        with pytest.raises(NotAllowed):
            added(programme, family, by=role)
    assert on_disk() == before


@pytest.mark.parametrize("step", ["write", "finish", "keep"])
def test_a_full_disk_is_said_and_leaves_nothing(send, monkeypatch, step):
    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = on_disk()
    monkeypatch.setattr(store.Arriving, step, full)
    refused(send(sent(mp4())), "the server's disk may be full")
    assert on_disk() == before


def test_no_more_than_a_few_chunks_of_a_film_are_in_memory(rf):
    """Thirty-two megabytes through the handler, watched by the interpreter itself."""
    handler, size = uploads.SealingHandler(rf.post("/")), 32 * 1024 * 1024
    tracemalloc.start()
    handler.handle_raw_input(Wire(FILM, size), {"CONTENT_TYPE": MULTIPART, "CONTENT_LENGTH": str(size)}, size, b"x")
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1024 * 1024
