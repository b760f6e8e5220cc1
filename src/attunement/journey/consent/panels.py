"""What this stage shows on a family's record and in the list of families."""

from __future__ import annotations

from django.urls import reverse

from attunement.journey.consent import queries
from attunement.journey.consent.models import Link, Statement
from attunement.journey.people.models import Person
from attunement.journey.people.registry import Column, Panel, columns, panels
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock, versions


def in_short(said: Statement | None) -> str:
    """`Yes, 5 July 2021, at a visit, notice 1`."""
    if said is None:
        return "Not asked"
    word = "Withdrawn" if said.withdrawal else ("Yes" if said.given else "No")
    mode = said.get_mode_display()
    return f"{word}, {clock.day_of(said.made_at):%-d %B %Y}, {mode[0].lower()}{mode[1:]}, notice {said.notice_version}"


def panel(person: Person, family: Family) -> Panel:
    said = queries.newest_of(family)
    rows: list[tuple[str, object]] = [(next(iter(purpose.statement.values())), in_short(said.get(purpose.code)))
                                      for purpose in versions.current().consent.purposes]
    in_use = Link.objects.filter(family=family, revoked_at=None).count()
    rows.append(("Links in use", in_use or "none"))
    rows += [(change.get_kind_display(), f"{change.happened_on:%-d %B %Y}") for change in family.changes.all()]
    site, links = family.site.code, []
    for right, words, name in (("consent.record", "Record or withdraw consent", "consent"),
                               ("consent.link", "The family's links", "consent_links"),
                               ("change.record", "Record a change of circumstances", "family_change")):
        if person.may(right, site):
            links.append((words, reverse(name, args=[family.code])))
    return Panel("Consent", rows, links)


def words(families: list[int]) -> dict[int, str]:
    """One word a family: what holds of the statements that taking part requires."""
    required = {purpose.code for purpose in versions.current().consent.purposes if purpose.required}
    said: dict[int, dict[str, Statement]] = {}
    for row in Statement.objects.filter(family__in=families, purpose__in=required).order_by("id"):
        said.setdefault(row.family_id, {})[row.purpose] = row
    return {family: _word(required, said.get(family, {})) for family in families}


def _word(required: set[str], said: dict[str, Statement]) -> str:
    if not said:
        return "not asked"
    if any(row.withdrawal for row in said.values()):
        return "withdrawn"
    return "yes" if required == {code for code, row in said.items() if row.given} else "no"


panels.append(panel)
columns.append(Column("Consent", "referral.see", words))
