"""Setting up and locking the scheme, allocating a family, and the ways to read an arm."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable

from attunement import __version__, allocation
from attunement.journey.arms import policies
from attunement.journey.arms.models import Allocation, Scheme, Stratum
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock, keys, versions
from attunement.journey.trail.actions import action, lock_chain, post, record
from attunement.journey.trail.errors import Refused

SEALING_KEY = "allocation"
SALT_BYTES = 16


@action
def set_up(*, by: Person) -> Scheme:
    """Takes the scheme from the study file as a draft, for a second person to lock."""
    need(by, "arms.set_up")
    lock_chain()
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
    scheme = Scheme.objects.filter(locked_at=None).order_by("-version").first()
    if scheme is None:
        raise Refused("There is no scheme to lock. The monitoring statistician sets one up first.")
    if scheme.set_up_by_id == by.pk:
        raise Refused("You set this scheme up. A second person locks it.")
    if not policies.same(scheme, policies.facts_of(versions.current())):
        raise Refused("The study file has changed since this scheme was set up. Let it be set up again.")
    seed, salt = seed or allocation.new_seed(), secrets.token_bytes(SALT_BYTES)
    strata = [f"{site}: {places}" for site, places in sorted(scheme.places.items())]
    scheme.sealed_seed = allocation.seal(seed + salt, _sealing_key())
    scheme.commitment = allocation.commitment(seed, salt, policies.rule_of(scheme, min(scheme.places)), strata,
                                              __version__)
    scheme.software, scheme.locked_by, scheme.locked_at = __version__, by, clock.now()
    scheme.save()
    record(by=by, verb="arms.locked", version=scheme.version, commitment=scheme.commitment)
    return scheme


def _sealing_key() -> bytes:
    return keys.at_first_use(SEALING_KEY, first=not Scheme.objects.exclude(locked_at=None).exists())


@action
def allocate(*, by: Person, family: Family, key: str = "", still_eligible: bool | None = None) -> Allocation:
    """Allocates a family at the next place of its stratum. A retry with the same key gets the same allocation.

    `still_eligible`: the answer when eligibility was asked again on this day.

    The family's row is locked first, then its stratum's, then the chain: in this order everywhere, so nothing can
    wait in a circle, and two requests for one family never look at the same moment.
    """
    need(by, "arms.allocate", family.site.code)
    Family.objects.select_for_update().get(pk=family.pk)
    key = hashlib.sha256(f"{family.code}:{key or secrets.token_hex(16)}".encode()).hexdigest()
    earlier = Allocation.objects.filter(key=key).first()
    if earlier is not None:
        return earlier
    policies.can_be_allocated(family)
    policies.still(still_eligible)
    scheme = policies.locked_scheme()
    rule = policies.rule_of(scheme, family.site.code)
    stratum, _made = Stratum.objects.get_or_create(scheme=scheme, name=family.site.code)
    Stratum.objects.select_for_update().get(pk=stratum.pk)
    history = list(Allocation.objects.filter(stratum=stratum).order_by("place").values_list("arm", flat=True))
    arm = _draw(scheme, rule, stratum.name, history)
    made = Allocation.objects.create(family=family, stratum=stratum, place=len(history) + 1, arm=arm, at=clock.now(),
                                     allocated_by=by, key=key, salt=secrets.token_hex(16),
                                     study_version=versions.latest_number())
    sealed_fact = hashlib.sha256(f"{made.salt}:{scheme.version}:{stratum.name}:{made.place}:{arm}".encode()).hexdigest()
    record(by=by, verb="arms.allocated", family=family.code, site=family.site.code, field="arm", fact=sealed_fact,
           asked_again=still_eligible is not None)
    for open_next in policies.afterwards:
        open_next(family, made.arm_code)
    post(route="mail", address=by.email, subject="A family has been allocated", family=family.code,
         body="A family at your site has been allocated. Sign in to see what comes next.")
    return made


def _draw(scheme: Scheme, rule: allocation.Scheme, stratum: str, history: list[int]) -> int:
    """The next arm. What went wrong is not told in the scheme's words, for whoever allocates must not learn them."""
    if isinstance(rule, allocation.MaximalProcedure) and len(history) >= rule.n:
        raise Refused("Every place planned for this site is used, so this family has not been allocated. "
                      "Tell the trial manager.")
    try:
        seed = allocation.unseal(bytes(scheme.sealed_seed or b""), keys.named(SEALING_KEY))[:-SALT_BYTES]
        return rule.draw(history, allocation.Source(seed, f"{scheme.version}:{stratum}"))
    except allocation.AllocationError:
        raise Refused("The sealed allocation scheme cannot be opened, so this family has not been allocated. "
                      "Tell the system owner: the key file of the scheme is missing or another one.") from None


@action
def read_arm(*, by: Person, family: Family, why: str) -> str | None:
    """The one way to a family's arm: checks that the person may see it, and records that it was read."""
    need(by, "arms.see", family.site.code)
    found = Allocation.objects.filter(family=family).select_related("stratum__scheme").first()
    if found is None:
        return None
    record(by=by, verb="arms.read", family=family.code, site=family.site.code, purpose=why)
    return found.arm_code


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
