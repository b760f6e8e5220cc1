"""What two people do together after a lock: note what became of an allocation, show an arm, open the seed."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attunement import allocation
from attunement.allocation.chain import DRAWN
from attunement.journey.arms import checkpoints, policies, sealing
from attunement.journey.arms.actions import opened_text
from attunement.journey.arms.models import Allocation, Opened, Proposal, Scheme
from attunement.journey.people.models import SHOWS_ARM, Person
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Family
from attunement.journey.referral.queries import lock_family
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action, lock_chain, record
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Entry

AFTER = ("in_error", "ineligible", "withdrawn")
# Who proposes each kind, and who may be the second person.
RIGHTS = dict.fromkeys(AFTER, ("arms.propose", "arms.lock")) | {
    "unblinding": ("arms.lock", "arms.list"), "opening": ("arms.lock", "arms.lock")}


@action
def propose(*, by: Person, kind: str, reason: str, family: Family | None = None, person: Person | None = None) -> Proposal:
    """The first of two people says what happened, or what is needed, and why. Nothing changes before the second agrees."""
    need(by, RIGHTS[kind][0], family.site.code if family else None)
    if not reason.strip():
        raise Refused("Write down the reason.")
    if kind == "opening":
        lock_chain()
        policies.can_be_opened()
    elif family is None:
        raise Refused("Say which family this is about.")
    else:
        lock_family(family)
        _fits(kind, family, person)
    if Proposal.objects.filter(kind=kind, family=family, person=person, agreed_by=None).exists():
        raise Refused("This has been proposed already, and waits for a second person.")
    made = Proposal.objects.create(kind=kind, family=family, person=person, reason=reason.strip(), proposed_by=by,
                                   proposed_at=clock.now(), study_version=versions.latest_number())
    _record(by, f"arms.{kind}_proposed", made)
    return made


def _fits(kind: str, family: Family, person: Person | None) -> None:
    if not Allocation.objects.filter(family=family).exists():
        raise Refused("This family has not been allocated.")
    if kind != "unblinding":
        if Proposal.objects.filter(kind=kind, family=family).exclude(agreed_by=None).exists():
            raise Refused("This stands already for this family.")
        return
    if person is None:
        raise Refused("Say who needs to know the arm.")
    if person.may("arms.see", family.site.code):
        raise Refused("This person sees the arm already.")
    if not Family.visible_to(person).filter(pk=family.pk).exists():
        raise Refused("This person does not see the family's record, so an arm could not be shown there.")
    if policies.unblinded(person, family):
        raise Refused("The arm of this family has been shown to this person already.")


def _record(by: Person, verb: str, made: Proposal) -> None:
    """The reason is people's own words: the trail keeps its fingerprint, and the proposal the words."""
    whom = {"person": made.person.trail_name} if made.person else {}
    family, site = (made.family.code, made.family.site.code) if made.family else ("", "")
    record(by=by, verb=verb, family=family, site=site, proposal=made.pk,
           reason=hashlib.sha256(made.reason.encode()).hexdigest(), **whom)


@action
def agree(*, by: Person, proposal: Proposal) -> Proposal:
    """The second person agrees: from now on it stands. The place stays used, and the family stays in its arm."""
    lock_chain()
    made = Proposal.objects.select_for_update(of=("self",)).select_related("family__site", "person").get(pk=proposal.pk)
    need(by, RIGHTS[made.kind][1], made.family.site.code if made.family else None)
    if made.proposed_by_id == by.pk:
        raise Refused("You proposed this. A second person agrees to it.")
    if made.person_id == by.pk:
        raise Refused("The arm would be shown to you. Somebody else agrees to it.")
    if made.agreed_by_id is not None:
        raise Refused("Two people have agreed to this already.")
    if made.kind == "opening":
        policies.can_be_opened()
    made.agreed_by, made.agreed_at = by, clock.now()
    made.save(update_fields=["agreed_by", "agreed_at"])
    if made.kind == "opening":
        _open(by, made)
    else:
        _record(by, f"arms.{made.kind}", made)
    return made


def _open(by: Person, made: Proposal) -> None:
    """The seeds of all versions into the trail, and a signed checkpoint right after: there the log ends."""
    try:
        schemes = [sealing.unsealed(each) for each in
                   Scheme.objects.exclude(locked_at=None).select_related("listed").order_by("version")]
    except allocation.AllocationError:
        raise Refused("The sealed seed cannot be opened: the key file is missing or another one. "
                      "Put it back with two recovery shares.") from None
    text = allocation.opening_text(schemes)
    entry = record(by=by, verb="arms.opened", proposal=made.pk, fact=allocation.fact_of(text))
    Opened.objects.create(text=text, entry=entry, at=clock.now(), study_version=versions.latest_number())
    checkpoints.checkpoint()


@action
def export(*, by: Person) -> bytes:
    """The opened log, for `attunement allocation verify`: every entry of the trail up to the checkpoint of the opening."""
    need(by, "arms.list")
    opened = Opened.objects.first()
    if opened is None:
        raise Refused("The seed has not been opened, so there is no log to take away yet.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        entries = allocation.write_log(path, _entries(opened))
        content = path.read_bytes()
    record(by=by, verb="arms.log_downloaded", entries=entries)
    return content


def _entries(opened: Opened) -> Iterator[allocation.Entry]:
    drawn = {made.family.code: made for made in
             Allocation.objects.select_related("family", "stratum__scheme").iterator(chunk_size=2000)}
    for entry in Entry.objects.filter(number__lte=opened.entry + 1).order_by("number").iterator(chunk_size=2000):
        told = opened.text if entry.number == opened.entry else ""
        if entry.verb == DRAWN:
            told = opened_text(drawn[entry.family])
        yield checkpoints.as_written(entry, told)


@action
def certificate(*, by: Person, scheme: Scheme, form: str) -> bytes:
    """The lock certificate to take away, as JSON or as a PDF. It names the scheme: not for those who recruit."""
    need(by, "arms.lock")
    if not scheme.certificate:
        raise Refused("This version has not been locked, or was locked before certificates were kept.")
    record(by=by, verb="arms.certificate_downloaded", version=scheme.version, form=form)
    if form == "json":
        return scheme.certificate.encode()
    return allocation.certificate_pdf(allocation.LockCertificate.from_json(scheme.certificate))


def masked(family: Family) -> list[Person]:
    """Those who see the family's record, and not its arm."""
    people = Person.objects.filter(is_active=True, holdings__until=None).distinct().order_by("name")
    return [person for person in people if not person.may("arms.see", family.site.code)
            and not (SHOWS_ARM & person.rights(family.site.code))
            and Family.visible_to(person).filter(pk=family.pk).exists()]
