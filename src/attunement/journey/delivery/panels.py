"""What this stage shows on the start page and on a family's record."""

from __future__ import annotations

from django.urls import reverse

from attunement.journey.arms.panels import arm_on_page
from attunement.journey.delivery import policies, queries
from attunement.journey.delivery.models import Session
from attunement.journey.people.models import Person
from attunement.journey.people.registry import Panel, Tile, menu, panels, tiles
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock


def lines(person: Person) -> list[Tile]:
    found = []
    if person.may("delivery.work"):
        found += [Tile(f"{each.family.code}: {queries.title(each)}", reverse("session", args=[each.pk]), _when(each))
                  for each in queries.due(person)]
        found.append(Tile("Your families", reverse("caseload"), "Next sessions, and what is not logged"))
    if person.may("delivery.time"):
        found.append(Tile("Log time", reverse("staff_time"), "Training, editing, meetings"))
    if person.may("delivery.assign") and (many := queries.next_steps(person).count()):
        found.append(Tile("Families that were drawn", reverse("next_steps"), "Tell them, and give a practitioner", many))
    if person.may("delivery.see"):
        found.append(Tile("Delivery", reverse("deliveries"), "Practitioners and sessions, by family"))
    return found


def _when(session: Session) -> str:
    today = session.planned_for == clock.today()
    return "Today. Record what became of it" if today else f"Not logged yet: planned for {session.planned_for:%-d %B %Y}"


def panel(person: Person, family: Family) -> Panel | None:
    """For those who see the arm and may see delivery; a family of another arm has no such panel."""
    code = family.site.code
    arm = arm_on_page(person, family) if person.may("delivery.see", code) else None
    if arm is None or not policies.receives_programme(arm):
        return None
    course = queries.course(family, clock.today())
    may_assign = person.may("delivery.assign", code)
    if course.assignment is None:
        links = [("Assign a practitioner", reverse("assign", args=[family.code]))] if may_assign else []
        return Panel("Delivery", [("Practitioner", "None yet")], links)
    upcoming = course.next
    rows: list[tuple[str, object]] = [
        ("Practitioner", course.assignment.practitioner.name), ("Since", course.assignment.since),
        ("Sessions held", f"{course.held} of {len(course.lines)}"), ("Not logged", len(course.not_logged)),
        ("Next session", f"{upcoming.title}, {upcoming.session.planned_for:%-d %B %Y}" if upcoming else "none planned")]
    links = [("Sessions", reverse("delivery", args=[family.code]))]
    if may_assign:
        links.append(("Hand over to another practitioner", reverse("hand_over", args=[family.code])))
    return Panel("Delivery", rows, links)


def own_worker(person: Person, family: Family) -> Panel | None:
    """The same in either arm: who the family's own worker is to the programme, and when it was told its arm."""
    if not person.may("delivery.assign", family.site.code) or family.erased:
        return None
    known, step = getattr(family, "own_worker", None), getattr(family, "next_step", None)
    words = "not asked yet" if known is None else "yes" if known.trained else "no"
    rows: list[tuple[str, object]] = [("Own worker is a practitioner", words)]
    links = [("Record the own worker", reverse("own_worker", args=[family.code]))]
    if step is not None:
        rows.append(("Told on", step.told_on or "not told yet"))
        if step.told_on is None:
            links.append(("Record that the family was told", reverse("told", args=[family.code])))
    return Panel("Own worker, and telling the family", rows, links)


tiles.append(lines)
menu.extend([("delivery.work", "Caseload", "caseload"), ("delivery.see", "Delivery", "deliveries")])
panels.append(panel)
panels.append(own_worker)
