from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from attunement.journey.people.models import Site
from attunement.journey.people.roles import ROLES
from attunement.journey.trail import versions


class InvitationForm(forms.Form):
    name = forms.CharField(max_length=120)
    email = forms.EmailField(label="E-mail address")
    role = forms.ChoiceField(widget=forms.RadioSelect)
    site = forms.ModelChoiceField(Site.objects.all(), required=False, help_text="For roles that belong to one authority.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (use.code, f"{ROLES[use.code].title}: {ROLES[use.code].sentence}") for use in versions.current().roles]


class PasswordForm(forms.Form):
    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
                               help_text="At least 12 characters. Three words that do not belong together are good.")

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class TrailForm(forms.Form):
    """What to show of the audit trail; everything may be left blank."""

    verb = forms.CharField(label="What happened, for example arms", required=False, max_length=60)
    family = forms.CharField(label="Family", required=False, max_length=20)
    who = forms.CharField(label="Who, for example person:3", required=False, max_length=80)
    site = forms.CharField(label="Site", required=False, max_length=3)
    first = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))
