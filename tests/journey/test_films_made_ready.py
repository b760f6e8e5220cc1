"""The worker makes look data first and the working copy after, sealed as they are made, each once."""

from __future__ import annotations

import io

import pytest
from django.conf import settings
from django.urls import reverse

from attunement.film import FilmError
from attunement.film.working import working
from attunement.journey.films import preparing, store, tending
from attunement.journey.films.models import Film
from attunement.journey.trail.models import Entry
from tests.journey.films_cast import added, filmed, mp4, telling


@pytest.fixture
def film(programme):
    return added(programme, filmed(programme))


def made(verb: str) -> int:
    return Entry.objects.filter(verb=verb).count()


def ready(film: Film) -> Film:
    preparing.make_looks()
    preparing.make_working_copies()
    return Film.objects.get(pk=film.pk)


def test_look_data_comes_before_the_working_copy_and_each_once(film):
    assert preparing.look_of(film) is None
    assert preparing.make_looks() == 1
    film.refresh_from_db()
    found = preparing.look_of(film)
    assert found.about["pictures"] == 1 and found.sheets[0].startswith(b"\xff\xd8") and len(found.peaks) == 400
    assert film.looked_at and film.ready_at is None
    assert preparing.make_working_copies() == 1 and preparing.make_working_copies() == preparing.make_looks() == 0
    assert (made("films.looked"), made("films.ready")) == (1, 1)


def test_playing_takes_the_working_copy_once_it_is_there(film, browse):
    film = ready(film)
    assert (film.frames, film.rate) == (60, 30)
    answer = browse("practitioner").get(reverse("play", args=[film.pk]))
    content = b"".join(answer.streaming_content)
    assert answer["Content-Type"] == "video/mp4" and content != mp4()
    from attunement.film.opening import opened

    with opened(io.BytesIO(content)) as copy:
        assert working(copy) is not None
    assert list(preparing.frame_map(film)["shown_from"]) == list(range(60))


def test_nothing_clear_is_in_any_file(film):
    film = ready(film)
    with store.open_film(film.pk, store.WORKING) as clear:
        copy = clear.read()
    for path in settings.PLACE.root.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert not [piece for piece in telling(mp4()) + telling(copy) if piece in held], path
    assert not list((settings.PLACE.root / "films").glob(f"{film.pk}*.part"))


@pytest.mark.parametrize("step", ["look", "prepare", "_say_made"])
def test_killed_in_the_middle_it_is_made_once_by_the_next(film, monkeypatch, step):
    class Killed(BaseException):
        pass

    def kill(*_given: object, **_named: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(preparing, step, kill)
        with pytest.raises(Killed):
            ready(film)
    film = ready(film)
    assert film.ready_at and (made("films.looked"), made("films.ready")) == (1, 1)


def test_a_film_that_cannot_be_made_ready_says_why_and_holds_up_no_other(programme, film, monkeypatch):
    real = preparing.prepare

    def fails(source, target):
        if not made("films.not_ready"):
            raise FilmError("The film is damaged there.")
        return real(source, target)

    monkeypatch.setattr(preparing, "prepare", fails)
    other = added(programme, film.family, mp4(2))
    preparing.make_working_copies()
    assert {kept.fault for kept in Film.objects.all()} == {"The film is damaged there.", ""}
    assert ready(other).ready_at and preparing.make_working_copies() == 0


def test_two_workers_at_once_make_it_once(film):
    with preparing._alone(film.pk):
        assert preparing.make_looks() == 0
    assert preparing.make_looks() == 1


def test_the_worker_is_woken_once_however_often_it_is_asked_and_comes_again(film):
    from django_tasks_db.models import DBTaskResult

    waiting = DBTaskResult.objects.filter(task_path=tending.tend.module_path, status="READY")
    tending.wake()
    tending.wake()
    assert waiting.count() == 1 and waiting.get().queue_name == "films"
    waiting.delete()
    assert tending.tend.func() >= 2
    assert Film.objects.get(pk=film.pk).ready_at and waiting.count() == 1
    tending.wake()
    assert waiting.count() == 2


def test_a_step_that_fails_does_not_keep_the_others_from_being_done(film, monkeypatch):
    def fails() -> int:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(preparing, "make_looks", fails)
    tending.tend.func()
    assert Film.objects.get(pk=film.pk).ready_at
