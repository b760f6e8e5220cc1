"""Sub-studies: whether their families can be allocated as the file says, apart from the main study."""

from __future__ import annotations

from collections.abc import Iterator

from attunement.study.checks import chance
from attunement.study.english import listed, quoted
from attunement.study.findings import Place, Remark
from attunement.study.schema import Study, Substudy
from attunement.study.substudies import alone

_KNOWN = ("site", "language")
NOT_HERE = ("list", "minimisation")


def remarks(study: Study) -> Iterator[Remark]:
    for index, substudy in enumerate(study.substudies):
        place: Place = ("substudies", index)
        yield from _entering(study, substudy, place)
        own = list(_drawn(study, substudy, place))
        yield from own or _as_a_trial(study, substudy, place)


def _entering(study: Study, substudy: Substudy, place: Place) -> Iterator[Remark]:
    purposes = [purpose.code for purpose in study.consent.purposes]
    if substudy.purpose is not None and substudy.purpose not in purposes:
        text = (f"The sub-study {substudy.code} needs {substudy.purpose}, which is no purpose of the consent: those are "
                f"{listed(purposes)}.")
        yield Remark("problem", (*place, "purpose"), text)
    if substudy.start and substudy.end and substudy.start > substudy.end:
        yield Remark("problem", (*place, "end"), f"The sub-study {substudy.code} ends before it starts.")
    both = [arm.code for arm in substudy.arms if arm.code in {each.code for each in study.arms}]
    if both:
        text = (f"The sub-study {substudy.code} has {listed(both)} among its arms, as the main study has: "
                "give it another code.")
        yield Remark("problem", (*place, "arms"), text)


def _drawn(study: Study, substudy: Substudy, place: Place) -> Iterator[Remark]:
    """What only a sub-study is refused: it knows nothing of a family but its record, and draws from its own seed."""
    strange = [code for code in substudy.strata if code not in _KNOWN]
    if strange:
        text = f"The sub-study {substudy.code} has {listed(strange)} as a stratum; its strata can be {listed(_KNOWN)}."
        yield Remark("problem", (*place, "strata"), text)
    elif "site" not in substudy.strata:
        text = f"The sub-study {substudy.code} has no site among its strata: its families are allocated within sites."
        yield Remark("problem", (*place, "strata"), text)
    if substudy.scheme.partition(":")[0].strip() in NOT_HERE:
        text = (f"The scheme {quoted(substudy.scheme)} of the sub-study {substudy.code} cannot be used: "
                "a sub-study draws from its own seed, by a scheme that looks at its own stratum only.")
        yield Remark("problem", (*place, "scheme"), text)


def _as_a_trial(study: Study, substudy: Substudy, place: Place) -> Iterator[Remark]:
    for remark in chance.remarks(alone(study, substudy)):
        within = remark.place[1:] if remark.place[0] == "allocation" else remark.place
        yield Remark(remark.level, (*place, *within), f"The sub-study {substudy.code}: {remark.text}")
