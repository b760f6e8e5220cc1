"""What staff see of consent: what was said, recording it, taking back, links, changes of circumstances."""

from __future__ import annotations

import qrcode
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe
from qrcode.image.svg import SvgPathImage

from attunement.journey.consent import actions, queries
from attunement.journey.consent.circumstances import CIRCUMSTANCES
from attunement.journey.consent.forms import AskAgainForm, ChangeForm, ModeForm, RecordForm, SafeAgainForm, in_words
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
    again = queries.to_ask_again(family)
    may_record = not said or versions.current().consent.staff_may_edit or again
    return render(request, "consent/consent.html", {"family": family, "rows": rows, "may_record": may_record,
                                                    "again": again, "back_url": reverse("family", args=[code])})


@page("consent.record")
def copy(request: HttpRequest, code: str) -> HttpResponse:
    """The notice and what was said to each statement, to print and give to the family."""
    family = one(Family.visible_to(request.user, "consent.record"), code=code)
    said, study = queries.newest_of(family), versions.current()
    language = next((row.language for row in said.values()), family.language)
    rows = [(in_words(purpose.statement, language), said.get(purpose.code), in_words(purpose.withdrawal_effect, language))
            for purpose in study.consent.purposes]
    notice = [in_words(words, language) for words in study.consent.notice.paragraphs]
    with translation.override(language):
        return render(request, "consent/copy.html", {
            "family": family, "rows": rows, "paragraphs": notice, "notice": study.consent.notice,
            "back_url": reverse("consent", args=[code])})


@page("study.amend")
def ask_again(request: HttpRequest) -> HttpResponse:
    """After an amendment: which statements every family must be asked again."""
    return act(request, AskAgainForm(request.POST or None), lambda given: actions.ask_again(by=request.user, **given),
               to=reverse("start"), title="Ask families again", button="Have them asked again",
               done="Each family that agreed is now to be asked again.", back_url=reverse("start"),
               intro="What families said of these statements holds no more from now on. Nothing that needs it is sent or "
                     "asked until they have said it anew. Families that withdrew are left in peace.")


@page("consent.record")
def record(request: HttpRequest, code: str) -> HttpResponse:
    """Consent as the family gave it by telephone, at a visit or on paper."""
    family = one(Family.visible_to(request.user, "consent.record"), code=code)
    form = RecordForm(family, request.POST or None)
    return act(request, form, lambda given: actions.record_consent(
        by=request.user, family=family, given=form.given(), mode=given["mode"], language=given["language"],
        interpreter=given["interpreter"], agency=given["agency"]),
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
    address, link = address_of(path), actions.find_link(path.strip("/").split("/")[-1])
    code = actions.give_code(by=request.user, link=link) if link else ""
    drawn = qrcode.make(address, image_factory=SvgPathImage, box_size=8).to_string().decode()
    return render(request, "consent/shown_once.html", {
        "family": family, "address": address, "note": note, "back_url": back, "code": f"{code[:4]} {code[4:]}",
        "type_at": address_of(reverse("code")), "drawn": mark_safe(drawn[drawn.index("<svg"):])})


@page("consent.link")
def revoke_links(request: HttpRequest, code: str) -> HttpResponse:
    family = one(Family.visible_to(request.user, "consent.link"), code=code)
    return press(request, lambda: actions.revoke_links(by=request.user, family=family),
                 to=reverse("consent_links", args=[code]), done="All links of this family have ended.")


@page("change.record")
def change(request: HttpRequest, code: str) -> HttpResponse:
    """A change of circumstances: what must no longer be sent or asked ends at once."""
    family = one(Family.visible_to(request.user, "change.record") & Family.visible_to(request.user), code=code)
    return change_page(request, family, back=reverse("family", args=[code]))


@page("change.record")
def safe_again(request: HttpRequest, code: str) -> HttpResponse:
    """It is safe again to contact a family; by which way is asked anew."""
    family = one(Family.visible_to(request.user, "change.record") & Family.visible_to(request.user), code=code)
    back = reverse("family", args=[code])
    return act(request, SafeAgainForm(request.POST or None), lambda given: actions.end_change(
        by=request.user, family=family, **given), to=back, button="It is safe again", back_url=back,
        title=f"It is safe again to contact family {code}", done="It is recorded. Now ask which ways are safe.")


def change_page(request: HttpRequest, family: Family, *, back: str) -> HttpResponse:
    code = family.code
    return act(request, ChangeForm(request.POST or None), lambda given: actions.record_change(
        by=request.user, family=family, **given), to=back, button="Record the change", back_url=back,
        title=f"A change in the life of family {code}", done="The change is recorded.",
        template="consent/change_of_life.html", circumstances=CIRCUMSTANCES.values())
