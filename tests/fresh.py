"""A fresh data directory with the cast in it, for programs beside the suite."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def fresh_programme(folder: Path) -> Any:
    """Sets Django up on the new directory and returns the cast."""
    os.environ["ATTUNEMENT_DATA"], os.environ["DJANGO_SETTINGS_MODULE"] = str(folder), "attunement.web.settings"
    from attunement.web import opening, place
    from tests import tables

    place.create(folder, demonstration=True, staff_totp=False)
    tables.put(folder)
    opening.set_up(folder)
    tables.keep()
    from tests import cast

    cast.open_programme()
    return cast.Programme()
