"""The end of a sub-study: two people open its seed, and its own log can be taken away."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from attunement import allocation
from attunement.allocation.chain import OPENED
from attunement.journey.arms import sealing
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.substudies import chain, policies
from attunement.journey.substudies.models import Opening, Scheme
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action, lock_chain, record
from attunement.journey.trail.errors import Refused


@action
def propose(*, by: Person, substudy: str, reason: str) -> Opening:
    """The first of two people says why the seed is to be opened. Nothing is open before the second agrees."""
    need(by, "arms.lock")
    if not reason.strip():
        raise Refused("Write down the reason.")
    lock_chain()
    policies.can_be_opened(policies.in_force(substudy))
    if Opening.objects.filter(substudy=substudy).exists():
        raise Refused("This has been proposed already, and waits for a second person.")
    made = Opening.objects.create(substudy=substudy, reason=reason.strip(), proposed_by=by, proposed_at=clock.now(),
                                  study_version=versions.latest_number())
    record(by=by, verb="substudies.opening_proposed", substudy=substudy,
           reason=hashlib.sha256(made.reason.encode()).hexdigest())
    return made


@action
def agree(*, by: Person, substudy: str) -> Opening:
    """The second person agrees: the seeds of all versions go into the sub-study's log, and a signed line ends it."""
    need(by, "arms.lock")
    lock_chain()
    made = Opening.objects.select_for_update().filter(substudy=substudy).first()
    if made is None:
        raise Refused("Nobody has proposed to open the seed of this sub-study.")
    if made.agreed_by_id is not None:
        raise Refused("Two people have agreed to this already.")
    if made.proposed_by_id == by.pk:
        raise Refused("You proposed this. A second person agrees to it.")
    policies.can_be_opened(policies.in_force(substudy))
    made.text = allocation.opening_text(_unsealed(substudy))
    made.agreed_by, made.agreed_at = by, clock.now()
    made.save(update_fields=["agreed_by", "agreed_at", "text"])
    fact = allocation.fact_of(made.text)
    head = chain.append(by=by, substudy=substudy, verb=OPENED, fact=fact)
    record(by=by, verb="substudies.opened", substudy=substudy, fact=fact, head=head)
    chain.close(substudy)
    return made


def _unsealed(substudy: str) -> list[allocation.OpenedScheme]:
    locked = Scheme.objects.filter(substudy=substudy).exclude(locked_at=None).order_by("version")
    try:
        return [sealing.unsealed(each) for each in locked]  # type: ignore[arg-type]
    except allocation.AllocationError:
        raise Refused("The sealed seed cannot be opened: the key file is missing or another one. "
                      "Put it back with two recovery shares.") from None


@action
def export(*, by: Person, substudy: str) -> bytes:
    """The sub-study's opened log, whole, for `attunement allocation verify`."""
    need(by, "arms.list")
    opening = Opening.objects.filter(substudy=substudy).exclude(agreed_by=None).first()
    if opening is None:
        raise Refused("The seed has not been opened, so there is no log to take away yet.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        entries = allocation.write_log(path, chain.entries(opening))
        content = path.read_bytes()
    record(by=by, verb="substudies.log_downloaded", substudy=substudy, entries=entries)
    return content


@action
def certificate(*, by: Person, scheme: Scheme) -> str:
    """The lock certificate to take away, as JSON. It names the scheme: not for those who recruit."""
    need(by, "arms.lock")
    if not scheme.certificate:
        raise Refused("This version has not been locked.")
    record(by=by, verb="substudies.certificate_downloaded", substudy=scheme.substudy, version=scheme.version)
    return scheme.certificate
