"""The scheme: set up from the study file, locked by a second person, never changed; unseen by those who recruit."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from attunement import study as studies
from attunement.journey.arms import actions, queries, sealing
from attunement.journey.arms.models import Scheme
from attunement.journey.trail import clock
from attunement.journey.trail.actions import Rule, adopt_study
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry

BIG_STICK = 'scheme = "big_stick:3"'


def amend(*changes: tuple[str, str]) -> None:
    text = studies.read("vig").text
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    adopt_study(by=Rule("test"), text=text, reason="A test", approved_by="The cast", holds_from=clock.today())


def test_the_scheme_page_says_in_words_what_is_locked_and_by_whom(programme, browse):
    page = browse("trial_manager").get("/allocation/").content.decode()
    assert "A fair coin for each family, until one arm is 3 ahead" in page
    assert "Monitoring Statistician" in page and "Trial Manager" in page
    assert Scheme.objects.get().commitment in page
    assert "List of allocations" not in page


@pytest.mark.parametrize("role", ["coordinator", "practitioner", "survey_team", "supervisor", "trial_statistician",
                                  "la_analyst", "funder", "system_owner", "process_evaluator"])
@pytest.mark.parametrize("address", ["", "set-up/", "lock/", "list/"])
def test_nobody_who_recruits_reaches_the_scheme_by_address(programme, browse, role, address):
    client = browse(role)
    assert client.get(f"/allocation/{address}").status_code == 403
    assert client.post(f"/allocation/{address}").status_code == 403
    assert "/allocation/" not in client.get("/").content.decode()


def test_the_trial_manager_may_lock_but_neither_set_up_nor_read_the_list(programme, browse):
    client = browse("trial_manager")
    assert client.get("/allocation/set-up/").status_code == client.post("/allocation/set-up/").status_code == 403
    assert client.get("/allocation/list/").status_code == 403


def test_nothing_can_be_set_up_or_locked_while_the_study_file_has_not_changed(programme, browse):
    answer = browse("monitoring_statistician").post("/allocation/set-up/", follow=True)
    assert "The scheme is locked and the study file has not changed it." in answer.content.decode()
    answer = browse("trial_manager").get("/allocation/lock/")
    assert answer.status_code == 302 and answer["Location"] == "/allocation/"
    with pytest.raises(Refused, match="no scheme to lock"):
        actions.lock(by=programme.people["trial_manager"])


def test_a_new_scheme_is_set_up_then_locked_by_a_second_person_who_types_the_words(programme, browse):
    before = programme.allocated()
    amend((BIG_STICK, 'scheme = "efron:2/3"'))
    first, second = browse("monitoring_statistician"), browse("trial_manager")
    assert "Set up from the study file" in first.get("/allocation/").content.decode()
    assert first.post("/allocation/set-up/").status_code == 302
    for client, address in ((first, ""), (second, "lock/")):
        assert "right 62 times in 100" in client.get(f"/allocation/{address}").content.decode()
    own = first.post("/allocation/lock/", {"confirmation": "lock version 2"})
    assert own.status_code == 422 and "A second person locks it" in own.content.decode()
    for wrong in ("", "yes", "lock version 1"):
        assert second.post("/allocation/lock/", {"confirmation": wrong}).status_code == 422
    assert Scheme.objects.get(version=2).locked_at is None
    assert second.post("/allocation/lock/", {"confirmation": "  Lock version 2 "}).status_code == 302
    after = programme.allocated()
    assert [family.allocation.stratum.scheme.version for family in (before, after)] == [1, 2]
    assert after.allocation.place == 1


@pytest.mark.parametrize(("text", "ratio", "said"), [
    ("blocks:3", [1, 1, 1], "furthest below its share is right 61 times in 100"),
    ("complete", [1, 2, 3], "furthest below its share is right 34 times in 100"),
    ("list", [1, 1, 1], "It has no figures: a list is described, not assessed")])
def test_before_the_lock_every_scheme_has_its_figures_or_says_why_it_has_none(text, ratio, said):
    draft = Scheme(version=1, text=text, ratio=ratio, arms=["vig", "calls", "usual_care"], places={"A": 60, "B": 20})
    assert said in queries.foreseen(draft)


def test_a_locked_scheme_and_its_targets_cannot_be_changed_even_in_the_database(programme):
    family = programme.allocated()
    for change in ("UPDATE arms_scheme SET text='complete'", "UPDATE arms_scheme SET places='{}'",
                   "DELETE FROM arms_scheme", "UPDATE arms_allocation SET arm=1-arm",
                   f"DELETE FROM arms_allocation WHERE family_id={family.pk}"):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


@pytest.mark.parametrize(("change", "reason"), [
    (('strata = ["site"]', "strata = []"), "names no site factor"),
    (('strata = ["site"]', 'strata = ["site", "helping_question"]'), "Free text is never a stratum"),
    ((BIG_STICK, 'scheme = "blocks:3"'), "cannot hold the ratio"),
    ((BIG_STICK, 'scheme = "toss"'), "is no allocation scheme"),
    (("ratio = [1, 1]", "ratio = [1, 1, 1]"), "two arms 1:1 only"),
])
def test_a_scheme_that_cannot_serve_the_study_is_refused_and_nothing_is_saved(programme, browse, change, reason):
    amend(change)
    entries = Entry.objects.count()
    client = browse("monitoring_statistician")
    assert reason in client.get("/allocation/").content.decode()
    assert reason in client.post("/allocation/set-up/", follow=True).content.decode()
    assert Scheme.objects.count() == 1 and Entry.objects.count() == entries


def test_a_draft_that_the_study_file_has_overtaken_is_set_up_again_before_it_is_locked(programme):
    one, two = programme.people["monitoring_statistician"], programme.people["trial_manager"]
    amend((BIG_STICK, 'scheme = "big_stick:4"'))
    actions.set_up(by=one)
    with pytest.raises(Refused, match="waiting to be locked"):
        actions.set_up(by=one)
    amend((BIG_STICK, 'scheme = "big_stick:5"'))
    with pytest.raises(Refused, match="changed since"):
        actions.lock(by=two)
    assert actions.set_up(by=one).version == 2
    assert actions.lock(by=two).text == "big_stick:5"


def test_a_changed_target_needs_a_new_version_too(programme):
    amend(("target = 63", "target = 70"))
    assert actions.set_up(by=programme.people["monitoring_statistician"]).places == dict.fromkeys("ABCD", 70)


def test_setting_up_and_locking_need_their_rights(programme):
    for act in (actions.set_up, actions.lock):
        with pytest.raises(NotAllowed):
            act(by=programme.people["coordinator"])
    with pytest.raises(NotAllowed):
        actions.set_up(by=programme.people["trial_manager"])


def test_a_list_that_is_used_up_says_so_and_leaves_the_family_unallocated(programme, browse):
    amend((BIG_STICK, 'scheme = "maximal:1"'), ("target = 63", "target = 2"))
    actions.set_up(by=programme.people["monitoring_statistician"])
    actions.lock(by=programme.people["trial_manager"])
    drawn = {programme.allocated().allocation.arm for _each in range(2)}
    assert drawn == {0, 1}
    family = programme.baselined()
    answer = browse("coordinator").post(f"/families/{family.code}/allocate/",
                                        {"key": "6f3f4b2e-0f0e-4f0e-8f0e-6f3f4b2e0f0e", "eligible": "yes"})
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "Every place planned for this site is used" in said and "maximal" not in said
    assert not hasattr(family, "allocation")
    assert not Entry.objects.filter(family=family.code, verb="arms.allocated").exists()


def test_a_seed_that_cannot_be_opened_stops_allocation_without_a_word_about_the_scheme(programme, monkeypatch):
    family = programme.baselined()
    monkeypatch.setattr(sealing.keys, "named", lambda name: bytes(32))
    with pytest.raises(Refused, match="cannot be opened, so this family has not been allocated"):
        actions.allocate(by=programme.people["coordinator"], family=family)


def test_a_site_that_came_after_the_lock_waits_for_a_new_version(programme):
    family = programme.baselined()
    places = Scheme.objects.get().places
    with pytest.raises(Refused, match="does not have this site"):
        from attunement.journey.arms import policies

        policies.rule_of(Scheme(text="big_stick:3", ratio=[1, 1], places={k: v for k, v in places.items() if k != "A"}),
                         family.site.code)
