"""What is known of sub-studies without an arm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from attunement.journey.arms import queries as main
from attunement.journey.arms.policies import same
from attunement.journey.referral.models import Family
from attunement.journey.substudies import policies
from attunement.journey.substudies.models import Allocation, Opening, Scheme
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused
from attunement.study.schema import Substudy


def entered() -> set[str]:
    """The codes of the sub-studies that a family has been allocated in."""
    return set(Allocation.objects.order_by().values_list("substudy", flat=True).distinct())


def running() -> tuple[Substudy, ...]:
    """Those of the study file that holds now; none before a study is open."""
    try:
        return versions.current().substudies
    except LookupError:
        return ()


def allocated_on(family: Family) -> dict[str, date]:
    """Sub-study -> the day this family was allocated in it, which is no secret; the arm is."""
    found = Allocation.objects.filter(family=family).values_list("substudy", "at")
    return {code: clock.day_of(at) for code, at in found}


@dataclass(frozen=True)
class State:
    """A sub-study as its page shows it. versions: (scheme, in words, how far a draft can be guessed), newest first."""

    substudy: Substudy
    versions: list[tuple[Scheme, str, str]]
    changed: bool
    unusable: str
    allocated: int
    opening: Opening | None

    @property
    def draft(self) -> Scheme | None:
        """What waits for the second person."""
        newest = self.versions[0][0] if self.versions else None
        return newest if newest is not None and newest.locked_at is None and not self.changed else None


def state_of(substudy: Substudy) -> State:
    found = list(Scheme.objects.filter(substudy=substudy.code).select_related("set_up_by", "locked_by")
                 .defer("sealed_seed").order_by("-version"))
    rows = [(each, main.in_words(each), "" if each.locked_at else main.foreseen(each)) for each in found]  # type: ignore[arg-type]
    changed, unusable = True, ""
    try:
        facts = policies.facts_of(substudy)
        changed = not found or not same(found[0], facts)  # type: ignore[arg-type]
    except Refused as refusal:
        changed, unusable = False, str(refusal)
    return State(substudy, rows, changed, unusable, Allocation.objects.filter(substudy=substudy.code).count(),
                 Opening.objects.filter(substudy=substudy.code).select_related("proposed_by", "agreed_by").first())
