"""Who takes out how much of which instrument: the study file's table, read for the roles that a person holds."""

from __future__ import annotations

import hmac

from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.people.roles import ROLES
from attunement.journey.trail import keys, versions
from attunement.journey.trail.errors import NotAllowed
from attunement.journey.trail.models import Entry
from attunement.study import Study

LEVELS = ("none", "deidentified", "full")
EXPORTED = "surveys.answers_exported"
_KEY = "export-numbers"


def levels(by: Person) -> dict[str, str]:
    """Instrument of the study → level, the highest of the roles that this person holds; NotAllowed where all is none."""
    need(by, "surveys.export")
    study = versions.current()
    roles = [held.role for held in by.held if "surveys.export" in ROLES[held.role].rights]
    slugs = dict.fromkeys(slug for point in study.time_points for slug in point.instruments)
    found = {slug: max((_level(study, role, slug) for role in roles), key=LEVELS.index, default="none") for slug in slugs}
    if set(found.values()) <= {"none"}:
        raise NotAllowed("The study file lets your role take out none of its instruments.")
    return found


def of_the_table(found: dict[str, str]) -> str:
    """Answers leave as one table, so the lowest level of those that are taken out holds for who and when."""
    return "full" if set(found.values()) <= {"none", "full"} else "deidentified"


def _level(study: Study, role: str, slug: str) -> str:
    if not study.export_rights:
        return "full"
    own = {right.instrument: right.level for right in study.export_rights if right.role == role}
    return own.get(slug, own.get("*", "none"))


def another_number(family: str) -> str:
    """A family's number in de-identified exports: always the same, and not to be led back without the key."""
    first = not Entry.objects.filter(verb=EXPORTED, what__contains='"deidentified"').exists()
    return "N" + hmac.new(keys.at_first_use(_KEY, first=first), family.encode(), "sha256").hexdigest()[:12]
