"""Families that are made up: each by chance of its own, none of them real."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from attunement import study
from attunement.rehearsal import RehearsalError, Truth, rehearse
from attunement.rehearsal.chance import Chance
from attunement.rehearsal.days import intake
from attunement.rehearsal.lives import live, withdrawal
from attunement.rehearsal.people import made_up_carer, practitioners_for, team
from attunement.rehearsal.script import happenings, shares
from attunement.study.calendar import age_in_months
from tests.rehearsal.notebook import Notebook

VIG = study.load("vig")
SPAN = intake(VIG)


def lives(count, truth=None, seed=1, site=0):
    return [live(VIG, truth or Truth(), Chance(seed), SPAN, (site, number)) for number in range(count)]


def test_a_life_hangs_on_nothing_but_the_seed_and_its_own_place():
    assert lives(5) == lives(9)[:5]
    assert lives(5) != lives(5, seed=2) != lives(5, seed=2, site=1)


def test_another_truth_of_one_kind_leaves_the_rest_of_a_life_alone():
    for one, other in zip(lives(40), lives(40, Truth(twins=0.5, withdrawals=0.9, dropout=0.9)), strict=True):
        assert replace(one, sibling_born_on=None) == replace(other, sibling_born_on=None)


def test_shares_are_as_the_truth_has_them():
    made = lives(2_000)
    assert abs(np.mean([not life.eligible for life in made]) - 0.07) < 0.02
    assert abs(np.mean([life.language != "en" for life in made]) - 0.06) < 0.02
    assert abs(np.mean([life.help_needed for life in made]) - 0.12) < 0.02
    paths = Counter(life.path.consents for life in made)
    assert abs(paths["silent"] / 2_000 - 0.08) < 0.02 and abs(paths["no"] / 2_000 - 0.10) < 0.02
    assert abs(np.mean([life.path.finishes_baseline for life in made]) - 0.96) < 0.02
    assert abs(np.mean([life.sibling_born_on == life.born_on for life in made]) - 0.02) < 0.012
    chance, truth = Chance(1), Truth(withdrawals=0.5)
    taken_back = [withdrawal(VIG, truth, chance, life) for life in made if life.is_allocated]
    assert abs(np.mean([one is not None for one in taken_back]) - 0.5) < 0.05
    assert {one[0] for one in taken_back if one} == {purpose.code for purpose in VIG.consent.purposes}


def test_an_eligible_child_is_young_enough_on_the_day_of_referral_and_every_rule_is_met():
    for life in lives(600):
        assert SPAN.first <= life.referred_on and life.referred_on.weekday() < 5
        assert (age_in_months(life.born_on, life.referred_on) < 12) is life.young_enough
        assert life.eligible is (life.young_enough and all(life.answers.values()))


def test_consent_holds_all_that_is_required_or_nothing_and_a_voice_is_not_written():
    written = {purpose.code for purpose in VIG.consent.purposes if purpose.written}
    for life in lives(400):
        required = {life.path.given[purpose.code] for purpose in VIG.consent.purposes if purpose.required}
        assert required == {life.path.consents == "yes"}
        assert life.path.consents == "yes" or not any(life.path.given.values())
        assert life.path.consent_mode != "telephone" or not any(life.path.given[code] for code in written)


def test_nobody_is_real():
    random = np.random.default_rng(1)
    carers = [made_up_carer(random) for _ in range(500)]
    assert all(re.fullmatch(r"07700 900\d{3}", carer.phone) for carer in carers)
    assert all(re.fullmatch(r"([a-z]+\.[a-z]+@example\.org)?", carer.email) for carer in carers)
    assert len({carer.name for carer in carers}) > 490


def test_the_team_has_every_role_and_a_practitioner_for_six_families():
    assert practitioners_for(VIG, 252) == VIG.delivery.practitioners == 21
    assert practitioners_for(VIG, 1) == 4
    staff = team(VIG, Chance(1), 252)
    assert {one.role for one in staff} == {role.code for role in VIG.roles}
    assert len({one.email for one in staff}) == len(staff) == 9 + 2 * 4 + 21
    assert len({one.name for one in staff}) > len(staff) - 2


def test_families_are_shared_out_by_the_sites_targets():
    assert shares(VIG, 252) == [63] * 4 and shares(VIG, 1) == [1, 0, 0, 0] and sum(shares(VIG, 10)) == 10
    uneven = VIG.model_copy(update={"sites": tuple(
        site.model_copy(update={"target": target}) for site, target in zip(VIG.sites, (10, 20, 30, 1), strict=True))})
    assert shares(uneven, 61) == [10, 20, 30, 1] and shares(uneven, 6) == [1, 2, 3, 0]


def test_every_change_of_circumstances_befalls_an_early_family_site_by_site():
    made = [life for site in range(4) for life in lives(12, site=site)]
    found = happenings(made, Truth(), 4)
    assert [kind for kind, _days in found.values()] == [
        "removed", "died", "moved", "other_carer", "adopted", "parent_died", "unsafe"]
    assert [site for site, _number in found] == [0, 1, 2, 3, 0, 1, 2]
    assert len(happenings(made, Truth(deaths=5), 4)) == 11
    assert happenings(lives(1), Truth(), 4) == {}


@pytest.mark.parametrize("families", [0, -3, 1.5, True, "ten"])
def test_no_families_no_rehearsal(families):
    with pytest.raises(RehearsalError, match="one family"):
        rehearse(VIG, Notebook(VIG), families=families, seed=1)


@pytest.mark.parametrize(("change", "sentence"), [
    ({"reports": ()}, "no report"),
    ({"calendar": ()}, "intake"),
    ({"records": VIG.records.model_copy(update={"months_after": 2})}, "three months"),
])
def test_a_study_that_cannot_be_rehearsed_is_refused_before_anything_is_done(change, sentence):
    notebook = Notebook(VIG)
    with pytest.raises(RehearsalError, match=sentence):
        rehearse(VIG.model_copy(update=change), notebook, families=3, seed=1)
    assert not notebook.calls


def test_a_programme_that_would_never_fill_is_refused():
    with pytest.raises(RehearsalError, match="never fill"):
        rehearse(VIG, Notebook(VIG), families=3, seed=1, truth=Truth(silent=1.0))


def test_the_rehearsal_knows_no_django_and_no_journey():
    script = ("import attunement.rehearsal, sys; "
              "sys.exit(any(name == 'django' or name.startswith('attunement.journey') for name in sys.modules))")
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
