"""May a scheme be set up, locked, or a family allocated, now?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import takewhile
from typing import Any

from django.conf import settings
from django.db.models import Q

from attunement import allocation
from attunement.journey.arms import sealing
from attunement.journey.arms.models import Allocation, Opened, PlaceList, Proposal, Scheme
from attunement.journey.consent import queries as consent
from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family
from attunement.journey.referral.queries import has_index_child
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused
from attunement.study import Study
from attunement.study import strata as factors
from attunement.study.checks import chance
from attunement.study.planned import final_allocation
from attunement.study.schema import Factor, TimePoint

# From later stages: what whoever allocates is warned of first, though it stops nothing, and what an allocation opens, in
# its transaction (family and arm).
warnings: list[Callable[[Family], list[str]]] = []
afterwards: list[Callable[[Family, str], None]] = []


@dataclass(frozen=True)
class Check:
    """One thing that must hold before a family is allocated; `reason` says why it does not, empty when it does."""

    what: str
    reason: str = ""


def seed_is_drawn(seed: bytes | None) -> None:
    if seed is not None and not settings.DEMONSTRATION:
        raise Refused("A study's seed is drawn by chance and never handed in. Only a demonstration may say it.")


def facts_of(study: Study) -> dict[str, Any]:
    """What a scheme is made of, as the study file has it. Refused, with the reason, when it cannot serve this study."""
    asked, known = study.allocation, factors.levels(study)
    strange = sorted({*asked.strata, *(each.code for each in asked.minimise)} - set(known))
    if strange:
        raise Refused(f"The strata name {', '.join(strange)}, which this study knows no fixed levels of. "
                      "Free text is never a stratum. Name site, or a factor with its levels.")
    if "site" not in {*asked.strata, *(each.code for each in asked.minimise)} or not study.sites:
        raise Refused("Families are allocated by site, but the study file names no site factor. "
                      "Write strata = [\"site\"] and list the sites.")
    listed = next_list() if asked.scheme.strip() == factors.LIST else None
    places = planned(study) if listed is None else listed.places
    try:
        rules = [factors.rule(study, many) for many in sorted(set(places.values()))]
    except allocation.AllocationError as error:
        raise Refused(f"The scheme cannot be used: {error}.") from None
    for rule in rules:
        if rule is not None and rule.arms != len(study.arms):
            raise Refused(f"The ratio is for {rule.arms} arms, but the study file has {len(study.arms)}.")
    own = {factor.code for factor in asked.factors} & {*asked.strata, *(each.code for each in asked.minimise)}
    if asked.trigger == "rule" and own:
        raise Refused(f"Families are allocated by rule, and a person has to say their {', '.join(sorted(own))}. "
                      'Write trigger = "person".')
    for remark in chance.remarks(study):
        if remark.level == "problem" and remark.place[:2] != ("allocation", "scheme"):
            raise Refused(remark.text)
    weighed = [[each.code, list(known[each.code]), str(Fraction(str(each.weight)))] for each in asked.minimise]
    return {"text": asked.scheme.strip(), "ratio": list(asked.ratio), "arms": [arm.code for arm in study.arms],
            "strata": list(asked.strata), "places": places, "factors": weighed, "listed": listed}


def planned(study: Study) -> dict[str, int]:
    """Stratum -> the most families that it can have: its site's target, or everybody's where site is no stratum."""
    names, strata = factors.strata(study), study.allocation.strata
    if "site" not in strata:
        return dict.fromkeys(names, factors.most_places(study))
    targets, at = {site.code: site.target for site in study.sites}, strata.index("site")
    return {name: targets[name.split("/")[at]] for name in names}


def next_list() -> PlaceList:
    """The live list to set up: the oldest that is not in use, for the order of upload is the order of use."""
    live = PlaceList.objects.filter(kind="live").order_by("id")
    found = live.filter(Q(scheme=None) | Q(scheme__locked_at=None)).first() or live.last()
    if found is None:
        raise Refused("The study takes its places from a list, and no list for its families has been uploaded.")
    return found


def same(scheme: Scheme, facts: dict[str, Any]) -> bool:
    return all(getattr(scheme, name) == value for name, value in facts.items())


def rule_of(scheme: Scheme, stratum: str) -> allocation.Scheme | allocation.Minimisation:
    """The rule by which a stratum's arms are drawn; a list's without its rows. Refused where it has no such stratum."""
    if stratum not in scheme.places:
        raise Refused("The locked scheme does not have this site. The monitoring statistician sets up a new version.")
    if scheme.text == factors.LIST:
        return allocation.FromList.of({name: [0] * many for name, many in scheme.places.items()}, scheme.arms)
    return sealing.closed(scheme).rule(stratum)


def locked_scheme() -> Scheme:
    return locked_schemes()[-1]


def locked_schemes() -> list[Scheme]:
    """The version that allocates now; of a list that was added to, all its parts in the order of their rows."""
    found = list(Scheme.objects.exclude(locked_at=None).order_by("-version").select_related("listed"))
    if not found:
        raise Refused("The allocation scheme has not been locked yet. "
                      "The trial manager and the monitoring statistician do that.")
    parts = takewhile(lambda each: each.listed is not None and each.arms == found[0].arms
                      and each.strata == found[0].strata, found)
    return list(parts)[::-1] or found[:1]


def asked_factors(scheme: Scheme) -> list[Factor]:
    """The factors whose level somebody must say when a family is allocated: site and language are known."""
    used = {*scheme.strata, *(code for code, _levels, _weight in scheme.factors)}
    return [factor for factor in versions.numbered(scheme.study_version).allocation.factors if factor.code in used]


def levels_of(scheme: Scheme, family: Family, said: Mapping[str, str]) -> dict[str, str]:
    """Factor -> the family's level. Refused when one is missing or unknown; nothing has been used up then."""
    found = {"site": family.site.code, "language": family.language}
    for factor in asked_factors(scheme):
        level = said.get(factor.code, "")
        if level not in factor.levels:
            raise Refused(f"“{factor.title}” of this family is not known, so it has not been allocated and no place is "
                          f"used. Choose one of: {', '.join(factor.levels)}.")
        found[factor.code] = level
    used = [*scheme.strata, *(code for code, _levels, _weight in scheme.factors)]
    return {code: found[code] for code in used}


def not_opened() -> None:
    if Opened.objects.exists():
        raise Refused("The seed has been opened: the trial is over, and no family is allocated any more.")


def not_allocated(family: Family) -> None:
    if Allocation.objects.filter(family=family).exists():
        raise Refused("This family has been allocated already.")


def checks(family: Family) -> Iterator[Check]:
    """What must hold before this family is allocated, one after the other, each with the reason why it does not."""
    yield Check("A child of the family is eligible",
                "" if has_index_child(family) else "No child of this family is eligible.")
    yield Check("The family agreed to take part",
                "" if consent.given(family) else "The family has not agreed to take part, or has withdrawn.")
    yield Check("Its circumstances are as they were at referral",
                "The family's circumstances have changed since it was referred. Speak to the trial manager."
                if consent.changes_of(family) else "")
    study = versions.current()
    for point in study.time_points:
        if point.months_after is None:
            yield Check("The first questionnaire is complete", _baseline(family, point, study))


def _baseline(family: Family, point: TimePoint, study: Study) -> str:
    done = (Questionnaire.objects.filter(family=family, time_point=point.code, state="complete")
            .values_list("completed_at", flat=True).first())
    if done is None:
        return "The first questionnaire has not been completed yet."
    oldest = study.allocation.baseline_max_age_days
    if clock.today() - clock.day_of(done) > timedelta(days=oldest):  # days of the calendar: the clocks may change
        return f"The first questionnaire is more than {oldest} days old. Speak to the trial manager."
    return ""


def warned_of(family: Family) -> list[str]:
    return [sentence for warn in warnings for sentence in warn(family)]


def questions() -> list[str]:
    """What is asked again on the day of the draw: the study's questions of eligibility."""
    return [rule.question for rule in versions.current().eligibility if rule.kind == "yes"]


def still(eligible: bool | None) -> None:
    """`eligible`: what was said on the day of the draw; None: it was not asked."""
    if eligible is False:
        raise Refused("The family is not eligible any more, so it is not allocated. Speak to the trial manager.")


def can_be_allocated(family: Family, *, by_rule: bool = False) -> None:
    """Not allocated yet, by whom the study says, and every check holds: the first that fails is said."""
    not_allocated(family)
    if by_rule != allocates_by_rule():
        raise Refused("In this study a person asks for each allocation." if by_rule else
                      "In this study a family is allocated by itself, within the hour, once every line says yes.")
    for check in checks(family):
        if check.reason:
            raise Refused(check.reason)


def allocates_by_rule() -> bool:
    return versions.current().allocation.trigger == "rule"


def can_be_opened() -> None:
    """Only at the end: every planned family is allocated, or the days of allocation are over."""
    not_opened()
    places = sum(site.target for site in versions.current().sites)
    last = final_allocation(versions.current())
    locked_scheme()
    if Allocation.objects.count() < places and (last is None or clock.today() <= last):
        until = f" until {last:%d %B %Y}".replace(" 0", " ") if last else ""
        raise Refused(f"Families can still be allocated{until}: an opened seed tells every coming place. "
                      "Open it when all are allocated or the days of allocation are over.")


def unblinded(person: Person, family: Family) -> bool:
    """Did two people agree that this person is shown the arm of this family?"""
    agreed = Proposal.objects.filter(kind="unblinding", family=family, person=person)
    return agreed.exclude(agreed_by=None).exists()
