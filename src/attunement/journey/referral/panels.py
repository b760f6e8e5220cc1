"""What this stage shows on the start page and on a family's record."""

from __future__ import annotations

from django.urls import reverse

from attunement.journey.people.models import Person
from attunement.journey.people.registry import Panel, Tile, panels, tiles
from attunement.journey.referral.models import Contact, Family
from attunement.journey.trail import versions


def lines(person: Person) -> list[Tile]:
    found = []
    if person.may("referral.refer"):
        found.append(Tile("Refer a family", reverse("refer"), "Ten minutes: who, and the eligibility questions"))
    if person.may("referral.see"):
        found.append(Tile("Families", reverse("families"), "Everybody referred, and where they are", nav="Families"))
    return found


def panel(person: Person, family: Family) -> Panel:
    reasons = {rule.code: rule.reason for rule in versions.current().eligibility}
    rows: list[tuple[str, object]] = [("Referred on", family.referred_on), ("Authority", family.site.name),
                                      ("Language", family.language), ("Needs help", "yes" if family.help_needed else "no")]
    for child in family.children.all():
        state = "eligible" if child.eligible else reasons.get(child.reason, child.reason)
        rows.append((f"Child {child.trial_number}", f"{child.age_months} months at referral, {state}"
                     + (" (index child)" if child.index else "")))
    contact = Contact.objects.filter(family=family).first()
    if contact is not None and person.may("referral.see", family.site.code):
        rows += [("Parent or carer", contact.carer), ("Mobile", contact.phone or "none"),
                 ("E-mail", contact.email or "none")]
    links = []
    if person.may("referral.refer", family.site.code):
        links.append(("Add a brother or sister", reverse("sibling", args=[family.code])))
    return Panel("Referral", rows, links)


tiles.append(lines)
panels.append(panel)
