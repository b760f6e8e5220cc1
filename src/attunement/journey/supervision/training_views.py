"""Training: courses, ready to start, meetings, practice families, the staff record, the pack for whoever accredits."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.supervision import actions, evidence, queries, training_actions
from attunement.journey.supervision.models import Course, PracticeFamily, StaffRecord
from attunement.journey.supervision.training_forms import (
    AttendanceForm,
    CourseForm,
    CycleForm,
    MeetingForm,
    ReadyForm,
    StaffForm,
)
from attunement.journey.supervision.views import found_trainee
from attunement.journey.trail import clock


@page("supervision.hold")
def courses(request: HttpRequest) -> HttpResponse:
    """The courses, each with its days, and a new one."""
    rows = [(course, range(1, course.days + 1), course.attendances.filter(there=True).count())
            for course in Course.objects.order_by("-starts_on", "-id")]
    return act(request, CourseForm(request.POST or None),
               lambda given: training_actions.open_course(by=request.user, **given), to=reverse("courses"),
               title="Courses", button="Add this course", done="The course is there.", rows=rows,
               template="supervision/courses.html", back_url=reverse("trainees"))


@page("supervision.hold")
def attendance(request: HttpRequest, course_id: int, day: int) -> HttpResponse:
    """Who was there on one day."""
    course = one(Course.objects.all(), pk=course_id)
    if not 1 <= day <= course.days:
        raise Http404
    people = [each.person for each in queries.trainees(clock.today())]
    form = AttendanceForm(course, day, people, request.POST or None)
    return act(request, form, lambda _given: training_actions.take_attendance(
        by=request.user, course=course, day=day, there=form.facts()), to=reverse("courses"),
        title=f"{course.title}, day {day}: who was there", button="Keep this", done="Attendance is kept.",
        back_url=reverse("courses"))


@page("supervision.hold")
def ready(request: HttpRequest, code: str) -> HttpResponse:
    trainee = found_trainee(code)
    return act(request, ReadyForm(request.POST or None),
               lambda given: training_actions.say_ready(by=request.user, trainee=trainee, **given),
               to=reverse("trainee", args=[code]), title=f"{trainee.name} is ready to start", button="Record this",
               done="It is recorded.", back_url=reverse("trainee", args=[code]))


@page("supervision.hold")
def meeting(request: HttpRequest, code: str) -> HttpResponse:
    """The meeting that ends a stage."""
    trainee, path = found_trainee(code), queries.pathway(clock.today())
    stages = [(stage.name, stage.ends_with) for stage in path.stages if stage.ends_with] if path else []
    form = MeetingForm(stages, request.POST or None)
    return act(request, form, lambda _given: actions.hold_meeting(by=request.user, trainee=trainee, **form.facts()),
               to=reverse("trainee", args=[code]), title=f"A meeting about {trainee.name}", button="Record this",
               done="The meeting is recorded.", back_url=reverse("trainee", args=[code]))


@page("supervision.hold")
def evidence_of(request: HttpRequest, code: str) -> HttpResponse:
    return _pack(request, found_trainee(code), reverse("trainee", args=[code]))


@page("supervision.attend")
def own_evidence(request: HttpRequest) -> HttpResponse:
    return _pack(request, request.user, reverse("own_supervision"))  # type: ignore[arg-type]


def _pack(request: HttpRequest, trainee: Person, back: str) -> HttpResponse:
    found = evidence.lines(trainee)
    if request.GET.get("as") == "csv":
        name = f'attachment; filename="evidence-{trainee.code}.csv"'
        return HttpResponse(evidence.as_csv(found), content_type="text/csv; charset=utf-8",
                            headers={"Content-Disposition": name})
    return render(request, "supervision/evidence.html", {
        "trainee": trainee, "lines": found, "path": queries.pathway(clock.today()), "back_url": back,
        "progress": queries.progress(trainee, clock.today()), "today": clock.today()})


@page("supervision.attend")
def practice(request: HttpRequest) -> HttpResponse:
    """The own practice families and how many cycles each has had."""
    person: Person = request.user  # type: ignore[assignment]
    rows = PracticeFamily.visible_to(person).filter(trainee=person).prefetch_related("cycles")
    return render(request, "supervision/practice.html", {"rows": rows, "back_url": reverse("own_supervision")})


@page("supervision.attend")
def add_practice(request: HttpRequest) -> HttpResponse:
    return press(request, lambda: training_actions.add_practice_family(by=request.user), to=reverse("practice"),
                 done="There is one more practice family. It has a code and nothing else.")


@page("supervision.attend")
def practice_cycle(request: HttpRequest, practice_code: str) -> HttpResponse:
    family = one(PracticeFamily.objects.filter(trainee=request.user), code=practice_code)  # type: ignore[misc]
    return act(request, CycleForm(request.POST or None),
               lambda given: training_actions.log_practice_cycle(by=request.user, family=family, **given),
               to=reverse("practice"), title=f"A cycle with practice family {family.code}", button="Keep this cycle",
               done="The cycle is kept.", back_url=reverse("practice"))


@page("supervision.attend")
def staff_record(request: HttpRequest) -> HttpResponse:
    """The own job, pay band and hours for the programme."""
    known = StaffRecord.objects.filter(person=request.user).last()  # type: ignore[misc]
    initial = {name: getattr(known, name) for name in ("job", "pay_band", "weekly_hours")} if known else {}
    return act(request, StaffForm(request.POST or None, initial=initial),
               lambda given: training_actions.keep_staff_record(by=request.user, **given), to=reverse("own_supervision"),
               title="Your job and hours", button="Keep this", done="It is kept.", back_url=reverse("own_supervision"),
               intro="What the programme costs hangs on this. It is shown by your code, never with your name.")
