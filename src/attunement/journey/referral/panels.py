"""What this stage shows on the start page and on a family's record."""

from __future__ import annotations

from django.urls import reverse

from attunement.journey.people.models import Person
from attunement.journey.people.registry import Panel, Tile, menu, panels, tiles
from attunement.journey.referral import policies
from attunement.journey.referral.models import Contact, Family
from attunement.journey.trail import versions


def lines(person: Person) -> list[Tile]:
    found = []
    if person.may("referral.refer"):
        found.append(Tile("Refer a family", reverse("refer"), "Ten minutes: who, and the eligibility questions"))
        found.append(Tile("Families that were not asked", reverse("not_approached"), "A count a month, and why"))
        waiting = Family.visible_to(person, "referral.refer").filter(agreed=None, erased="").count()
        if waiting:
            found.append(Tile("May the study get in touch?", reverse("families"), "Ask, and record the answer", waiting))
    if person.may("referral.see"):
        found.append(Tile("Families", reverse("families"), "Everybody referred, and where they are"))
    return found


def panel(person: Person, family: Family) -> Panel:
    month = "%B %Y" if family.erased else "%-d %B %Y"
    rows: list[tuple[str, object]] = [
        ("Referred", f"{family.referred_on:{month}}"), ("Authority", family.site.name), ("Language", family.language),
        ("Needs help", "yes" if family.help_needed else "no"), *_children(family), ("May be contacted", _agreed(family))]
    contact = Contact.objects.filter(family=family).first()
    if contact is not None and person.may("referral.see", family.site.code):
        rows += _reached(contact)
    return Panel("Referral", rows, _links(person, family))


def _children(family: Family) -> list[tuple[str, object]]:
    reasons = {rule.code: rule.reason for rule in versions.current().eligibility}
    rows: list[tuple[str, object]] = []
    for child in family.children.all():
        state = "eligible" if child.eligible else reasons.get(child.reason, child.reason)
        age = f"{child.age_months} months" if child.born_on else policies.band_of(child.age_months)[1]
        rows.append((f"Child {child.trial_number}", f"{age} at referral, {state}{' (index child)' * child.index}"))
    return rows


def _agreed(family: Family) -> str:
    if family.erased:
        return f"no: {family.get_erased_display()}, so who it is has been erased"
    return {True: "yes", False: "no", None: "not asked yet"}[family.agreed]


def _reached(contact: Contact) -> list[tuple[str, object]]:
    safe = [words for route, words in Contact.ROUTES if contact.reaches(route)]
    when = "" if (contact.from_hour, contact.to_hour) == (0, 24) else f", {contact.from_hour} to {contact.to_hour} o'clock"
    return [("Parent or carer", contact.carer), ("Mobile", contact.phone or "none"), ("E-mail", contact.email or "none"),
            ("Address", contact.address or "none"),
            ("Safe ways to reach them", f"{', '.join(safe).lower()}{when}" if safe else "none: hand links over in person")]


def _links(person: Person, family: Family) -> list[tuple[str, str]]:
    offered = [("referral.refer", "Add a brother or sister", "sibling"),
               ("referral.contact", "Change how to reach them", "family_contact")]
    if family.erased:
        offered = offered[:1] if family.erased == "ineligible" else []
    elif family.agreed is None:
        offered.insert(0, ("referral.refer", "Record whether the study may get in touch", "family_agreement"))
    return [(words, reverse(name, args=[family.code])) for right, words, name in offered
            if person.may(right, family.site.code)]


tiles.append(lines)
menu.append(("referral.see", "Families", "families"))
panels.append(panel)
