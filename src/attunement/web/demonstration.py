"""The demonstration: the whole VIG programme rehearsed once, kept, and opened for a look as every role."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from attunement.web import opening, place

PORT = 8000
PASSWORD = "three odd words here"
STUDY = "vig"
READY = "ready"


def prepare(project: Path, families: int, *, fresh: bool, port: int | None) -> Iterator[str]:
    """Rehearses the programme unless that was done, then says who can sign in and where the report lies."""
    root = place.data_root(project)
    place.refuse_source_tree(root)
    opening.refuse_other_database()
    if fresh or (root.exists() and not (root / READY).exists()):
        _clear(root)
    if not (root / READY).exists():
        yield f"Rehearsing the whole programme with {families} families. This takes a minute or two."
        yield from opening.rehearse(STUDY, families=families, seed=1, effect=0.3, to=root)
        (root / READY).touch()
    else:
        opening.reopen(root / "data")
    yield from _ways_in(root, f"http://localhost:{port or PORT}")


def _clear(root: Path) -> None:
    """Removes an earlier demonstration, and nothing that is not one."""
    if not root.exists():
        return
    held = root / "data"
    if any(root.iterdir()) and not (held / place.CONFIG).exists():
        raise place.PlaceError(f"{root} holds something that is no demonstration. Nothing was removed.")
    if (held / place.CONFIG).exists() and not place.read(held).demonstration:
        raise place.PlaceError(f"{root} holds a real study. Nothing was removed.")
    gone = root.with_name(f"{root.name}.gone-{os.getpid()}")
    root.rename(gone)  # at once, so that a server that is just ending cannot leave half of it behind
    shutil.rmtree(gone, ignore_errors=True)


def _ways_in(root: Path, address: str) -> Iterator[str]:
    from attunement.journey.oversight import showing

    yield ""
    yield f"DEMONSTRATION. Address: {address}"
    yield f"Report:        {root / 'report' / 'report.html'}"
    yield f"Data:          {root / 'data'}"
    yield ""
    yield f"One sign-in a role, each with the password: {PASSWORD}"
    for title, email in showing.sign_ins(PASSWORD):
        yield f"  {title:<26} {email}"
    yield ""
    yield f"A family's own link, on a phone: {address}{showing.family_link()}"
