from __future__ import annotations

from typing import Any

from django import forms

from attunement.journey.people.models import Person, Site
from attunement.journey.trail import versions

YES_NO = [("yes", "Yes"), ("no", "No")]


class ChildForm(forms.Form):
    """The eligibility questions of the study file, each answered."""

    born_on = forms.DateField(label="When was the child born?", widget=forms.DateInput(attrs={"type": "date"}),
                              help_text="For example 27 3 2021")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for rule in versions.current().eligibility:
            if rule.kind == "yes":
                self.fields[rule.code] = forms.ChoiceField(label=rule.question, choices=YES_NO, widget=forms.RadioSelect)

    def facts(self) -> dict[str, Any]:
        """What the action is told: the birth date and the answers."""
        answers = {rule.code: self.cleaned_data[rule.code] == "yes" for rule in versions.current().eligibility
                   if rule.kind == "yes"}
        return {"born_on": self.cleaned_data["born_on"], "answers": answers}


class ReferralForm(ChildForm):
    site = forms.ModelChoiceField(Site.objects.none(), empty_label=None)
    carer = forms.CharField(label="Name of the parent or carer", max_length=120)
    phone = forms.CharField(label="Mobile number", max_length=30, required=False)
    email = forms.EmailField(label="E-mail address", required=False)
    language = forms.ChoiceField(label="Language they read best")
    help_needed = forms.BooleanField(label="They need help with reading or with English", required=False)
    field_order = ["site", "born_on"]

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = person.sites_with("referral.refer")
        allowed = Site.objects.all() if sites is None else Site.objects.filter(code__in=sites)
        self.fields["site"].queryset = allowed  # type: ignore[attr-defined]
        self.fields["site"].initial = allowed.first()
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            (known.code, known.name) for known in versions.current().languages]

    def facts(self) -> dict[str, Any]:
        contact = {name: self.cleaned_data[name] for name in
                   ("site", "carer", "phone", "email", "language", "help_needed")}
        return super().facts() | contact
