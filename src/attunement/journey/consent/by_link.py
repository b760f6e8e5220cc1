"""A family's link: the door to its own pages, in its own language. Nobody signs in here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from attunement.journey.consent import actions
from attunement.journey.consent.actions import CONSENT, find_link
from attunement.journey.consent.forms import CodeForm
from attunement.journey.people.pages import act
from attunement.journey.people.permissions import page
from attunement.journey.people.roles import BY_LINK, PUBLIC

View = Callable[..., HttpResponse]
# Where a link leads to -> the page; later stages add their own. All others are questionnaires.
pages = {CONSENT: "consent_notice"}


def by_link(*, to_consent: bool) -> Callable[[View], View]:
    """A page that a link opens. The view gets the link; a wrong one is not there, an ended one is gone."""

    def declare(view: View) -> View:
        @page(BY_LINK)
        @wraps(view)
        def opened(request: HttpRequest, token: str, **which: Any) -> HttpResponse:
            link = find_link(token)
            if link is None or (link.leads_to == CONSENT) is not to_consent:
                return closed(request, _("Look at the address again. A part of it may be missing. If you were sent a "
                                         "link, ask the person who sent it for a new one."), status=404)
            if link.revoked_at is not None:
                with translation.override(link.family.language):
                    return closed(request, _("This link is not in use any more. Nothing is wrong, and nothing more is "
                                             "needed from you. If you want a new link, ask your worker."))
            return view(request, link, token, **which)

        return opened

    return declare


@page(PUBLIC)
def code(request: HttpRequest) -> HttpResponse:
    """A code that was said or written down opens the same page as a link."""
    form = CodeForm(request.POST or None)

    def opened(given: dict[str, Any]) -> str:
        token, leads_to = actions.use_code(by=actions.Rule("code"), typed=given["code"])
        return reverse(pages.get(leads_to, "survey_intro"), args=[token])

    return act(request, form, opened, to=str, title=_("Type your code"), button=_("Go on"), template="consent/code.html")


def closed(request: HttpRequest, sentence: str, *, status: int = 410, title: str = "") -> HttpResponse:
    """A kind page for a link that leads nowhere now."""
    title = title or (_("We cannot find your page") if status == 404 else _("This page is closed"))
    return render(request, "consent/closed.html", {"title": title, "sentence": sentence}, status=status)
