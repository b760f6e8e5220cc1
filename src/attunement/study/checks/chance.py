"""Arms, ratio, scheme and strata: whether families can be allocated as the file says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import prod

from attunement.allocation import AllocationError, Minimisation, PermutedBlocks
from attunement.study.english import counted, listed, quoted
from attunement.study.findings import Place, Remark
from attunement.study.schema import Study
from attunement.study.strata import levels, minimises, most_places, rule

_FREE_TEXT = {"name", "notes", "reason", "address", "helping_question", "contact", "comment", "comments", "free_text"}


def remarks(study: Study) -> Iterator[Remark]:
    yield from _arms(study)
    yield from _strata(study)
    yield from _factors(study)
    yield from _scheme(study)
    yield from _levels(study)


def _arms(study: Study) -> Iterator[Remark]:
    ratio, place = study.allocation.ratio, ("allocation", "ratio")
    if len(ratio) != len(study.arms):
        text = f"The ratio has {counted(len(ratio), 'part')} for {counted(len(study.arms), 'arm')}."
        yield Remark("problem", place, text)
    if any(part < 1 for part in ratio):
        yield Remark("problem", place, "Every part of the ratio must be 1 or more, or nobody could get that arm.")
    programme = [arm for arm in study.arms if arm.receives_programme]
    if len(programme) in (0, len(study.arms)):
        who = "no arm receives" if not programme else "every arm receives"
        yield Remark("problem", ("arms",), f"There is nothing to compare: {who} the programme.")


def _strata(study: Study) -> Iterator[Remark]:
    strata, place, known = study.allocation.strata, ("allocation", "strata"), levels(study)
    for stratum in strata:
        yield from _unknown(stratum, "stratum", "strata", known, place)
    if len(set(strata)) != len(strata):
        yield Remark("problem", place, "A stratum is named twice.")
    minimised = {each.code for each in study.allocation.minimise} if minimises(study) else set()
    if len(study.sites) > 1 and "site" not in {*strata, *minimised}:
        text = "There are several sites, and site is not a stratum: families would not be allocated within sites."
        yield Remark("problem", place, text)


def _unknown(code: str, one: str, many: str, known: Mapping[str, tuple[str, ...]], place: Place) -> Iterator[Remark]:
    choices = f"{many} can be {listed(known)}, or a factor with its levels in allocation.factors"
    if code in _FREE_TEXT:
        yield Remark("problem", place, f"{code} is free text, which is never a {one}; {choices}.")
    elif code not in known:
        yield Remark("problem", place, f"{code} is not a {one} that is known; {choices}.")


def _factors(study: Study) -> Iterator[Remark]:
    """Factors with fixed levels, and the ones that minimisation weighs."""
    for index, factor in enumerate(study.allocation.factors):
        place: Place = ("allocation", "factors", index)
        if factor.code in {"site", "language"} or factor.code in _FREE_TEXT:
            yield Remark("problem", place, f"{factor.code} cannot be a factor of your own: choose another code.")
        if len(set(factor.levels)) != len(factor.levels):
            yield Remark("problem", place, f"{factor.code} has a level twice.")
    place = ("allocation", "minimise")
    for each in study.allocation.minimise:
        yield from _unknown(each.code, "factor of minimisation", "they", levels(study), place)
        if each.code in study.allocation.strata:
            yield Remark("problem", place, f"{each.code} is a stratum already: within one there is nothing to keep level.")
    if study.allocation.minimise and not minimises(study):
        text = f"Factors are weighed, but the scheme {quoted(study.allocation.scheme)} is not minimisation."
        yield Remark("problem", place, text)


def _scheme(study: Study) -> Iterator[Remark]:
    place = ("allocation", "scheme")
    try:
        scheme = rule(study, most_places(study))
    except AllocationError as error:
        yield Remark("problem", place, f"The scheme {quoted(study.allocation.scheme)} cannot be used: {error}.")
        return
    if scheme is None:
        return
    if isinstance(scheme, PermutedBlocks) and sum(scheme.ratio) in scheme.sizes and scheme.arms == 2:
        text = f"A block of {sum(scheme.ratio)} is so short that its last place is easily foreseen: choose longer blocks."
        yield Remark("problem", place, text)
    if isinstance(scheme, Minimisation) and scheme.p == 1:
        text = "Minimisation with a chance of 1 leaves chance to ties alone: most arms can be foreseen. Choose less."
        yield Remark("problem", place, text)


def _levels(study: Study) -> Iterator[Remark]:
    """Strata so many that a site's target leaves them nearly empty: balance within them then means nothing."""
    known = levels(study)
    beyond = {code: len(known[code]) for code in study.allocation.strata if code != "site" and code in known}
    if not beyond:
        return
    block, parts = 2 * sum(study.allocation.ratio), prod(beyond.values())
    split = listed(counted(many, _NOUN.get(code, f"level of {code}"), _NOUNS.get(code, f"levels of {code}"))
                   for code, many in beyond.items())
    told = f"split by {split}, {{}}; at least {block} are wanted for the ratio to show."
    if "site" in study.allocation.strata:
        wide = [(site.name, Fraction(site.target, parts)) for site in study.sites]
    else:
        wide = [("the study", Fraction(sum(site.target for site in study.sites), parts))]
    thin = [f"{name} has about {float(each):.1f} families a stratum" for name, each in wide if each < block]
    if thin:
        yield Remark("problem", ("allocation", "strata"), f"The target cannot fill the strata: {told.format(listed(thin))}")


_NOUN, _NOUNS = {"language": "language"}, {"language": "languages"}
