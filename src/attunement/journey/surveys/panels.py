"""What this stage shows on the start page, on a family's record and in the list of families."""

from __future__ import annotations

from django.urls import reverse

from attunement.journey.people.models import Person
from attunement.journey.people.registry import Column, Panel, Tile, columns, menu, panels, tiles
from attunement.journey.referral.models import Family
from attunement.journey.surveys import queries
from attunement.journey.surveys.models import Alert, Questionnaire
from attunement.journey.surveys.queries import Standing
from attunement.journey.surveys.views import title_of
from attunement.journey.trail import clock, versions


def lines(person: Person) -> list[Tile]:
    if not person.may("surveys.see"):
        return []
    return [Tile("Questionnaires", reverse("surveys"), "Who has answered and who has not; due and overdue",
                 to_be_asked(person))]


def to_be_asked(person: Person) -> int:
    families = queries.families_seen_by(person)
    return sum(standing.state in ("due", "begun", "overdue")
               for point in versions.current().time_points for standing in queries.standings(families, point))


def panel(person: Person, family: Family) -> Panel | None:
    if not person.may("surveys.see", family.site.code):
        return None
    rows = [(title_of(point), in_short(queries.standings([family], point)[0]))
            for point in versions.current().time_points]
    address = reverse("family_surveys", args=[family.code])
    return Panel("Questionnaires", rows, [("The family's questionnaires", address)])


def in_short(standing: Standing) -> str:
    paper = standing.paper
    if standing.state == "complete" and paper is not None and paper.completed_at:
        mode = paper.get_mode_display()
        return f"Answered, {clock.day_of(paper.completed_at):%-d %B %Y}, {mode[0].lower()}{mode[1:]}"
    if standing.first is None or standing.last is None:
        return standing.words
    return f"{standing.words}, from {standing.first:%-d %B %Y} to {standing.last:%-d %B %Y}"


def words(families: list[int]) -> dict[int, str]:
    """How many of the study's questionnaires each family has answered."""
    total, done = len(versions.current().time_points), dict.fromkeys(families, 0)
    papers = Questionnaire.objects.filter(family__in=families, state="complete")
    for family in papers.values_list("family_id", flat=True):
        done[family] += 1
    return {family: f"{number} of {total}" for family, number in done.items()}


def alert_lines(person: Person) -> list[Tile]:
    if not person.may("surveys.alerts"):
        return []
    waiting = Alert.visible_to(person).filter(acknowledged_at=None).count()
    return [Tile("Alerts", reverse("alerts"), "Answers that need a person now, and who is on call", waiting)]


tiles.append(alert_lines)
tiles.append(lines)
menu.extend([("surveys.alerts", "Alerts", "alerts"), ("surveys.see", "Questionnaires", "surveys")])
panels.append(panel)
columns.append(Column("Questionnaires", "surveys.see", words))
