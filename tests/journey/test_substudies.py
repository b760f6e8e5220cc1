"""A family enters two allocations: the study's, and a sub-study's with a scheme, a seed and a log of its own."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from attunement import cli
from attunement import study as studies
from attunement.allocation import Running, verify
from attunement.journey.arms import actions as arms
from attunement.journey.arms import sealing
from attunement.journey.arms.models import Scheme as MainScheme
from attunement.journey.referral.actions import refer_sibling
from attunement.journey.substudies import actions, opening_actions
from attunement.journey.substudies.models import Allocation, Line, Opening, Scheme
from attunement.journey.trail import clock
from attunement.journey.trail.actions import Rule, adopt_study
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry
from tests.journey.test_allocation_opened import opened

REMINDER = """
[[substudies]]
code = "reminder"
title = "Which reminder brings more answers?"
scheme = "blocks:4"
ratio = [1, 1]
arms = [{ code = "by_text", name = "A text" }, { code = "by_letter", name = "A letter" }]
"""
AT_THE_END = clock.local(date(2022, 4, 1))


def amend(text: str) -> None:
    adopt_study(by=Rule("test"), text=studies.read("vig").text + text, reason="A test", approved_by="The cast",
                holds_from=clock.today())


@pytest.fixture
def locked(programme):
    """The cast with one sub-study, locked by two people."""
    amend(REMINDER)
    actions.set_up(by=programme.people["monitoring_statistician"], substudy="reminder")
    actions.lock(by=programme.people["trial_manager"], substudy="reminder")
    return programme


def enter(programme, family, key=""):
    by = programme.people["coordinator" if family.site.code == "A" else "coordinator_b"]
    return actions.allocate(by=by, family=family, substudy="reminder", key=key)


def log_of(programme) -> bytes:
    with clock.at(AT_THE_END):
        opening_actions.propose(by=programme.people["monitoring_statistician"], substudy="reminder", reason="All in.")
        opening_actions.agree(by=programme.people["trial_manager"], substudy="reminder")
        return opening_actions.export(by=programme.people["monitoring_statistician"], substudy="reminder")


def test_both_logs_verify_by_themselves_each_with_its_own_certificate(locked, tmp_path):
    families = [locked.allocated(site=site) for site in "AAB"]
    drawn = [enter(locked, family) for family in families]
    assert [made.place for made in drawn] == [1, 2, 1]
    paths = [tmp_path / name for name in ("own", "own.json", "main", "main.json")]
    paths[0].write_bytes(log_of(locked))
    paths[1].write_text(Scheme.objects.get().certificate, encoding="utf-8")
    paths[2].write_bytes(opened(locked))
    paths[3].write_text(MainScheme.objects.get().certificate, encoding="utf-8")
    for log, certificate in (paths[:2], paths[2:]):
        verdict = verify(log, certificate)
        assert verdict.whole and verdict.draws == 3, verdict
    assert cli.main(["allocation", "verify", str(paths[0]), "--key", str(paths[1])]) == 0
    assert not verify(paths[0], paths[3]).whole
    text = paths[0].read_text("utf-8")
    assert "Zebedee" not in text and "@" not in text
    heads = [json.loads(what).get("head") for what in
             Entry.objects.filter(verb__startswith="substudies.").order_by("number").values_list("what", flat=True)]
    assert [head for head in heads if head] == list(Line.objects.values_list("digest", flat=True))[:-1]
    arm = drawn[0].arm
    paths[0].write_text(text.replace(f'"opened":{{"arm":{arm}', f'"opened":{{"arm":{1 - arm}', 1), encoding="utf-8")
    assert verify(paths[0], paths[1]).first_bad == 2


def test_the_draws_of_the_one_never_move_those_of_the_other(locked):
    main = sealing.unsealed(MainScheme.objects.get())
    coming, foreseen = Running(main.rule("A"), main.source("A")), []
    for _place in range(4):
        foreseen.append(coming.next({}))
    found = []
    for _place in range(4):
        family = locked.allocated()
        enter(locked, family)
        found.append(family.allocation.arm)
    assert found == foreseen
    assert bytes(Scheme.objects.get().sealed_seed) != bytes(MainScheme.objects.get().sealed_seed)
    own = sealing.unsealed(Scheme.objects.get())
    assert own.seed != main.seed and own.commitment != main.commitment


def test_a_family_enters_once_a_retry_gets_the_same_and_brothers_and_sisters_share(locked):
    family = locked.allocated()
    made = enter(locked, family, key="once")
    assert enter(locked, family, key="once").pk == made.pk
    refer_sibling(by=locked.people["coordinator"], family=family, born_on=date(2021, 3, 1), answers=locked.yes())
    with pytest.raises(Refused, match="in this sub-study already"):
        enter(locked, family, key="again")
    assert Allocation.objects.count() == 1 and Line.objects.count() == 2
    assert Entry.objects.filter(verb="substudies.allocated").count() == 1


def test_it_takes_two_people_and_each_refusal_says_why(programme):
    one, two = programme.people["monitoring_statistician"], programme.people["trial_manager"]
    with pytest.raises(Refused, match="has no sub-study reminder"):
        actions.set_up(by=one, substudy="reminder")
    amend(REMINDER + 'purpose = "training_use"\nstart = 2021-07-05\nend = 2021-09-30\n')
    unwilling, family = programme.consented(but=("training_use",)), programme.consented()
    for act in (actions.set_up, actions.lock, opening_actions.agree, opening_actions.export):
        with pytest.raises(NotAllowed):
            act(by=programme.people["coordinator"], substudy="reminder")
    with pytest.raises(Refused, match="no scheme to lock"):
        actions.lock(by=two, substudy="reminder")
    actions.set_up(by=one, substudy="reminder")
    with pytest.raises(Refused, match="A second person locks it"):
        actions.lock(by=one, substudy="reminder")
    with pytest.raises(Refused, match="not agreed to training_use"):
        enter(programme, unwilling)
    with pytest.raises(Refused, match="not been allocated in the main study"):
        enter(programme, family)
    programme.answered(family)
    arms.allocate(by=programme.people["coordinator"], family=family)
    with pytest.raises(Refused, match="has not been locked yet"):
        enter(programme, family)
    actions.lock(by=two, substudy="reminder")
    with pytest.raises(Refused, match="still be allocated in this sub-study until 30 September 2021"):
        opening_actions.propose(by=one, substudy="reminder", reason="Curious.")
    with clock.at(clock.local(date(2021, 10, 1))), pytest.raises(Refused, match="ended on 30 September 2021"):
        enter(programme, family)
    with pytest.raises(NotAllowed):
        actions.allocate(by=programme.people["coordinator_b"], family=family, substudy="reminder")
    assert not Allocation.objects.exists()
    enter(programme, family)
    with clock.at(AT_THE_END):
        opening_actions.propose(by=one, substudy="reminder", reason="All in.")
        with pytest.raises(Refused, match="A second person"):
            opening_actions.agree(by=one, substudy="reminder")
        opening_actions.agree(by=two, substudy="reminder")
        with pytest.raises(Refused, match="been opened"):
            actions.set_up(by=one, substudy="reminder")


def test_the_arm_is_read_by_right_alone_and_no_entry_holds_it(locked):
    family = locked.allocated()
    made = enter(locked, family)
    asked = {"family": family, "substudy": "reminder", "why": "test"}
    assert actions.read_arm(by=locked.people["coordinator"], **asked) == made.arm_code
    assert Entry.objects.filter(verb="substudies.arm_read").count() == 1
    for role in ("trial_statistician", "survey_team", "trial_manager", "coordinator_b", "funder", "system_owner"):
        with pytest.raises(NotAllowed):
            actions.read_arm(by=locked.people[role], **asked)
    told = " ".join([*Entry.objects.values_list("what", flat=True), *Line.objects.values_list("text", flat=True)])
    assert "by_text" not in told and "by_letter" not in told and made.salt not in told


def test_the_database_itself_refuses_to_change_what_stands(locked):
    enter(locked, locked.allocated())
    log_of(locked)
    assert Opening.objects.get().text
    for table, change in (("scheme", "text='complete'"), ("allocation", "arm=1-arm"), ("line", "text=''"),
                          ("opening", "reason=''")):
        for statement in (f"UPDATE substudies_{table} SET {change}", f"DELETE FROM substudies_{table}"):
            with pytest.raises(DatabaseError, match="is never changed"), transaction.atomic():
                connection.cursor().execute(statement)


def test_after_the_first_family_its_arms_stand_and_a_new_scheme_is_for_later_families(locked):
    first = enter(locked, locked.allocated())
    for text, said in (("", "reminder cannot leave"), (REMINDER.replace("by_letter", "by_post"), "arms of the sub-study")):
        with pytest.raises(Refused, match=said):
            amend(text)
    amend(REMINDER.replace("blocks:4", "big_stick:2"))
    with pytest.raises(Refused, match="locked and the study file has not changed"):
        arms.set_up(by=locked.people["monitoring_statistician"])
    actions.set_up(by=locked.people["monitoring_statistician"], substudy="reminder")
    actions.lock(by=locked.people["trial_manager"], substudy="reminder")
    later = enter(locked, locked.allocated())
    assert [made.stratum.scheme.version for made in (first, later)] == [1, 2] and later.place == 1


def test_the_whole_life_by_its_pages(programme, browse):
    amend(REMINDER)
    first, second, asks = browse("monitoring_statistician"), browse("trial_manager"), browse("coordinator")
    assert "/substudies/" in second.get("/").content.decode() and "/substudies/" not in asks.get("/").content.decode()
    assert first.post("/substudies/reminder/set-up/").status_code == 302
    assert "you set this up" in first.get("/substudies/").content.decode().lower()
    assert first.post("/substudies/reminder/lock/", {"confirmation": "lock reminder 1"}).status_code == 422
    page = second.get("/substudies/reminder/lock/").content.decode()
    assert "Which reminder" in page and "right " in page and "by_letter" in page
    assert second.post("/substudies/reminder/lock/", {"confirmation": "yes"}).status_code == 422
    assert second.post("/substudies/reminder/lock/", {"confirmation": "lock reminder 1"}).status_code == 302
    assert second.get("/substudies/reminder/lock/")["Location"] == "/substudies/"
    page = second.get("/substudies/").content.decode()
    promised = Scheme.objects.get().commitment
    assert promised in page and "certificate/1.json" in page and "/allocation/certificate/" not in page
    assert second.get("/substudies/reminder/certificate/1.json").json()["commitment"] == promised
    family = programme.allocated()
    record, address = f"/families/{family.code}/", f"/families/{family.code}/substudies/reminder/"
    assert address in asks.get(record).content.decode()
    assert address not in browse("survey_team").get(record).content.decode()
    key = asks.get(address).context["form"].initial["key"]
    assert asks.post(address, {"key": "none"}).status_code == 422
    assert [asks.post(address, {"key": key}).status_code for _press in range(2)] == [302, 302]
    made, shown = Allocation.objects.get(), asks.get(record).content.decode()
    assert made.arm_code in shown and address not in shown and "once only" in asks.get(address).content.decode()
    for role in ("survey_team", "trial_manager"):
        assert made.arm_code not in browse(role).get(record).content.decode()
    ends(first, second)


def ends(first, second) -> None:
    """Two people open the seed, and one of them takes the log away."""
    for client in (first, second):
        assert client.get("/substudies/reminder/log/").status_code == (409 if client is first else 403)
    address = "/substudies/reminder/opening/"
    assert "can still be allocated" in first.post(address, {"reason": "Curious."}).content.decode()
    with clock.at(AT_THE_END):
        assert first.post(address, {"reason": "All in."}).status_code == 302
        assert "<form method=\"post\" novalidate" not in first.get(address).content.decode()
        assert "All in." in second.get(address).content.decode()
        assert first.post(address, {"confirmation": "i agree"}).status_code == 422
        assert second.post(address, {"confirmation": "i agree"}).status_code == 302
        assert "Take the log away" in first.get(address).content.decode()
        assert first.get("/substudies/reminder/log/").content.startswith(b'{"digest":')


@pytest.mark.parametrize("role", ["coordinator", "practitioner", "survey_team", "trial_statistician", "la_analyst",
                                  "funder", "system_owner", "process_evaluator"])
def test_nobody_who_recruits_reaches_its_scheme(locked, browse, role):
    client = browse(role)
    for address in ("", "reminder/set-up/", "reminder/lock/", "reminder/opening/", "reminder/log/",
                    "reminder/certificate/1.json"):
        assert client.get(f"/substudies/{address}").status_code == 403


def test_a_study_without_sub_studies_says_so(programme, browse):
    client = browse("trial_manager")
    assert "has no sub-studies" in client.get("/substudies/").content.decode()
    assert "/substudies/" not in client.get("/").content.decode()
    assert client.get("/substudies/reminder/lock/").status_code == 404
    family = programme.allocated()
    assert browse("coordinator").get(f"/families/{family.code}/substudies/reminder/").status_code == 404
    assert "Sub-stud" not in browse("coordinator").get(f"/families/{family.code}/").content.decode()


@pytest.mark.parametrize(("change", "said"), [
    (('"blocks:4"', '"blocks:odd"'), "cannot be used"), (('"blocks:4"', '"list"'), "draws from its own seed"),
    (("[1, 1]", "[1, 2, 3]"), "cannot be used|3 parts"), (("by_letter", "vig"), "as the main study has"),
    (('"Which', '"Which'), "")])
def test_a_scheme_that_cannot_serve_it_is_not_set_up_and_the_page_says_why(programme, browse, change, said):
    amend(REMINDER.replace(*change) + ("" if said else 'purpose = "flying"\n'))
    with pytest.raises(Refused, match=said or "no purpose of the consent"):
        actions.set_up(by=programme.people["monitoring_statistician"], substudy="reminder")
    page = browse("monitoring_statistician").get("/substudies/").content.decode()
    assert "cannot be set up" in page and "Set up from the study file" not in page and not Scheme.objects.exists()


def test_after_the_main_seed_is_open_nobody_enters_and_the_log_still_opens(locked, tmp_path):
    first, second = locked.allocated(), locked.allocated()
    enter(locked, first)
    opened(locked)
    for act in (lambda: enter(locked, second),
                lambda: actions.set_up(by=locked.people["monitoring_statistician"], substudy="reminder")):
        with pytest.raises(Refused, match="the trial is over"):
            act()
    (tmp_path / "log").write_bytes(log_of(locked))
    verdict = verify(tmp_path / "log")
    assert verdict.whole and verdict.draws == 1


def test_a_scheme_with_an_end_gives_no_place_beyond_it(programme):
    text = studies.read("vig").text.replace("target = 63", "target = 2")
    adopt_study(by=Rule("test"), text=text + REMINDER.replace("blocks:4", "maximal:2") + 'needs = "consented"\n',
                reason="A test", approved_by="The cast", holds_from=clock.today())
    actions.set_up(by=programme.people["monitoring_statistician"], substudy="reminder")
    actions.lock(by=programme.people["trial_manager"], substudy="reminder")
    families = [programme.consented() for _family in range(3)]
    assert [enter(programme, family).place for family in families[:2]] == [1, 2]
    with pytest.raises(Refused, match="Every place planned for this site is used"):
        enter(programme, families[2])
