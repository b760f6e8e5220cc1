"""The rehearsal's training and supervision notes, through the real actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from attunement.journey.films.models import Clip
from attunement.journey.oversight import rehearsing_films
from attunement.journey.people.models import Person
from attunement.journey.supervision import actions as supervising
from attunement.journey.supervision import queries, training_actions
from attunement.journey.supervision.models import Course, PracticeFamily, Supervision
from attunement.journey.trail import clock


class TrainingByActions:
    """The part of `ByActions` that belongs to trainees and their supervisor."""

    _people: dict[str, Person]

    def _role(self, role: str, site: str = "") -> Person:
        raise NotImplementedError

    def open_course(self, *, title: str, starts_on: date, days: int) -> int:
        return training_actions.open_course(by=self._role("supervisor"), title=title, starts_on=starts_on, days=days).pk

    def take_attendance(self, *, course: int, day: int, there: Mapping[str, bool]) -> None:
        training_actions.take_attendance(by=self._role("supervisor"), course=Course.objects.get(pk=course), day=day,
                                         there={self._people[key]: was for key, was in there.items()})

    def say_ready(self, *, practitioner: str) -> None:
        training_actions.say_ready(by=self._role("supervisor"), trainee=self._people[practitioner], ready_on=clock.today())

    def keep_staff_record(self, *, practitioner: str, job: str, pay_band: str, weekly_hours: int) -> None:
        training_actions.keep_staff_record(by=self._people[practitioner], job=job, pay_band=pay_band,
                                           weekly_hours=weekly_hours)

    def practise(self, *, practitioner: str, filmed_on: date, clips: int, reviewed_on: date, new_family: bool) -> None:
        by = self._people[practitioner]
        last = None if new_family else PracticeFamily.objects.filter(trainee=by).last()
        family = last or training_actions.add_practice_family(by=by)
        training_actions.log_practice_cycle(by=by, family=family, filmed_on=filmed_on, clips=clips,
                                            reviewed_on=reviewed_on)

    def book_supervision(self, *, practitioner: str, booked_for: date, minutes: int) -> int:
        return supervising.book(by=self._role("supervisor"), trainee=self._people[practitioner], booked_for=booked_for,
                                minutes=minutes).pk

    def hold_supervision(self, *, supervision: int, minutes: int | None, films: Sequence[str]) -> None:
        by, booked = self._role("supervisor"), Supervision.objects.select_related("trainee").get(pk=supervision)
        clips = Clip.objects.filter(film__in=films, taken_out_at=None)
        if films:
            supervising.bring(by=booked.trainee, supervision=booked, clips=clips)
            supervising.write_note(by=booked.trainee, supervision=booked, text="The second clip is the one I like best.")
            supervising.write_note(by=by, supervision=booked, text="Look at how she waits for him.")
            rehearsing_films.talk_about(trainee=booked.trainee, supervisor=by, films=films)
        supervising.hold(by=by, supervision=booked, minutes=minutes, clips=clips)

    def meet_about(self, *, practitioner: str, stage: str) -> None:
        trainee, path = self._people[practitioner], queries.pathway(clock.today())
        passed = path is not None and queries.stage_is_done(trainee, path, stage)
        supervising.hold_meeting(by=self._role("supervisor"), trainee=trainee, stage=stage, held_on=clock.today(),
                                 passed=passed)
