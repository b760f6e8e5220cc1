from __future__ import annotations

from typing import Any

from django import forms

from attunement.journey.films.models import Film
from attunement.journey.films.uploads import FIELD, Arrived
from attunement.journey.trail import versions


class FilmForm(forms.Form):
    """The family's renewed yes, and the film."""

    agreed = forms.BooleanField(
        label="I asked the family again before this film, and they agreed to be filmed",
        error_messages={"required": "Tick that the family agreed again. Without that the film is not kept."})
    others = forms.BooleanField(
        label="Somebody else than the parent and the child can be seen or heard", required=False,
        help_text="Then only you can watch the film until you have written down who it is and that they agreed.")
    film = forms.FileField(
        label="The film", allow_empty_file=True, widget=forms.FileInput(attrs={"accept": "video/*,.mkv"}),
        help_text="MP4, MOV, MKV or WebM, up to 4 gigabytes. It is locked away while it is being sent.",
        error_messages={"required": "Choose the film on this device."})

    def clean_film(self) -> Arrived:
        arrived: Arrived = self.cleaned_data[FIELD]
        if arrived.fault or arrived.arriving is None:
            raise forms.ValidationError(arrived.fault)
        return arrived

    def clean(self) -> dict[str, Any]:
        """A film that is not going to be kept goes at once, not when the answer has been read."""
        if self.errors and FIELD in self.cleaned_data:
            self.cleaned_data[FIELD].close()
        return self.cleaned_data


class ClipForm(forms.Form):
    """A clip by its first and last picture, both shown."""

    first = forms.IntegerField(label="First picture", min_value=0)
    last = forms.IntegerField(label="Last picture", min_value=0)
    principle = forms.TypedChoiceField(label="What you see in it", coerce=int, empty_value=0)
    note = forms.CharField(label="Note for yourself", max_length=300, required=False,
                           help_text="The family does not see it. Write no names.")

    def __init__(self, film: Film, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "last"):
            self.fields[name].widget.attrs[f"data-{name}"] = ""
            self.fields[name].help_text = f"A whole number from 0 to {film.frames - 1}"
        principles = versions.current().delivery.principles
        self.fields["principle"].choices = [  # type: ignore[attr-defined]
            ("", "Choose one"), *enumerate(principles, start=1)]
