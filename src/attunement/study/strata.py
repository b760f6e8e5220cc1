"""What a study allocates by: the levels of its factors, its strata, and the scheme that they are given to."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from attunement.allocation import AllocationError, Minimisation, Scheme, parse
from attunement.study.schema import Study

LIST = "list"


def levels(study: Study) -> dict[str, tuple[str, ...]]:
    """Factor -> its levels: `site`, `language`, and the factors that the study file declares."""
    known: dict[str, tuple[str, ...]] = {
        "site": tuple(site.code for site in study.sites),
        "language": tuple(language.code for language in study.languages),
    }
    return known | {factor.code: factor.levels for factor in study.allocation.factors if factor.code not in known}


def strata(study: Study) -> list[str]:
    """The names of all strata, each the levels of one with `/` between ("A", "A/little"), in study-file order.

    Factors that the study does not know are left out; `study.check` names them.
    """
    known = levels(study)
    named = [known[code] for code in study.allocation.strata if code in known]
    return ["/".join(each) for each in product(*named)]


def minimises(study: Study) -> bool:
    return study.allocation.scheme.partition(":")[0].strip() == "minimisation"


def most_places(study: Study) -> int:
    """The places of the largest stratum when it is filled to the target: a site's, or everybody's."""
    targets = [site.target for site in study.sites]
    return max(targets) if "site" in study.allocation.strata else sum(targets)


def rule(study: Study, places: int) -> Scheme | Minimisation | None:
    """The study's scheme for a stratum of so many `places`; None for a list, which is uploaded when it is there.

    Raises AllocationError when the scheme cannot serve the study.
    """
    asked = study.allocation
    if asked.scheme.strip() == LIST:
        return None
    if asked.scheme.strip().startswith(f"{LIST}:"):
        raise AllocationError('a list lies open beside a study file: write "list", and upload it when it is locked')
    known = levels(study)
    factors = {each.code: known[each.code] for each in asked.minimise if each.code in known}
    weights = {each.code: Fraction(str(each.weight)) for each in asked.minimise if each.code in known}
    arms = [arm.code for arm in study.arms]
    return parse(asked.scheme, asked.ratio, n=places, factors=factors, weights=weights, arms=arms)
