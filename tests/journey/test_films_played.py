"""Playing a film: byte ranges, who may, what is written down, and how a withdrawal stops it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.urls import reverse

from attunement.journey.consent import actions as consent
from attunement.journey.delivery import actions as delivery
from attunement.journey.films import actions, playing, store
from attunement.journey.films.models import Film, Viewing
from attunement.journey.films.playing import NoSuchRange, asked_range
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import NotAllowed
from attunement.journey.trail.models import Entry
from tests.journey.films_cast import a_week_on, added, day, filmed, mp4

SIZE = len(mp4())


@pytest.fixture
def family(programme):
    return filmed(programme)


@pytest.fixture
def film(programme, family):
    return added(programme, family)


@pytest.fixture
def play(browse, film):
    def ask(role: str = "practitioner", span: str | None = None, method: str = "get", **headers: str):
        sent = {"Range": span} if span else {}
        return getattr(browse(role), method)(reverse("play", args=[film.pk]), headers=sent | headers)

    return ask


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_without_a_range_the_whole_film_comes(play):
    answer = play()
    assert (answer.status_code, answer["Content-Length"], answer["Content-Type"]) == (200, str(SIZE), "video/mp4")
    assert answer["Accept-Ranges"] == "bytes" and answer["Cache-Control"] == "no-store"
    assert body(answer) == mp4()


@pytest.mark.parametrize(("span", "first", "last"), [
    ("bytes=0-1", 0, 1), ("bytes=0-", 0, SIZE - 1), ("bytes=1000-1999", 1000, 1999),
    ("bytes=-500", SIZE - 500, SIZE - 1), (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
    (f"bytes=5-{SIZE * 9}", 5, SIZE - 1), (f"bytes=-{SIZE * 9}", 0, SIZE - 1),
    ("BYTES = 7 - 8", 7, 8)])
def test_a_range_comes_as_asked(play, span, first, last):
    answer = play(span=span)
    assert (answer.status_code, answer["Content-Range"]) == (206, f"bytes {first}-{last}/{SIZE}")
    assert answer["Content-Length"] == str(last - first + 1)
    assert body(answer) == mp4()[first:last + 1]


@pytest.mark.parametrize("span", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 9}", "bytes=-0", f"bytes={'9' * 30}-"])
def test_a_range_beyond_the_end_is_416(play, span):
    answer = play(span=span)
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{SIZE}")
    assert not Viewing.objects.exists()


@pytest.mark.parametrize("span", ["bytes=", "bytes=-", "bytes=9-3", "bytes=a-b", "bytes=0-1,5-6", "lines=0-4", "0-4",
                                  "bytes=" + "9" * 5000 + "-"])
def test_what_is_no_single_range_is_answered_with_the_whole(play, span):
    assert body(play(span=span)) == mp4()


def test_a_head_request_names_the_length_and_opens_nothing(play):
    answer = play(method="head", span="bytes=0-4")
    assert (answer.status_code, answer["Content-Length"], answer.content) == (200, str(SIZE), b"")
    assert not Viewing.objects.exists()


def test_a_range_of_another_file_is_answered_with_the_whole(play, film):
    assert body(play(span="bytes=0-9", **{"If-Range": '"another"'})) == mp4()
    assert body(play(span="bytes=0-9", **{"If-Range": f'"{film.pk}"'})) == mp4()[:10]


def test_only_reading_is_answered(play):
    assert play(method="delete").status_code == 405


def test_ranges_of_every_kind_agree_with_slices():
    for size in (1, 10):
        for first in ["", *map(str, range(12))]:
            for last in ["", *map(str, range(12))]:
                try:
                    found = asked_range(f"bytes={first}-{last}", size)
                except NoSuchRange:
                    found = "none"
                if first:
                    begin, end = int(first), int(last or size - 1)
                    wanted = None if last and end < begin else "none" if begin >= size else (begin, min(end, size - 1))
                else:
                    wanted = None if not last else "none" if last == "0" else (max(0, size - int(last)), size - 1)
                assert found == wanted, (first, last, size)


def test_a_long_range_comes_in_portions(play, monkeypatch):
    monkeypatch.setattr(playing, "PORTION", 10_000)
    answer = play(span="bytes=100-")
    assert answer["Content-Range"] == f"bytes 100-10099/{SIZE}" and body(answer) == mp4()[100:10_100]


def test_each_opening_is_one_row_and_one_entry_before_the_first_byte(play, film, programme):
    answer = play(span="bytes=0-")
    assert Viewing.objects.get().by == programme.people["practitioner"]
    assert Entry.objects.get(verb="films.watched").family == film.family.code
    body(answer)
    play(span="bytes=500-")
    assert Viewing.objects.count() == 1
    play()
    assert Viewing.objects.count() == 2


def test_who_starts_in_the_middle_has_opened_the_film_too(play):
    play(span="bytes=500-")
    assert Viewing.objects.count() == 1
    with clock.at(clock.now() + timedelta(hours=9)):
        play(span="bytes=900-")
    assert Viewing.objects.count() == 2


@pytest.mark.parametrize("span", [None, "bytes=0-", "bytes=500-"])
def test_a_viewing_that_cannot_be_written_down_shows_nothing(browse, film, monkeypatch, span):
    def fails(**_what: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(actions, "record", fails)
    client = browse("practitioner")
    client.raise_request_exception = False
    answer = client.get(reverse("play", args=[film.pk]), headers={"Range": span} if span else {})
    assert answer.status_code == 500 and not answer.streaming and not Viewing.objects.exists()


@pytest.mark.parametrize(("role", "status"), [
    ("practitioner", 200), ("supervisor", 200), ("practitioner_2", 404), ("practitioner_b", 404), ("coordinator", 403),
    ("trial_manager", 403), ("system_owner", 403), ("survey_team", 403), ("trial_statistician", 403),
    ("monitoring_statistician", 403), ("process_evaluator", 404), ("cost_evaluator", 403), ("funder", 403),
    ("la_analyst", 403)])
def test_who_may_watch(browse, play, film, role, status):
    assert play(role).status_code == status
    assert browse(role).get(reverse("film", args=[film.pk])).status_code == status


def test_nobody_signed_in_is_sent_to_the_sign_in_page(play):
    answer = play(None)
    assert answer.status_code == 302 and answer.url.startswith("/accounts/login/")


def test_a_film_that_is_not_there_is_404(browse):
    assert browse("practitioner").get(reverse("play", args=[uuid.uuid4()])).status_code == 404


def test_after_a_hand_over_only_the_new_practitioner_watches(programme, family, play):
    delivery.hand_over(by=programme.people["coordinator"], family=family, reason="left",
                       practitioner=programme.people["practitioner_2"])
    assert (play("practitioner").status_code, play("practitioner_2").status_code) == (404, 200)


@pytest.mark.parametrize("purpose", ["being_filmed", "taking_part"])
def test_a_withdrawal_stops_the_next_range_request(programme, family, film, browse, play, purpose):
    assert play(span="bytes=0-99").status_code == 206
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose=purpose)
    assert (play(span="bytes=100-199").status_code, play("supervisor", span="bytes=100-199").status_code) == (403, 404)
    page = browse("practitioner").get(reverse("film", args=[film.pk])).content.decode()
    assert "<video" not in page and "ended being filmed on 5 July 2021" in page


def test_a_withdrawal_stops_a_film_that_is_being_sent(programme, family, play, monkeypatch):
    monkeypatch.setattr(playing, "PORTION", 5_000)
    monkeypatch.setattr(playing, "PIECE", 1_000)
    pieces = iter(play().streaming_content)
    first = next(pieces)
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="being_filmed")
    rest = b"".join(pieces)
    assert mp4().startswith(first + rest) and len(first + rest) == 5_000


def test_a_withdrawal_of_supervision_use_stops_the_supervisor_only(programme, family, film, browse, play):
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="supervision_use")
    assert (play("supervisor").status_code, play("practitioner").status_code) == (404, 200)
    assert family.code not in browse("supervisor").get(reverse("films")).content.decode()
    assert family.code in browse("practitioner").get(reverse("films")).content.decode()


def test_a_new_yes_does_not_open_a_closed_film_again(programme, family, film, play):
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="being_filmed")
    coordinator = programme.people["coordinator"]
    link = consent.find_link(consent.give_link(by=coordinator, family=family, leads_to="consent"))
    yes = {purpose.code: True for purpose in versions.current().consent.purposes}
    consent.record_consent(by=link, family=family, given=yes, mode="self", language="en")
    assert play().status_code == 403
    assert added(programme, family, mp4(3)).closed_at is None


@pytest.mark.parametrize("kind", ["removed", "died", "adopted", "unsafe"])
def test_a_change_of_circumstances_closes_the_films(programme, family, film, play, kind):
    consent.record_change(by=programme.people["coordinator"], family=family, kind=kind, happened_on=day(0))
    assert play().status_code == 403
    assert Entry.objects.get(verb="films.closed").what == '{"count":1}'


def test_the_action_that_writes_it_down_asks_too(programme, film):
    for role in ("practitioner_2", "trial_manager", "system_owner"):
        with pytest.raises(NotAllowed):
            actions.note_viewing(by=programme.people[role], film=film)


@pytest.mark.parametrize("damage", ["file gone", "key gone", "file changed", "key of another film"])
def test_a_damaged_film_is_said_and_no_row_is_written(programme, family, film, play, damage):
    path, book = store.film_path(film.pk), store.book()
    if damage == "file gone":
        path.unlink()
    elif damage == "key gone":
        book.destroy(str(film.pk))
    elif damage == "file changed":
        whole = bytearray(path.read_bytes())
        whole[-40] ^= 1
        path.write_bytes(whole)
    else:
        book.destroy(str(film.pk))
        book.put(str(film.pk), book.key(str(added(programme, family, mp4(2)).pk)))
    answer = play()
    assert answer.status_code == 409 and "cannot be opened" in answer.content.decode()
    assert not Viewing.objects.exists()


def test_a_week_later_the_film_still_plays(play):
    with a_week_on():
        assert body(play()) == mp4()


def test_each_film_has_a_key_of_its_own(programme, family, film):
    other = added(programme, family, mp4(2))
    assert Film.objects.count() == 2
    book = store.book()
    assert book.key(str(film.pk)) != book.key(str(other.pk))
    modes = {path.stat().st_mode & 0o777 for path in (store.film_path(film.pk), settings.PLACE.root / "keys" / store.BOOK)}
    assert modes == {0o600}
