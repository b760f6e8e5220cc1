"""Vouchers: who is owed one, and the ledger. By family and questionnaire, never by arm."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.fieldwork import queries, voucher_actions
from attunement.journey.fieldwork.forms import GiveForm, LedgerForm
from attunement.journey.fieldwork.models import Voucher
from attunement.journey.fieldwork.views import titles
from attunement.journey.people.pages import act, one
from attunement.journey.people.permissions import page
from attunement.journey.referral.models import Family
from attunement.journey.surveys.views import point_or_404, title_of

A_PAGE = 100


@page("fieldwork.see")
def vouchers(request: HttpRequest) -> HttpResponse:
    ledger = Voucher.visible_to(request.user).order_by("-id")
    totals = queries.voucher_totals(list(ledger))
    return render(request, "fieldwork/vouchers.html", {
        "owed": queries.owed(request.user), "titles": titles(), "may_work": request.user.may("fieldwork.work"),
        "totals": totals, "listed": Paginator(ledger, A_PAGE).get_page(request.GET.get("page"))})


@page("fieldwork.work")
def give(request: HttpRequest, code: str, point: str) -> HttpResponse:
    family = one(Family.visible_to(request.user, "fieldwork.work"), code=code)
    title, pence = title_of(point_or_404(point)), voucher_actions.amounts().get(point)
    if pence is None:
        raise Http404
    return act(request, GiveForm(request.POST or None), lambda given: voucher_actions.give(
        by=request.user, family=family, code=point, **given), to=reverse("vouchers"), button="Record the voucher",
        title=f"A voucher for family {code}", intro=f"£{pence / 100:.2f} for: {title}.", back_url=reverse("vouchers"),
        done="The voucher is in the ledger.")


@page("fieldwork.see")
def voucher(request: HttpRequest, voucher_id: int) -> HttpResponse:
    """One voucher: its lines in the ledger, and what may follow."""
    shown = one(Voucher.visible_to(request.user), pk=voucher_id)
    words = dict(Voucher.STATES)
    may = request.user.may("fieldwork.work", shown.family.site.code)
    steps = [(state, words[state]) for state in Voucher.NEXT[shown.state]] if may else []
    known = {"voucher": shown, "lines": shown.lines.select_related("by"), "steps": steps,
             "back_url": reverse("vouchers"),
             "title": f"The voucher of family {shown.family.code}", "point": title_of(point_or_404(shown.time_point))}
    if not steps:
        return render(request, "fieldwork/voucher.html", known)
    form = LedgerForm(request.POST if request.method == "POST" else None)
    return act(request, form, lambda given: voucher_actions.go_on(
        by=request.user, voucher=shown, state=request.POST.get("state", ""), **given),
        to=reverse("voucher", args=[voucher_id]), done="It is in the ledger.", template="fieldwork/voucher.html", **known)
