from __future__ import annotations

from typing import Any

from django import forms

from attunement.journey.delivery.permissions import caseload, overseen
from attunement.journey.oversight import policies
from attunement.journey.oversight.models import Review
from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock


class ReviewForm(forms.Form):
    decision = forms.ChoiceField(choices=Review._meta.get_field("decision").choices, widget=forms.RadioSelect)
    reasons = forms.CharField(widget=forms.Textarea, max_length=5000)


class AmendmentForm(forms.Form):
    study_file = forms.FileField(label="The new study file", help_text="A study.toml, at most 1 MB")
    reason = forms.CharField(widget=forms.Textarea, max_length=2000)
    approved_by = forms.CharField(label="Approved by", max_length=200)
    holds_from = forms.DateField(label="Holds from", widget=forms.DateInput(attrs={"type": "date"}))
    carries_out_review = forms.BooleanField(label="This is the amendment that the review point decided on", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if policies.waits_for_amendment() is None:
            del self.fields["carries_out_review"]


class EntryForm(forms.Form):
    """An entry in a register. Its writer names the family by trial number, or leaves it out."""

    register = forms.ChoiceField(label="What is it?", widget=forms.RadioSelect)
    came_on = forms.DateField(label="When did it come to light?", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    family = forms.CharField(label="Trial number of the family, if it is about one", required=False, max_length=12)
    text = forms.CharField(label="What happened?", widget=forms.Textarea, max_length=5000,
                           help_text="Write no names, and nothing that tells which group a family is in.")

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["register"].choices = [  # type: ignore[attr-defined]
            (register.code, f"{register.title}. {register.hint}".strip()) for register in policies.registers_for(person)]
        self.fields["came_on"].initial = clock.today

    def clean_family(self) -> Family | None:
        code = self.cleaned_data["family"].strip().upper()
        if not code:
            return None
        for families in (Family.visible_to(self.person), caseload(self.person), overseen(self.person)):
            if found := families.filter(code=code).first():
                return found
        raise forms.ValidationError(f"You work with no family {code}. Check the trial number, or leave it out.")


class OutcomeForm(forms.Form):
    outcome = forms.CharField(label="What came of it?", widget=forms.Textarea, max_length=5000)
