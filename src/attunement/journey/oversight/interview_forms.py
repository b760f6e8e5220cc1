"""What the interviews' pages ask for."""

from __future__ import annotations

from django import forms

_LONG = 500_000


class DrawForm(forms.Form):
    size = forms.IntegerField(label="How many interviews?", min_value=1, max_value=500)
    seed = forms.IntegerField(label="A number for the draw", min_value=0, max_value=10**9,
                              help_text="The same number draws the same families again: write it into the protocol.")
    quotas = forms.CharField(label="Quotas", required=False, widget=forms.Textarea(attrs={"rows": 4}), max_length=2000,
                             help_text="One a line: column, level, least. For example: site, A, 2. "
                                       "Columns: site, completer, language, stage.")

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


class PassageForm(forms.Form):
    theme = forms.CharField(label="Theme", max_length=80)
    words = forms.CharField(label="The passage, copied from the transcript", widget=forms.Textarea, max_length=5000)
