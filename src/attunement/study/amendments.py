"""What an amendment may not change, and what it changes for later families only."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from attunement.study.english import listed, quoted
from attunement.study.schema import Estimand, Study
from attunement.study.substudies import alone


def refusals(old: Study, new: Study, *, allocated: bool, entered: Collection[str] = ()) -> list[str]:
    """Why `new` cannot be an amendment of `old`, a sentence each; none when it can.

    allocated: whether any family has been allocated. Arms and primary outcome stand from then on. entered: the codes of
    the sub-studies that a family has been allocated in. Their arms stand from then on.
    """
    found = [] if old.slug == new.slug else [f"{new.slug} is another study than {old.slug}, not a version of it."]
    if allocated:
        found += _after_allocation(old, new)
    return [*found, *_after_entry(old, new, entered)]


def for_later_families(old: Study, new: Study, *, allocated: bool, entered: Collection[str] = ()) -> list[str]:
    """What the amendment changes for families not yet allocated: it needs a new locked version, a sentence each.

    entered: the codes of the sub-studies that a family has been allocated in.
    """
    told = [sentence.replace("The ", f"In the sub-study {before.code} the ", 1)
            for before in old.substudies for after in new.substudies
            if before.code == after.code and before.code in entered
            for sentence in _drawn_anew(alone(old, before), alone(new, after))]
    return [*_drawn_anew(old, new), *told] if allocated else told


def _drawn_anew(old: Study, new: Study) -> list[str]:
    pairs = [
        ("scheme goes", quoted(old.allocation.scheme), quoted(new.allocation.scheme)),
        ("ratio goes", ":".join(map(str, old.allocation.ratio)), ":".join(map(str, new.allocation.ratio))),
        ("strata go", listed(old.allocation.strata), listed(new.allocation.strata)),
        ("levels of the factors go", _levels(old), _levels(new)),
        ("weights of minimisation go", _weights(old), _weights(new)),
    ]
    targets = {site.code: site.target for site in new.sites}
    pairs += [
        (f"target of {site.name} goes", str(site.target), str(targets[site.code]))
        for site in old.sites
        if site.code in targets
    ]
    return [
        f"The {what} from {before} to {after} for later families only, as a new locked version: families already "
        "allocated keep their arm and the version that drew it."
        for what, before, after in pairs
        if before != after
    ]


def _levels(study: Study) -> str:
    return "; ".join(f"{factor.code}: {listed(factor.levels)}" for factor in study.allocation.factors) or "none"


def _weights(study: Study) -> str:
    return listed(f"{each.code} {each.weight:g}" for each in study.allocation.minimise) or "none"


def _after_allocation(old: Study, new: Study) -> Iterator[str]:
    if old.arms != new.arms:
        yield "The arms cannot change once the first family is allocated: families agreed to one of these."
    before, after = _primary(old), _primary(new)
    if _measured(old, before) != _measured(new, after):
        yield (
            "The primary outcome cannot change once the first family is allocated: it is "
            f"{_told(before)}, and would become {_told(after)}."
        )
    lost = [site.name for site in old.sites if site.code not in {site.code for site in new.sites}]
    if lost:
        yield f"{listed(lost)} cannot leave the study file once families are allocated; lower the target instead."


def _after_entry(old: Study, new: Study, entered: Collection[str]) -> Iterator[str]:
    now = {each.code: each for each in new.substudies}
    for before in old.substudies:
        if before.code in entered and before.code not in now:
            yield (f"The sub-study {before.code} cannot leave the study file once its first family is allocated; "
                   "end it by its last day instead.")
        elif before.code in entered and before.arms != now[before.code].arms:
            yield (f"The arms of the sub-study {before.code} cannot change once its first family is allocated: "
                   "families agreed to one of these.")


def _primary(study: Study) -> tuple[Estimand, ...]:
    return tuple(estimand for estimand in study.estimands if estimand.role == "primary")


def _measured(study: Study, primary: tuple[Estimand, ...]) -> list[tuple[object, ...]]:
    months = {point.code: point.months_after for point in study.time_points}
    return [(each.outcome, each.direction, each.analysis, months.get(each.time_point or "")) for each in primary]


def _told(primary: tuple[Estimand, ...]) -> str:
    return listed(f"{each.outcome} at {each.time_point or 'the records'}" for each in primary) or "none"
