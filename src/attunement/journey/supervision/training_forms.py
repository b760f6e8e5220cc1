from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from attunement.journey.delivery.forms import day_field
from attunement.journey.people.models import Person
from attunement.journey.supervision.models import Course
from attunement.journey.trail import clock

SAID = [("", "Not recorded"), ("yes", "Was there"), ("no", "Was not there")]


class CourseForm(forms.Form):
    title = forms.CharField(label="Name of the course", max_length=80)
    starts_on = day_field("First day")
    days = forms.IntegerField(label="How many days?", min_value=1, max_value=20, initial=2)


class AttendanceForm(forms.Form):
    """One day of a course: a line for each trainee."""

    def __init__(self, course: Course, day: int, people: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict(course.attendances.filter(day=day).values_list("person", "there"))
        self.people = {f"person_{person.pk}": person for person in people}
        for name, person in self.people.items():
            initial = {True: "yes", False: "no", None: ""}[known.get(person.pk)]
            self.fields[name] = forms.ChoiceField(label=person.name, choices=SAID, required=False, initial=initial,
                                                  widget=forms.RadioSelect(attrs={"class": "att-taps"}))

    def facts(self) -> dict[Person, bool]:
        return {person: said == "yes" for name, person in self.people.items() if (said := self.cleaned_data[name])}


class ReadyForm(forms.Form):
    ready_on = day_field("Ready to start from which day?", initial=clock.today)


class MeetingForm(forms.Form):
    stage = forms.ChoiceField(label="Which stage did the meeting end?", widget=forms.RadioSelect)
    held_on = day_field("On which day?", initial=clock.today)
    passed = forms.ChoiceField(label="What was decided?", choices=[("yes", "Passed"), ("no", "Not yet")],
                               widget=forms.RadioSelect)

    def __init__(self, stages: Iterable[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = [  # type: ignore[attr-defined]
            (name, f"{name}: {meeting}") for name, meeting in stages]

    def facts(self) -> dict[str, Any]:
        return self.cleaned_data | {"passed": self.cleaned_data["passed"] == "yes"}


class CycleForm(forms.Form):
    filmed_on = day_field("Day of the film")
    clips = forms.IntegerField(label="How many clips?", min_value=1, max_value=50, initial=3)
    reviewed_on = day_field("Day of the shared review", initial=clock.today)


class StaffForm(forms.Form):
    job = forms.CharField(label="Your job in the authority", max_length=60, help_text="For example: social worker")
    pay_band = forms.CharField(label="Your pay band", max_length=30)
    weekly_hours = forms.DecimalField(label="Hours a week for this programme", min_value=0, max_value=60,
                                      decimal_places=1, max_digits=4)


class NoteForm(forms.Form):
    text = forms.CharField(label="Write a note", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
                           help_text="Only the two of you read it. Write no name of a family.")
