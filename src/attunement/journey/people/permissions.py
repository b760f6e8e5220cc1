"""May this person? Every view declares its right here; the walk over all routes fails for one that does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from attunement.journey.people.models import Person
from attunement.journey.people.roles import RIGHTS
from attunement.journey.trail.errors import NotAllowed

View = TypeVar("View", bound=Callable[..., Any])


def page(right: str, *, largest_body: int = 64 * 1024) -> Callable[[View], View]:
    """Declares who may open a view. The door (`web.middleware.Door`) asks before the view, or any upload, is read."""
    if right not in RIGHTS:
        raise ValueError(f"no role holds the right {right!r}")

    def declare(view: View) -> View:
        view.permission = right  # type: ignore[attr-defined]
        view.largest_body = largest_body  # type: ignore[attr-defined]
        return view

    return declare


def need(person: Any, right: str, site: str | None = None) -> None:
    """Raises NotAllowed unless `person` holds the right (at the site). Actions call it first."""
    if not isinstance(person, Person) or not person.may(right, site):
        raise NotAllowed("Your role does not allow this here. Ask your trial manager if you think it should.")
