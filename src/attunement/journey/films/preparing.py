"""Look data and working copies: made by the worker from the sealed film, sealed as they are made, each finished once."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

import numpy as np
from django.conf import settings

from attunement.film import FilmError, look, prepare
from attunement.film.sealed import SealedError
from attunement.film.sealing import Sealing
from attunement.journey.films import store
from attunement.journey.films.models import Film
from attunement.journey.films.objects import objects
from attunement.journey.trail import clock
from attunement.journey.trail.actions import Rule, action, record
from attunement.journey.trail.errors import Refused

RULE = Rule("preparing")
MAKING = ".making"


class Taken(Exception):
    """Another worker is at it."""


@dataclass(frozen=True)
class Look:
    """A film at a glance, as `attunement.film.look` makes it: what it is, sheets of small pictures, and how loud."""

    about: dict[str, Any]
    sheets: tuple[bytes, ...]
    peaks: bytes


def make_looks() -> int:
    return _each(Film.objects.filter(looked_at=None), _look)


def make_working_copies() -> int:
    return _each(Film.objects.filter(ready_at=None), _working)


def _each(films: Any, make: Callable[[Film], None]) -> int:
    """Makes what is wanting, the oldest first; a film that cannot be made says why and holds up no other."""
    made = 0
    for film in films.filter(closed_at=None, deleted_at=None, deletion=None, fault="").order_by("added_at"):
        try:
            with _alone(film.pk):
                film.refresh_from_db()
                make(film)
                made += 1
        except (Taken, OSError):
            continue
        except FilmError as error:
            _say_fault(film=film, fault=str(error))
        except (Refused, SealedError):
            _say_fault(film=film, fault=store.CANNOT_BE_OPENED)
    return made


def _look(film: Film) -> None:
    if film.looked_at is not None:
        return
    with store.open_film(film.pk) as clear:
        found = look(clear)  # type: ignore[arg-type]
    about = {"sheets": len(found.sheets), "pictures": found.pictures, "width": found.width, "height": found.height}
    with _sealed_into(film.pk, store.LOOK) as target, zipfile.ZipFile(target, "w") as parts:
        parts.writestr("about.json", json.dumps(about))
        for number, sheet in enumerate(found.sheets):
            parts.writestr(f"{number}.jpg", sheet)
        parts.writestr("peaks", found.peaks.tobytes())
    _say_made(film=film, made={"looked_at": clock.now()}, verb="films.looked")


def _working(film: Film) -> None:
    if film.ready_at is not None:
        return
    with store.open_film(film.pk) as clear, _sealing(film.pk, store.WORKING) as sealing:
        done = prepare(clear, sealing)  # type: ignore[arg-type]
    with _sealed_into(film.pk, store.MAP) as target:
        np.savez(target, start=done.start, times=done.times, shown_from=done.shown_from)
    _say_made(film=film, made={"ready_at": clock.now(), "working_frames": done.frames}, verb="films.ready",
              frames=done.frames)


@contextmanager
def _sealing(film: UUID, part: str) -> Iterator[Sealing]:
    """A part of a film, sealed as it is made; it reaches the store when it is whole and on the disk."""
    path = settings.PLACE.folder("films") / f"{film}.{part}.part"
    try:
        with open(path, "w+b", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            sealing = Sealing(file, key=store.book().key(str(film)))
            yield sealing
            sealing.finish()
            file.flush()
            os.fsync(file.fileno())
        objects().put(store.object_name(film, part), path)
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _sealed_into(film: UUID, part: str) -> Iterator[BinaryIO]:
    """As `_sealing`, for what is small and made in memory."""
    with io.BytesIO() as made:
        yield made
        with _sealing(film, part) as sealing:
            sealing.reserve(made.tell())
            sealing.write(made.getvalue())


@action
def _say_made(*, film: Film, made: dict[str, Any], verb: str, by: Rule = RULE, **what: Any) -> None:
    """Once: the row says so already when two workers made the same."""
    empty = {name: None for name in made if name.endswith("_at")}
    if Film.objects.filter(pk=film.pk, deleted_at=None, deletion=None, **empty).update(**made):
        record(by=by, verb=verb, family=film.family.code, site=film.family.site.code, film=film.pk, **what)
    elif Film.objects.filter(pk=film.pk, deletion__isnull=False).exists():
        store.removed(film.pk)


@action
def _say_fault(*, film: Film, fault: str, by: Rule = RULE) -> None:
    if Film.objects.filter(pk=film.pk, fault="").update(fault=fault[:200]):
        record(by=by, verb="films.not_ready", family=film.family.code, site=film.family.site.code, film=film.pk)


@contextmanager
def _alone(film: UUID) -> Iterator[None]:
    """One worker makes a film's parts; its lock goes with its process."""
    path = settings.PLACE.folder("films") / f"{film}{MAKING}"
    with open(path, "wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Taken from None
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def look_of(film: Film) -> Look | None:
    """What was made to find moments by; None while it is not there."""
    if film.looked_at is None:
        return None
    with store.open_film(film.pk, store.LOOK) as clear, zipfile.ZipFile(clear) as parts:  # type: ignore[arg-type]
        about = json.loads(parts.read("about.json"))
        return Look(about, tuple(parts.read(f"{number}.jpg") for number in range(about["sheets"])), parts.read("peaks"))


def frame_map(film: Film) -> dict[str, Any]:
    """Where the original's pictures are in the working copy: `start`, `times`, `shown_from`."""
    with contextlib.closing(store.open_film(film.pk, store.MAP)) as clear, np.load(io.BytesIO(clear.read())) as kept:
        return {name: kept[name] for name in kept}
