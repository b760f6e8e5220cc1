from __future__ import annotations

from django import forms

from attunement.journey.oversight.models import Review


class ReviewForm(forms.Form):
    decision = forms.ChoiceField(choices=Review._meta.get_field("decision").choices, widget=forms.RadioSelect)
    reasons = forms.CharField(widget=forms.Textarea, max_length=5000)


class AmendmentForm(forms.Form):
    study_file = forms.FileField(label="The new study file", help_text="A study.toml, at most 1 MB")
    reason = forms.CharField(widget=forms.Textarea, max_length=2000)
    approved_by = forms.CharField(label="Approved by", max_length=200)
    holds_from = forms.DateField(label="Holds from", widget=forms.DateInput(attrs={"type": "date"}))
