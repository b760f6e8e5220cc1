"""What a rehearsal did is what its report says, to the last session and penny."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction

from attunement import study
from attunement.cost import whole_pence
from attunement.journey.oversight import rehearsing
from attunement.journey.trail import clock
from tests.journey.test_rehearsal import empty, rehearse  # noqa: F401


class Tally(rehearsing.ByActions):
    """Writes down what is done while it is done, and nothing of how it is stored or counted."""

    made: Tally

    def __init__(self, *given) -> None:
        super().__init__(*given)
        self.offered: dict[str, date] = {}
        self.visits: dict[tuple[str, int], tuple] = {}
        self.supervised = self.logged = 0
        type(self).made = self

    def allocate(self, *, family):
        arm = super().allocate(family=family)
        if any(one.receives_programme for one in study.load("vig").arms if one.code == arm):
            self.offered[family] = clock.today()
        return arm

    def record_session(self, **facts):
        super().record_session(**facts)
        self.visits[facts["family"], facts["number"]] = (facts["state"], facts["held_on"], facts["minutes"])

    def hold_supervision(self, **facts):
        super().hold_supervision(**facts)
        self.supervised += facts["minutes"] or 0

    def log_time(self, **facts):
        super().log_time(**facts)
        self.logged += facts["minutes"] if facts["category"] != "training" else 0
        assert facts["category"] != "editing", "editing is in the visit's own minutes: twice would be too much"


def as_written(value: float) -> float:
    """results.json has twelve significant digits."""
    return float(f"{value:.12g}")


def test_cost_a_family_dose_and_timeliness_are_the_truth(empty, monkeypatch):  # noqa: F811
    monkeypatch.setattr(rehearsing, "ByActions", Tally)
    made = rehearse(empty, families=14, seed=4, films=0, withdrawals=0.0)
    done = Tally.made
    numbers = json.loads(made.results.read_text(encoding="utf-8"))["numbers"]
    held = {key: facts for key, facts in done.visits.items() if facts[0] == "held"}
    offered, started = len(done.offered), len({family for family, _number in held})
    assert numbers["cost.families_offered"]["value"] == offered
    assert numbers["process.sessions_a_family"]["value"] == as_written(len(held) / offered)
    minutes = sum(facts[2].session for facts in held.values())
    assert numbers["process.minutes_a_session"]["value"] == as_written(minutes / len(held))
    first = {family: min(facts[1] for (own, _n), facts in held.items() if own == family) for family, _n in held}
    for days in (14, 28, 56):
        soon = sum((first[family] - done.offered[family]).days <= days for family in first)
        assert numbers[f"process.started_by_day_{days}"]["value"] == as_written(soon / offered)
    staff = len([one for one in done.staff if one.role == "practitioner"])
    spent = sum(m.session + m.travel + m.preparation for _s, _on, m in done.visits.values() if m is not None)
    prices = {one.code: one for one in study.load("vig").costs}
    quantity = {"practitioner": staff, "programme": 1, "family": started, "session": len(held)}
    hours = {"practitioner_time": Fraction(spent + done.supervised + done.logged, 60),
             "supervision": Fraction(done.supervised, 60)}
    whole = sum(Fraction(one.unit_cost_pence) * (hours[code] if one.per == "hour" else quantity[one.per])
                for code, one in prices.items())
    assert numbers["cost.total"]["value"] == whole_pence(Fraction(whole))
    assert numbers["cost.per_family_offered.total"]["value"] == whole_pence(whole / offered)
    assert numbers["consequence.cost.mean_1"]["value"] == whole_pence(whole / offered), "so it is by family"
    assert numbers["consequence.cost.mean_0"]["value"] == 0
