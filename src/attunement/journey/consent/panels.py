"""What this stage shows on a family's record and in the list of families."""

from __future__ import annotations

from django.urls import reverse

from attunement.journey.consent import queries
from attunement.journey.consent.circumstances import CAN_END, CIRCUMSTANCES
from attunement.journey.consent.models import Link, Statement
from attunement.journey.people.models import Person
from attunement.journey.people.registry import Column, Panel, Tile, columns, panels, tiles
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
    if queries.to_ask_again(family):
        rows.append(("To be asked again", f"{len(queries.to_ask_again(family))} statements"))
    for change in family.changes.all():
        meant = CIRCUMSTANCES[change.kind]
        since = f"{change.happened_on:%-d %B %Y}"
        if change.ended_on is not None:
            rows.append((change.get_kind_display(), f"{since}, until {change.ended_on:%-d %B %Y}"))
            continue
        rows += [(change.get_kind_display(), since), ("Who answers now", meant.answers),
                 ("Who may consent now", meant.consents)]
    site, links = family.site.code, []
    for right, words, name in (("consent.record", "Record or withdraw consent", "consent"),
                               ("consent.link", "The family's links", "consent_links"),
                               ("change.record", "Record a change of circumstances", "family_change")):
        if person.may(right, site) and not family.erased:
            links.append((words, reverse(name, args=[family.code])))
    if person.may("change.record", site) and family.changes.filter(kind__in=CAN_END, ended_on=None).exists():
        links.append(("It is safe again to contact the family", reverse("family_safe_again", args=[family.code])))
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


def lines(person: Person) -> list[Tile]:
    found = []
    if person.may("consent.record") or person.may("consent.link"):
        right = "consent.record" if person.may("consent.record") else "consent.link"
        again = sum(1 for family in Family.visible_to(person, right).filter(renewals__isnull=False).distinct()
                    if queries.to_ask_again(family))
        if again:
            found.append(Tile("Families to be asked again", reverse("families"), "Their consent is to be said anew", again))
    if person.may("study.amend"):
        found.append(Tile("Ask families again", reverse("ask_again"), "After an amendment that needs it"))
    return found


tiles.append(lines)
panels.append(panel)
columns.append(Column("Consent", "referral.see", words))
