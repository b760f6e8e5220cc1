from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.people import actions, help_pages
from attunement.journey.people.forms import InvitationForm, PasswordForm
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act
from attunement.journey.people.permissions import page
from attunement.journey.people.registry import Tile, lines_for, tiles
from attunement.journey.people.roles import EVERYBODY, PUBLIC, ROLES
from attunement.journey.trail.actions import Rule


@page(EVERYBODY)
def start(request: HttpRequest) -> HttpResponse:
    """Every role's start page: what there is to do."""
    person: Person = request.user  # type: ignore[assignment]
    roles = [(ROLES[held.role], held.site) for held in person.held]
    return render(request, "people/start.html", {"lines": lines_for(person), "roles": roles})


@page(EVERYBODY)
def help_page(request: HttpRequest) -> HttpResponse:
    """The handbook's page of each role that this person holds."""
    person: Person = request.user  # type: ignore[assignment]
    roles = dict.fromkeys(held.role for held in person.held)
    return render(request, "people/help.html", {"pages": [help_pages.of_role(code) for code in roles]})


@page("people.see")
def people(request: HttpRequest) -> HttpResponse:
    staff = Person.objects.prefetch_related("holdings__site").order_by("name")
    rows = [(person, [(ROLES[held.role].title, held.site) for held in person.holdings.all() if held.until is None])
            for person in staff]
    return render(request, "people/people.html", {"rows": rows, "roles": ROLES})


@page("people.invite")
def invite(request: HttpRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None)
    return act(request, form, lambda given: actions.invite(by=request.user, **given), to=reverse("people"),
               title="Invite a colleague", button="Send the invitation", done="The invitation is on its way.")


@page(PUBLIC)
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """A new colleague chooses a password."""
    if actions.waiting(token) is None:
        sentence = "This invitation has been used or is older than seven days. Ask for a new one."
        return render(request, "refused.html", {"sentence": sentence}, status=410)
    form = PasswordForm(request.POST or None)
    return act(request, form, lambda given: actions.accept(by=Rule("invitation"), token=token, **given),
               to=reverse("account_login"), title="Choose a password", done="You can sign in now.")


def lines(person: Person) -> list[Tile]:
    found = []
    if person.may("people.see"):
        found.append(Tile("People and roles", reverse("people"), "Who works on the study, and as what"))
    if person.may("trail.read"):
        found.append(Tile("Audit trail", reverse("trail"), "Who did what, and when"))
    return [*found, Tile("Help", reverse("help"), "What your role does, on one page")]


tiles.append(lines)
