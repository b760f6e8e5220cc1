"""Opening a data directory: made new, brought up to date, or filled by a rehearsal."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attunement import study as study_files
from attunement.web import place


def set_up(root: Path | None = None) -> None:
    """Django on the data directory, its database migrated to this version. PlaceError says what is wrong."""
    root = root or place.data_root()
    os.environ["ATTUNEMENT_DATA"] = str(root)
    os.environ["DJANGO_SETTINGS_MODULE"] = "attunement.web.settings"
    place.refuse_source_tree(root)
    place.read(root)
    import django

    django.setup()
    from django.db import Error

    from attunement.web import tables

    try:
        tables.bring_up_to_date()
    except Error as error:
        said = (str(error).splitlines() or ["it does not say why"])[0]
        raise place.PlaceError(f"The database cannot be opened: {said.rstrip('.')}.") from None
    from attunement.journey.films import store

    store.sweep()


def reopen(root: Path | None = None) -> None:
    """As `set_up`, for a study that is there: a wrong directory or setting never leads to an empty database."""
    root = root or place.data_root()
    known = place.read(root)
    if not known.database and not (root / "study.sqlite3").exists():
        raise place.PlaceError(f"{root} has lost its database, study.sqlite3, or ATTUNEMENT_DATABASE is not set.")
    set_up(root)
    if not _holds_a_study():
        raise place.PlaceError(f"The database of {root} holds no study. Restore it, or start one in a new directory.")


def new_study(root: Path, study: str, address: str, owner: str) -> Iterator[str]:
    """Starts a real study: data directory, study file, sites, and an invitation for the system owner. All or nothing."""
    reading = study_files.read(study)
    root = root.expanduser().resolve()
    _can_be_reached(owner)
    if (root / place.CONFIG).exists():
        raise place.PlaceError(f"{root} holds a study already. It was left as it is.")
    with _filled(root):
        place.create(root, address=address.rstrip("/"))
        set_up(root)
        token = _opened(reading.text, owner)
    yield f"The study lies in {root}"
    yield f"Start it:          ATTUNEMENT_DATA={root} attunement serve"
    yield f"The owner's way in: {address.rstrip('/')}/invitation/{token}/ (seven days)"


def _opened(text: str, owner: str) -> str:
    from django.db import transaction

    from attunement.journey.people import actions as people
    from attunement.journey.trail import clock
    from attunement.journey.trail.actions import Rule, adopt_study

    if _holds_a_study():
        raise place.PlaceError("This database holds a study already. It was left as it is.")
    by = Rule("set_up")
    with transaction.atomic():
        adopt_study(by=by, text=text, reason="The study opens", approved_by=owner, holds_from=clock.today())
        people.open_sites(by=by)
        return people.invite_first(by=by, email=owner)


def _holds_a_study() -> bool:
    from attunement.journey.trail import versions

    return versions.latest_number() > 0


def _can_be_reached(email: str) -> None:
    from django.core.exceptions import ValidationError
    from django.core.validators import EmailValidator

    try:
        EmailValidator("no address")(email)
    except ValidationError:
        raise place.PlaceError(f"{email!r} is no e-mail address. The owner is invited by one.") from None


@contextmanager
def _filled(root: Path) -> Iterator[None]:
    """A new or empty folder to fill; whatever goes wrong, it is left as it was found."""
    place.refuse_source_tree(root)
    there = root.exists()
    if there and (not root.is_dir() or any(root.iterdir())):
        raise place.PlaceError(f"{root} is not an empty folder. Choose a new one.")
    try:
        yield
    except BaseException:
        shutil.rmtree(root, ignore_errors=True)
        if there:
            root.mkdir(exist_ok=True)
        raise


def rehearse(study: str, *, families: int, seed: int, effect: float, to: Path) -> Iterator[str]:
    """A made-up programme in DIR/data, its snapshot and its report beside it."""
    reading = study_files.read(study)
    to = to.expanduser().resolve()
    refuse_other_database()
    with _filled(to):
        place.create(to / "data", demonstration=True, staff_totp=False)
        set_up(to / "data")
        from attunement.journey.oversight import rehearsing
        from attunement.web.progress import bar

        with bar("Rehearsing the programme") as advance:
            rehearsing.rehearse(reading.text, families=families, seed=seed, effect=effect, to=to, progress=advance)
    yield f"The report:   {to / 'report' / 'report.html'}"
    yield f"The results:  {to / 'report' / 'results.json'}"
    yield f"The snapshot: {to / 'snapshot'}"


def refuse_other_database() -> None:
    """Made-up families never go where ATTUNEMENT_DATABASE keeps a real study."""
    if os.environ.get("ATTUNEMENT_DATABASE"):
        raise place.PlaceError("ATTUNEMENT_DATABASE is set. Unset it: made-up families have a database of their own.")


def snapshot(email: str) -> str:
    from attunement.journey.oversight import actions
    from attunement.journey.people.models import Person

    person = Person.objects.filter(email__iexact=email).first()
    if person is None:
        raise place.PlaceError(f"Nobody here has the address {email}.")
    return str(actions.take_snapshot(by=person).path)


def answers(email: str, to: Path) -> list[Path]:
    """The answers that this person may take out, as files of four kinds; who took them is recorded."""
    from attunement.journey.people.models import Person
    from attunement.journey.surveys import export_actions

    person = Person.objects.filter(email__iexact=email).first()
    if person is None:
        raise place.PlaceError(f"Nobody here has the address {email}.")
    return export_actions.export_answers(by=person, to=to)


def verified() -> tuple[str, bool]:
    """A sentence on the audit trail's chain, and whether it is whole."""
    from attunement.journey.trail import queries
    from attunement.journey.trail.models import Entry

    broken = queries.first_broken()
    if broken is not None:
        return f"The audit trail is broken at entry {broken}: it does not follow from the one before.", False
    return f"The audit trail is whole: {Entry.objects.count()} entries, each following from the one before.", True
