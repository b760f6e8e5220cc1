"""A server that is killed in the middle: no film without its row, no row without its film."""

from __future__ import annotations

import os

import pytest
from django.conf import settings

from attunement.film.sealed import wrap
from attunement.journey.films import actions, store
from attunement.journey.films.models import Film, InShot, Sharing
from attunement.journey.films.store import ARRIVING, Arriving, sweep
from attunement.journey.trail import keys
from tests.journey.films_cast import added, arrived, filmed, mp4, on_disk, session, telling


@pytest.fixture
def family(programme):
    return filmed(programme)


def die(arriving: Arriving) -> None:
    """What the end of a process does: its files are closed, and with that its locks are gone."""
    arriving._file.close()


class Killed(BaseException):
    pass


def killed_at(monkeypatch, step: str, owner: object = Arriving) -> None:
    def kill(*_given: object, **_named: object) -> None:
        raise Killed

    monkeypatch.setattr(owner, step, kill)
    monkeypatch.setattr(Arriving, "drop", lambda self: die(self))


def test_an_upload_that_never_ended_is_swept(db):
    before = on_disk()
    arriving = Arriving()
    arriving.write(mp4())
    die(arriving)
    assert sweep() == 1 and on_disk() == before
    assert sweep() == 0


@pytest.mark.parametrize(("step", "owner"), [("keep", Arriving), ("record", actions), ("facts_of", actions)])
def test_killed_before_the_commit_there_is_neither_film_nor_row(programme, family, monkeypatch, step, owner):
    before = on_disk()
    with monkeypatch.context() as patched:
        killed_at(patched, step, owner)
        with pytest.raises(Killed):
            added(programme, family)
    assert on_disk() != before and not Film.objects.exists()
    assert sweep() == 1 and on_disk() == before


def test_killed_after_the_commit_the_film_is_there_after_the_sweep(programme, family, monkeypatch):
    with monkeypatch.context() as patched:
        killed_at(patched, "settle")
        arriving = arrived(mp4())
        with pytest.raises(Killed):
            actions.add_film(by=programme.people["practitioner"], session=session(family), arriving=arriving,
                             reaffirmed=True)
        die(arriving)
    film = Film.objects.get()
    assert not store.film_path(film.pk).exists()
    assert sweep() == 1
    with store.open_film(film.pk) as clear:
        assert clear.read() == mp4()


def test_a_sweep_leaves_running_uploads_and_kept_films_alone(programme, family):
    film = added(programme, family)
    arriving = arrived(mp4(2))
    before = on_disk()
    assert sweep() == 0 and on_disk() == before
    arriving.drop()
    assert store.film_path(film.pk).exists() and store.has_key(film.pk)


def test_a_sealed_film_without_a_row_is_left_for_people_to_judge(programme, family):
    """A database brought back from an older backup must not cost the films that came after it."""
    film = added(programme, family)
    for kept in (InShot, Sharing, Film):
        kept.objects.all().delete()
    assert sweep() == 0 and store.film_path(film.pk).exists()


def test_file_and_key_are_on_the_disk_before_the_row(programme, family, monkeypatch):
    """Each is forced out, with the folder that names it, before the first word of the row is written."""
    done: list[str] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        done.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(actions, "record", lambda **_what: done.append("ROW"))
    film = added(programme, family)
    before_row = done[:done.index("ROW")]
    assert {path.rsplit("/", 1)[1] for path in before_row} >= {f"{film.pk}{ARRIVING}", "films"}
    assert store.has_key(film.pk)


def test_a_file_without_its_key_is_noise(programme, family):
    film = added(programme, family)
    sealed_bytes = store.film_path(film.pk).read_bytes()
    assert len(telling(mp4())) > 20
    assert not [piece for piece in telling(mp4()) if piece in sealed_bytes]


def test_dropping_twice_or_after_settling_harms_nothing(programme, family):
    kept = arrived(mp4())
    by = programme.people["practitioner"]
    actions.add_film(by=by, session=session(family), arriving=kept, reaffirmed=True)
    kept.drop()
    assert store.film_path(kept.id).exists()
    gone = arrived(mp4(2))
    gone.drop()
    gone.drop()
    assert not gone.path.exists()


def test_keys_that_lay_in_files_move_into_the_key_book(programme, family):
    film = added(programme, family)
    folder = settings.PLACE.folder("keys", "films")
    (folder / str(film.pk)).write_bytes(wrap(store.book().key(str(film.pk)), keys.named(store.MASTER)))
    store.book().destroy(str(film.pk))
    assert sweep() == 1 and sweep() == 0 and not list(folder.iterdir())
    with store.open_film(film.pk) as clear:
        assert clear.read() == mp4()
