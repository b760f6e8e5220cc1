"""Inviting people, taking up a role, laying it down."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.contrib.auth.hashers import make_password

from attunement.journey.people.models import Holding, Invitation, Person, Site
from attunement.journey.people.permissions import need
from attunement.journey.people.policies import role_can_be_held
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Actor, Rule, action, post, record
from attunement.journey.trail.errors import Refused


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@action
def open_sites(*, by: Actor) -> list[Site]:
    """Makes the study file's sites."""
    sites = [Site.objects.get_or_create(code=site.code, defaults={"name": site.name})[0]
             for site in versions.current().sites]
    record(by=by, verb="people.sites_opened", count=len(sites))
    return sites


@action
def add_person(*, by: Actor, email: str, name: str, role: str, site: Site | None = None, password: str | None = None,
               ) -> Person:
    """Gives somebody an account and a first role: the set-up's way, and what accepting an invitation does."""
    if not isinstance(by, Rule):
        need(by, "people.invite")
    role_can_be_held(role, site)
    person = Person.objects.filter(email__iexact=email).first()
    if person is None:
        number = Person.objects.count() + 1
        person = Person.objects.create(email=email.lower(), name=name, code=f"P{number:03}",
                                       password=make_password(password))
    Holding.objects.create(person=person, role=role, site=site, since=clock.today())
    person.__dict__.pop("held", None)
    record(by=by, verb="people.joined", site=site.code if site else "", person=person.pk, role=role)
    return person


@action
def invite(*, by: Person, email: str, name: str, role: str, site: Site | None = None) -> str:
    """Sends an invitation and returns its token; only the token's hash is kept."""
    need(by, "people.invite")
    role_can_be_held(role, site)
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(email=email.lower(), name=name, role=role, site=site,
                                           token_hash=hash_of(token))
    address = f"{settings.PLACE.address}/invitation/{token}/"
    post(route="mail", address=email, subject="Your invitation",
         body=f"You are invited to work on a study. Choose a password within seven days: {address}")
    record(by=by, verb="people.invited", site=site.code if site else "", invitation=invitation.pk, role=role)
    return token


def waiting(token: str) -> Invitation | None:
    found = Invitation.objects.filter(token_hash=hash_of(token), accepted_at=None).first()
    return found if found and (clock.now() - found.made_at).days < 7 else None


@action
def accept(*, by: Actor, token: str, password: str) -> Person:
    """Takes up an invitation: the invited person chooses the password."""
    invitation = Invitation.objects.select_for_update().filter(token_hash=hash_of(token), accepted_at=None).first()
    if invitation is None or (clock.now() - invitation.made_at).days >= 7:
        raise Refused("This invitation has been used or is older than seven days. Ask for a new one.")
    invitation.accepted_at = clock.now()
    invitation.save(update_fields=["accepted_at"])
    return add_person(by=Rule("invitation"), email=invitation.email, name=invitation.name, role=invitation.role,
                      site=invitation.site, password=password)


@action
def lay_down(*, by: Person, holding: Holding) -> None:
    """Ends a role that somebody holds. What they did stays theirs in the trail."""
    need(by, "people.invite")
    holding.until = clock.today()
    holding.save(update_fields=["until"])
    record(by=by, verb="people.left", site=holding.site.code if holding.site else "", person=holding.person_id,
           role=holding.role)


@action
def invite_first(*, by: Rule, email: str) -> str:
    """Invites the system owner of a study that has nobody yet."""
    if Person.objects.exists() or Invitation.objects.exists():
        raise Refused("This study has people already. One of them sends the invitation.")
    token = secrets.token_urlsafe(24)
    Invitation.objects.create(email=email.lower(), name="System owner", role="system_owner", token_hash=hash_of(token),
                              made_at=clock.now())
    record(by=by, verb="people.invited", role="system_owner")
    return token
