from __future__ import annotations

from typing import Any

from django import forms


class AllocateForm(forms.Form):
    """Made with the page: pressed twice, the same key finds the same allocation."""

    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={
        "required": "This page is no longer whole. Open it again from the family's record.",
        "invalid": "This page is no longer whole. Open it again from the family's record."})
    eligible = forms.ChoiceField(label="Is all of this still so today?", choices=[("yes", "Yes"), ("no", "No")],
                                 widget=forms.RadioSelect,
                                 error_messages={"required": "Say whether all of this is still so today."})
    warned = forms.BooleanField(label="I have read this, and allocate the family all the same",
                                error_messages={"required": "Read the warning, and say that you have."})

    def __init__(self, *args: Any, warned: bool = False, asks: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, asked in (("warned", warned), ("eligible", asks)):
            if not asked:
                del self.fields[name]

    def facts(self) -> dict[str, Any]:
        said = self.cleaned_data.get("eligible")
        return {"key": str(self.cleaned_data["key"]), "still_eligible": None if said is None else said == "yes"}


class LockForm(forms.Form):
    confirmation = forms.CharField(max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, version: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = f"lock version {version}"
        self.fields["confirmation"].label = f"Type the words “{self.wanted}”"

    def clean_confirmation(self) -> str:
        typed = " ".join(str(self.cleaned_data["confirmation"]).split()).lower()
        if typed != self.wanted:
            raise forms.ValidationError(f"Type exactly: {self.wanted}. Nothing has been locked.")
        return typed
