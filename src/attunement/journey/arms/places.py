"""Lists of places drawn elsewhere: taken whole or not at all, test and live apart, added to and never edited."""

from __future__ import annotations

import tempfile
from pathlib import Path

from attunement.allocation import AllocationError, FromList
from attunement.journey.arms import policies, sealing
from attunement.journey.arms.models import PlaceList
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action, lock_chain, record
from attunement.journey.trail.errors import Refused
from attunement.study.strata import strata


@action
def upload(*, by: Person, kind: str, content: bytes) -> PlaceList:
    """Takes a list: `test` to try out, `live` for families. A later live list is added at the end of the one before.

    Refused whole, naming the row, for a bad header, an unknown arm or stratum, and too few rows; and for rows that were
    uploaded before, so that a list that was tried out can never become the live one.
    """
    need(by, "arms.set_up")
    if kind not in dict(PlaceList.KINDS):
        raise Refused("Choose whether the list is to try out, or for the study's families.")
    lock_chain()
    policies.not_opened()
    rows = _read(content)
    if kind == "live":
        _enough({stratum: len(places) for stratum, places in rows.items()})
    sealed, mark = sealing.seal_rows(rows)
    known = PlaceList.objects.filter(mark=mark).first()
    if known is not None:
        raise Refused("This list was uploaded before to try it out: places that people have seen can never be the live "
                      "ones." if known.kind == "test" and kind == "live" else "This very list was uploaded before.")
    made = PlaceList.objects.create(kind=kind, places={name: len(places) for name, places in rows.items()},
                                    sealed_rows=sealed, mark=mark, uploaded_by=by, uploaded_at=clock.now(),
                                    study_version=versions.latest_number())
    record(by=by, verb="arms.list_uploaded", listed=made.pk, kind=kind, mark=mark)
    return made


def _read(content: bytes) -> dict[str, list[int]]:
    study = versions.current()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(content)
        try:
            found = FromList(path, tuple(arm.code for arm in study.arms), tuple(strata(study)))
        except AllocationError as error:
            said = str(error).replace(str(path), "The list")
            raise Refused(f"{said}. Nothing of it was taken in.") from None
    return {stratum: list(places) for stratum, places in found.rows.items() if places}


def _enough(rows: dict[str, int]) -> None:
    """The first live list has a place for every family that is planned; what is added later may be short."""
    if PlaceList.objects.filter(kind="live").exists():
        return
    for stratum, wanted in policies.planned(versions.current()).items():
        if rows.get(stratum, 0) < wanted:
            raise Refused(f"The list ends at row {sum(rows.values()) + 1}: it has {rows.get(stratum, 0)} rows for "
                          f"{stratum} and needs {wanted} or more. Nothing of it was taken in.")


@action
def download(*, by: Person, listed: PlaceList) -> bytes:
    """A list as CSV in the order of its use, for those who set up."""
    need(by, "arms.set_up")
    arms = [arm.code for arm in versions.current().arms]
    try:
        rows = sealing.rows_of(listed)
    except AllocationError:
        raise Refused("The sealed list cannot be opened: the key file is missing or another one.") from None
    record(by=by, verb="arms.list_downloaded", listed=listed.pk, kind=listed.kind)
    lines = [f"{stratum},{arms[arm]}" for stratum, places in rows.items() for arm in places]
    return ("\n".join(["stratum,arm", *lines]) + "\n").encode()
