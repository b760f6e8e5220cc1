"""The review point's pack: one page with its own style and nothing to run, frozen byte for byte as it was judged."""

from __future__ import annotations

import hashlib

from django.template.loader import render_to_string

from attunement.journey.oversight import figures, forecasting, queries
from attunement.journey.oversight.models import Review
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused


def made() -> tuple[bytes, str]:
    """The pack of this moment as UTF-8, and its SHA-256."""
    number, sha256 = versions.mark()
    page = render_to_string("oversight/pack.html", {
        "study": versions.current(), "number": number, "sha256": sha256, "made_at": clock.now(),
        "criteria": queries.criteria(), **shown()})
    content = page.encode()
    return content, hashlib.sha256(content).hexdigest()


def shown() -> dict[str, object]:
    """The figures of progress and of the pack: one place, so that both say the same."""
    return {"funnels": queries.funnels(), "months": figures.recruitment(), "rates": figures.rates(),
            "sites": [site.code for site in versions.current().sites], "follow_ups": queries.follow_ups(),
            "dropout": queries.dropout(), "survey_dropout": len(figures.survey_dropout()),
            "languages": queries.languages(), "helped": figures.helped(),
            "reasons": figures.reasons_of_help(), "outlook": forecasting.outlook(),
            "registers": figures.registers()}


def stored(review: Review) -> bytes:
    """The pack as it was kept; refused when a byte of it has changed since."""
    content = bytes(review.pack)
    if hashlib.sha256(content).hexdigest() != review.pack_sha256:
        raise Refused("The pack of the review point is not the one that was frozen. Tell the system owner.")
    return content
