"""A rehearsal as it goes on: what is fixed, and what has become of each family and practitioner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from attunement.rehearsal.chance import Chance
from attunement.rehearsal.days import instant
from attunement.rehearsal.diary import Course, Diary, Who
from attunement.rehearsal.lives import Life
from attunement.rehearsal.minds import Minds
from attunement.rehearsal.people import Colleague
from attunement.rehearsal.programme import Programme
from attunement.rehearsal.statutory import Child
from attunement.rehearsal.truth import Truth
from attunement.study import Study

ENDS_CONTACT = ("removed", "adopted", "died", "parent_died", "unsafe")
FAMILY, PRACTITIONER, SITE, OVERSIGHT = range(4)


@dataclass(eq=False)
class Case:
    """A family that was referred. `agreed`: what it agrees to now; `change`: what befell it, and when.

    `practitioner_effect` is the first practitioner's, whoever takes over. `answered` and `silent`: time points handed in,
    and those that will never be; `calls`: how often it was rung up for each.
    """

    life: Life
    family: str
    trial_number: str
    arm: str = ""
    allocated_on: date | None = None
    practitioner: str = ""
    practitioner_effect: float = 0.0
    agreed: dict[str, bool] = field(default_factory=dict)
    change: str = ""
    changed_on: date | None = None
    answered: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    calls: dict[str, int] = field(default_factory=dict)


@dataclass(eq=False)
class Practitioner:
    """`number` gives their chance; `effect` is their own, in units of the truth's `practitioner_sd`.

    `films` are those to be looked at in the next supervision.
    """

    colleague: Colleague
    number: int
    effect: float
    present: bool = True
    families: int = 0
    films: list[tuple[Case, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Returned:
    """What an authority sent last and had taken in: on which day, of which children (history, birth, day of allocation),
    and the workbook.
    """

    extract_on: date
    children: tuple[Child, ...] = field(repr=False)
    workbook: bytes = field(repr=False)


@dataclass(eq=False)
class Rehearsal:
    """All that the courses of events share. `happenings`: family's place -> what befalls it, days after allocation.

    `asked`: the study as it asks questions after the review point.
    """

    study: Study
    asked: Study
    truth: Truth
    chance: Chance
    programme: Programme
    minds: Minds
    diary: Diary
    staff: tuple[Colleague, ...]
    happenings: Mapping[tuple[int, int], tuple[str, int]]
    practitioners: dict[str, Practitioner] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    snapshots: dict[str, str] = field(default_factory=dict)
    returned: dict[str, Returned] = field(default_factory=dict)
    films: int = 0
    mornings: set[tuple[str, date]] = field(default_factory=set)

    def moment(self, day: date, place: Who, *, evening: bool = False) -> datetime:
        """A time of that day which is the place's own: in working hours, or in the evening."""
        spread = sum(number * weight for number, weight in zip(place, (7, 13, 29), strict=False))
        hour = 18 + spread % 3 if evening else 9 + spread % 8
        return instant(self.study, day, hour, spread * 17 % 60)

    def begin(self, course: Course, *who: int) -> None:
        self.diary.begin(who, course)

    def allows(self, case: Case, what: str) -> bool:
        """Whether the family agrees to everything whose withdrawal stops `what`."""
        return all(case.agreed.get(code) for code in self._stopping.get(what, ()))

    @cached_property
    def _stopping(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for purpose in self.study.consent.purposes:
            for what in purpose.stops:
                found.setdefault(what, []).append(purpose.code)
        return found

    def may_ask(self, case: Case) -> bool:
        """Whether the family may still be asked a questionnaire."""
        required = all(case.agreed.get(purpose.code) for purpose in self.study.consent.purposes if purpose.required)
        return required and self.may_meet(case) and self.allows(case, "surveys")

    def may_meet(self, case: Case) -> bool:
        """Whether anybody may still get in touch with the family."""
        return self.allows(case, "contact") and case.change not in ENDS_CONTACT

    def in_programme(self, case: Case) -> bool:
        return any(arm.code == case.arm and arm.receives_programme for arm in self.study.arms)
