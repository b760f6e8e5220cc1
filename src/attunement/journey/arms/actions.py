"""Setting up and locking the scheme, and allocating a family."""

from __future__ import annotations

import hashlib
import secrets

from attunement import __version__, allocation
from attunement.journey.arms import policies
from attunement.journey.arms.models import Allocation, Scheme, Stratum
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock, keys, versions
from attunement.journey.trail.actions import action, post, record
from attunement.journey.trail.errors import Refused

SEALING_KEY = "allocation"
SALT_BYTES = 16


@action
def set_up(*, by: Person) -> Scheme:
    """Takes the scheme from the study file as a draft, for a second person to lock."""
    need(by, "arms.set_up")
    study = versions.current()
    policies.scheme_fits(study)
    latest = Scheme.objects.order_by("-version").first()
    if latest is not None and latest.locked_at is None:
        raise Refused("A scheme is waiting to be locked already.")
    if latest is not None and (latest.text, latest.ratio) == (study.allocation.scheme, list(study.allocation.ratio)):
        raise Refused("The scheme is locked and the study file has not changed it.")
    scheme = Scheme.objects.create(
        version=(latest.version if latest else 0) + 1, text=study.allocation.scheme, ratio=list(study.allocation.ratio),
        arms=[arm.code for arm in study.arms], strata=list(study.allocation.strata), set_up_by=by,
        study_version=versions.latest_number())
    record(by=by, verb="arms.set_up", version=scheme.version)
    return scheme


@action
def lock(*, by: Person) -> Scheme:
    """A second person locks the scheme: the seed is drawn and sealed, and a commitment to it goes into the trail."""
    need(by, "arms.lock")
    scheme = Scheme.objects.select_for_update().filter(locked_at=None).order_by("-version").first()
    if scheme is None:
        raise Refused("There is no scheme to lock. The monitoring statistician sets one up first.")
    if scheme.set_up_by_id == by.pk:
        raise Refused("You set this scheme up. A second person locks it.")
    rule = allocation.parse(scheme.text, tuple(scheme.ratio))
    seed, salt = allocation.new_seed(), secrets.token_bytes(SALT_BYTES)
    scheme.sealed_seed = allocation.seal(seed + salt, keys.named(SEALING_KEY))
    scheme.commitment = allocation.commitment(seed, salt, rule, tuple(scheme.strata), __version__)
    scheme.locked_by, scheme.locked_at = by, clock.now()
    scheme.save()
    record(by=by, verb="arms.locked", version=scheme.version, commitment=scheme.commitment)
    return scheme


@action
def allocate(*, by: Person, family: Family, key: str = "") -> Allocation:
    """Allocates a family at the next place of its stratum. A retry with the same key gets the same allocation."""
    need(by, "arms.allocate", family.site.code)
    scheme = policies.locked_scheme()
    stratum, _made = Stratum.objects.get_or_create(scheme=scheme, name=family.site.code)
    Stratum.objects.select_for_update().get(pk=stratum.pk)
    key = hashlib.sha256(f"{family.code}:{key or secrets.token_hex(16)}".encode()).hexdigest()
    earlier = Allocation.objects.filter(key=key).first()
    if earlier is not None:
        return earlier
    policies.can_be_allocated(family)
    history = list(Allocation.objects.filter(stratum=stratum).order_by("place").values_list("arm", flat=True))
    arm = _draw(scheme, stratum.name, history)
    made = Allocation.objects.create(family=family, stratum=stratum, place=len(history) + 1, arm=arm, at=clock.now(),
                                     key=key, salt=secrets.token_hex(16), study_version=versions.latest_number())
    sealed_fact = hashlib.sha256(f"{made.salt}:{scheme.version}:{stratum.name}:{made.place}:{arm}".encode()).hexdigest()
    record(by=by, verb="arms.allocated", family=family.code, site=family.site.code, fact=sealed_fact)
    post(route="mail", address=by.email, subject="A family has been allocated", family=family.code,
         body="A family at your site has been allocated. Sign in to see what comes next.")
    return made


def _draw(scheme: Scheme, stratum: str, history: list[int]) -> int:
    seed = allocation.unseal(bytes(scheme.sealed_seed or b""), keys.named(SEALING_KEY))[:-SALT_BYTES]
    rule = allocation.parse(scheme.text, tuple(scheme.ratio))
    return rule.draw(history, allocation.Source(seed, f"{scheme.version}:{stratum}"))


@action
def read_arm(*, by: Person, family: Family, why: str) -> str | None:
    """The one way to a family's arm: checks that the person may see it, and records that it was read."""
    need(by, "arms.see", family.site.code)
    found = Allocation.objects.filter(family=family).select_related("stratum__scheme").first()
    if found is None:
        return None
    record(by=by, verb="arms.read", family=family.code, site=family.site.code, purpose=why)
    return str(found.stratum.scheme.arms[found.arm])
