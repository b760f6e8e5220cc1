from __future__ import annotations

from typing import Any

from django import forms

from attunement.journey.surveys.models import HELP_REASONS, HELPERS, Alert
from attunement.journey.surveys.questions import SKIP, Question

ROUTES = [("text", "By text message"), ("mail", "By e-mail"), ("none", "Not at all: I hand the address over myself")]


class Problem(forms.Form):
    """What is wrong with an answer, for the summary at the top of the page and beside the question."""

    value = forms.ChoiceField(widget=forms.RadioSelect, required=False)

    def __init__(self, sentence: str) -> None:
        super().__init__({})
        self.add_error("value", sentence)


class SendForm(forms.Form):
    route = forms.ChoiceField(label="How should the link be sent?", choices=ROUTES, widget=forms.RadioSelect)

    def __init__(self, routes: set[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["route"].choices = [route for route in ROUTES if route[0] in routes]  # type: ignore[attr-defined]


class TakenForm(forms.Form):
    """What was done about an alert."""

    taken = forms.ChoiceField(label="What did you do?", choices=Alert.ACTIONS, widget=forms.RadioSelect)
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 3}), max_length=1000, required=False,
                           help_text="Times, and who takes it from here. It stays with the alert.")


class OnCallForm(forms.Form):
    person = forms.ChoiceField(label="Colleague")

    def __init__(self, people: list[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = people  # type: ignore[attr-defined]


class HelpForm(forms.Form):
    help_minutes = forms.IntegerField(label="How many minutes did you help?", min_value=0, max_value=600, initial=0,
                                      help_text="Reading aloud, translating, explaining. 0 when no help was needed.")
    help_reason = forms.ChoiceField(label="Why was help needed?", choices=[("", "No help was needed"), *HELP_REASONS],
                                    required=False)
    helper = forms.ChoiceField(label="Who helped?", choices=[("", "Nobody"), *HELPERS], required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("help_minutes") and not given.get("help_reason"):
            self.add_error("help_reason", "Say why help was needed.")
        return given


class QueryForm(forms.Form):
    text = forms.CharField(label="What do you want to say?", widget=forms.Textarea(attrs={"rows": 3}), max_length=1000,
                           help_text="Write neither a name nor the answer itself: others read this who do not see answers.")


class ReasonForm(forms.Form):
    why = forms.CharField(label="Why?", widget=forms.Textarea(attrs={"rows": 3}), max_length=200,
                          help_text="Write no name.")


class CorrectionForm(forms.Form):
    """A submitted answer put right, and why."""

    given = forms.ChoiceField(label="What the family says it meant", widget=forms.RadioSelect)
    why = forms.CharField(label="Why is it changed?", widget=forms.Textarea(attrs={"rows": 3}), max_length=500,
                          help_text="The old answer and this reason stay in the trail. Write no name.")

    def __init__(self, question: Question, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["given"].choices = [*question.options, (SKIP, "Passed over")]  # type: ignore[attr-defined]
