from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from attunement.journey.delivery.forms import day_field
from attunement.journey.delivery.queries import title
from attunement.journey.films.models import Clip
from attunement.journey.supervision.models import Supervision
from attunement.journey.supervision.policies import LONGEST, SHORTEST
from attunement.journey.trail import versions


class BookForm(forms.Form):
    booked_for = day_field("On which day?")
    minutes = forms.IntegerField(min_value=SHORTEST, max_value=LONGEST, initial=60)


class HoldForm(forms.Form):
    """Held with its minutes and clips, or missed."""

    outcome = forms.ChoiceField(label="What became of it?", choices=[("held", "Held"), ("missed", "Missed")],
                                widget=forms.RadioSelect)
    minutes = forms.IntegerField(label="Minutes, if it was held", min_value=1, max_value=LONGEST, required=False)
    clips = forms.TypedMultipleChoiceField(label="Clips that you looked at together", required=False,
                                           widget=forms.CheckboxSelectMultiple)

    def __init__(self, supervision: Supervision, clips: Iterable[Clip], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["minutes"].initial = supervision.minutes_booked
        known = {str(clip.pk): clip for clip in clips}
        field: Any = self.fields["clips"]
        field.choices, field.coerce = [(key, named(clip)) for key, clip in known.items()], known.__getitem__
        if not known:
            del self.fields["clips"]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("outcome") == "held" and given.get("minutes") is None and "minutes" not in self.errors:
            self.add_error("minutes", "Say how many minutes it was held.")
        return given

    def facts(self) -> dict[str, Any]:
        """What the action is told: a supervision that was missed has neither minutes nor clips."""
        if self.cleaned_data["outcome"] == "missed":
            return {"minutes": None}
        return {"minutes": self.cleaned_data["minutes"], "clips": self.cleaned_data.get("clips", [])}


class BringForm(forms.Form):
    """The trainee's clips that this supervisor may see."""

    clips = forms.TypedMultipleChoiceField(label="Which clips?", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, supervision: Supervision, clips: Iterable[Clip], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {str(clip.pk): clip for clip in clips}
        field: Any = self.fields["clips"]
        field.choices, field.coerce = [(key, named(clip)) for key, clip in known.items()], known.__getitem__
        field.initial = [str(pk) for pk in supervision.to_watch.values_list("pk", flat=True)]
        if not known:
            field.help_text = "No family has agreed to share a clip of yours in supervision."


def named(clip: Clip) -> str:
    """A clip by its family, session and principle."""
    principles = versions.current().delivery.principles
    principle = principles[clip.principle - 1] if 1 <= clip.principle <= len(principles) else ""
    return f"{clip.film.family.code}, {title(clip.film.session)}, pictures {clip.first} to {clip.last}: {principle}"
