"""What licence-holders and the developer load beside the programme: behaviours under each principle, the skills form.

The newest version loaded on the page holds. Without one a file in the data directory does (`material/behaviours.toml`,
`material/skills.toml`). Without that a mark names its principle only, and a form of our own, marked as made up, stands
in for the skills form.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from attunement.journey.films.material_reading import SkillsForm, behaviours_in, skills_in
from attunement.journey.films.models import Material
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action, lock_chain, record
from attunement.journey.trail.errors import Refused

MADE_UP = Path(__file__).parent / "forms_made_up" / "skills.toml"
NAMES = {"behaviours": "behaviours.toml", "skills": "skills.toml"}
READ: dict[str, Any] = {"behaviours": behaviours_in, "skills": skills_in}


def behaviours() -> dict[int, dict[str, str]]:
    """Principle, from 1 -> code -> words, as the licence-holder's file has them; empty without it."""
    return _loaded("behaviours") or {}


def skills_form() -> SkillsForm:
    return _loaded("skills") or _from_file("skills", MADE_UP, 0, 0)


def in_use(kind: str) -> Material | None:
    """The version that was loaded last."""
    return Material.objects.filter(kind=kind).select_related("by").order_by("-number").first()


def read_behaviours(path: Path) -> dict[int, dict[str, str]]:
    """The file's behaviours; Refused, in one sentence, when it is none."""
    return behaviours_in(_bytes(path), path.name)


def read_skills(path: Path) -> SkillsForm:
    """The file's skills form; Refused, in one sentence, when it is none."""
    return skills_in(_bytes(path), path.name)


@action
def load(*, by: Person, kind: str, content: bytes, holder: str, allowed: bool) -> Material:
    """Checks a licence-holder's file and makes it what is used from now on. Earlier versions stay, with who loaded them.

    `holder`: who holds the licence; `allowed`: they let this study use it. The words stand in the database, never in
    the trail.
    """
    need(by, "films.material")
    if kind not in NAMES:
        raise Refused("Choose what the file is: behaviours or the skills form.")
    if not allowed or not holder.strip():
        raise Refused("Write down who holds the licence, and that they let this study use the file.")
    lock_chain()
    found, last = READ[kind](content, "The file"), in_use(kind)
    text = content.decode("utf-8-sig")
    if last is not None and last.text == text:
        raise Refused(f"This file is in use already, as version {last.number}.")
    if kind == "skills":
        _a_name_of_its_own(found)
    made = Material.objects.create(kind=kind, number=last.number + 1 if last else 1, text=text, holder=holder.strip()[:200],
                                   by=by, at=clock.now())
    record(by=by, verb="films.material_loaded", kind=kind, number=made.number, sha256=made.sha256)
    return made


def _a_name_of_its_own(form: SkillsForm) -> None:
    """Ratings are kept by a form's name and version: two forms never share both."""
    for earlier in Material.objects.filter(kind="skills"):
        before = skills_in(earlier.text.encode(), "An earlier form")
        if before.slug == form.slug and (before.items, before.scale) != (form.items, form.scale):
            raise Refused(f"A form {form.slug!r} with other words was loaded before. Give this one a version of its own.")


def _loaded(kind: str) -> Any:
    many = len(versions.current().delivery.principles)
    newest = Material.objects.filter(kind=kind).order_by("-number").values_list("pk", flat=True).first()
    if newest is not None:
        return _from_row(kind, newest, many)
    path = settings.PLACE.root / "material" / NAMES[kind]
    return _from_file(kind, path, path.stat().st_mtime_ns, many) if path.is_file() else None


@lru_cache(maxsize=8)
def _from_row(kind: str, pk: int, _principles: int) -> Any:
    return READ[kind](Material.objects.get(pk=pk).text.encode(), NAMES[kind])


@lru_cache(maxsize=8)
def _from_file(kind: str, path: Path, _changed: int, _principles: int) -> Any:
    return READ[kind](_bytes(path), path.name)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Refused(f"{path.name} cannot be read. Check the file, or take it away.") from None
