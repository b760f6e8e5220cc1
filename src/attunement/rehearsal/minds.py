"""What a family would answer, at each time point and in either arm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from attunement import instruments
from attunement.rehearsal.chance import Chance
from attunement.rehearsal.scales import Floats, Scale, scales_of
from attunement.rehearsal.truth import Truth
from attunement.study import Study

SKIP = "skip"
_ELSEWHERE = 0.05


@dataclass(frozen=True)
class Given:
    """One answer as a form would send it."""

    instrument: str
    item: int
    text: str


@dataclass(frozen=True)
class _Solved:
    """One scale with what the truth means for its latent score. `sign`: how it goes with what families share."""

    scale: Scale
    sign: int
    shift: float
    spread: float
    correlation: float


class Minds:
    """The latent scores of families, from the truth; each family has an answer ready for either arm."""

    def __init__(self, study: Study, truth: Truth, chance: Chance) -> None:
        self._truth, self._chance = truth, chance
        self._points = {point.code: (number, point) for number, point in enumerate(study.time_points)}
        slugs = list(dict.fromkeys(slug for point in study.time_points for slug in point.instruments))
        wanted = _wanted(study)
        asked_for = {instrument for instrument, _scale in wanted}
        self._quiet = {slug for slug in slugs if instruments.load(slug).alerts and slug not in asked_for}
        scales = [scale for slug in slugs if slug not in self._quiet
                  for scale in scales_of(instruments.load(slug), truth.reliability)]
        solved_for = [_solve(scale, truth, *_place(scale, wanted)) for scale in scales]
        # What no estimand asks for (the care that families have anyway) is the same in every arm.
        self._scales = [solved if solved.scale.instrument in asked_for else replace(solved, shift=0.0, spread=0.0)
                        for solved in solved_for]

    def answers(
        self, family: tuple[int, int], time_point: str, *, programme: bool = False, practitioner: float = 0.0
    ) -> tuple[Given, ...]:
        """Every answer of `family` (site and number) at a time point, in the instruments' order.

        `practitioner`: the own effect of the family's practitioner, standard normal, used in the programme's arm only.
        """
        number, point = self._points[time_point]
        after = point.months_after is not None
        scores = self._scores(family, number if after else None, programme and after, practitioner)
        random = self._chance.stream("items", *family, number)
        found: dict[tuple[str, int], str] = {}
        for solved, score in zip(self._scales, scores, strict=True):
            scale = solved.scale
            values = scale.given(np.asarray(score), random.standard_normal(len(scale.numbers)))
            passed_over = random.random(len(scale.numbers)) < self._truth.skipped_item
            for item, value, skip in zip(scale.numbers, values.tolist(), passed_over.tolist(), strict=True):
                found[scale.instrument, item] = SKIP if skip else str(value)
        for slug in self._quiet & set(point.instruments):
            found |= self._worries(instruments.load(slug), family, number)
        for slug in point.instruments:
            found |= self._elsewhere(instruments.load(slug), family, number, found)
        wanted = [(slug, item.number) for slug in point.instruments for item in instruments.load(slug).items]
        return tuple(Given(slug, item, found[slug, item]) for slug, item in wanted)

    def _worries(self, key: instruments.Key, family: tuple[int, int], number: int) -> dict[tuple[str, int], str]:
        """Questions that may raise an alert: the least that can be said, but now and then of one the most."""
        random = self._chance.stream("worries", *family, number)
        drawn, which = random.random(), int(random.integers(len(key.alerts)))
        worry = key.alerts[which].item if drawn < self._truth.worried else None
        return {(key.slug, item.number): str(item.high if item.number == worry else item.low) for item in key.items}

    def _elsewhere(self, key: instruments.Key, family: tuple[int, int], number: int,
                   found: Mapping[tuple[str, int], str]) -> dict[tuple[str, int], str]:  # fmt: skip
        """Hardly anybody has a part of the programme elsewhere, in either arm."""
        items = [key.item(service.item) for service in key.services if service.contaminates]
        had = self._chance.stream("elsewhere", *family, number).random(len(items)) < _ELSEWHERE
        return {(key.slug, item.number): str(item.low) for item, one in zip(items, had, strict=True)
                if not one and found[key.slug, item.number] != SKIP}  # fmt: skip

    def _scores(self, family: tuple[int, int], follow_up: int | None, programme: bool, practitioner: float) -> Floats:
        """The latent score on every scale: at baseline, or (with the time point's number) after allocation."""
        size, common = len(self._scales), self._truth.common
        start = self._chance.stream("mind", *family)
        sign = np.array([solved.sign for solved in self._scales])
        shared, own = start.standard_normal(), start.standard_normal(size)
        before: Floats = sign * common * shared + np.sqrt(1 - common**2) * own
        if follow_up is None:
            return before
        later = self._chance.stream("mind", *family, follow_up)
        shared, own = later.standard_normal(), later.standard_normal(size)
        kept = np.array([solved.correlation for solved in self._scales])
        after: Floats = kept * before + np.sqrt(1 - kept**2) * (sign * common * shared + np.sqrt(1 - common**2) * own)
        if programme:
            gain = [solved.shift + solved.spread * solved.sign * practitioner for solved in self._scales]
            after = after + np.array(gain)
        return after


def _wanted(study: Study) -> dict[tuple[str, str], tuple[bool, str]]:
    """(instrument, scale, or nothing for its only one) -> whether primary, and the direction that the study wants."""
    found: dict[tuple[str, str], tuple[bool, str]] = {}
    for estimand in study.estimands:
        if estimand.analysis == "ancova":
            slug, _, scale = estimand.outcome.partition(".")
            transform = instruments.load(slug).scale(scale).transform if scale else None
            place = slug, transform.of if transform else scale
            if place not in found or estimand.role == "primary":
                found[place] = estimand.role == "primary", estimand.direction
    return found


def _place(scale: Scale, wanted: dict[tuple[str, str], tuple[bool, str]]) -> tuple[bool, bool]:
    """Whether the scale is the primary outcome, and whether it goes the same way as the primary one."""
    way = next((direction for primary, direction in wanted.values() if primary), "higher")
    whole = wanted.get((scale.instrument, ""), (False, way))
    primary, direction = wanted.get((scale.instrument, scale.name), whole)
    return primary, direction == way


def _solve(scale: Scale, truth: Truth, primary: bool, same_way: bool) -> _Solved:
    effect = truth.effect_of(primary=primary, same_way=same_way)
    spread = scale.spread_for(truth.practitioner_sd) if truth.by_arm else 0.0
    return _Solved(
        scale=scale,
        sign=1 if same_way else -1,
        shift=scale.shift_for(effect, spread),
        spread=spread,
        correlation=scale.correlation_for(truth.baseline_correlation),
    )
