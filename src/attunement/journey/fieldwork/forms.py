from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from attunement.journey.fieldwork.models import Attempt, Trace, TraceLine, Voucher
from attunement.journey.referral.forms import ContactForm

NO_ANSWERS = "Write nothing that the family answered."


class OutcomeForm(forms.Form):
    """How a call ended."""

    outcome = forms.ChoiceField(label="How did the call end?", choices=Attempt.OUTCOMES, widget=forms.RadioSelect)
    day = forms.DateField(label="Appointment: the day", required=False, widget=forms.DateInput(attrs={"type": "date"}),
                          help_text="Only where a time was agreed.")
    hour = forms.TimeField(label="Appointment: the hour", required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    note = forms.CharField(label="Note", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
                           help_text=NO_ANSWERS)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("outcome") == "appointment":
            for name, words in (("day", "Enter the day that was agreed."), ("hour", "Enter the hour that was agreed.")):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return given

    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        at = None
        if given["outcome"] == "appointment":
            at = timezone.make_aware(datetime.combine(given["day"], given["hour"]))
        return {"outcome": given["outcome"], "at": at, "note": given["note"]}


class TriedForm(forms.Form):
    tried = forms.ChoiceField(label="What was tried?", widget=forms.RadioSelect,
                              choices=[one for one in TraceLine.TRIED if one[0] not in ("new_contact", "found", "lost")])
    note = forms.CharField(label="Note", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
                           help_text=NO_ANSWERS)


class LostForm(forms.Form):
    note = forms.CharField(label="What is left to say?", max_length=300, required=False,
                           widget=forms.Textarea(attrs={"rows": 2}), help_text=NO_ANSWERS)


class FoundForm(ContactForm):
    """New contact details, and who gave them."""

    given_by = forms.ChoiceField(label="Who gave the new details?", choices=TraceLine.GIVERS, widget=forms.RadioSelect)
    field_order = ["given_by"]


class WhyForm(forms.Form):
    why = forms.ChoiceField(label="Why is the family looked for?", choices=Trace.WHYS, widget=forms.RadioSelect)


class GiveForm(forms.Form):
    how = forms.ChoiceField(label="How does the family get it?", choices=Voucher.STATES[:2], widget=forms.RadioSelect)
    number = forms.CharField(label="Number of the voucher", max_length=40, required=False,
                             help_text="Where it has one. It helps when a voucher is lost.")


class LedgerForm(forms.Form):
    number = forms.CharField(label="Number of the new voucher", max_length=40, required=False)
