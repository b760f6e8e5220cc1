"""Made-up people: names of made-up syllables, telephone numbers kept free for fiction, addresses that reach nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np

from attunement.rehearsal.chance import Chance
from attunement.study import Study


def _parts(syllables: str) -> list[str]:
    return syllables.split()


_FIRST = _parts(
    "bre cal dov el fen gal han il jor kes lum mar nel or pel quin ros sil tam ul ves wen yar zel"
)
_MIDDLE = _parts("a ba da e fi ga i la mo ni o ra si ta u vi")
_LAST = _parts("bek dall fern gorn hask lind mott nack pell quist rand skell tarn thorpe wick yarr")
WHOLE_STUDY = (
    "trial_manager",
    "monitoring_statistician",
    "trial_statistician",
    "survey_team",
    "supervisor",
    "process_evaluator",
    "cost_evaluator",
    "funder",
    "system_owner",
)
AT_A_SITE = ("coordinator", "la_analyst")


@dataclass(frozen=True)
class Carer:
    """A parent or carer: reached by phone, by e-mail and by post where there is an address."""

    name: str
    phone: str
    email: str
    safe: tuple[str, ...] = ("text", "call")
    address: str = ""


@dataclass(frozen=True)
class Colleague:
    """Somebody on the staff, known in the rehearsal by `key`; `site` is empty for a role of the whole study."""

    key: str
    role: str
    site: str
    name: str
    email: str


def made_up_name(random: np.random.Generator) -> str:
    """First name and surname, of syllables."""
    first, last, *middle = (random.integers(len(part)) for part in (_FIRST, _LAST, _MIDDLE, _MIDDLE, _FIRST))
    given = _FIRST[first] + _MIDDLE[middle[0]]
    return f"{given.title()} {(_FIRST[middle[2]] + _MIDDLE[middle[1]] + _LAST[last]).title()}"


def made_up_carer(random: np.random.Generator) -> Carer:
    name = made_up_name(random)
    phone = f"07700 900{int(random.integers(1000)):03}"
    has_email = random.random() < 0.7
    email = f"{name.lower().replace(' ', '.')}@example.org" if has_email else ""
    safe: tuple[str, ...] = ("text", "call", "mail") if has_email else ("text", "call")
    safe = ("mail",) if has_email and random.random() < 0.1 else safe
    if random.random() < 0.4:
        return Carer(name, phone, email, safe)
    return Carer(name, phone, email, (*safe, "post"), f"{1 + int(random.integers(99))} Made-up Lane, Anytown, ZZ1 1ZZ")


def colleague(chance: Chance, key: str, role: str, site: str, *place: int) -> Colleague:
    name = made_up_name(chance.stream("staff", *place))
    return Colleague(key, role, site, name, f"{key.replace('_', '.')}@example.org")


def practitioners_for(study: Study, families: int) -> int:
    """As many as the families of the programme need at the study's plan, and at least one a site."""
    share = sum(r for r, arm in zip(study.allocation.ratio, study.arms, strict=True) if arm.receives_programme)
    programme = families * share / sum(study.allocation.ratio)
    return max(len(study.sites), ceil(programme / study.delivery.families_per_practitioner))


def team(study: Study, chance: Chance, families: int) -> tuple[Colleague, ...]:
    """Everybody on the staff on the first day: a person a role, a coordinator and an analyst a site, practitioners."""
    used = {role.code for role in study.roles}
    return tuple(person for person in _team(study, chance, families) if person.role in used)


def _team(study: Study, chance: Chance, families: int) -> Iterator[Colleague]:
    for number, role in enumerate(WHOLE_STUDY):
        yield colleague(chance, role, role, "", 0, number)
    for place, site in enumerate(study.sites):
        for number, role in enumerate(AT_A_SITE):
            yield colleague(chance, f"{role}_{site.code.lower()}", role, site.code, 1, place, number)
    for number in range(practitioners_for(study, families)):
        site = study.sites[number % len(study.sites)]
        key = f"practitioner_{site.code.lower()}{number // len(study.sites) + 1}"
        yield colleague(chance, key, "practitioner", site.code, 2, number)
