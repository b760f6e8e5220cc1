"""What a family agrees to now. Every later stage asks here at every use."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from attunement.journey.consent.circumstances import ENDS_CONTACT
from attunement.journey.consent.models import Change, Renewal, Statement
from attunement.journey.referral.models import Family
from attunement.journey.trail import versions
from attunement.study import Study

_SAID = ("SELECT purpose, given FROM consent_statement s WHERE family_id = %s AND NOT EXISTS "
         "(SELECT 1 FROM consent_renewal r WHERE r.family_id = s.family_id AND r.purpose = s.purpose "
         "AND r.after >= s.id) ORDER BY id")
_OVERTAKEN = ("SELECT DISTINCT purpose FROM consent_renewal r WHERE family_id = %s AND NOT EXISTS "
              "(SELECT 1 FROM consent_statement s WHERE s.family_id = r.family_id AND s.purpose = r.purpose "
              "AND s.id > r.after)")
_CHANGED = "SELECT kind FROM consent_change WHERE family_id = %s AND ended_on IS NULL"


def holds(family: Family, purpose: str) -> bool:
    """Does this family agree to `purpose` now?"""
    return all_of(family).get(purpose, False)


def all_of(family: Family | int) -> dict[str, bool]:
    """Purpose → the newest word on it, of a family or its id. Plain SQL: asked before each single answer is saved."""
    with connection.cursor() as cursor:
        cursor.execute(_SAID, [_id(family)])
        return {purpose: bool(given) for purpose, given in cursor.fetchall()}


def _id(family: Family | int) -> int:
    return family if isinstance(family, int) else family.pk


def newest_of(family: Family) -> dict[str, Statement]:
    """Purpose → the statement that holds, with its day, mode and version."""
    return {row.purpose: row for row in Statement.objects.filter(family=family).order_by("id")}


def to_ask_again(family: Family) -> list[str]:
    """The purposes whose answer holds no more and that have not been asked again yet."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERTAKEN, [family.pk])
        return sorted(purpose for (purpose,) in cursor.fetchall())


def purpose_that_stops(study: Study, what: str) -> list[str]:
    return [purpose.code for purpose in study.consent.purposes if what in purpose.stops]


def allows(family: Family | int, what: str) -> bool:
    """No purpose whose withdrawal stops `what` has been refused or withdrawn, and each has been given."""
    said = all_of(family)
    return all(said.get(code) for code in purpose_that_stops(versions.current(), what))


def given(family: Family) -> bool:
    """Consented: every required purpose is given."""
    said = all_of(family)
    return all(said.get(purpose.code) for purpose in versions.current().consent.purposes if purpose.required)


def ever_agreed(family: Family) -> bool:
    return family.pk in who_ever_agreed([family.pk])


def changes_of(family: Family | int) -> set[str]:
    """The changes of its circumstances that have not ended, of a family or its id."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, [_id(family)])
        return {kind for (kind,) in cursor.fetchall()}


def may_be_contacted(family: Family) -> bool:
    return changes_of(family).isdisjoint(ENDS_CONTACT) and allows(family, "contact")


def may_be_asked(family: Family) -> tuple[bool, bool]:
    """Whether it has consented (`given`), and whether it may be asked questions now: both from one look at its words."""
    study, said = versions.current(), all_of(family)
    stops = purpose_that_stops(study, "surveys") + purpose_that_stops(study, "contact")
    consented = all(said.get(purpose.code) for purpose in study.consent.purposes if purpose.required)
    return consented, all(said.get(code) for code in stops) and changes_of(family).isdisjoint(ENDS_CONTACT)


def who_may_be_asked(families: Collection[int]) -> set[int]:
    """Of these families' ids, those that agree to questions now and may be contacted: `allows` for a whole list."""
    study = versions.current()
    said: dict[int, dict[str, bool]] = {family: {} for family in families}
    again = {(row.family_id, row.purpose): row.after for row in Renewal.objects.filter(family__in=families)}
    for number, family, purpose, agreed in (Statement.objects.filter(family__in=families).order_by("id")
                                            .values_list("id", "family_id", "purpose", "given")):
        if number > again.get((family, purpose), 0):
            said[family][purpose] = agreed
    ended = set(Change.objects.filter(family__in=families, kind__in=ENDS_CONTACT, ended_on=None)
                .values_list("family_id", flat=True))
    wanted = [purpose.code for purpose in study.consent.purposes
              if purpose.required or {"surveys", "contact"} & set(purpose.stops)]
    return {family for family, words in said.items() if family not in ended and all(map(words.get, wanted))}


def who_ever_agreed(families: Collection[int]) -> set[int]:
    """Of these families' ids, those that once gave all that is required, whatever they took back later."""
    required = {purpose.code for purpose in versions.current().consent.purposes if purpose.required}
    said: dict[int, set[str]] = {}
    for family, purpose in (Statement.objects.filter(family__in=families, purpose__in=required, given=True)
                            .values_list("family_id", "purpose")):
        said.setdefault(family, set()).add(purpose)
    return {family for family, purposes in said.items() if purposes == required}
