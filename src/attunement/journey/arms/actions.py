"""Setting up and locking the scheme, allocating a family, and the ways to read an arm."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping

from django.db.models import QuerySet

from attunement import __version__, allocation
from attunement.journey.arms import policies, queries, sealing
from attunement.journey.arms.models import Allocation, Scheme, Stratum
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Family
from attunement.journey.referral.queries import lock_family
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Rule, action, lock_chain, post, record
from attunement.journey.trail.errors import Refused


@action
def set_up(*, by: Person) -> Scheme:
    """Takes the scheme from the study file as a draft, for a second person to lock."""
    need(by, "arms.set_up")
    lock_chain()
    policies.not_opened()
    facts = policies.facts_of(versions.current())
    latest = Scheme.objects.order_by("-version").first()
    if latest is not None and policies.same(latest, facts):
        raise Refused("A scheme is waiting to be locked already." if latest.locked_at is None else
                      "The scheme is locked and the study file has not changed it.")
    facts |= {"set_up_by": by, "study_version": versions.latest_number()}
    if latest is not None and latest.locked_at is None:
        number = latest.version
    else:
        number = latest.version + 1 if latest is not None else 1
    scheme, _new = Scheme.objects.update_or_create(version=number, defaults=facts)
    record(by=by, verb="arms.set_up", version=scheme.version)
    return scheme


@action
def lock(*, by: Person, seed: bytes | None = None) -> Scheme:
    """A second person locks the scheme: the seed is drawn and sealed, and a commitment to it goes into the trail.

    Only a demonstration may be handed its `seed`, so that a rehearsal can be made again.
    """
    need(by, "arms.lock")
    policies.seed_is_drawn(seed)
    lock_chain()
    policies.not_opened()
    scheme = Scheme.objects.filter(locked_at=None).order_by("-version").first()
    if scheme is None:
        raise Refused("There is no scheme to lock. The monitoring statistician sets one up first.")
    if scheme.set_up_by_id == by.pk:
        raise Refused("You set this scheme up. A second person locks it.")
    if not policies.same(scheme, policies.facts_of(versions.current())):
        raise Refused("The study file has changed since this scheme was set up. Let it be set up again.")
    seed, salt = seed or allocation.new_seed(), allocation.new_salt()
    scheme.sealed_seed = sealing.seal_secrets(seed, salt)
    scheme.software, scheme.locked_by, scheme.locked_at = __version__, by, clock.now()
    opened = sealing.closed(scheme, seed=seed.hex(), salt=salt.hex(), rows=sealing.rows_of(scheme.listed))
    scheme.commitment, key = opened.commitment, allocation.public_hex(sealing.signer())
    scheme.certificate = certificate_of(scheme, opened, key, versions.current().title).to_json()
    scheme.save()
    record(by=by, verb="arms.locked", version=scheme.version, commitment=scheme.commitment, public_key=key)
    return scheme


def certificate_of(scheme: Scheme, opened: allocation.OpenedScheme, key: str, title: str) -> allocation.LockCertificate:
    """What is promised at a lock: the scheme, the commitment, the key of the checkpoints, how far it can be guessed."""
    largest = max(scheme.places, key=lambda stratum: scheme.places[stratum])
    rule = policies.rule_of(scheme, largest)
    try:
        figures = allocation.assess(rule, scheme.places[largest]).to_dict()
    except allocation.AllocationError:  # a list: described, not assessed
        figures = {}
    return allocation.LockCertificate(
        title, scheme.version, scheme.text, allocation.describe(rule), opened.ratio, opened.arms,
        opened.places, scheme.commitment, key, scheme.software, clock.now().isoformat(timespec="seconds"),
        str(scheme.set_up_by), str(scheme.locked_by), figures)


@action
def allocate(*, by: Person | Rule, family: Family, key: str = "", levels: Mapping[str, str] | None = None,
             still_eligible: bool | None = None) -> Allocation:
    """Allocates a family at the next place of its stratum. A retry with the same key gets the same allocation.

    levels: factor -> the family's level, for factors that the record does not hold. `still_eligible`: the answer when
    eligibility was asked again on this day. The family's row is locked first,
    then its stratum's, then the chain: in this order everywhere, so nothing can wait in a circle, and two requests for
    one family never look at the same moment.
    """
    if isinstance(by, Person):
        need(by, "arms.allocate", family.site.code)
    lock_family(family)
    retried, key = bool(key), hashlib.sha256(f"{family.code}:{key or secrets.token_hex(16)}".encode()).hexdigest()
    earlier = Allocation.objects.filter(key=key).first() if retried else None
    if earlier is not None:
        return earlier
    policies.can_be_allocated(family, by_rule=isinstance(by, Rule))
    policies.still(still_eligible)
    schemes = policies.locked_schemes()
    known = policies.levels_of(schemes[-1], family, levels or {})
    stratum, before = _queue(schemes, "/".join(known[code] for code in schemes[-1].strata))
    arm = next_arm(stratum, before, known)
    lock_chain()
    policies.not_opened()
    made = Allocation.objects.create(
        family=family, stratum=stratum, place=len(before) + 1, arm=arm, at=clock.now(), key=key, levels=known,
        allocated_by=by if isinstance(by, Person) else None, salt=secrets.token_hex(16),
        study_version=versions.latest_number())
    record(by=by, verb="arms.allocated", family=family.code, site=family.site.code, field="arm",
           fact=allocation.fact_of(opened_text(made)), asked_again=still_eligible is not None)
    for open_next in policies.afterwards:
        open_next(family, made.arm_code)
    for address in [by.email] if isinstance(by, Person) else queries.coordinators(family.site):
        post(route="mail", address=address, subject="A family has been allocated", family=family.code,
             body="A family at your site has been allocated. Sign in to see what comes next.")
    return made


def opened_text(made: Allocation) -> str:
    """What the trail's entry of an allocation keeps secret until the opening."""
    return allocation.draw_text(version=made.stratum.scheme.version, stratum=made.stratum.name, place=made.place,
                                levels=made.levels, arm=made.arm, salt=made.salt)


History = list[tuple[int, Mapping[str, str]]]


def _queue(schemes: list[Scheme], name: str) -> tuple[Stratum, History]:
    """The family's stratum, locked, with the (arm, levels) before it; of a list, the first part that has a place left."""
    for scheme in schemes:
        if scheme.listed is not None and name not in scheme.places:
            continue
        rule = policies.rule_of(scheme, name)
        stratum, _made = Stratum.objects.get_or_create(scheme=scheme, name=name)
        Stratum.objects.select_for_update().get(pk=stratum.pk)
        rows: QuerySet[Allocation] = Allocation.objects.filter(stratum=stratum).order_by("place")
        before = list(rows.values_list("arm", "levels"))
        ends = scheme.listed is not None or isinstance(rule, allocation.MaximalProcedure)
        if not ends or len(before) < scheme.places[name]:
            return stratum, before
    raise Refused("Every place planned for this site is used, so this family has not been allocated. "
                  "Tell the trial manager.")


def next_arm(stratum: Stratum, before: History, levels: Mapping[str, str]) -> int:
    """The next arm. What went wrong is not told in the scheme's words, for whoever allocates must not learn them."""
    try:
        opened = sealing.unsealed(stratum.scheme)
        running = allocation.Running(opened.rule(stratum.name), opened.source(stratum.name))
        for arm, known in before:
            running.put(arm, known)
        return running.next(levels)
    except allocation.AllocationError:
        raise Refused("The sealed allocation scheme cannot be opened, so this family has not been allocated. "
                      "Tell the system owner: the key file of the scheme is missing or another one.") from None


@action
def read_arm(*, by: Person, family: Family, why: str) -> str | None:
    """The one way to a family's arm: checks that the person may see it, and records that it was read."""
    if not by.may("arms.see", family.site.code) and not policies.unblinded(by, family):
        need(by, "arms.see", family.site.code)
    found = Allocation.objects.filter(family=family).values_list("stratum__scheme__arms", "arm").first()
    if found is None:
        return None
    arms, drawn = found
    record(by=by, verb="arms.read", family=family.code, site=family.site.code, purpose=why)
    return str(arms[drawn])


@action
def read_arms(*, by: Person, families: Collection[Family], why: str) -> dict[int, str]:
    """The same for several families at once: family id -> arm of those allocated, recorded in one entry a site."""
    for site in {family.site.code for family in families}:
        need(by, "arms.see", site)
    found = {each.family_id: each.arm_code for each in
             Allocation.objects.filter(family__in=families).select_related("stratum__scheme")}
    for site in sorted({family.site.code for family in families if family.pk in found}):
        read = sorted(family.code for family in families if family.pk in found and family.site.code == site)
        record(by=by, verb="arms.read_many", site=site, purpose=why, families=read)
    return found


@action
def read_list(*, by: Person, allocations: Iterable[Allocation]) -> list[Allocation]:
    """Allocations with their places and arms, for those who watch over the scheme; one entry for the whole reading."""
    need(by, "arms.list")
    listed = list(allocations)
    record(by=by, verb="arms.list_read", count=len(listed))
    return listed
