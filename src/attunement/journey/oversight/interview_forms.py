"""What the interviews' pages ask for."""

from __future__ import annotations

from django import forms

from attunement.journey.oversight.interview_models import Source
from attunement.process import DIMENSIONS
from attunement.process.interviews import Codebook

_LONG = 500_000
_TOP = ("", "At the top")


class DrawForm(forms.Form):
    size = forms.IntegerField(label="How many interviews?", min_value=1, max_value=500)
    seed = forms.IntegerField(label="A number for the draw", min_value=0, max_value=10**9,
                              help_text="The same number draws the same families again: write it into the protocol.")
    quotas = forms.CharField(label="Quotas", required=False, widget=forms.Textarea(attrs={"rows": 4}), max_length=2000,
                             help_text="One a line: column, level, least. For example: site, A, 2. "
                                       "Columns: site, arm, completer, language, stage.")

    def clean_quotas(self) -> list[tuple[str, str, int]]:
        found = []
        for line in filter(str.strip, self.cleaned_data["quotas"].splitlines()):
            parts = [part.strip() for part in line.split(",")]
            if len(parts) != 3 or not parts[2].isdecimal():
                raise forms.ValidationError(f"“{line.strip()}” is no quota. Write column, level, least: site, A, 2")
            found.append((parts[0], parts[1], int(parts[2])))
        return found


class AgreeForm(forms.Form):
    mode = forms.ChoiceField(label="How did the family agree to this interview?", widget=forms.RadioSelect, choices=[
        ("written", "In writing"), ("recorded", "On the recording"), ("telephone", "On the telephone")])


class TranscriptForm(forms.Form):
    text = forms.CharField(label="The transcript", widget=forms.Textarea, max_length=_LONG, strip=False)
    names = forms.CharField(label="Names in it, each with what stands there instead", required=False, max_length=5000,
                            widget=forms.Textarea(attrs={"rows": 4}),
                            help_text="One a line: name = stand-in. The names themselves are not kept.")

    def clean_names(self) -> dict[str, str]:
        found = {}
        for line in filter(str.strip, self.cleaned_data["names"].splitlines()):
            name, equals, other = (part.strip() for part in line.partition("="))
            if not (name and equals and other):
                raise forms.ValidationError("Write each name as: name = stand-in")
            found[name] = other
        return found


class TextForm(TranscriptForm):
    """Of an open answer, or of a note on a session."""

    kind = forms.ChoiceField(label="What is it?", widget=forms.RadioSelect, choices=Source.KINDS[1:])
    about = forms.CharField(label="Which question, or which session?", max_length=80)
    field_order = ["kind", "about", "text", "names"]


class PassageForm(forms.Form):
    code = forms.ChoiceField(label="Code")
    words = forms.CharField(label="The passage, copied from the text", widget=forms.Textarea, max_length=5000)

    def __init__(self, data: object, *, book: Codebook) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        open_ = [(one.guid, book.path(one.guid)) for one in book.codes if one.codable]
        self.fields["code"].choices = open_  # type: ignore[attr-defined]


class _Reason(forms.Form):
    why = forms.CharField(label="Why does the codebook change?", max_length=500)


class AddCodeForm(_Reason):
    name = forms.CharField(label="Name", max_length=80)
    parent = forms.ChoiceField(label="Under which code?", required=False)
    description = forms.CharField(label="What belongs to it, and what does not", required=False, max_length=2000,
                                  widget=forms.Textarea(attrs={"rows": 3}))
    dimension = forms.ChoiceField(label="Which dimension of implementation does it speak to?", required=False,
                                  choices=[("", "None"), *((one, one.capitalize()) for one in DIMENSIONS)])
    field_order = ["name", "parent", "description", "dimension", "why"]

    def __init__(self, data: object, *, book: Codebook) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        others = [(one.guid, book.path(one.guid)) for one in book.codes]
        self.fields["parent"].choices = [_TOP, *others]  # type: ignore[attr-defined]


class CodeForm(_Reason):
    """One code: another name or description, retired, or merged into another."""

    verb = forms.ChoiceField(label="What changes?", widget=forms.RadioSelect, initial="change", choices=[
        ("change", "Its name or description"), ("retire", "It takes no further passages"),
        ("merge", "It becomes part of another code")])
    name = forms.CharField(label="Name", max_length=80, required=False)
    description = forms.CharField(label="What belongs to it, and what does not", required=False, max_length=2000,
                                  widget=forms.Textarea(attrs={"rows": 3}))
    into = forms.ChoiceField(label="Part of which code, if it is merged?", required=False)
    field_order = ["verb", "name", "description", "into", "why"]

    def __init__(self, data: object, *, book: Codebook, code: str) -> None:
        of = book.code(code)
        super().__init__(data, initial={"name": of.name, "description": of.description})  # type: ignore[arg-type]
        others = [(one.guid, book.path(one.guid)) for one in book.codes if one.guid != code]
        self.fields["into"].choices = [("", "None"), *others]  # type: ignore[attr-defined]


class SummaryForm(forms.Form):
    text = forms.CharField(label="What the family says on this theme, in your words", widget=forms.Textarea,
                           max_length=5000, required=False, help_text="Leave it empty to take it away.")


class TakeInForm(forms.Form):
    file = forms.FileField(label="A codebook (.qdc) or a project (.qdpx)",
                           help_text="From another program for qualitative data, at most 20 MB. Passages of texts that "
                                     "are kept here word for word are taken, as yours.")
    why = forms.CharField(label="Why does the codebook change, if it does?", max_length=500, required=False)
