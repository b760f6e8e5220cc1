from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from attunement.journey.delivery import policies, queries
from attunement.journey.delivery.models import OwnWorker, Session
from attunement.journey.people.models import Person, Site
from attunement.journey.trail import clock, versions


def day_field(label: str, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class QuestionForm(forms.Form):
    text = forms.CharField(label="The parent’s own question, in the parent’s words", max_length=500,
                           widget=forms.Textarea(attrs={"rows": 4}),
                           help_text="For example: How can I help her to sleep?")


class MoveForm(forms.Form):
    planned_for = day_field("New day")


class PlanForm(forms.Form):
    place = forms.TypedChoiceField(label="Which session?", coerce=int, widget=forms.RadioSelect)
    planned_for = day_field("On which day?")

    def __init__(self, missed: Session | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plans = list(enumerate(versions.current().delivery.sessions, start=1))
        self.fields["place"].choices = [(place, plan.title) for place, plan in plans]  # type: ignore[attr-defined]
        self.fields["planned_for"].initial = first_day_again(missed.planned_for if missed else clock.today())
        if missed is not None:
            self.fields["place"].initial = next(
                (place for place, plan in plans if (plan.kind, plan.cycle) == (missed.kind, missed.cycle)), None)


class TimeForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={
        "required": "This page is no longer whole. Open it again.",
        "invalid": "This page is no longer whole. Open it again."})
    category = forms.ChoiceField(label="What was it for?", choices=policies.TIME_CATEGORIES, widget=forms.RadioSelect)
    on = day_field("On which day?", initial=clock.today)
    minutes = forms.IntegerField(min_value=1, max_value=1440, help_text="An hour and a half is 90.")

    def facts(self) -> dict[str, Any]:
        return self.cleaned_data | {"key": str(self.cleaned_data["key"])}


class PractitionerForm(forms.Form):
    """A site's practitioners, each with the families that she works with now."""

    practitioner = forms.TypedChoiceField(widget=forms.RadioSelect, empty_value=None)

    def __init__(self, site: Site, *args: Any, without: Person | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        planned = versions.current().delivery.families_per_practitioner
        found = [(person, families) for person, families in queries.practitioners(site) if person != without]
        known = {str(person.pk): person for person, _families in found}
        field: Any = self.fields["practitioner"]
        field.choices = [(str(person.pk), f"{person.name}: {families} of {planned} families planned{_standing(person)}"
                          f"{'' if families < planned else ', no room'}") for person, families in found]
        field.coerce = known.__getitem__


class ToldForm(forms.Form):
    told_on = day_field("On which day was the family told?", initial=clock.today)


class OwnWorkerForm(forms.Form):
    """Whether the family's own worker is a practitioner of the programme: one of the site's, or of elsewhere."""

    worker = forms.ChoiceField(label="Is the family's own worker a practitioner of the programme?",
                               widget=forms.RadioSelect)

    def __init__(self, site: Site, known: OwnWorker | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person, _families in queries.practitioners(site)}
        field: Any = self.fields["worker"]
        field.choices = [("no", "No"), *((key, f"Yes: {person.name}") for key, person in self.people.items()),
                         ("other", "Yes: somebody else")]
        if known is not None:
            named = str(known.person_id) if known.person_id else "other"
            field.initial = named if known.trained else "no"

    def facts(self) -> dict[str, Any]:
        said = self.cleaned_data["worker"]
        return {"trained": said != "no", "person": self.people.get(said)}


def _standing(person: Person) -> str:
    """What the stage that trains knows against a start."""
    return next((f", {sentence[0].lower()}{sentence[1:].rstrip('.')}" for why in policies.not_ready
                 if (sentence := why(person))), "")


class AssignForm(PractitionerForm):
    first_session_on = day_field("Day of the first session", initial=lambda: clock.today() + timedelta(days=7))


class HandOverForm(PractitionerForm):
    reason = forms.ChoiceField(label="Why?", choices=policies.HAND_OVER_REASONS, widget=forms.RadioSelect)


def first_day_again(day: date) -> date:
    """A week after a session that did not take place, or tomorrow."""
    return max(day + timedelta(days=7), clock.today() + timedelta(days=1))
