"""Goals: on the practitioner's own pages only."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from attunement.journey.delivery import goal_actions
from attunement.journey.delivery.models import Goal
from attunement.journey.delivery.permissions import caseload
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one
from attunement.journey.people.permissions import page


class GoalForm(forms.Form):
    text = forms.CharField(label="The goal, in the parent’s own words", max_length=300,
                           widget=forms.Textarea(attrs={"rows": 3}))


class RatingForm(forms.Form):
    rating = forms.TypedChoiceField(label="Where are you with it today? The parent taps", coerce=int,
                                    widget=forms.RadioSelect(attrs={"class": "att-taps"}))

    def __init__(self, least: int, most: int, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.fields["rating"].choices = [(n, str(n)) for n in range(least, most + 1)]  # type: ignore[attr-defined]


@page("delivery.work")
def goals(request: HttpRequest, code: str) -> HttpResponse:
    """The family's goals with what the parent said of each, and one more."""
    person: Person = request.user  # type: ignore[assignment]
    family = one(caseload(person), code=code)
    return act(request, GoalForm(request.POST or None),
               lambda given: goal_actions.add_goal(by=person, family=family, **given),
               to=reverse("goals", args=[code]), title=f"Goals of family {code}", button="Add this goal",
               done="The goal is kept.", template="delivery/goals.html", scale=goal_actions.scale(),
               goals=family.goals.prefetch_related("ratings"), back_url=reverse("own_family", args=[code]))


@page("delivery.work")
def rate_goal(request: HttpRequest, goal_id: int) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]
    goal = one(Goal.objects.select_related("family__site").filter(family__in=caseload(person)), pk=goal_id)
    form = RatingForm(*goal_actions.scale(), request.POST or None)
    back = reverse("goals", args=[goal.family.code])
    return act(request, form, lambda given: goal_actions.rate_goal(by=person, goal=goal, **given), to=back,
               title="How is it going?", intro=goal.text, button="Keep this", done="It is kept.", back_url=back)
