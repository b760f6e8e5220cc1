"""Local spellings without their text: a keyed digest stands for each wording, so that no name can reach the database."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from attunement.journey.outcomes.models import Spelling
from attunement.journey.people.models import Site
from attunement.journey.trail import keys

KEY = "spellings"


def marker(site: Site) -> Callable[[str], str]:
    """Makes the mark of a wording, by a key that the database does not hold; another site's are others."""
    key = keys.at_first_use(KEY, first=not Spelling.objects.exists())

    def mark(wording: str) -> str:
        return hmac.new(key, f"{site.code}:{wording}".encode(), hashlib.sha256).hexdigest()[:32]

    return mark


def mapped(site: Site) -> dict[str, str]:
    """Mark -> code, of this authority's table."""
    return dict(Spelling.objects.filter(site=site).values_list("mark", "code"))
