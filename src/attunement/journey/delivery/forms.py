from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from attunement.journey.delivery import policies, queries
from attunement.journey.delivery.models import Session
from attunement.journey.people.models import Person, Site
from attunement.journey.trail import clock, versions

MINUTES = {"minutes": (30, 45, 60, 75, 90), "travel_minutes": (0, 15, 30, 45, 60),
           "preparation_minutes": (0, 30, 60, 90, 120)}
SPENT = tuple(MINUTES)


def day_field(label: str, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def minutes_field(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False,
                             widget=forms.RadioSelect(attrs={"class": "att-taps"}))


def exact_field(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=policies.LONGEST)


class SessionForm(forms.Form):
    """What became of a session: a tap a line. Nothing is filled in that nobody has said, but the day and the way."""

    mark_optional = False
    state = forms.ChoiceField(label="What became of it?", widget=forms.RadioSelect,
                              choices=[each for each in Session.STATES if each[0] != "planned"],
                              error_messages={"required": "Say whether it was held, not attended or cancelled."})
    held_on = day_field("On which day?", required=False)
    minutes = minutes_field("Minutes with the family")
    travel_minutes = minutes_field("Minutes on the way, there and back")
    preparation_minutes = minutes_field("Minutes before and after: preparing, editing, notes")
    exact_minutes = exact_field("Exactly with the family")
    exact_travel_minutes = exact_field("Exactly on the way")
    exact_preparation_minutes = exact_field("Exactly before and after")

    def __init__(self, session: Session, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, numbers in MINUTES.items():
            self.fields[name].choices = [(str(each), str(each)) for each in numbers]  # type: ignore[attr-defined]
        self.fields["held_on"].initial = min(session.planned_for, clock.today())
        way = session.family.sessions.filter(travel_minutes__isnull=False).order_by("-held_on", "-number").first()
        if way is not None:
            self.fields["travel_minutes"].initial = str(way.travel_minutes)

    def facts(self) -> dict[str, Any]:
        """What the action is told. Time counts where it was spent: on a held session, on the way to an empty one."""
        given = self.cleaned_data
        counted = {"held": SPENT, "not_attended": SPENT[1:]}.get(given["state"], ())
        return {"state": given["state"], "held_on": given["held_on"] if given["state"] == "held" else None} | {
            name: self._spent(name) for name in counted}

    def _spent(self, name: str) -> int | None:
        exact: int | None = self.cleaned_data[f"exact_{name}"]
        tapped = self.cleaned_data[name]
        return exact if exact is not None else int(tapped) if tapped else None


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
        field.choices = [(str(person.pk), f"{person.name}: {families} of {planned} families planned")
                         for person, families in found]
        field.coerce = known.__getitem__


class AssignForm(PractitionerForm):
    first_session_on = day_field("Day of the first session", initial=lambda: clock.today() + timedelta(days=7))


class HandOverForm(PractitionerForm):
    reason = forms.ChoiceField(label="Why?", choices=policies.HAND_OVER_REASONS, widget=forms.RadioSelect)


def first_day_again(day: date) -> date:
    """A week after a session that did not take place, or tomorrow."""
    return max(day + timedelta(days=7), clock.today() + timedelta(days=1))
