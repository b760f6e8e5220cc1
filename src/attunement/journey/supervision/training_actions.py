"""Courses and who was there, ready to start, the own staff record, practice families and their cycles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.supervision import policies, queries
from attunement.journey.supervision.models import (
    Attendance,
    Course,
    PracticeCycle,
    PracticeFamily,
    Ready,
    StaffRecord,
)
from attunement.journey.trail import clock
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import NotAllowed, Refused

MOST_FAMILIES = 30


@action
def open_course(*, by: Person, title: str, starts_on: date, days: int) -> Course:
    """A training course that trainees attend day by day."""
    need(by, "supervision.hold")
    policies.near(starts_on)
    if not title.strip() or not 1 <= days <= 20:
        raise Refused("A course has a name, and 1 to 20 days.")
    if Course.objects.filter(title=title.strip(), starts_on=starts_on).exists():
        raise Refused("This course is there already.")
    made = Course.objects.create(title=title.strip(), starts_on=starts_on, days=days)
    record(by=by, verb="supervision.course_opened", course=made.pk, starts_on=starts_on, days=days)
    return made


@action
def take_attendance(*, by: Person, course: Course, day: int, there: Mapping[Person, bool]) -> None:
    """Who was there on one day of a course, and who was not; those who are not named stay as they were."""
    need(by, "supervision.hold")
    if not 1 <= day <= course.days:
        raise Refused(f"This course has {course.days} days.")
    if course.starts_on > clock.today():
        raise Refused("The course lies in the future.")
    for person, was_there in there.items():
        Attendance.objects.update_or_create(course=course, person=person, day=day, defaults={"there": was_there})
    record(by=by, verb="supervision.attendance", course=course.pk, day=day,
           there=sorted(person.pk for person, was in there.items() if was),
           absent=sorted(person.pk for person, was in there.items() if not was))


@action
def say_ready(*, by: Person, trainee: Person, ready_on: date) -> Ready:
    """A supervisor says that a trainee may start with families, once the course days that the study asks are done."""
    need(by, "supervision.hold")
    if ready_on > clock.today():
        raise Refused("The day lies in the future.")
    asked = path.course_days if (path := queries.pathway(clock.today())) else 0
    done = Attendance.objects.filter(person=trainee, there=True).count()
    if done < asked:
        raise Refused(f"{asked} days of the course are asked for, and {done} recorded.")
    made, _new = Ready.objects.update_or_create(person=trainee, defaults={"ready_on": ready_on, "said_by": by})
    record(by=by, verb="supervision.ready", trainee=trainee.pk, ready_on=ready_on)
    return made


@action
def keep_staff_record(*, by: Person, job: str, pay_band: str, weekly_hours: Decimal | int) -> StaffRecord:
    """A practitioner's own substantive job, pay band and weekly hours for the programme, from today on."""
    need(by, "supervision.attend")
    if not job.strip() or not pay_band.strip():
        raise Refused("Give your job and your pay band.")
    if not 0 <= weekly_hours <= 60:
        raise Refused("Hours a week lie between 0 and 60.")
    made = StaffRecord.objects.create(person=by, job=job.strip(), pay_band=pay_band.strip(), weekly_hours=weekly_hours,
                                      holds_from=clock.today())
    record(by=by, verb="supervision.staff_record", hours=weekly_hours)
    return made


@action
def add_practice_family(*, by: Person) -> PracticeFamily:
    """A family to learn with: it gets a code, nothing else is asked, and it enters no count of the trial."""
    need(by, "supervision.attend")
    Person.objects.select_for_update().get(pk=by.pk)
    known = PracticeFamily.objects.filter(trainee=by).count()
    if known >= MOST_FAMILIES:
        raise Refused(f"There are {MOST_FAMILIES} practice families already.")
    made = PracticeFamily.objects.create(code=f"{by.code}-{known + 1}", trainee=by, since=clock.today())
    record(by=by, verb="supervision.practice_family", practice=made.code)
    return made


@action
def log_practice_cycle(*, by: Person, family: PracticeFamily, filmed_on: date, clips: int,
                       reviewed_on: date) -> PracticeCycle:
    """A whole cycle with a practice family: a film, its clips, and the shared review."""
    need(by, "supervision.attend")
    if family.trainee_id != by.pk:
        raise NotAllowed("This practice family is another trainee's.")
    if not filmed_on <= reviewed_on <= clock.today():
        raise Refused("The shared review comes after the film, and not in the future.")
    policies.near(filmed_on)
    if not 1 <= clips <= 50:
        raise Refused("A cycle has 1 to 50 clips.")
    number = PracticeFamily.objects.select_for_update().get(pk=family.pk).cycles.count() + 1
    made = PracticeCycle.objects.create(family=family, number=number, filmed_on=filmed_on, clips=clips,
                                        reviewed_on=reviewed_on)
    record(by=by, verb="supervision.practice_cycle", practice=family.code, number=number)
    return made
