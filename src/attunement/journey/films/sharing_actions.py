"""Who may see a film: said at the filming with one tap, changed later in either direction, never rewritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attunement.journey.consent import queries as consent
from attunement.journey.consent.models import Link
from attunement.journey.delivery.permissions import need_caseload
from attunement.journey.films.models import AUDIENCES, Film, InShot, Sharing
from attunement.journey.films.permissions import WHATS
from attunement.journey.people.models import Person
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Actor, action, record
from attunement.journey.trail.errors import NotAllowed, Refused

CODES = tuple(code for code, _words in AUDIENCES)
ASKED_APART = ("peers", "research")


def affirm(*, by: Person, film: Film, only_family: bool) -> None:
    """What a new film begins with, within the action that adds it: as the family said of its last film, else as it
    agreed on the whole. Other practitioners and researchers see none until the parent says so of a film."""
    last = Film.objects.filter(family=film.family).exclude(pk=film.pk).order_by("-added_at").first()
    before = newest(last) if last else {}
    given = {code: before[code].given if code in before else
             code not in ASKED_APART and all(consent.allows(film.family, what) for what in WHATS[code]) for code in CODES}
    _write(film, given, said="filming", by=by)
    if only_family:
        now = clock.now()
        InShot.objects.bulk_create([InShot(film=film, who="parent", agreed="own", made_at=now),
                                    InShot(film=film, who="child", agreed="guardian", made_at=now)])


def newest(film: Film) -> dict[str, Sharing]:
    """Audience -> the row that holds."""
    return {row.audience: row for row in Sharing.objects.filter(film=film).order_by("id")}


def _write(film: Film, given: Mapping[str, bool], *, said: str, by: Actor) -> None:
    now, notice = clock.now(), versions.current().consent.notice.version
    Sharing.objects.bulk_create([Sharing(film=film, audience=code, given=yes, said=said, by=by.trail_name, made_at=now,
                                         notice_version=notice) for code, yes in given.items()])


@action
def share(*, by: Person | Link, film: Film, given: Mapping[str, bool], said: str = "later") -> int:
    """Writes down what the parent says now of who may see this film; how much of it is new."""
    _may_say(by, film)
    if film.closed_at is not None or film.deleted_at is not None:
        raise Refused("Nobody can watch this film any more, so there is nothing to share.")
    if set(given) - set(CODES):
        raise Refused("Choose from the list who may see this film.")
    before = newest(film)
    new = {code: yes for code, yes in given.items() if code not in before or before[code].given != yes}
    _write(film, new, said="link" if isinstance(by, Link) else said, by=by)
    if new:
        record(by=by, verb="films.shared", family=film.family.code, site=film.family.site.code, film=film.pk, **new)
    return len(new)


def _may_say(by: Person | Link, film: Film) -> None:
    if isinstance(by, Link):
        if by.family_id != film.family_id or by.revoked_at is not None:
            raise NotAllowed("This film is another family's.")
    else:
        need_caseload(by, film.family)


@action
def name_in_shot(*, by: Person, film: Film, people: Sequence[tuple[str, str, str]]) -> bool:
    """Everybody who can be seen or heard: (who, name, agreed). True when the film may be shared: all have agreed.

    The parent and the child need no name here; somebody else does.
    """
    need_caseload(by, film.family)
    if not people:
        raise Refused("Say who can be seen or heard in this film.")
    for who, name, agreed in people:
        if who not in dict(InShot.WHO) or agreed not in dict(InShot.AGREED):
            raise Refused("Choose from the list who is in the film, and who agreed.")
        if who in ("adult", "other_child") and not name.strip():
            raise Refused("Write down the name of everybody else who is in the film.")
        if who in ("child", "other_child") and agreed == "own":
            raise Refused("For a child, a parent or guardian agrees.")
    now = clock.now()
    film.in_shot.all().delete()
    InShot.objects.bulk_create([InShot(film=film, who=who, name=name.strip()[:120], agreed=agreed, made_at=now)
                                for who, name, agreed in people])
    complete = all(agreed != "no" for _who, _name, agreed in people)
    Film.objects.filter(pk=film.pk).update(shot_complete=complete)
    film.shot_complete = complete
    record(by=by, verb="films.in_shot", family=film.family.code, site=film.family.site.code, film=film.pk,
           people=len(people), complete=complete)
    return complete


@action
def confirm_phone_copy_gone(*, by: Person, film: Film) -> None:
    """The practitioner has looked: the film is no longer on the phone, nor in its bin."""
    need_caseload(by, film.family)
    if not Film.objects.filter(pk=film.pk, phone_copy_gone_at=None).update(phone_copy_gone_at=clock.now()):
        raise Refused("That is written down already.")
    record(by=by, verb="films.phone_copy_gone", family=film.family.code, site=film.family.site.code, film=film.pk,
           sha256=film.sha256)
