"""What the desk's script sends."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms


class KeyField(forms.CharField):
    """A key that the page made."""

    def clean(self, value: Any) -> str:
        try:
            return str(uuid.UUID(super().clean(value)))
        except ValueError:
            raise forms.ValidationError("This was not sent by a page of ours.") from None


class SpanForm(forms.Form):
    key = KeyField()
    first = forms.IntegerField(min_value=0)
    last = forms.IntegerField(min_value=0)


class MarkForm(SpanForm):
    principle = forms.IntegerField(min_value=0)
    behaviour = forms.CharField(max_length=40, required=False)
    note = forms.CharField(max_length=300, required=False)


class ChangeForm(forms.Form):
    first = forms.IntegerField(min_value=0)
    last = forms.IntegerField(min_value=0)
    principle = forms.IntegerField(min_value=0)
    behaviour = forms.CharField(max_length=40, required=False)
    note = forms.CharField(max_length=300, required=False)
    revision = forms.IntegerField(min_value=0)


class CommentForm(SpanForm):
    text = forms.CharField(max_length=500)


class StillForm(forms.Form):
    frame = forms.IntegerField(min_value=0)


class ReelForm(forms.Form):
    """Numbers of clips, with spaces between."""

    clips = forms.RegexField(r"^(\d{1,18}( \d{1,18}){0,99})?$", required=False)

    def clean_clips(self) -> list[int]:
        return [int(number) for number in self.cleaned_data["clips"].split()]
