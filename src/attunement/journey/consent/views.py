"""What staff see of consent: what was said, recording it, taking back, links, changes of circumstances."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.consent import actions, queries
from attunement.journey.consent.forms import ChangeForm, ModeForm, RecordForm
from attunement.journey.consent.models import Link
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.referral.models import Family
from attunement.journey.trail import versions


def address_of(path: str) -> str:
    """The whole address to hand over."""
    return settings.PLACE.address.rstrip("/") + path


@page("consent.record")
def consent(request: HttpRequest, code: str) -> HttpResponse:
    family = one(Family.visible_to(request.user, "consent.record"), code=code)
    said = queries.newest_of(family)
    rows = [(purpose, next(iter(purpose.statement.values())), said.get(purpose.code))
            for purpose in versions.current().consent.purposes]
    may_record = not said or versions.current().consent.staff_may_edit
    return render(request, "consent/consent.html", {"family": family, "rows": rows, "may_record": may_record,
                                                    "back_url": reverse("family", args=[code])})


@page("consent.record")
def record(request: HttpRequest, code: str) -> HttpResponse:
    """Consent as the family gave it by telephone, at a visit or on paper."""
    family = one(Family.visible_to(request.user, "consent.record"), code=code)
    form = RecordForm(family, request.POST or None)
    return act(request, form, lambda given: actions.record_consent(
        by=request.user, family=family, given=form.given(), mode=given["mode"], language=given["language"]),
        to=reverse("consent", args=[code]), title=f"What family {code} said", button="Record this",
        done="What the family said is recorded.", back_url=reverse("consent", args=[code]),
        intro="Read every statement to the family and record its own words: yes or no to each.")


@page("consent.record")
def withdraw(request: HttpRequest, code: str, purpose: str) -> HttpResponse:
    family = one(Family.visible_to(request.user, "consent.record"), code=code)
    effects = {known.code: known.withdrawal_effect for known in versions.current().consent.purposes}
    if purpose not in effects:
        raise Http404
    effect = next(iter(effects[purpose].values()))
    return act(request, ModeForm(request.POST or None), lambda given: actions.withdraw(
        by=request.user, family=family, purpose=purpose, mode=given["mode"]), to=reverse("consent", args=[code]),
        title=f"Family {code} takes something back", button="Record the withdrawal", done="The withdrawal is recorded.",
        intro=f"What it means, in the family's words: {effect}", back_url=reverse("consent", args=[code]))


@page("consent.link")
def links(request: HttpRequest, code: str) -> HttpResponse:
    family = one(Family.visible_to(request.user, "consent.link"), code=code)
    return render(request, "consent/links.html", {
        "family": family, "links": Link.visible_to(request.user).filter(family=family).order_by("-id"),
        "back_url": reverse("family", args=[code])})


@page("consent.link")
def give_link(request: HttpRequest, code: str) -> HttpResponse:
    """Makes the family's consent link and shows it, this once."""
    family = one(Family.visible_to(request.user, "consent.link"), code=code)
    made: list[str] = []
    back = reverse("consent_links", args=[code])
    answer = press(request, lambda: made.append(actions.give_link(by=request.user, family=family,
                                                                  leads_to=actions.CONSENT)), to=back)
    return shown_once(request, family, reverse("consent_notice", args=made), back) if made else answer


def shown_once(request: HttpRequest, family: Family, path: str, back: str, note: str = "") -> HttpResponse:
    return render(request, "consent/shown_once.html", {"family": family, "address": address_of(path), "note": note,
                                                       "back_url": back})


@page("consent.link")
def revoke_links(request: HttpRequest, code: str) -> HttpResponse:
    family = one(Family.visible_to(request.user, "consent.link"), code=code)
    return press(request, lambda: actions.revoke_links(by=request.user, family=family),
                 to=reverse("consent_links", args=[code]), done="All links of this family have ended.")


@page("change.record")
def change(request: HttpRequest, code: str) -> HttpResponse:
    """A change of circumstances: what must no longer be sent or asked ends at once."""
    family = one(Family.visible_to(request.user, "change.record"), code=code)
    return act(request, ChangeForm(request.POST or None), lambda given: actions.record_change(
        by=request.user, family=family, **given), to=reverse("family", args=[code]), button="Record the change",
        title=f"A change in the life of family {code}", done="The change is recorded.",
        back_url=reverse("family", args=[code]))
