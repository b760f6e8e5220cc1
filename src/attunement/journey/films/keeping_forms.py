from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from attunement.journey.films import copies
from attunement.journey.films.models import AUDIENCES, CopyOut, Film, InShot, Material

OTHERS = 3


class SharingForm(forms.Form):
    """The parent's own words on each audience, as they are now."""

    def __init__(self, given: dict[str, bool], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, words in AUDIENCES:
            self.fields[code] = forms.BooleanField(label=words, required=False, initial=given.get(code, False))


class InShotForm(forms.Form):
    """Everybody who can be seen or heard."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agreed = [("", "Not in this film"), *InShot.AGREED]
        for who, words in (("parent", "The parent or carer"), ("child", "The child")):
            self.fields[who] = forms.ChoiceField(label=words, choices=agreed, required=False)
        for number in range(1, OTHERS + 1):
            self.fields[f"name_{number}"] = forms.CharField(label=f"Name of somebody else ({number})", max_length=120,
                                                            required=False)
            self.fields[f"who_{number}"] = forms.ChoiceField(
                label="Who is it?", required=False, choices=[("", "Choose one"), *InShot.WHO[2:]])
            self.fields[f"agreed_{number}"] = forms.ChoiceField(
                label="Who agreed?", required=False, choices=[("", "Choose one"), *InShot.AGREED])

    def people(self) -> list[tuple[str, str, str]]:
        given = self.cleaned_data
        found = [(who, "", given[who]) for who in ("parent", "child") if given[who]]
        for number in range(1, OTHERS + 1):
            one = (given[f"who_{number}"], given[f"name_{number}"], given[f"agreed_{number}"])
            if any(one):
                found.append(one)
        return found


def named(people: Iterable[InShot]) -> dict[str, str]:
    """What the form begins with: what is written down already."""
    found, number = {}, 0
    for person in people:
        if person.who in ("parent", "child"):
            found[person.who] = person.agreed
        else:
            number += 1
            found |= {f"name_{number}": person.name, f"who_{number}": person.who, f"agreed_{number}": person.agreed}
    return found or {"parent": "own", "child": "guardian"}


class SureForm(forms.Form):
    sure = forms.BooleanField(label="The family asked for it, and knows that nothing brings the film back",
                              error_messages={"required": "Tick that the family asked for it. Nothing has been wiped."})


class CopyForm(forms.Form):
    """Which clips, and whom they are for. Clips of the family's other films can go into the same copy."""

    whom = forms.ChoiceField(label="Whom is the copy for?", choices=CopyOut.WHOM, widget=forms.RadioSelect)
    clips = forms.ModelMultipleChoiceField(
        queryset=None, label="Which clips?", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one clip."})

    def __init__(self, film: Film, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["clips"]
        field.queryset = copies.may_hold(film)
        field.label_from_instance = lambda clip: (
            f"Pictures {clip.first} to {clip.last}" + ("" if clip.film_id == film.pk else f", film of {_named(clip.film)}"))


def _named(film: Film) -> str:
    return f"{film.day:%-d %B %Y}, session {film.session.number}"


class HoldForm(forms.Form):
    person = forms.CharField(label="Who asks for the hold?", max_length=120, help_text="The person's own name")
    reason = forms.CharField(label="Why must the film be kept?", max_length=300)


class MaterialForm(forms.Form):
    """A licence-holder's file, and whose it is."""

    kind = forms.ChoiceField(label="What is it?", choices=Material.KINDS, widget=forms.RadioSelect)
    file = forms.FileField(label="The file", allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".toml,.txt"}),
                           error_messages={"required": "Choose the file on this device."})
    holder = forms.CharField(label="Who holds the licence?", max_length=200)
    allowed = forms.BooleanField(
        label="They let this study use it",
        error_messages={"required": "Tick that the licence-holder lets this study use the file. It was not loaded."})


class SharesForm(forms.Form):
    """Two of the three shares of the films' key, as printed."""

    first = forms.CharField(label="Words of one share", max_length=600, widget=forms.Textarea(
        attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}))
    second = forms.CharField(label="Words of another share", max_length=600, widget=forms.Textarea(
        attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}))
