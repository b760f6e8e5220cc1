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
