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

    def allocate(self, *, family: str) -> str: ...

    def assign(self, *, family: str, practitioner: str, first_session_on: date) -> None: ...

    def hand_over(self, *, family: str, practitioner: str, reason: str) -> None: ...

    def record_session(
        self, *, family: str, number: int, by: str, state: str, held_on: date | None, minutes: Minutes | None
    ) -> None: ...

    def ask_helping_question(self, *, family: str, by: str, text: str) -> None: ...

    def log_time(self, *, practitioner: str, category: str, on: date, minutes: int) -> None: ...

    def add_film(self, *, family: str, number: int, by: str, file: BinaryIO) -> str: ...

    def mark_clip(self, *, film: str, by: str, first: int, last: int, principle: int) -> None: ...

    def book_supervision(self, *, practitioner: str, booked_for: date, minutes: int) -> int: ...

    def hold_supervision(self, *, supervision: int, minutes: int | None, films: Sequence[str]) -> None: ...

    def workbook(self, *, site: str) -> bytes: ...

    def return_workbook(self, *, site: str, content: bytes) -> Sequence[str]:
        """The faults found; with none, the return was taken in."""

    def hold_review(self, *, decision: str, reasons: str) -> None: ...

    def lock_plan(self) -> None: ...

    def take_snapshot(self) -> str: ...

    def release(self, *, snapshot: str) -> None:
        """Two people release the arm key of a snapshot."""

    def build_report(self, *, snapshot: str) -> None: ...
