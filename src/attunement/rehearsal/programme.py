"""What people do in a programme, as the rehearsal asks for it. The journey hands it in, made of its own actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO, Protocol

from attunement.rehearsal.minds import Given
from attunement.rehearsal.people import Carer, Colleague


@dataclass(frozen=True)
class Referred:
    """What a referral gives: the family's code and its first child's trial number."""

    family: str
    trial_number: str
    eligible: bool


@dataclass(frozen=True)
class Minutes:
    """Of one session: with the family, on the way, before and after."""

    session: int
    travel: int
    preparation: int


@dataclass(frozen=True)
class Visit:
    """What is noted of a session beside its minutes, in the study file's codes. `goal`: where the parent is with
    the own goal. `twice`: sent again, its answer lost.
    """

    reason: str = ""
    present: tuple[str, ...] = ()
    place: str = ""
    interpreter: bool | None = None
    filmed: bool | None = None
    adaptation: str = ""
    adaptation_why: str = ""
    rating: int | None = None
    goal: int | None = None
    twice: bool = False


class Programme(Protocol):
    """Each call is one thing that somebody does, at the instant last given to `at`.

    Families go by their code, staff by `Colleague.key`, sites by their code. A coordinator, an analyst, a survey
    interviewer and so on is found by site and role; only practitioners are named. A mode is one of consent's: "self"
    is the family on its own link.
    """

    def at(self, instant: datetime) -> None: ...

    def open_study(self, *, staff: Sequence[Colleague]) -> None: ...

    def join(self, *, colleague: Colleague) -> None: ...

    def leave(self, *, practitioner: str) -> None: ...

    def lock_scheme(self) -> None: ...

    def refer(
        self, *, site: str, carer: Carer, born_on: date, answers: Mapping[str, bool], language: str, help_needed: bool,
        agreed: bool | None
    ) -> Referred:
        """`agreed`: whether the family may be contacted by the study; None: not asked yet."""

    def refer_sibling(self, *, family: str, born_on: date, answers: Mapping[str, bool]) -> None: ...

    def consent(self, *, family: str, given: Mapping[str, bool], mode: str) -> None: ...

    def withdraw(self, *, family: str, purpose: str, mode: str) -> None: ...

    def record_change(self, *, family: str, kind: str, happened_on: date) -> None: ...

    def open_questionnaire(self, *, family: str, time_point: str) -> None: ...

    def answer(self, *, family: str, time_point: str, given: Given, mode: str) -> None: ...

    def finish(self, *, family: str, time_point: str, mode: str, help_minutes: int) -> None: ...

    def send_due(self) -> None:
        """The morning's schedule: messages leave, letters are printed, families come onto the call list."""

    def to_call(self) -> Sequence[tuple[str, str]]:
        """Family and time point of those to be rung up now."""

    def call(self, *, family: str, time_point: str, outcome: str, at: datetime | None) -> bool:
        """Whether the family is looked for from now on. `at`: the time agreed."""

    def look_for(self, *, family: str, time_point: str, found: Carer | None) -> None:
        """`found`: how the family is reached now; None: it is lost."""

    def voucher(self, *, family: str, time_point: str, comes_back: bool) -> None: ...

    def take_alerts(self) -> None:
        """Whoever is on call takes every alert that waits."""

    def enter_carer(self, *, family: str, carer: Carer) -> None: ...

    def allocate(self, *, family: str) -> str: ...

    def assign(self, *, family: str, practitioner: str, first_session_on: date) -> None: ...

    def hand_over(self, *, family: str, practitioner: str, reason: str) -> None: ...

    def record_session(
        self, *, family: str, number: int, by: str, state: str, held_on: date | None, minutes: Minutes | None,
        visit: Visit
    ) -> None: ...

    def tell(self, *, family: str, told_on: date) -> None:
        """The family is told its arm, in either arm."""

    def record_own_worker(self, *, family: str, trained: bool) -> None: ...

    def open_course(self, *, title: str, starts_on: date, days: int) -> int: ...

    def take_attendance(self, *, course: int, day: int, there: Mapping[str, bool]) -> None: ...

    def say_ready(self, *, practitioner: str) -> None: ...

    def keep_staff_record(self, *, practitioner: str, job: str, pay_band: str, weekly_hours: int) -> None: ...

    def practise(self, *, practitioner: str, filmed_on: date, clips: int, reviewed_on: date, new_family: bool) -> None:
        """A whole cycle with a practice family: a new one, or the last."""

    def meet_about(self, *, practitioner: str, stage: str) -> None:
        """The meeting that ends a stage: passed where all it asks for is there, else not yet."""

    def ask_helping_question(self, *, family: str, by: str, text: str, goal: str) -> None:
        """`goal`: the parent's first goal, or empty where the study keeps none."""

    def log_time(self, *, practitioner: str, category: str, on: date, minutes: int) -> None: ...

    def add_film(self, *, family: str, number: int, by: str, file: BinaryIO) -> str: ...

    def mark_clip(self, *, film: str, by: str, first: int, last: int, principle: int) -> None: ...

    def book_supervision(self, *, practitioner: str, booked_for: date, minutes: int) -> int: ...

    def hold_supervision(self, *, supervision: int, minutes: int | None, films: Sequence[str]) -> None:
        """`films`: those that the trainee asked to be watched before; both write a note on them."""

    def workbook(self, *, site: str) -> bytes: ...

    def return_workbook(self, *, site: str, content: bytes) -> Sequence[str]:
        """The faults found; with none, the return was taken in."""

    def hold_review(self, *, decision: str, reasons: str) -> None: ...

    def amend(self) -> None:
        """The amendment that the review point decided on."""

    def lock_plan(self) -> None: ...

    def take_snapshot(self) -> str: ...

    def release(self, *, snapshot: str) -> None:
        """Two people release the arm key of a snapshot."""

    def build_report(self, *, snapshot: str) -> None: ...
