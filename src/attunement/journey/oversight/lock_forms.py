"""What some steps of a lock ask for."""

from __future__ import annotations

from django import forms

from attunement.journey.trail import clock

_WORDS = 5000


class CutForm(forms.Form):
    on = forms.DateField(label="The last day that counts", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
                         help_text="What became known after it enters no analysis.", initial=clock.today)


class MinutesForm(forms.Form):
    exclusions = forms.CharField(label="Who is left out of an analysis, and why", widget=forms.Textarea, max_length=_WORDS,
                                 help_text="Name families by trial number. “None” is a decision too.")
    coding = forms.CharField(label="How values are coded", widget=forms.Textarea, max_length=_WORDS)
    missingness = forms.CharField(label="How missing values are handled", widget=forms.Textarea, max_length=_WORDS)


class DraftForm(forms.Form):
    """The authors' texts are one file, so that what was printed can be printed again."""

    authors = forms.FileField(label="The authors' texts", required=False,
                              help_text="A TOML file of at most 1 MB. Without it, what authors write is empty.")

    def clean_authors(self) -> str:
        file = self.cleaned_data["authors"]
        if not file:
            return ""
        try:
            return file.read().decode("utf-8")  # type: ignore[no-any-return]
        except UnicodeDecodeError:
            raise forms.ValidationError("This is no text in UTF-8. Save it as UTF-8 and choose it again.") from None


class OutcomeOfReviewForm(forms.Form):
    outcome = forms.CharField(label="What came of reading this draft?", widget=forms.Textarea, max_length=_WORDS)
