"""Setting up and locking a sub-study's scheme, allocating a family in it, and the one way to read its arm."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping

from attunement import __version__, allocation
from attunement.allocation.chain import DRAWN, LOCKED
from attunement.journey.arms import policies as main
from attunement.journey.arms import sealing
from attunement.journey.arms.actions import certificate_of, next_arm, opened_text
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Family
from attunement.journey.referral.queries import lock_family
from attunement.journey.substudies import chain, policies
from attunement.journey.substudies.models import Allocation, Scheme, Stratum
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action, lock_chain, post, record
from attunement.journey.trail.errors import Refused


@action
def set_up(*, by: Person, substudy: str) -> Scheme:
    """Takes a sub-study's scheme from the study file as a draft, for a second person to lock."""
    need(by, "arms.set_up")
    lock_chain()
    policies.not_opened(substudy)
    facts = policies.facts_of(policies.in_force(substudy))
    latest = Scheme.objects.filter(substudy=substudy).order_by("-version").first()
    if latest is not None and main.same(latest, facts):  # type: ignore[arg-type]
        raise Refused("A scheme is waiting to be locked already." if latest.locked_at is None else
                      "The scheme is locked and the study file has not changed it.")
    number = 1 if latest is None else latest.version + (latest.locked_at is not None)
    scheme, _new = Scheme.objects.update_or_create(substudy=substudy, version=number, defaults={
        **facts, "set_up_by": by, "study_version": versions.latest_number()})
    record(by=by, verb="substudies.set_up", substudy=substudy, version=scheme.version)
    return scheme


@action
def lock(*, by: Person, substudy: str, seed: bytes | None = None) -> Scheme:
    """A second person locks it: its own seed is drawn and sealed, and the commitment to it goes into log and trail.

    Only a demonstration may be handed its `seed`.
    """
    need(by, "arms.lock")
    main.seed_is_drawn(seed)
    lock_chain()
    policies.not_opened(substudy)
    policies.main_is_locked()
    asked = policies.in_force(substudy)
    scheme = Scheme.objects.filter(substudy=substudy, locked_at=None).order_by("-version").first()
    if scheme is None:
        raise Refused("There is no scheme to lock. The monitoring statistician sets one up first.")
    if scheme.set_up_by_id == by.pk:
        raise Refused("You set this scheme up. A second person locks it.")
    if not main.same(scheme, policies.facts_of(asked)):  # type: ignore[arg-type]
        raise Refused("The study file has changed since this scheme was set up. Let it be set up again.")
    seed, salt = seed or allocation.new_seed(), allocation.new_salt()
    scheme.sealed_seed = sealing.seal_secrets(seed, salt)
    scheme.software, scheme.locked_by, scheme.locked_at = __version__, by, clock.now()
    opened = sealing.closed(scheme, seed=seed.hex(), salt=salt.hex())  # type: ignore[arg-type]
    scheme.commitment, key = opened.commitment, allocation.public_hex(sealing.signer())
    title = f"{versions.current().title}: {asked.title}"
    scheme.certificate = certificate_of(scheme, opened, key, title).to_json()  # type: ignore[arg-type]
    scheme.save()
    promised = {"version": scheme.version, "commitment": scheme.commitment, "public_key": key}
    head = chain.append(by=by, substudy=substudy, verb=LOCKED, **promised)
    record(by=by, verb="substudies.locked", substudy=substudy, head=head, **promised)
    return scheme


@action
def allocate(*, by: Person, family: Family, substudy: str, key: str = "") -> Allocation:
    """Allocates a family in a sub-study, at the next place of its stratum there. A retry with the same key gets the same.

    Locks as the main allocation does: the family's row, the stratum's, then the chain. Brothers and sisters are one
    family, and so share the arm.
    """
    need(by, "arms.allocate", family.site.code)
    asked = policies.in_force(substudy)
    lock_family(family)
    retried = bool(key)
    key = hashlib.sha256(f"{substudy}:{family.code}:{key or secrets.token_hex(16)}".encode()).hexdigest()
    earlier = Allocation.objects.filter(key=key).first() if retried else None
    if earlier is not None:
        return earlier
    policies.can_be_allocated(family, asked)
    scheme = policies.locked_scheme(substudy)
    known = {code: level for code, level in (("site", family.site.code), ("language", family.language))
             if code in scheme.strata}
    stratum, before = _queue(scheme, "/".join(known[code] for code in scheme.strata))
    arm = next_arm(stratum, before, known)  # type: ignore[arg-type]
    lock_chain()
    policies.not_opened(substudy)
    made = Allocation.objects.create(
        substudy=substudy, family=family, stratum=stratum, place=len(before) + 1, arm=arm, at=clock.now(), key=key,
        levels=known, allocated_by=by, salt=secrets.token_hex(16), study_version=versions.latest_number())
    of = {"family": family.code, "site": family.site.code}
    fact = allocation.fact_of(opened_text(made))  # type: ignore[arg-type]
    head = chain.append(by=by, substudy=substudy, verb=DRAWN, fact=fact, **of)
    record(by=by, verb="substudies.allocated", substudy=substudy, fact=fact, head=head, **of)
    post(route="mail", address=by.email, subject="A family has been allocated in a sub-study", family=family.code,
         body="A family at your site has been allocated in a sub-study. Sign in to see what comes next.")
    return made


def _queue(scheme: Scheme, name: str) -> tuple[Stratum, list[tuple[int, Mapping[str, str]]]]:
    """The family's stratum, locked, with the (arm, levels) before it."""
    rule = main.rule_of(scheme, name)  # type: ignore[arg-type]
    stratum, _made = Stratum.objects.get_or_create(scheme=scheme, name=name)
    Stratum.objects.select_for_update().get(pk=stratum.pk)
    before = list(Allocation.objects.filter(stratum=stratum).order_by("place").values_list("arm", "levels"))
    if isinstance(rule, allocation.MaximalProcedure) and len(before) >= scheme.places[name]:
        raise Refused("Every place planned for this site is used, so this family has not been allocated. "
                      "Tell the trial manager.")
    return stratum, before


@action
def read_arm(*, by: Person, family: Family, substudy: str, why: str) -> str | None:
    """The one way to a family's arm in a sub-study: checks that the person may see arms, and records the reading."""
    need(by, "arms.see", family.site.code)
    made = Allocation.objects.filter(family=family, substudy=substudy).select_related("stratum__scheme").first()
    if made is None:
        return None
    record(by=by, verb="substudies.arm_read", family=family.code, site=family.site.code, substudy=substudy, purpose=why)
    return made.arm_code
