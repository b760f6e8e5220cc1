from __future__ import annotations

from typing import Any

from django import forms

from attunement.journey.people.models import Site


class SupplyForm(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none(), empty_label=None)
    workbook = forms.FileField(label="The filled workbook", help_text="The .xlsx file that you downloaded here",
                               widget=forms.FileInput(attrs={"accept": ".xlsx"}), allow_empty_file=True)

    def __init__(self, sites: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        self.fields["site"].initial = sites.first()
