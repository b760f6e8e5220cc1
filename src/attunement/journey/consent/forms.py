from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from attunement.journey.consent.circumstances import KINDS
from attunement.journey.consent.models import MODES
from attunement.journey.referral.models import Family
from attunement.journey.trail import versions

BY_STAFF = [(code, words) for code, words in MODES if code != "self"]


class StatementsForm(forms.Form):
    """Every statement of the study, yes or no, in one language."""

    def __init__(self, language: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "say"} | kwargs)
        for number, purpose in enumerate(versions.current().consent.purposes, 1):
            choose = _("Number %(number)s: choose yes or no.") % {"number": number}
            self.fields[purpose.code] = forms.ChoiceField(
                label=in_words(purpose.statement, language), choices=[("yes", _("Yes")), ("no", _("No"))],
                widget=forms.RadioSelect, error_messages={"required": choose, "invalid_choice": choose})

    def given(self) -> dict[str, bool]:
        codes = [purpose.code for purpose in versions.current().consent.purposes]
        return {code: self.cleaned_data[code] == "yes" for code in codes}


class RecordForm(StatementsForm):
    """The same, written down by staff."""

    mode = forms.ChoiceField(label="How did the family answer?", choices=BY_STAFF, widget=forms.RadioSelect)
    language = forms.ChoiceField(label="In which language was it read?")
    interpreter = forms.CharField(label="Interpreter's name", max_length=120, required=False)
    agency = forms.CharField(label="Interpreter's agency", max_length=120, required=False)

    def __init__(self, family: Family, *args: Any, **kwargs: Any) -> None:
        languages = versions.current().languages
        super().__init__(languages[0].code, *args, **kwargs)
        self.fields["language"].choices = [(known.code, known.name) for known in languages]  # type: ignore[attr-defined]
        self.fields["language"].initial = family.language


class ModeForm(forms.Form):
    mode = forms.ChoiceField(label="How did the family say so?", choices=BY_STAFF, widget=forms.RadioSelect)


class ChangeForm(forms.Form):
    kind = forms.ChoiceField(label="What has changed?", choices=KINDS, widget=forms.RadioSelect)
    happened_on = forms.DateField(label="Since when?", widget=forms.DateInput(attrs={"type": "date"}),
                                  help_text="For example 27 3 2022")


class SafeAgainForm(forms.Form):
    ended_on = forms.DateField(label="Since when is it safe again?", widget=forms.DateInput(attrs={"type": "date"}),
                               help_text="For example 27 3 2022. Nothing is sent until you have asked by which ways it is "
                                         "safe to reach the family, and entered them on its record.")


class AskAgainForm(forms.Form):
    """Which statements all families must be asked again, and why."""

    purposes = forms.MultipleChoiceField(label="Which statements?", widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(label="Why must they be asked again?", max_length=300,
                             widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purposes"].choices = [  # type: ignore[attr-defined]
            (purpose.code, next(iter(purpose.statement.values()))) for purpose in versions.current().consent.purposes]


class CodeForm(forms.Form):
    code = forms.CharField(label=gettext_lazy("Your code"), max_length=20, widget=forms.TextInput(
        attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}))


def in_words(words: dict[str, str], language: str) -> str:
    """A text of the study file in this language, or in the study's first one where it has none."""
    return words.get(language) or next(iter(words.values()))
