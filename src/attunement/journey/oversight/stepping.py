"""Taking a step of a lock: its place in the order, its digest over the step before, its signature, its trail event."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from cryptography.exceptions import InvalidSignature

from attunement.journey.arms import sealing
from attunement.journey.oversight import lock_policies
from attunement.journey.oversight.models import Lock, Step
from attunement.journey.oversight.steps import KINDS
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import record
from attunement.journey.trail.models import Entry


def due(*, by: Person, lock: Lock, code: str) -> Lock:
    """The lock, held until the transaction ends; refused unless this person may and this step comes now."""
    need(by, KINDS[code].right)
    lock = Lock.objects.select_for_update().get(pk=lock.pk)
    lock_policies.comes_now(lock, code)
    return lock


def take(*, by: Person, lock: Lock, code: str, acted_on: str, kept: dict[str, Any] | None = None, **told: Any) -> Step:
    """Writes a step that is due. `told`: codes, numbers, hashes, for the trail too; `kept`: words that stay with the step,
    of which the trail has the SHA-256."""
    last = lock.last
    before, number = (last.digest, last.number + 1) if last else (lock.plan.sha256, 1)
    if kept:
        told["minutes"] = sha256_of(kept)
    made = Step(lock=lock, number=number, code=code, by=by, at=clock.now(), acted_on=acted_on, before=before,
                said=told | (kept or {}))
    made.digest = digest_of(made)
    made.signature = sealing.signer().sign(bytes.fromhex(made.digest)).hex()
    made.save()
    record(by=by, verb=f"oversight.lock_{code}", lock=lock.pk, step=number, acted_on=acted_on, before=before,
           digest=made.digest, signature=made.signature, **told)
    return made


def digest_of(step: Step) -> str:
    """Of all that a step says, and of the step before it."""
    at = step.at.astimezone(versions.UTC).isoformat(timespec="seconds")
    return sha256_of([step.lock.pk, step.number, step.code, step.by.trail_name, at, step.acted_on, step.before, step.said])


def sha256_of(said: Any) -> str:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def broken(lock: Lock) -> str:
    """What does not hold in the chain of a lock's steps, in a sentence; empty when all of it does."""
    before, key, last = lock.plan.sha256, sealing.signer().public_key(), None
    trail = set(Entry.objects.filter(verb__startswith="oversight.lock_").values_list("verb", "what"))
    written = {(verb, json.loads(what).get("digest")) for verb, what in trail}
    for number, step in enumerate(lock.steps.select_related("by"), 1):
        if (step.number, step.before) != (number, before) or (last not in KINDS[step.code].after if last else
                                                              KINDS[step.code].after):
            return f"Step {step.number}, {KINDS[step.code].title}, does not follow the step before it."
        try:
            key.verify(bytes.fromhex(step.signature), bytes.fromhex(step.digest))
        except (InvalidSignature, ValueError):
            return f"Step {step.number}, {KINDS[step.code].title}, has a signature that does not hold."
        if digest_of(step) != step.digest or (f"oversight.lock_{step.code}", step.digest) not in written:
            return f"Step {step.number}, {KINDS[step.code].title}, is not what the trail has of it."
        before, last = step.digest, step.code
    return ""
