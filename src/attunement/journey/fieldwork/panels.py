"""What this stage shows on the start page and on a family's record."""

from __future__ import annotations

from django.urls import reverse

from attunement.journey.fieldwork import queries
from attunement.journey.fieldwork.models import Call, Trace, Voucher
from attunement.journey.people.models import Person
from attunement.journey.people.registry import Panel, Tile, menu, panels, tiles
from attunement.journey.referral.models import Family

DUE = ("overdue", "now", "due")
NEEDS_SOMEBODY = ("failed", "given_up", "unknown", "nowhere", "letter")


def lines(person: Person) -> list[Tile]:
    found = []
    if person.may("fieldwork.work"):
        due = sum(line.state in DUE for line in queries.to_call(person))
        found.append(Tile("Call list", reverse("calls"), "Whom to ring up now, and appointments", due))
    if person.may("fieldwork.see"):
        stuck = sum(row.state in NEEDS_SOMEBODY for row in queries.rows(Family.visible_to(person, "fieldwork.see")))
        looked_for = Trace.visible_to(person).filter(state="open").count()
        owed = len(queries.owed(person))
        found += [Tile("Messages", reverse("messages"), "What was sent, what did not arrive, letters to print", stuck),
                  Tile("Families looked for", reverse("traces"), "Those that cannot be reached", looked_for),
                  Tile("Vouchers", reverse("vouchers"), "Who is owed one, and the ledger", owed)]
    return found


def panel(person: Person, family: Family) -> Panel | None:
    if not person.may("fieldwork.see", family.site.code) or family.erased:
        return None
    calls = Call.objects.filter(family=family, state="open").exists()
    searches = list(Trace.objects.filter(family=family))
    rows: list[tuple[str, object]] = [
        ("Messages and steps", len(queries.rows([family])) or "none yet"), ("On the call list", "yes" if calls else "no"),
        *[("Looked for", trace.get_state_display()) for trace in searches[-1:]],
        ("Vouchers", Voucher.objects.filter(family=family).count() or "none yet")]
    return Panel("Getting answers", rows, [("Messages, calls and vouchers", reverse("fieldwork", args=[family.code]))])


tiles.append(lines)
menu.append(("fieldwork.work", "Calls", "calls"))
panels.append(panel)
