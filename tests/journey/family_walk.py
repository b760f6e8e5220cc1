"""Families taken through any order of steps by the real actions, each held to the model of `family_model`.

Short in the suite; `python -m tests.family_lives 50000` walks for long.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from attunement import study
from attunement.journey.arms import actions as arms
from attunement.journey.arms.models import Allocation
from attunement.journey.consent import actions as consent
from attunement.journey.consent import policies, queries
from attunement.journey.consent.models import Link
from attunement.journey.delivery import actions as delivery
from attunement.journey.delivery import next_actions
from attunement.journey.people.models import Person
from attunement.journey.referral import actions as referral
from attunement.journey.referral.models import Family
from attunement.journey.surveys import actions as surveys
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.trail import clock
from attunement.journey.trail.actions import Rule, adopt_study
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Message
from attunement.journey.trail.queries import first_broken
from tests.cast import FIRST_DAY, Programme
from tests.journey.family_model import PURPOSES, Life
from tests.journey.risky import ASKED, ask_risky

AT_ONCE, OLD, NEW = 5, "07700 900123", "07700 900124"
KINDS = ("removed", "adopted", "died", "parent_died", "moved", *["unsafe"] * 2, *["other_carer"] * 3)
WORKERS = ("practitioner", "practitioner_2")


class Walk:
    """Some families at a time, in a database that is rolled back at the end."""

    def __init__(self, cast: Programme, seed: int) -> None:
        self.cast, self.chance, self.today = cast, random.Random(seed), FIRST_DAY
        self.lives: list[tuple[Life, Family]] = []
        self.steps: Counter[str] = Counter()
        self.by: dict[str, Person] = cast.people

    def run(self, steps: int) -> None:
        with transaction.atomic():
            with clock.at(clock.local(self.today)):
                ask_risky(self.cast, "coordinator", "survey_team")
                study_text = study.read("vig").text
                self.text = study_text.replace(ASKED, 'instruments = ["demo_safety"]')
                self._amend()
            for _step in range(steps):
                self.step()
            for life, family in self.lives:
                self.compare(life, family)
            assert first_broken() is None
            transaction.set_rollback(True)

    def step(self) -> None:
        name, current = self.chance.choices(NAMES, WEIGHTS)[0], [each for each in self.lives if not each[0].over][-AT_ONCE:]
        if len(current) < AT_ONCE:
            name = "refer"
        with clock.at(clock.local(self.today)):
            if name in ("refer", "wait", "amend"):
                getattr(self, name)()
                self.steps[name] += 1
                return
            life, family = self.chance.choice(current if self.chance.random() < 0.9 else self.lives)
            unsafe = [each for each in self.lives if "unsafe" in each[0].changes]
            if name == "safe_again" and unsafe:
                life, family = self.chance.choice(unsafe)
            if name == "next":
                name = self.chance.choice(life.next(self.today) or ["change_contact"])
            family = self._anew(family)
            wanted, act = getattr(self, name)(life, family)
            self.steps[f"{name} {'accepted' if wanted else 'refused'}"] += 1
            assert tried(act) == wanted, (name, wanted, life)
            if name == "allocate" and wanted:
                made = Allocation.objects.select_related("stratum__scheme").get(family=family)
                life.allocated, life.arm = self.today, made.arm_code
                life.drawn = [made.arm]
            self.compare(life, family, wholly=self.chance.random() < 0.1)

    def _anew(self, family: Family) -> Family:
        """The family as it stands in the database, at the site at which all are."""
        with connection.cursor() as cursor:
            cursor.execute(ONE, [family.pk])
            found = Family.from_db("default", [], cursor.fetchone())
        found.site = self.cast.sites["A"]
        return found

    def compare(self, life: Life, family: Family, *, wholly: bool = True) -> None:
        found, wanted = rows(family), life.rows()
        if wholly:
            found, wanted = found | answers(family), wanted | life.answers()
        assert found == wanted, {key: (found[key], wanted[key]) for key in wanted if found[key] != wanted[key]}

    def refer(self) -> None:
        eligible, agreed = self.chance.random() < 0.9, self.chance.choice([True, True, None, False])
        born = clock.today() - timedelta(days=100 if eligible else 700)
        child = referral.refer(by=self.by["coordinator"], site=self.cast.sites["A"], carer="Zebedee Quill",
                               phone=OLD, safe=["text"], born_on=born, answers=self.cast.yes(), agreed=agreed)
        life = Life([eligible])
        life.refer(agreed)
        self.lives.append((life, child.family))
        self.compare(life, child.family)

    def wait(self) -> None:
        self.today += timedelta(days=self.chance.choice([1, 7, 20, 40]))

    def amend(self) -> None:
        """The study changes, and families are asked again about what the change concerns."""
        self._amend()
        purposes = {*self.chance.sample(PURPOSES, self.chance.randint(1, 3))}
        consent.ask_again(by=self.by["trial_manager"], purposes=purposes, reason="A change")
        for life, family in self.lives:
            life.ask_again(purposes)
            self.compare(life, family)

    def _amend(self) -> None:
        adopt_study(by=Rule("test"), text=self.text, reason="A walk", approved_by="A walk", holds_from=clock.today())

    def refer_sibling(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        eligible = self.chance.random() < 0.7
        born = clock.today() - timedelta(days=100 if eligible else 700)
        if len(life.children) > 3:
            return self.tell(life, family)
        return life.refer_sibling(eligible), lambda: referral.refer_sibling(
            by=self.by["coordinator"], family=family, born_on=born, answers=self.cast.yes(), carer="Zebedee Quill",
            phone=OLD, safe=["text"])

    def answer_to_contact(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        agreed = self.chance.random() < 0.8
        return life.answer_to_contact(agreed), lambda: referral.answer_to_contact(
            by=self.by["coordinator"], family=family, agreed=agreed)

    def change_contact(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        phone, safe = self.chance.choice([OLD, OLD, NEW]), self.chance.choice([["text"], ["text"], []])
        return life.change_contact(phone == OLD and bool(safe)), lambda: referral.change_contact(
            by=self.by["coordinator"], family=family, carer="Zebedee Quill", phone=phone, safe=safe)

    def give_link(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        leads_to = self.chance.choice(["consent", "baseline", "four_months"])
        return life.give_link(leads_to), lambda: consent.give_link(by=self.by["coordinator"], family=family,
                                                                   leads_to=leads_to)

    def revoke_links(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        return life.revoke_links(), lambda: consent.revoke_links(by=self.by["coordinator"], family=family)

    def _link(self, family: Family, leads_to: str) -> tuple[Link | None, bool]:
        """One of the family's links to a page, ended or not, as its page would find it."""
        known = list(Link.objects.raw("SELECT * FROM consent_link WHERE family_id = %s AND leads_to = %s ORDER BY id",
                                      [family.pk, leads_to]))
        if not known:
            return None, False
        link = self.chance.choice(known)
        link.family = self._anew(family)
        return link, link.revoked_at is None

    def consent(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        given = {purpose: self.chance.random() < 0.9 for purpose in PURPOSES}
        mode = self.chance.choice(["visit", "telephone", "paper"])
        link, live = self._link(family, "consent")
        if link is not None and self.chance.random() < 0.8:
            return life.consent(given, "self", by_link=True, live=live), lambda: consent.record_consent(
                by=link, family=family, given=given, mode="self", language="en")
        return life.consent(given, mode, by_link=False), lambda: consent.record_consent(
            by=self.by["coordinator"], family=family, given=given, mode=mode, language="en")

    def withdraw(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        purpose = self.chance.choice(PURPOSES)
        link, live = self._link(family, "consent")
        by: Person | Link = self.by["coordinator"] if link is None else link
        return life.withdraw(purpose, link is None or live), lambda: consent.withdraw(by=by, family=family,
                                                                                      purpose=purpose)

    def change(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        kind = self.chance.choice(KINDS)
        return life.change(kind), lambda: consent.record_change(by=self.by["coordinator"], family=family, kind=kind,
                                                                happened_on=clock.today())

    def safe_again(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        return life.safe_again(), lambda: consent.end_change(by=self.by["coordinator"], family=family,
                                                             ended_on=clock.today())

    def open(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        code = "four_months" if life.allocated and self.chance.random() < 0.9 else "baseline"
        return life.open(code, self.today), lambda: surveys.open_questionnaire(by=self.by["survey_team"], family=family,
                                                                               code=code)

    def answer(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        if not life.papers:
            return self.open(life, family)
        code = self.chance.choice(list(life.papers))
        paper = Questionnaire.objects.get(family=family, time_point=code)
        left = sorted({1, 2, 3} - life.papers[code].answered) or [1, 2, 3]
        link, live = self._link(family, code)
        by, mode = (self.by["survey_team"], "telephone") if link is None else (link, "self")
        live, item = live or link is None, self.chance.choice(left)
        if len(left) == 3 and life.papers[code].answered:
            return life.complete(code, self.today, live), lambda: surveys.complete(by=by, questionnaire_id=paper.pk,
                                                                                   mode=mode)
        return life.answer(code, item, self.today, live), lambda: surveys.save_answer(
            by=by, questionnaire_id=paper.pk, instrument="demo_safety", item=item, given="0", mode=mode)

    def allocate(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        return life.can_be_allocated(self.today), lambda: arms.allocate(by=self.by["coordinator"], family=family)

    def tell(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        return life.tell(), lambda: next_actions.tell(by=self.by["coordinator"], family=family, told_on=clock.today())

    def assign(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        worker = self.chance.choice(WORKERS)
        return life.assign(worker), lambda: delivery.assign(
            by=self.by["coordinator"], family=family, practitioner=self.by[worker],
            first_session_on=clock.today() + timedelta(days=7))

    def hand_over(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        worker = self.chance.choice(WORKERS)
        return life.hand_over(worker), lambda: delivery.hand_over(
            by=self.by["coordinator"], family=family, practitioner=self.by[worker], reason="absent")

    def visit(self, life: Life, family: Family) -> tuple[bool, Callable[[], Any]]:
        if not life.visits:
            return self.assign(life, family)
        by, place = self.chance.choice(WORKERS), self.chance.randrange(len(life.visits) + 1)
        if place == len(life.visits):
            return life.plan(by), lambda: delivery.plan_session(by=self.by[by], family=family, place=1,
                                                                planned_for=clock.today())
        state = self.chance.choice(["held", "held", "not_attended", "cancelled_family"])
        session = family.sessions.get(number=place + 1)
        return life.visit(by, place, state), lambda: delivery.record_session(
            by=self.by[by], session=session, state=state, held_on=clock.today(), minutes=45)


STEPS = {"next": 60, "refer": 1.5, "wait": 4, "amend": 0.1, "refer_sibling": 1, "answer_to_contact": 1,
         "change_contact": 2, "give_link": 4, "revoke_links": 0.5, "consent": 3, "withdraw": 2, "change": 2,
         "safe_again": 0.7, "open": 4, "answer": 6, "allocate": 3, "tell": 2, "assign": 4, "hand_over": 2, "visit": 5}
ONE = f"SELECT {', '.join(each.column for each in Family._meta.concrete_fields)} FROM referral_family WHERE id = %s"
NAMES, WEIGHTS = list(STEPS), list(STEPS.values())


def tried(act: Callable[[], Any]) -> bool:
    try:
        act()
    except (Refused, NotAllowed):
        return False
    return True


# The first part names no column as it stands, so no other part is read by that column's type.
ROWS = """
SELECT 'told', told_on IS NOT NULL, NULL, NULL, NULL FROM delivery_nextstep WHERE family_id = %s
UNION ALL SELECT 'family', agreed, erased, EXISTS (SELECT 1 FROM referral_contact WHERE family_id = f.id), NULL
    FROM referral_family f WHERE id = %s
UNION ALL SELECT 'children', eligible, letter, NULL, NULL FROM referral_child WHERE family_id = %s
UNION ALL SELECT 'papers', time_point, state, last_day,
    (SELECT COUNT(*) FROM surveys_answer WHERE questionnaire_id = q.id) FROM surveys_questionnaire q WHERE family_id = %s
UNION ALL SELECT 'links', leads_to, NULL, NULL, NULL FROM consent_link WHERE family_id = %s AND revoked_at IS NULL
UNION ALL SELECT 'drawn', arm, NULL, NULL, NULL FROM arms_allocation WHERE family_id = %s
UNION ALL SELECT 'worker', email, NULL, NULL, NULL FROM delivery_assignment a
    JOIN people_person p ON p.id = a.practitioner_id WHERE family_id = %s AND until IS NULL
UNION ALL SELECT 'visits', number, state, NULL, NULL FROM delivery_session WHERE family_id = %s
"""


def rows(family: Family) -> dict[str, object]:
    """What stands in the tables of a family, in the words of the model."""
    found: dict[str, list[Any]] = {name: [] for name in re.findall("SELECT '([a-z]+)'", ROWS)}
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [family.pk] * len(found))
        for name, *row in cursor.fetchall():
            found[name].append(row)
    ((agreed, erased, contact, _),) = found["family"]
    return {"agreed": None if agreed is None else bool(agreed), "erased": erased, "contact": bool(contact),
            "children": [bool(eligible) for eligible, *_ in sorted(found["children"], key=itemgetter(1))],
            "papers": {code: (state, str(last), answers) for code, state, last, answers in found["papers"]},
            "links": sorted(leads_to for leads_to, *_ in found["links"]), "drawn": [arm for arm, *_ in found["drawn"]],
            "told": [told for told, *_ in found["told"]] == [1],
            "worker": "".join(email.split("@")[0] for email, *_ in found["worker"]),
            "visits": [state for _number, state, *_ in sorted(found["visits"])]}


def answers(family: Family) -> dict[str, object]:
    """What other stages are told when they ask about a family, in the words of the model."""
    letter = Message(route="text", address=OLD, family=family.code, serves="surveys")
    return {"holding": queries.all_of(family), "to_ask_again": queries.to_ask_again(family),
            "takes_part": queries.given(family), "may_be_contacted": queries.may_be_contacted(family),
            "letters_leave": not policies.must_not_leave(letter)}
