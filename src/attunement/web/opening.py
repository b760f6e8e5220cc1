"""Opening a data directory: made new, brought up to date, or filled by a rehearsal."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
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
    from django.core.management import call_command
    from django.db import Error

    try:
        call_command("migrate", verbosity=0, interactive=False)
    except Error as error:
        raise place.PlaceError(f"The database cannot be opened: {str(error).splitlines()[0]}") from None
    from attunement.journey.films import store

    store.sweep()


def new_study(root: Path, study: str, address: str, owner: str) -> Iterator[str]:
    """Starts a real study: data directory, study file, sites, and an invitation for the system owner."""
    reading = study_files.read(study)
    root = root.expanduser().resolve()
    if (root / place.CONFIG).exists():
        raise place.PlaceError(f"{root} holds a study already. It was left as it is.")
    place.create(root, address=address)
    set_up(root)
    from attunement.journey.people import actions as people
    from attunement.journey.trail import clock
    from attunement.journey.trail.actions import Rule, adopt_study

    by = Rule("set_up")
    adopt_study(by=by, text=reading.text, reason="The study opens", approved_by=owner, holds_from=clock.today())
    people.open_sites(by=by)
    token = people.invite_first(by=by, email=owner)
    yield f"The study lies in {root}"
    yield f"Start it:          ATTUNEMENT_DATA={root} attunement serve"
    yield f"The owner's way in: {address}/invitation/{token}/ (seven days)"


def rehearse(study: str, *, families: int, seed: int, effect: float, to: Path) -> Iterator[str]:
    """A made-up programme in DIR/data, its snapshot and its report beside it."""
    reading = study_files.read(study)
    to = to.expanduser().resolve()
    if to.exists() and any(to.iterdir()):
        raise place.PlaceError(f"{to} is not empty. Choose a new folder.")
    place.refuse_source_tree(to)
    place.create(to / "data", demonstration=True, staff_totp=False)
    set_up(to / "data")
    from attunement.journey.oversight import rehearsing
    from attunement.web.progress import bar

    try:
        with bar("Rehearsing the programme") as advance:
            rehearsing.rehearse(reading.text, families=families, seed=seed, effect=effect, to=to, progress=advance)
    except BaseException:
        shutil.rmtree(to, ignore_errors=True)
        raise
    yield f"The report:   {to / 'report' / 'report.html'}"
    yield f"The results:  {to / 'report' / 'results.json'}"
    yield f"The snapshot: {to / 'snapshot'}"


def snapshot(email: str) -> str:
    from attunement.journey.oversight import actions
    from attunement.journey.people.models import Person

    person = Person.objects.filter(email__iexact=email).first()
    if person is None:
        raise place.PlaceError(f"Nobody here has the address {email}.")
    return str(actions.take_snapshot(by=person).path)


