"""A sub-study's own log: a chain beside the trail, in the form that `attunement allocation verify` reads.

The trail is one for the whole study, and opens with the main study's seed; a sub-study may end earlier. So it has a chain
of its own. The trail's entry of each step holds the digest of the line (`head`): neither can be changed without the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.db.models import QuerySet

from attunement.allocation import Entry
from attunement.allocation.chain import CHECKPOINT, DRAWN, MARK, OPENED, START, plain_json, signed
from attunement.journey.arms import sealing
from attunement.journey.arms.actions import opened_text
from attunement.journey.arms.checkpoints import RULE
from attunement.journey.substudies.models import Allocation, Line, Opening
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Actor


def append(*, by: Actor, substudy: str, verb: str, family: str = "", site: str = "", **what: object) -> str:
    """One more line, within the action that holds the chain's lock; returns its digest."""
    return _keep(substudy, _next(by, substudy, verb, family, site, plain_json(what))).digest


def close(substudy: str) -> None:
    """The signed end: marks of every line, under the key that the lock certificate names."""
    marks = "".join(digest[:MARK] for digest in _lines(substudy).values_list("digest", flat=True))
    _keep(substudy, signed(_next(RULE, substudy, CHECKPOINT, "", "", ""), marks, sealing.signer()))


def entries(opening: Opening) -> Iterator[Entry]:
    """Every line with what it kept secret, now that two people have opened it."""
    drawn = {made.family.code: made for made in Allocation.objects.filter(
        substudy=opening.substudy).select_related("family", "stratum__scheme")}
    for line in _lines(opening.substudy):
        entry = Entry(*json.loads(line.text))
        told = opened_text(drawn[entry.family]) if entry.verb == DRAWN else ""
        yield Entry(*json.loads(line.text), opened=opening.text if entry.verb == OPENED else told)


def _lines(substudy: str) -> QuerySet[Line]:
    return Line.objects.filter(substudy=substudy).order_by("number")


def _next(by: Actor, substudy: str, verb: str, family: str, site: str, what: str) -> Entry:
    last = _lines(substudy).last()
    before, number = (last.digest, last.number + 1) if last else (START, 1)
    at = clock.now().astimezone(versions.UTC).isoformat()
    return Entry(before, number, at, by.trail_name, verb, family, site, what, "", versions.latest_number())


def _keep(substudy: str, entry: Entry) -> Line:
    return Line.objects.create(substudy=substudy, number=entry.number, text=entry.text, digest=entry.digest,
                               study_version=entry.study_version)
