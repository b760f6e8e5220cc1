"""What a family sees of consent, on its own link: the notice, the statements, the reading back, and taking back."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from attunement.journey.consent import actions, policies
from attunement.journey.consent.by_link import by_link, closed
from attunement.journey.consent.forms import StatementsForm, in_words
from attunement.journey.consent.models import Link
from attunement.journey.people.pages import press
from attunement.journey.trail import versions
from attunement.journey.trail.errors import Refused


def _language(request: HttpRequest, link: Link) -> str:
    """The language that the family chose on the page, else the one it was referred with."""
    chosen = request.POST.get("language") or request.GET.get("language") or ""
    return chosen if chosen in {known.code for known in versions.current().languages} else link.family.language


def _page(request: HttpRequest, name: str, token: str, language: str, *, status: int = 200,
          **shown: Any) -> HttpResponse:
    study = versions.current()
    return render(request, f"consent/{name}.html", {
        "token": token, "language": language, "notice": study.consent.notice, "asked_in": f"?language={language}",
        "languages": [known for known in study.languages if known.code != language], **shown}, status=status)


def _not_now(request: HttpRequest, link: Link) -> HttpResponse | None:
    try:
        policies.can_consent(link.family)
    except Refused:
        return closed(request, _("There is nothing to answer here now. If you have a question, ask your worker."))
    return None


@by_link(to_consent=True)
def notice(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    language = _language(request, link)
    with translation.override(language):
        paragraphs = [in_words(words, language) for words in versions.current().consent.notice.paragraphs]
        return _not_now(request, link) or _page(request, "notice", token, language, paragraphs=paragraphs)


@by_link(to_consent=True)
def statements(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    """All statements, each yes or no; then what was said is read back before it counts."""
    language = _language(request, link)
    with translation.override(language):
        if request.method != "POST":
            form = StatementsForm(language)
            return _not_now(request, link) or _page(request, "statements", token, language, form=form)
        if "change" in request.POST:
            said = {name: request.POST.get(f"say-{name}") for name in StatementsForm(language).fields}
            return _page(request, "statements", token, language, form=StatementsForm(language, initial=said))
        form = StatementsForm(language, request.POST)
        if not form.is_valid():
            return _page(request, "statements", token, language, form=form, status=422)
        return _page(request, "read_back", token, language, form=None, said=_said(form))


def _said(form: StatementsForm) -> list[tuple[str, str, bool]]:
    return [(form[code].html_name, str(form[code].label), yes) for code, yes in form.given().items()]


@by_link(to_consent=True)
def confirm(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    """What was read back is right: now it counts."""
    language = _language(request, link)
    with translation.override(language):
        form = StatementsForm(language, request.POST)
        if request.method != "POST" or request.POST.get("notice") != versions.current().consent.notice.version:
            return redirect(reverse("consent_notice", args=[token]) + f"?language={language}")
        if not form.is_valid():
            return _page(request, "statements", token, language, form=form, status=422)
        try:
            agreed = actions.record_consent(by=link, family=link.family, given=form.given(), mode=link.mode,
                                            language=language)
        except Refused:
            return _not_now(request, link) or closed(request, _("Nothing has been changed. Ask your worker for help."))
    return redirect(reverse("consent_thanks" if agreed else "consent_fine", args=[token]) + f"?language={language}")


@by_link(to_consent=True)
def thanks(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    language = _language(request, link)
    with translation.override(language):
        return _page(request, "thanks", token, language)


@by_link(to_consent=True)
def fine(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    language = _language(request, link)
    with translation.override(language):
        return _page(request, "fine", token, language)


@by_link(to_consent=True)
def change(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    """Every purpose with its own button; nothing here tells what was said before."""
    language = _language(request, link)
    with translation.override(language):
        purposes = [(purpose.code, in_words(purpose.statement, language), in_words(purpose.withdrawal_effect, language))
                    for purpose in versions.current().consent.purposes]
        return _page(request, "change", token, language, purposes=purposes)


@by_link(to_consent=True)
def take_back(request: HttpRequest, link: Link, token: str, purpose: str) -> HttpResponse:
    """One tap. Whether it had been agreed to or not, the page says the same: what holds from now on."""
    language = _language(request, link)
    meant = {known.code: known for known in versions.current().consent.purposes}.get(purpose)
    to = reverse("consent_change", args=[token]) + f"?language={language}"
    with translation.override(language):
        if meant is None:
            return closed(request, _("Look at the address again. A part of it may be missing."), status=404)
        done = _("We have written it down. %(effect)s") % {"effect": in_words(meant.withdrawal_effect, language)}

        def stop() -> None:
            with suppress(Refused):
                actions.withdraw(by=link, family=link.family, purpose=purpose, mode=link.mode)

        return press(request, stop, to=to, done=done)
