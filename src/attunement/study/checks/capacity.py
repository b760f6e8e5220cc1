"""Whether the practitioners, as planned, can work with the families that the targets and the ratio send them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor

from attunement.study.english import counted, listed
from attunement.study.findings import Remark
from attunement.study.schema import Pathway, Study


def remarks(study: Study) -> Iterator[Remark]:
    yield from _places(study)
    for index, pathway in enumerate(study.accreditation):
        if pathway.adopted:
            yield from _accreditation(study, index, pathway)


def programme_share(study: Study) -> Fraction | None:
    """The share of allocated families whose arm receives the programme; None when ratio and arms do not fit."""
    ratio = study.allocation.ratio
    if len(ratio) != len(study.arms) or min(ratio) < 1:
        return None
    given = sum(part for part, arm in zip(ratio, study.arms, strict=True) if arm.receives_programme)
    return Fraction(given, sum(ratio))


def _places(study: Study) -> Iterator[Remark]:
    share = programme_share(study)
    if not share:
        return
    delivery, target = study.delivery, sum(site.target for site in study.sites)
    each = delivery.families_per_practitioner
    places, expected = delivery.practitioners * each, target * share
    arms = listed(arm.name for arm in study.arms if arm.receives_programme)
    ratio = ":".join(map(str, study.allocation.ratio))
    text = (
        f"{delivery.practitioners} practitioners with {each} families each: {delivery.practitioners} × {each} = "
        f"{places:,} families in {arms}, so {floor(places / share):,} randomised at {ratio}, fit the plan. "
        f"The sites' targets come to {target:,} randomised, {_about(expected)} of them in {arms}"
    )
    limit = f"The {each} are {'a ceiling' if delivery.families_is_ceiling else 'planned, not a ceiling'}"
    place = ("delivery", "families_per_practitioner")
    if expected <= places:
        yield Remark("note", place, f"{text}: they fit. {limit}; {_further(study, share)}")
        return
    more = ceil(expected - places)
    text += f": {counted(more, 'family', 'families')} more than planned. "
    if delivery.families_is_ceiling:
        wanted = ceil(expected / each)
        text += f"{limit}, so {wanted} practitioners are needed or lower targets."
    else:
        text += f"{limit}; {_further(study, share)}"
    yield Remark("problem", place, text)


def _about(number: Fraction) -> str:
    return f"{number.numerator:,}" if number.denominator == 1 else f"about {float(number):,.1f}"


def _further(study: Study, share: Fraction) -> str:
    """What one more family in the programme takes."""
    delivery = study.delivery
    cycles = len({session.cycle for session in delivery.sessions if session.cycle is not None})
    sessions = counted(len(delivery.sessions), "session")
    needs = f"each further family needs {sessions} ({counted(cycles, 'cycle')})"
    if delivery.minutes_per_session:
        hours = Fraction(delivery.minutes_per_session * len(delivery.sessions), 60)
        needs += f", {_about(hours)} hours of a practitioner's time at {delivery.minutes_per_session} minutes a session"
    return f"{needs}, and stands for {_about(1 / share)} families randomised."


def _accreditation(study: Study, index: int, pathway: Pathway) -> Iterator[Remark]:
    """Trial families alone may not make up the cycles and clients that accreditation asks for."""
    cycles = len({session.cycle for session in study.delivery.sessions if session.cycle is not None})
    families = study.delivery.families_per_practitioner
    asked, clients = sum(stage.cycles for stage in pathway.stages), sum(stage.clients for stage in pathway.stages)
    if families * cycles >= asked and families >= clients:
        return
    lacking = []
    if asked > families * cycles:
        lacking.append(counted(asked - families * cycles, "cycle"))
    if clients > families:
        lacking.append(counted(clients - families, "client"))
    text = (
        f"{families} families of {counted(cycles, 'cycle')} give a practitioner {families * cycles} cycles; "
        f"{pathway.code} asks for {asked} cycles with {clients} clients. "
        f"The other {listed(lacking)} must come from practice families."
    )
    yield Remark("note", ("accreditation", index), text)
