"""The register of what has left the trial: whatever leaves is held to it first, and entered in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attunement.disclosure import Approval, Register, from_json, to_json
from attunement.disclosure import Published as Left
from attunement.journey.oversight.models import Published, Snapshot
from attunement.journey.people.models import Person
from attunement.journey.trail import clock
from attunement.journey.trail.actions import Rule, record
from attunement.journey.trail.models import StudyVersion


def register() -> Register:
    """Everything that has left so far. Two who release at once wait for each other."""
    StudyVersion.objects.select_for_update().order_by("number").first()
    rows = Published.objects.all()
    left = tuple(from_json(entry) for row in rows for entry in row.content)
    return Register(left, tuple(row.manifest for row in rows))


def approval(snapshot: Snapshot) -> Approval:
    """The two who released the arm key answer for what leaves with it, from the day of the second."""
    people = list(snapshot.releases.select_related("by"))
    return Approval(" and ".join(one.by.name for one in people), clock.day_of(people[-1].at))


def enter(by: Person | Rule, kind: str, name: str, left: Sequence[Left], manifest: Mapping[str, Any]) -> Published:
    """A release enters the register."""
    made = Published.objects.create(kind=kind, name=name, content=[to_json(each) for each in left],
                                    manifest=dict(manifest), approved_by=manifest["approved_by"], at=clock.now())
    record(by=by, verb="oversight.published", kind=kind, name=name,
           tables={name: table["sha256"] for name, table in manifest["tables"].items()})
    return made


def entering(by: Person, name: str, before: Register) -> Callable[[Register], None]:
    """What a report calls once it is made: the same report built again is no new release."""
    def entered(after: Register) -> None:
        new, told = after.releases[len(before.releases):], after.manifests[len(before.manifests):]
        if told:
            enter(by, "report", name, new, told[0])
    return entered
