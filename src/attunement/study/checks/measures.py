"""Instruments and estimands: each outcome must be measured when, and as, its analysis needs it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from attunement.instruments import InstrumentError, load, slugs
from attunement.study.english import counted, listed
from attunement.study.findings import Remark
from attunement.study.schema import Estimand, Study


def remarks(study: Study) -> Iterator[Remark]:
    for slug, place in _used(study).items():
        yield from _instrument(slug, place)
    primary = [estimand for estimand in study.estimands if estimand.role == "primary"]
    if len(primary) != 1:
        found = f"{len(primary)} are" if primary else "none is"
        text = f"A trial has one primary estimand; here {found} marked primary."
        yield Remark("problem", ("estimands",), text)
    for index, estimand in enumerate(study.estimands):
        for fault in _outcome(study, estimand):
            text = f"The estimand {estimand.code} cannot be estimated: {fault}"
            yield Remark("problem", ("estimands", index, "outcome"), text)
        if estimand.role == "primary":
            yield from _fit_for_use(index, estimand)


def _used(study: Study) -> dict[str, tuple[str | int, ...]]:
    used: dict[str, tuple[str | int, ...]] = {}
    for index, point in enumerate(study.time_points):
        for slug in point.instruments:
            used.setdefault(slug, ("time_points", index, "instruments"))
    return used


def _instrument(slug: str, place: tuple[str | int, ...]) -> Iterator[Remark]:
    try:
        key = load(slug)
    except InstrumentError:
        close = get_close_matches(slug, slugs(), n=1)
        meant = f" Did you mean {close[0]}?" if close else f" Known are {listed(slugs())}."
        yield Remark("problem", place, f"There is no instrument {slug}.{meant}")
        return
    if key.open_facts:
        facts = "; ".join(fact.text for fact in key.open_facts)
        number = counted(len(key.open_facts), "fact")
        text = f"{number} about {slug} must be confirmed with the licence-holder before a real study opens: {facts}."
        yield Remark("note", place, text)


def _outcome(study: Study, estimand: Estimand) -> Iterator[str]:
    if estimand.analysis == "risk_difference":
        outcomes = {outcome.code: outcome.kind for outcome in study.records.outcomes}
        if estimand.outcome not in outcomes:
            yield f"the records have no outcome {estimand.outcome}; they have {listed(outcomes)}."
        elif outcomes[estimand.outcome] != "binary":
            kind = outcomes[estimand.outcome]
            yield f"a risk difference needs a yes-or-no outcome, and {estimand.outcome} has the kind {kind}."
        return
    slug, _, scale = estimand.outcome.partition(".")
    points = {point.code: point for point in study.time_points}
    point = points.get(estimand.time_point or "")
    if point is None or point.months_after is None:
        yield f"its time point must be one after allocation, not {estimand.time_point or 'left out'}."
    elif slug not in point.instruments:
        yield f"{slug} is not asked at {point.code}."
    if not any(slug in point.instruments for point in study.time_points if point.months_after is None):
        yield f"the analysis adjusts for the baseline, and {slug} is not asked before allocation."
    yield from _scale(slug, scale)


def _scale(slug: str, scale: str) -> Iterator[str]:
    try:
        scales = [known.name for known in load(slug).scales]
    except InstrumentError:
        return
    if scale and scale not in scales:
        yield f"{slug} has no scale {scale}; it has {listed(scales)}."
    if not scale and len(scales) > 1:
        yield f'{slug} has the scales {listed(scales)}: name one, as in "{slug}.{scales[0]}".'


def _fit_for_use(index: int, estimand: Estimand) -> Iterator[Remark]:
    slug = estimand.outcome.partition(".")[0]
    try:
        key = load(slug)
    except InstrumentError:
        return
    if not key.validated:
        text = f"The primary outcome is measured by {slug}, which is not validated: for a rehearsal, not for a study."
        yield Remark("note", ("estimands", index, "outcome"), text)
