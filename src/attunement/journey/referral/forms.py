from __future__ import annotations

from typing import Any

from django import forms

from attunement.journey.people.models import Person, Site
from attunement.journey.referral.models import Contact
from attunement.journey.trail import versions

YES_NO = [("yes", "Yes"), ("no", "No")]
ANSWERS = [("yes", "Yes, they may"), ("not_asked", "Not asked yet"), ("no", "No, they do not want that")]
HOURS = [("0-24", "At any time"), ("9-12", "In the morning, 9 to 12"), ("12-17", "In the afternoon, 12 to 5"),
         ("9-15", "In school hours, 9 to 3"), ("17-21", "In the evening, 5 to 9")]


class ChildForm(forms.Form):
    """The eligibility questions of the study file, each answered."""

    born_on = forms.DateField(label="When was the child born?", widget=forms.DateInput(attrs={"type": "date"}),
                              help_text="For example 27 3 2021")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for rule in versions.current().eligibility:
            if rule.kind == "yes":
                self.fields[rule.code] = forms.ChoiceField(label=rule.question, choices=YES_NO, widget=forms.RadioSelect)

    def facts(self) -> dict[str, Any]:
        """What the action is told: the birth date and the answers."""
        answers = {rule.code: self.cleaned_data[rule.code] == "yes" for rule in versions.current().eligibility
                   if rule.kind == "yes"}
        return {"born_on": self.cleaned_data["born_on"], "answers": answers}


class ContactForm(forms.Form):
    """How the carer can be reached, and how it is safe to."""

    carer = forms.CharField(label="Name of the parent or carer", max_length=120)
    phone = forms.CharField(label="Mobile number", max_length=30, required=False)
    email = forms.EmailField(label="E-mail address", required=False)
    address = forms.CharField(label="Postal address", max_length=300, required=False)
    safe = forms.MultipleChoiceField(
        label="How is it safe to reach them?", choices=Contact.ROUTES, required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Ask them when they are alone. Somebody else may read their messages. Tick only what they said is safe.")
    hours = forms.ChoiceField(label="When is it safe?", choices=HOURS, initial="0-24")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = f"{self.initial.get('from_hour', 0)}-{self.initial.get('to_hour', 24)}"
        if known not in dict(HOURS):
            self.fields["hours"].choices = [*HOURS, (known, "From {} to {} o'clock".format(*known.split("-")))]  # type: ignore[attr-defined]
        self.fields["hours"].initial = known

    def contact(self) -> dict[str, Any]:
        first, last = self.cleaned_data["hours"].split("-")
        return {name: self.cleaned_data[name] for name in ("carer", "phone", "email", "address", "safe")} | {
            "hours": (int(first), int(last))}


class AnewForm(ContactForm, ChildForm):
    """A child of whose family nothing is known yet, or nothing any more."""

    agreed = forms.ChoiceField(
        label="May the study's team get in touch with them?", choices=ANSWERS, widget=forms.RadioSelect,
        help_text="Until they have said yes, nobody outside your authority sees this referral.")

    def facts(self) -> dict[str, Any]:
        agreed = {"yes": True, "no": False}.get(self.cleaned_data["agreed"])
        return super().facts() | self.contact() | {"agreed": agreed}


class ReferralForm(AnewForm):
    site = forms.ModelChoiceField(Site.objects.none(), empty_label=None)
    language = forms.ChoiceField(label="Language they read best")
    help_needed = forms.BooleanField(label="They need help with reading or with English", required=False)
    field_order = ["site", "born_on"]

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = person.sites_with("referral.refer")
        allowed = Site.objects.all() if sites is None else Site.objects.filter(code__in=sites)
        self.fields["site"].queryset = allowed  # type: ignore[attr-defined]
        self.fields["site"].initial = allowed.first()
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            (known.code, known.name) for known in versions.current().languages]

    def facts(self) -> dict[str, Any]:
        return super().facts() | {name: self.cleaned_data[name] for name in ("site", "language", "help_needed")}


class AgreementForm(forms.Form):
    agreed = forms.ChoiceField(label="May the study's team get in touch with them?", widget=forms.RadioSelect,
                               choices=[ANSWERS[0], ANSWERS[2]])


class NotApproachedForm(forms.Form):
    """One month of one authority."""

    site = forms.ModelChoiceField(Site.objects.none(), label="Authority", empty_label=None)
    month = forms.DateField(label="Month", input_formats=["%Y-%m", "%m/%Y", "%B %Y"], help_text="For example 9/2021",
                            widget=forms.TextInput)
    reason = forms.ChoiceField(label="Why were they not asked?", widget=forms.RadioSelect)
    families = forms.IntegerField(label="How many families?", min_value=0, max_value=9999)

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = person.sites_with("referral.refer")
        allowed = Site.objects.all() if sites is None else Site.objects.filter(code__in=sites)
        self.fields["site"].queryset = allowed  # type: ignore[attr-defined]
        self.fields["site"].initial = allowed.first()
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            (known.code, known.reason) for known in versions.current().not_approached]
