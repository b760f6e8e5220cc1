"""A film that comes in pieces: begun, given up, expired, and at its end kept as a film or refused in words."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.conf import settings

from attunement.film.sealed import SealedError
from attunement.journey.delivery.models import Session
from attunement.journey.delivery.permissions import need_caseload
from attunement.journey.films import actions, incoming, policies, scanning
from attunement.journey.films.models import Film, Upload
from attunement.journey.films.store import Arriving, book, not_stored
from attunement.journey.people.models import Person
from attunement.journey.trail import clock
from attunement.journey.trail.actions import Actor, Rule, action, record
from attunement.journey.trail.errors import Refused

LASTS = timedelta(days=2)
FILMING_DIED = timedelta(hours=1)
MOST_AT_ONCE = 5
RULE = Rule("uploads")


@action
def begin_upload(*, by: Person, session: Session, length: int | None, reaffirmed: bool, came_from: str = "gallery",
                 only_family: bool = True) -> Upload:
    """Takes in a film of `length` bytes, or of a length that the end will tell. Key and file are there afterwards."""
    need_caseload(by, session.family)
    policies.can_add(session)
    policies.agreed_again(reaffirmed)
    policies.not_too_long(length)
    if Upload.objects.filter(by=by, state="arriving").count() >= MOST_AT_ONCE:
        raise Refused("Several films of yours are on their way already. Finish or give up one of them first.")
    now = clock.now()
    upload = Upload.objects.create(session=session, by=by, length=length, reaffirmed=reaffirmed, came_from=came_from,
                                   only_family=only_family, begun_at=now, until=now + LASTS)
    family = session.family
    record(by=by, verb="films.upload_begun", family=family.code, site=family.site.code, upload=upload.pk, length=length,
           came_from=came_from)
    try:
        incoming.begin(upload.pk)
    except OSError as error:
        with contextlib.suppress(OSError):
            incoming.forget(upload.pk)
        raise Refused(not_stored(error)) from None
    return upload


@action
def say_length(*, by: Person, upload: Upload, length: int) -> None:
    """The length of a film that was begun without one. Said once."""
    policies.not_too_long(length)
    if not Upload.objects.filter(pk=upload.pk, by=by, state="arriving", length=None).update(length=length):
        raise Refused("The length of this film was said already.")
    upload.length = length
    record(by=by, verb="films.upload_length", family=upload.session.family.code, site=upload.session.family.site.code,
           upload=upload.pk, length=length)


def end_upload(*, by: Actor, upload: Upload, state: str = "ended", fault: str = "") -> bool:
    """Given up, expired or refused: its key is destroyed and its pieces go. False when it was over already."""
    ended: bool = _end_upload(by=by, upload=upload, state=state, fault=fault)
    if ended:
        incoming.forget(upload.pk)
    return ended


@action
def _end_upload(*, by: Actor, upload: Upload, state: str, fault: str) -> bool:
    fresh = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if fresh.state != "arriving":
        return False
    fresh.state, fresh.fault = state, fault[:200]
    fresh.save(update_fields=["state", "fault"])
    family = upload.session.family
    record(by=by, verb=f"films.upload_{state}", family=family.code, site=family.site.code, upload=upload.pk)
    return True


def live_longer(upload: Upload) -> None:
    """Bytes came: it expires later. No entry, as nothing was decided."""
    Upload.objects.filter(pk=upload.pk, state="arriving").update(until=clock.now() + LASTS)


def finish_upload(*, by: Person, upload: Upload) -> Film:
    """All bytes are here: what they are is looked at, and the film kept, or refused in words and forgotten.

    Done once however often it is asked, also after a crash at any point: what was kept is given back again.
    """
    with _alone(upload):
        upload = Upload.objects.select_related("session__family__site").get(pk=upload.pk)
        film = Film.objects.filter(pk=upload.pk).first()
        if film is None:
            _all_here(upload)
            film = _kept(by, upload)
        _settled(upload)
    return film


def _all_here(upload: Upload) -> None:
    if upload.state != "arriving":
        raise Refused(upload.fault or "This film was given up. Send it again.")
    try:
        here = incoming.arrived(upload.pk)
    except (OSError, SealedError):
        raise NotYet("What has arrived of this film cannot be read. Give it up, and send it again.") from None
    except incoming.Busy:
        raise NotYet("This film is still being sent.") from None
    if upload.length is None or here != upload.length:
        raise NotYet("Not all of this film has arrived yet. Send the rest of it.")


def _kept(by: Person, upload: Upload) -> Film:
    try:
        with incoming.open_pieces(upload.pk) as pieces:
            facts = actions.facts_of(pieces)  # type: ignore[arg-type]
            policies.short_enough(facts)
            pieces.seek(0)
            scanning.clean(pieces)  # type: ignore[arg-type]
            arriving = Arriving(upload.pk, book().key(str(upload.pk)))
            try:
                for block in pieces.blocks():
                    arriving.write(block)
                arriving.finish()
            except BaseException:
                arriving.drop()
                raise
        return actions.add_film(by=by, session=upload.session, arriving=arriving, reaffirmed=upload.reaffirmed,
                                came_from=upload.came_from, only_family=upload.only_family, facts=facts)
    except OSError as error:  # the disk may have room again later: nothing is given up
        raise NotYet(not_stored(error)) from None
    except Refused as refusal:
        if not isinstance(refusal, NotYet):
            end_upload(by=by, upload=upload, state="refused", fault=str(refusal))
        raise


class NotYet(Refused):
    """A refusal that another try may not meet."""


@contextmanager
def _alone(upload: Upload) -> Iterator[None]:
    """One process finishes an upload; another that asks meanwhile is told to wait."""
    with open(incoming.pieces_path(upload.pk).with_suffix(incoming.FINISHING), "wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotYet("This film is being finished at this moment. Wait for a minute.") from None
        yield


def _settled(upload: Upload) -> None:
    Upload.objects.filter(pk=upload.pk).update(state="kept")
    incoming.forget_pieces(upload.pk)


def tidy_uploads() -> int:
    """Finishes what arrived whole and was never finished, and ends what was given up; how many of either."""
    found = 0
    for upload in Upload.objects.filter(state="arriving").select_related("session__family__site", "by"):
        if Film.objects.filter(pk=upload.pk).exists():
            _settled(upload)
        elif upload.until <= clock.now():
            end_upload(by=RULE, upload=upload)
        elif not _waits_for_its_end(upload):
            continue
        else:
            with contextlib.suppress(Refused, incoming.Busy):
                finish_upload(by=upload.by, upload=upload)
        found += 1
    return found + _forget_leftovers()


def _waits_for_its_end(upload: Upload) -> bool:
    """All is here, and nobody has asked for two minutes.

    A film that was made in the page, and whose page died, is all that came: it ends after an hour, as a film cut off.
    """
    idle = clock.now() - (upload.until - LASTS)
    if idle < timedelta(minutes=2):
        return False
    try:
        here = incoming.arrived(upload.pk)
    except (OSError, ValueError, incoming.Busy):
        return False
    if upload.length is None and here and idle > FILMING_DIED and upload.came_from == "page":
        say_length(by=upload.by, upload=upload, length=here)
    return here == upload.length


def _forget_leftovers() -> int:
    """Pieces and keys of uploads that are over, or that never had a row: a process was killed in between."""
    live = {str(key) for key in Upload.objects.filter(state="arriving").values_list("pk", flat=True)}
    folder, gone = settings.PLACE.folder("films"), 0
    for path in folder.glob(f"*{incoming.PIECES}"):
        if path.stem in live or time.time() - path.stat().st_mtime < 60:
            continue
        film = Film.objects.filter(pk=path.stem, deleted_at=None).exists()
        (incoming.forget_pieces if film else incoming.forget)(UUID(path.stem))
        gone += 1
    return gone
