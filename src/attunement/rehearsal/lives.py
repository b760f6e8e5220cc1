"""A family's made-up life before its arm is known: when it comes, what it is asked and says, what befalls it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from attunement.rehearsal.chance import Chance
from attunement.rehearsal.days import Span, add_days, working
from attunement.rehearsal.people import Carer, made_up_carer
from attunement.rehearsal.truth import Truth
from attunement.study import Study
from attunement.study.calendar import add_months

Mode = Literal["self", "telephone", "visit", "paper"]
_STAFF_MODES: tuple[Mode, ...] = ("visit", "telephone", "paper")
_AN_AGE = 12


@dataclass(frozen=True)
class Path:
    """How a family goes from referral towards allocation; the days count from the step before."""

    consents: Literal["yes", "no", "silent"]
    given: dict[str, bool]
    consent_mode: Mode
    consent_days: int
    baseline_mode: Mode
    baseline_days: int
    pauses: bool
    help_minutes: int
    finishes_baseline: bool
    withdraws_first: bool
    allocation_days: int


@dataclass(frozen=True)
class Life:
    """`place`: site number and the family's number there, both from 0, by which its chance is found.

    `sibling_born_on`: of a further child, referred with the first; a twin's is the first's.
    """

    place: tuple[int, int]
    site: str
    referred_on: date
    carer: Carer
    language: str
    help_needed: bool
    born_on: date
    young_enough: bool
    answers: dict[str, bool]
    sibling_born_on: date | None
    path: Path

    @property
    def is_allocated(self) -> bool:
        """Whether the life leads to an allocation, which does not hang on the arm."""
        path = self.path
        return self.eligible and path.consents == "yes" and path.finishes_baseline and not path.withdraws_first

    @property
    def eligible(self) -> bool:
        return self.young_enough and all(self.answers.values())


def live(study: Study, truth: Truth, chance: Chance, intake: Span, place: tuple[int, int]) -> Life:
    """The life of one family, from its own chance alone."""
    arrival, path = chance.stream("arrival", *place), chance.stream("path", *place)
    referred_on = working(add_days(intake.first, int(arrival.integers(intake.days))))
    eligible = arrival.random() >= truth.ineligible
    limit = next((rule.months for rule in study.eligibility if rule.kind == "age_under_months"), None)
    asked = [rule.code for rule in study.eligibility if rule.kind == "yes"]
    too_old = not eligible and limit is not None and (not asked or arrival.random() < 0.5)
    fails = None if eligible or too_old or not asked else asked[int(arrival.integers(len(asked)))]
    help_needed = bool(path.random() < truth.help_needed)
    return Life(
        place=place,
        site=study.sites[place[0]].code,
        referred_on=referred_on,
        carer=made_up_carer(chance.stream("carer", *place)),
        language=_language(study, truth, path),
        help_needed=help_needed,
        born_on=(born_on := _born_on(referred_on, limit, too_old, arrival)),
        young_enough=not too_old,
        answers={code: code != fails for code in asked},
        sibling_born_on=_sibling(born_on, truth, arrival),
        path=_path(study, truth, path, help_needed),
    )


def _born_on(referred_on: date, limit: int | None, too_old: bool, random: np.random.Generator) -> date:
    """A day that is `limit` months ago or more when `too_old`, and less otherwise."""
    months = limit or _AN_AGE
    if too_old:
        return add_days(add_months(referred_on, -months), -int(random.integers(200)))
    youngest, oldest = add_days(referred_on, -14), add_days(add_months(referred_on, -months), 1)
    room = max(0, (youngest - oldest).days)
    return add_days(oldest, int(random.integers(room + 1)))


def _sibling(born_on: date, truth: Truth, random: np.random.Generator) -> date | None:
    drawn, apart = random.random(), int(random.integers(330, 1500))
    if drawn < truth.twins:
        return born_on
    return add_days(born_on, -apart) if drawn < truth.twins + truth.siblings else None


def _language(study: Study, truth: Truth, random: np.random.Generator) -> str:
    first, *others = (language.code for language in study.languages)
    drawn, which = random.random(), random.random()
    return others[int(which * len(others))] if others and drawn < truth.other_language else first


def _path(study: Study, truth: Truth, random: np.random.Generator, help_needed: bool) -> Path:
    said, by_link, by_phone, pauses, finishes, withdraws = random.random(6)
    refuses = said < truth.silent + truth.refusing
    optional = random.random(len(study.consent.purposes)) < truth.optional_consent
    staff_mode = _STAFF_MODES[int(random.integers(len(_STAFF_MODES)))]
    consent_mode: Mode = "self" if by_link < truth.consent_by_link and not help_needed else staff_mode
    given = {
        purpose.code: not refuses
        and (purpose.required or bool(agreed))
        and not (purpose.written and consent_mode == "telephone")
        for purpose, agreed in zip(study.consent.purposes, optional, strict=True)
    }
    telephone = by_phone < truth.by_telephone + (0.5 if help_needed else 0.0)
    minutes = int(random.integers(5, 31))
    days = random.integers((1, 0, 0), (6, 6, 3))
    return Path(
        consents="silent" if said < truth.silent else "no" if refuses else "yes",
        given=given,
        consent_mode=consent_mode,
        consent_days=int(days[0]),
        baseline_mode="telephone" if telephone else "self",
        baseline_days=int(days[1]),
        pauses=bool(pauses < truth.pausing),
        help_minutes=minutes if telephone and help_needed else 0,
        finishes_baseline=bool(finishes >= truth.no_baseline),
        withdraws_first=bool(withdraws < truth.withdrew_before),
        allocation_days=int(days[2]),
    )


@dataclass(frozen=True)
class Answering:
    """How a questionnaire after allocation is met: `dropout` against the share that does not answer; days from due."""

    dropout: float
    days: int
    mode: Mode
    help_minutes: int


def answering(truth: Truth, chance: Chance, life: Life, point: int, before: int, after: int) -> Answering:
    """`point`: the time point's number; `before` and `after`: the days that its window is open around the due day."""
    random = chance.stream("leaving", *life.place, 1 + point)
    dropout, by_phone, how_late, minutes = random.random(4)
    late = min(after, 3) if how_late < 0.65 else min(after, 14) if how_late < 0.85 else after
    telephone = by_phone < truth.by_telephone + (0.5 if life.help_needed else 0.0)
    return Answering(
        dropout=float(dropout),
        days=int(random.integers(-min(before, 7), late + 1)),
        mode="telephone" if telephone else "self",
        help_minutes=int(5 + 26 * minutes) if telephone and life.help_needed else 0,
    )


def withdrawal(study: Study, truth: Truth, chance: Chance, life: Life) -> tuple[str, timedelta] | None:
    """The purpose that a family takes back, and how long after its allocation; the same in either arm.

    Some withdraw altogether, which is the study's first required purpose.
    """
    random = chance.stream("leaving", *life.place, 0)
    drawn, altogether, which, days = random.random(), random.random(), random.random(), int(random.integers(10, 151))
    agreed = [purpose for purpose in study.consent.purposes if life.path.given[purpose.code]]
    if drawn >= truth.withdrawals or not agreed:
        return None
    taken_back = agreed[int(which * len(agreed))]
    if altogether < truth.withdraws_altogether:
        taken_back = next((purpose for purpose in agreed if purpose.required), taken_back)
    return taken_back.code, timedelta(days)
