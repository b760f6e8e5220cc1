"""The whole life of a scheme in any order: draft, lock, allocate, retry, error, withdraw, amend, open, verify.

Short in the suite. `ATTUNEMENT_STEPS=50000 python -m pytest -n 2 tests/journey/test_scheme_life.py` walks for long.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from attunement import allocation, study
from attunement.journey.arms import actions, afterwards, checkpoints, policies
from attunement.journey.arms.models import Allocation, Proposal, Scheme
from attunement.journey.trail import clock
from attunement.journey.trail.actions import Rule, adopt_study
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Message
from attunement.journey.trail.queries import first_broken
from tests.cast import Programme
from tests.journey.test_allocation_scheme import BIG_STICK
from tests.journey.test_allocation_strata import BY_AGE, FACTOR, MINIMISED

STEPS = int(os.environ.get("ATTUNEMENT_STEPS", "150"))
A_WALK, A_SHARE = 25, 5000
TEXT = study.read("vig").text
SCHEMES = ["big_stick:3", "big_stick:1", "efron:2/3", "blocks:4,6", "maximal:3", "complete", "wei:0,1"]
LEVELS = ["under_six", "six_or_more"]


class Life(RuleBasedStateMachine):
    """What the database should hold stands in `known`: family code -> (key, version, stratum, place, arm)."""

    taken: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.cast, self.known, self.waiting = Programme(), {}, []
        self.people, self.changes, self.drafted = self.cast.people, 0, False

    def teardown(self) -> None:
        try:
            self.open_and_verify()
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    @rule(site=st.sampled_from("AB"))
    def refer(self, site: str) -> None:
        self.waiting.append(self.cast.refer(site=site))

    @rule(data=st.data(), site=st.sampled_from("AB"), level=st.sampled_from(LEVELS))
    def allocate(self, data, site: str, level: str) -> None:
        if not self.waiting:
            self.refer(site)
        family = self.waiting.pop(data.draw(st.integers(0, len(self.waiting) - 1)))
        key, by = f"key {family.code}", self.cast._coordinator(family.site.code)
        made = actions.allocate(by=by, family=family, key=key, levels={"infant_age": level})
        locked = Scheme.objects.exclude(locked_at=None).order_by("-version").first()
        assert made.stratum.scheme == locked
        self.known[family.code] = key, locked.version, made.stratum.name, made.place, made.arm

    @precondition(lambda self: self.waiting)
    @rule()
    def allocate_without_the_level(self) -> None:
        family = self.waiting[0]
        if policies.asked_factors(policies.locked_scheme()):
            with pytest.raises(Refused):
                actions.allocate(by=self.cast._coordinator(family.site.code), family=family)

    @precondition(lambda self: self.known)
    @rule(data=st.data(), level=st.sampled_from(LEVELS))
    def retry(self, data, level: str) -> None:
        family = Allocation.objects.get(family__code=data.draw(st.sampled_from(sorted(self.known)))).family
        by, (key, *_rest) = self.cast._coordinator(family.site.code), self.known[family.code]
        again = actions.allocate(by=by, family=family, key=key, levels={"infant_age": level})
        assert (again.stratum.name, again.place, again.arm) == self.known[family.code][2:]
        with pytest.raises(Refused):
            actions.allocate(by=by, family=family, key="another", levels={"infant_age": level})

    @rule(scheme=st.sampled_from(SCHEMES), strata=st.sampled_from(["site", "age", "minimised"]))
    def amend(self, scheme: str, strata: str) -> None:
        self.changes += 1
        chosen = {"site": [], "age": [FACTOR, BY_AGE], "minimised": MINIMISED}[strata]
        text = TEXT
        for old, new in [*chosen, *([] if strata == "minimised" else [(BIG_STICK, f'scheme = "{scheme}"')])]:
            text = text.replace(old, new)
        adopt_study(by=Rule("test"), text=text, reason=f"Change {self.changes}", approved_by="The cast",
                    holds_from=clock.today())

    @rule()
    def draft(self) -> None:
        try:
            actions.set_up(by=self.people["monitoring_statistician"])
        except Refused:
            return

    @rule()
    def lock(self) -> None:
        draft = Scheme.objects.filter(locked_at=None).first()
        if draft is None or not policies.same(draft, policies.facts_of(policies.versions.current())):
            with pytest.raises(Refused):
                actions.lock(by=self.people["trial_manager"])
        else:
            actions.lock(by=self.people["trial_manager"])

    @precondition(lambda self: self.known)
    @rule(data=st.data(), kind=st.sampled_from(["in_error", "withdrawn", "ineligible"]))
    def note(self, data, kind: str) -> None:
        family = Allocation.objects.get(family__code=data.draw(st.sampled_from(sorted(self.known)))).family
        if Proposal.objects.filter(family=family, kind=kind).exists():
            return
        made = afterwards.propose(by=self.people["trial_manager"], kind=kind, family=family, reason="A walk")
        afterwards.agree(by=self.people["monitoring_statistician"], proposal=made)

    @rule()
    def sign(self) -> None:
        checkpoints.checkpoint()

    @invariant()
    def holds_what_was_drawn(self) -> None:
        self.taken["steps"] += 1
        found = list(Allocation.objects.order_by("id").values_list(
            "family__code", "stratum__scheme__version", "stratum__name", "place", "arm"))
        assert {code: tuple(drawn) for code, *drawn in found} == {code: drawn[1:] for code, drawn in self.known.items()}
        places: dict[tuple[int, str], list[int]] = defaultdict(list)
        for _code, version, stratum, place, _arm in found:
            places[version, stratum].append(place)
        assert all(taken == list(range(1, len(taken) + 1)) for taken in places.values())

    def open_and_verify(self) -> None:
        assert first_broken() is None
        with clock.at(clock.local(date(2022, 4, 1))), tempfile.TemporaryDirectory() as folder:
            made = afterwards.propose(by=self.people["trial_manager"], kind="opening", reason="The end of a walk")
            afterwards.agree(by=self.people["monitoring_statistician"], proposal=made)
            log, certificate, held = (Path(folder) / name for name in ("log", "certificate", "held"))
            log.write_bytes(afterwards.export(by=self.people["monitoring_statistician"]))
            certificate.write_text(Scheme.objects.get(version=1).certificate, encoding="utf-8")
            mailed = Message.objects.filter(subject=checkpoints.SUBJECT, address="funder@example.org").order_by("id")
            held.write_text("".join(each.body.removeprefix(checkpoints.BODY) for each in mailed), encoding="utf-8")
            verdict = allocation.verify(log, certificate, [held])
        self.taken.update({"walks": 1, "draws": len(self.known), "steps": -1})  # it is looked at before the first step too
        assert verdict.whole and verdict.draws == len(self.known), verdict


@pytest.mark.parametrize("share", range(-(-STEPS // A_SHARE)))
def test_any_order_of_steps_keeps_every_draw_and_ends_in_a_log_that_verifies(programme, monkeypatch, share):
    # What must hold of a family beforehand has tests of its own.
    monkeypatch.setattr(policies, "checks", lambda family: [])
    wanted, for_long = min(A_SHARE, STEPS - share * A_SHARE), "ATTUNEMENT_STEPS" in os.environ
    Life.taken.clear()
    while (left := wanted - Life.taken["steps"]) > 0:  # a walk may end early
        run_state_machine_as_test(Life, settings=settings(
            max_examples=-(-left // A_WALK), stateful_step_count=A_WALK, deadline=None, database=None,
            derandomize=not for_long, suppress_health_check=list(HealthCheck)))
    print(", ".join(f"{many:,} {what}" for what, many in Life.taken.items()))
