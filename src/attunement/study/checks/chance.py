"""Arms, ratio, scheme and strata: whether families can be allocated as the file says."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from attunement.allocation import AllocationError, parse
from attunement.study.english import counted, listed, quoted
from attunement.study.findings import Remark
from attunement.study.schema import Site, Study

STRATA = {"site": "the authority", "language": "the language of the questionnaires"}
_FREE_TEXT = {"name", "notes", "reason", "address", "helping_question", "contact", "comment", "comments", "free_text"}


def remarks(study: Study) -> Iterator[Remark]:
    yield from _arms(study)
    yield from _strata(study)
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
    strata, place = study.allocation.strata, ("allocation", "strata")
    for stratum in strata:
        if stratum in _FREE_TEXT:
            text = f"{stratum} is free text, which is never a stratum; strata can be {listed(STRATA)}."
            yield Remark("problem", place, text)
        elif stratum not in STRATA:
            yield Remark("problem", place, f"{stratum} is not a stratum that is known; strata can be {listed(STRATA)}.")
    if len(set(strata)) != len(strata):
        yield Remark("problem", place, "A stratum is named twice.")
    if len(study.sites) > 1 and "site" not in strata:
        text = "There are several sites, and site is not a stratum: families would not be allocated within sites."
        yield Remark("problem", place, text)


def _scheme(study: Study) -> Iterator[Remark]:
    for site in study.sites[:1]:
        try:
            parse(study.allocation.scheme, study.allocation.ratio, n=site.target)
        except AllocationError as error:
            text = f"The scheme {quoted(study.allocation.scheme)} cannot be used: {error}."
            yield Remark("problem", ("allocation", "scheme"), text)


def _levels(study: Study) -> Iterator[Remark]:
    """Strata so many that a site's target leaves them nearly empty: balance within them then means nothing."""
    if "language" not in study.allocation.strata:
        return
    block = 2 * sum(study.allocation.ratio)
    thin = [site for site in study.sites if _each(site, study) < block]
    if thin:
        text = (
            f"The target cannot fill the strata: split by {len(study.languages)} languages, "
            f"{listed(f'{site.name} has about {float(_each(site, study)):.1f} families a stratum' for site in thin)}; "
            f"at least {block} are wanted for the ratio to show."
        )
        yield Remark("problem", ("allocation", "strata"), text)


def _each(site: Site, study: Study) -> Fraction:
    return Fraction(site.target, len(study.languages))
