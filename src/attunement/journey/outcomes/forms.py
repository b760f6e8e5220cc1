from __future__ import annotations

from typing import Any

from django import forms

from attunement.journey.outcomes.policies import REASONS
from attunement.journey.people.models import Site
from attunement.records.findings import Group


class Files(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(FilesField, self).clean(one, initial) for one in data] if data else super().clean(None, initial)


class SupplyForm(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none(), empty_label=None)
    workbook = FilesField(
        label="The filled workbook", allow_empty_file=True,
        widget=Files(attrs={"accept": ".xlsx,.csv,.zip", "multiple": True}),
        help_text="The .xlsx file that you downloaded here, all CSV files of the set (or their zip), or the file of "
                  "corrected rows")
    columns = forms.ChoiceField(
        label="If the file has columns that are not ours", widget=forms.RadioSelect, initial="refuse", required=False,
        choices=[("refuse", "Stop, and tell me where they are"), ("drop", "Leave such columns out")])

    def __init__(self, sites: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        self.fields["site"].initial = sites.first()


class DatesForm(forms.Form):
    dates = forms.ChoiceField(
        label="How does the file write 03/04/22 or 03/04/2022?", widget=forms.RadioSelect,
        choices=[("dmy", "Day first: 3 April 2022"), ("iso", "Year first, or not at all: such a date is a mistake")])


class ApproveForm(forms.Form):
    """One question a thing that must be explained, and the name of who approves."""

    sha256 = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, causes: tuple[Group, ...], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for group in causes:
            self.fields[f"why_{group.cause}"] = forms.ChoiceField(
                label=f"Why: {group.first.says} ({len(group.findings)})", choices=list(REASONS.items()),
                widget=forms.RadioSelect)
        self.fields["looked"] = forms.BooleanField(label="I have looked at the difference, and these rows may count")

    def explained(self) -> dict[str, str]:
        return {name.removeprefix("why_"): value for name, value in self.cleaned_data.items() if name.startswith("why_")}
