"""May it be done now?"""

from __future__ import annotations

from attunement.journey.people.roles import ROLES
from attunement.journey.trail import versions
from attunement.journey.trail.errors import Refused


def role_can_be_held(role: str, site: object | None) -> None:
    if role not in ROLES or role not in {use.code for use in versions.current().roles}:
        raise Refused("This study has no such role. Choose one from the list.")
    if not ROLES[role].everywhere and site is None:
        raise Refused(f"A {ROLES[role].title.lower()} works at one site. Choose the site.")
