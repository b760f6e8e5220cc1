"""The page of one visit: a tap a line."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms

from attunement.journey.delivery import policies, visits
from attunement.journey.delivery.forms import day_field
from attunement.journey.delivery.models import Session
from attunement.journey.people.models import Person
from attunement.journey.trail import clock, versions

MINUTES: dict[str, tuple[int, ...]] = {
    "minutes": (), "travel_minutes": (0, 15, 30, 45, 60), "preparation_minutes": (0, 30, 60, 90, 120)}
SPENT = tuple(MINUTES)
YES_NO = [("yes", "Yes"), ("no", "No")]
MEANS = {"yes": True, "no": False}
ONCE = {"invalid": "This page is no longer whole. Open it again."}


def taps(label: str, **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, widget=forms.RadioSelect(attrs={"class": "att-taps"}), **kwargs)


def exact_field(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=policies.LONGEST)


class SessionForm(forms.Form):
    """What became of a session. Chosen beforehand is only the day, and what was so the last time or is usual; whether it
    was held, how long, whether a film was made and what the parent says is never filled in."""

    mark_optional = False
    key = forms.UUIDField(widget=forms.HiddenInput, required=False, error_messages=ONCE)
    state = forms.ChoiceField(label="What became of it?", widget=forms.RadioSelect(attrs={"class": "att-taps"}),
                              choices=[each for each in Session.STATES if each[0] != "planned"],
                              error_messages={"required": "Say whether it was held, not attended or cancelled."})
    reason = taps("Why not?")
    minutes = taps("Minutes with the family")
    filmed = taps("Was a film made?", choices=YES_NO)
    rating = taps("")
    held_on = day_field("On which day?", required=False)
    present = forms.MultipleChoiceField(label="Who was there?", required=False,
                                        widget=forms.CheckboxSelectMultiple(attrs={"class": "att-taps"}))
    place = taps("Where?")
    interpreter = taps("Was there an interpreter?", choices=YES_NO)
    adaptation = taps("Was anything changed?")
    adaptation_why = taps("Why was it changed?")
    training_stage = taps("Your training stage")
    travel_minutes = taps("Minutes on the way, there and back")
    preparation_minutes = taps("Minutes before and after: preparing, editing, notes")
    exact_minutes = exact_field("Exactly with the family")
    exact_travel_minutes = exact_field("Exactly on the way")
    exact_preparation_minutes = exact_field("Exactly before and after")

    def __init__(self, session: Session, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visit, study = versions.current().delivery.visit, versions.current()
        language = session.family.language
        for name, numbers in (MINUTES | {"minutes": visit.minutes}).items():
            self._offer(name, ((str(each), str(each)) for each in numbers))
        self._offer("reason", ((each.code, each.words) for each in visit.reasons))
        self._offer("present", ((each.code, each.words) for each in visit.present))
        self._offer("place", ((each.code, each.words) for each in visit.places))
        self._offer("adaptation", ((each.code, each.words) for each in visit.adaptations), none="No, as planned")
        self._offer("adaptation_why", ((each.code, each.words) for each in visit.adaptation_reasons))
        self._offer("rating", ((str(n), words.get(language, words[study.languages[0].code]))
                               for n, words in enumerate(visit.rating, start=1)))
        self._offer("training_stage", ((stage, stage) for stage in visits.stages()))
        if "rating" in self.fields:
            asked = (visit.rating_question or {}).get(language) or "How was today for you?"
            self.fields["rating"].label = f"The parent taps: {asked}"
        self._choose_beforehand(session, person)

    def _offer(self, name: str, choices: Iterable[tuple[str, str]], none: str = "") -> None:
        """The choices of a line; a line that the study has none for is not asked."""
        offered = list(choices)
        if not offered:
            del self.fields[name]
        else:
            self.fields[name].choices = [("", none)] * bool(none) + offered  # type: ignore[attr-defined]

    def _choose_beforehand(self, session: Session, person: Person) -> None:
        said = {True: "yes", False: "no", None: None}
        known = visits.usual(session) | {"held_on": min(session.planned_for, clock.today()), "adaptation": "",
                                         "training_stage": visits.stage_today(person), "key": uuid.uuid4()}
        way = session.family.sessions.filter(travel_minutes__isnull=False).order_by("-held_on", "-number").first()
        known |= {"travel_minutes": str(way.travel_minutes)} if way is not None else {}
        known |= {name: said[known[name]] for name in ("interpreter", "filmed")}
        for name, value in known.items():
            if name in self.fields:
                self.fields[name].initial = value

    def beforehand(self) -> str:
        """What is chosen beforehand, in words: the line under which it can be changed."""
        words = []
        for name in ("place", "present", "interpreter", "adaptation"):
            field: Any = self.fields.get(name)
            if field is not None and field.initial is not None:
                chosen = field.initial if isinstance(field.initial, list) else [field.initial]
                said = ", ".join(label for value, label in field.choices if value in chosen).lower()
                words.append({"interpreteryes": "interpreter", "interpreterno": "no interpreter",
                              "adaptation": "as planned"}.get(name + chosen[0], said) if chosen else "")
        return "; ".join(word for word in words if word).capitalize()

    def facts(self) -> dict[str, Any]:
        """What the action is told. Time counts where it was spent: on a held session, on the way to an empty one."""
        given = self.cleaned_data
        counted = {"held": SPENT, "not_attended": SPENT[1:]}.get(given["state"], ())
        held = given["state"] == "held"
        return {"state": given["state"], "held_on": given["held_on"] if held else None,
                "key": str(given.get("key") or ""), "noted": self._noted(held)} | {
            name: self._spent(name) for name in counted}

    def _noted(self, held: bool) -> visits.Noted:
        given = self.cleaned_data
        if not held:
            return visits.Noted(reason=given.get("reason", ""))
        rating = given.get("rating")
        return visits.Noted(
            present=tuple(given.get("present", ())), place=given.get("place", ""), rating=int(rating) if rating else None,
            interpreter=MEANS.get(given["interpreter"]), filmed=MEANS.get(given["filmed"]),
            adaptation=given.get("adaptation", ""), training_stage=given.get("training_stage", ""),
            adaptation_why=given.get("adaptation_why", "") if given.get("adaptation") else "")

    def _spent(self, name: str) -> int | None:
        exact: int | None = self.cleaned_data[f"exact_{name}"]
        tapped = self.cleaned_data.get(name)
        return exact if exact is not None else int(tapped) if tapped else None
