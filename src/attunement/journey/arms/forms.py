from __future__ import annotations

from typing import Any

from django import forms

from attunement.journey.arms.models import PlaceList, Proposal
from attunement.journey.people.models import Person
from attunement.study.schema import Factor


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


class LevelsForm(AllocateForm):
    """With a question for each factor whose level the record does not hold."""

    def __init__(self, factors: list[Factor], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for factor in factors:
            choices = [(level, level.replace("_", " ")) for level in factor.levels]
            self.fields[factor.code] = forms.ChoiceField(label=factor.title, choices=choices, widget=forms.RadioSelect)


REASON = forms.CharField(label="Why?", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
                         help_text="Name nobody, and no arm. What you write is kept for good.")


class NoteForm(forms.Form):
    """What became of an allocation."""

    kind = forms.ChoiceField(label="What happened?", widget=forms.RadioSelect,
                             choices=[each for each in Proposal.KINDS if each[0] not in ("unblinding", "opening")])
    reason = REASON


class ShowArmForm(forms.Form):
    person = forms.ModelChoiceField(Person.objects.none(), label="Who needs to know the arm?", empty_label=None,
                                    to_field_name="code")
    reason = REASON

    def __init__(self, people: list[Person], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.filter(pk__in=[each.pk for each in people])  # type: ignore[attr-defined]


class OpeningForm(forms.Form):
    reason = REASON


class TypedForm(forms.Form):
    """Words to type, so that nothing is done by a slip."""

    confirmation = forms.CharField(max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, wanted: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = wanted
        self.fields["confirmation"].label = f"Type the words “{wanted}”"

    def clean_confirmation(self) -> str:
        typed = " ".join(str(self.cleaned_data["confirmation"]).split()).lower()
        if typed != self.wanted:
            raise forms.ValidationError(f"Type exactly: {self.wanted}. Nothing has been done.")
        return typed


class DrillForm(forms.Form):
    """Two of the three shares, as printed."""

    first = forms.CharField(label="Words of one share", max_length=600, strip=True, widget=forms.Textarea(
        attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}))
    second = forms.CharField(label="Words of another share", max_length=600, strip=True, widget=forms.Textarea(
        attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}))


class ListForm(forms.Form):
    kind = forms.ChoiceField(label="What is the list for?", choices=PlaceList.KINDS, widget=forms.RadioSelect)
    places = forms.FileField(label="The list (CSV)", allow_empty_file=True,
                             help_text="With the columns stratum and arm. The order of the rows is the order of their use.")
