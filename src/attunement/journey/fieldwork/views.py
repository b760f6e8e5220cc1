"""What was sent and what became of it, a family's own page of it, letters to print."""

from __future__ import annotations

import qrcode
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe
from qrcode.image.svg import SvgPathImage

from attunement.journey.fieldwork import actions, queries
from attunement.journey.fieldwork.forms import WhyForm
from attunement.journey.fieldwork.models import Call, Sending, Trace, Voucher
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.referral.models import Contact, Family
from attunement.journey.surveys.views import point_or_404, title_of
from attunement.journey.trail import senders, versions
from attunement.journey.trail.models import Message

A_PAGE = 100


@page("fieldwork.see")
def messages(request: HttpRequest) -> HttpResponse:
    """Every message to a family and what became of it; what needs somebody stands first."""
    wanted = request.GET.get("state", "")
    found = queries.rows(Family.visible_to(request.user, "fieldwork.see"), state=wanted)
    return render(request, "fieldwork/messages.html", {
        "listed": Paginator(found, A_PAGE).get_page(request.GET.get("page")), "wanted": wanted, "titles": titles(),
        "states": [(state, words) for state, (words, _colour) in queries.STATES.items()],
        "faults": senders.chosen().faults(),
        "held_up": queries.held_up(request.user), "may_work": request.user.may("fieldwork.work"),
        "back_url": reverse("surveys")})


def titles() -> dict[str, str]:
    return {point.code: title_of(point) for point in versions.current().time_points}


@page("fieldwork.see")
def family(request: HttpRequest, code: str) -> HttpResponse:
    """What was done to get one family's questionnaires completed."""
    seen = one(Family.visible_to(request.user, "fieldwork.see"), code=code)
    known = {"family": seen, "titles": titles(), "rows": queries.rows([seen]), "back_url": reverse("family", args=[code])}
    return render(request, "fieldwork/family.html", {
        **known, "calls": Call.objects.filter(family=seen).prefetch_related("attempts__by"),
        "traces": Trace.objects.filter(family=seen), "vouchers": Voucher.objects.filter(family=seen),
        "may_work": request.user.may("fieldwork.work", seen.site.code)})


@page("fieldwork.work")
def send_again(request: HttpRequest, message_id: int) -> HttpResponse:
    codes = Family.visible_to(request.user, "fieldwork.work").values("code")
    message = one(Message.objects.filter(link__isnull=False, family__in=codes), pk=message_id)
    return press(request, lambda: actions.send_again(by=request.user, message=message), to=reverse("messages"),
                 done="It is sent anew, with a new link.")


@page("fieldwork.work")
def print_letter(request: HttpRequest, sending_id: int) -> HttpResponse:
    """The letter, this once: an address, and a link to the family's page as words and as a square. No more."""
    sending = one(Sending.visible_to(request.user, "fieldwork.work").filter(route="post"), pk=sending_id)
    made: list[str] = []
    answer = press(request, lambda: made.append(actions.print_letter(by=request.user, sending=sending)),
                   to=reverse("messages"))
    if not made:
        return answer
    contact = one(Contact.visible_to(request.user, "fieldwork.work"), family=sending.family)
    link = settings.PLACE.address.rstrip("/") + reverse("survey_intro", args=made)
    drawn = qrcode.make(link, image_factory=SvgPathImage, box_size=8).to_string().decode()
    with translation.override(sending.family.language):
        return render(request, "fieldwork/letter.html", {
            "contact": contact, "link": link, "drawn": mark_safe(drawn[drawn.index("<svg"):]),
            "lines": [line.strip() for line in contact.address.replace("\n", ",").split(",")]})


@page("fieldwork.work")
def ask_for_call(request: HttpRequest, code: str, point: str) -> HttpResponse:
    seen = one(Family.visible_to(request.user, "fieldwork.work"), code=code)
    point_or_404(point)
    return press(request, lambda: actions.ask_for_call(by=request.user, family=seen, code=point),
                 to=lambda call: reverse("call", args=[call.pk]) if call else reverse("fieldwork", args=[code]))


@page("fieldwork.work")
def look_for(request: HttpRequest, code: str, point: str) -> HttpResponse:
    """Begins to look for a family."""
    seen = one(Family.visible_to(request.user, "fieldwork.work"), code=code)
    title = title_of(point_or_404(point))
    back = reverse("fieldwork", args=[code])
    return act(request, WhyForm(request.POST or None), lambda given: actions.open_trace(
        by=request.user, family=seen, code=point, **given), to=lambda trace: reverse("trace", args=[trace.pk]),
        title=f"Look for family {code}", button="Begin to look", intro=f"For: {title}.", back_url=back)
