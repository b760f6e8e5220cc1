"""A coordinator allocates a family; who sees the arm afterwards, and what the trail keeps of it."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta

import pytest
from django.db.utils import OperationalError

from attunement.journey.arms import actions
from attunement.journey.arms.models import Allocation
from attunement.journey.consent import actions as consent
from attunement.journey.people.actions import add_person
from attunement.journey.referral import actions as referral
from attunement.journey.trail import clock
from attunement.journey.trail.actions import Rule
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry, Message

ARM = re.compile(r"\bvig\b|usual.care", re.IGNORECASE)


def page_of(client, family) -> str:
    return client.get(f"/families/{family.code}/").content.decode()


def without_chance(page: str, family) -> str:
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", page).replace(family.code, "CODE")


def panel_of(client, family) -> str:
    found = re.search(r">Allocation</h2>.*?</section>", page_of(client, family), re.DOTALL)
    assert found
    return found.group()


def key_on(client, family) -> str:
    page = client.get(f"/families/{family.code}/allocate/").content.decode()
    found = re.search(r'name="key" value="([0-9a-f-]+)"', page)
    assert found, page
    return found.group(1)


def press(client, family, key):
    return client.post(f"/families/{family.code}/allocate/", {"key": key, "eligible": "yes"})


def test_a_coordinator_allocates_a_family_and_then_reads_the_arm_on_its_record(programme, browse):
    family, client = programme.baselined(), browse("coordinator")
    panel = panel_of(client, family)
    assert "Not allocated yet" in panel and f"/families/{family.code}/allocate/" in panel
    answer = press(client, family, key_on(client, family))
    assert (answer.status_code, answer["Location"]) == (302, f"/families/{family.code}/")
    panel = panel_of(client, family)
    assert Allocation.objects.get(family=family).arm_code in panel and "5 July 2021" in panel
    assert "<input" not in panel and "/allocate/" not in panel
    assert "5 Jul 2021" in client.get("/families/").content.decode()


def test_each_thing_that_is_checked_shows_its_tick_or_the_reason(programme, browse):
    client = browse("coordinator")
    page = client.get(f"/families/{programme.refer().code}/allocate/").content.decode()
    assert page.count(">Yes</strong>") == 2 and page.count(">Not yet</strong>") == 2
    assert "has not agreed to take part" in page and "has not been completed yet" in page and 'name="key"' not in page
    assert client.get(f"/families/{programme.baselined().code}/allocate/").content.decode().count(">Yes</strong>") == 4


def test_pressed_twice_it_is_the_same_allocation(programme, browse):
    family, client = programme.baselined(), browse("coordinator")
    key = key_on(client, family)
    assert [press(client, family, key).status_code for _press in range(2)] == [302, 302]
    assert Allocation.objects.filter(family=family).count() == 1
    assert Entry.objects.filter(family=family.code, verb="arms.allocated").count() == 1
    assert Message.objects.filter(family=family.code, subject="A family has been allocated").count() == 1


def test_of_two_people_the_second_is_told_that_it_has_been_done(programme, browse):
    family, client = programme.baselined(), browse("coordinator")
    mine, other = key_on(client, family), key_on(client, family)
    press(client, family, mine)
    answer = press(client, family, other)
    assert answer.status_code == 422 and "has been allocated already" in answer.content.decode()
    again = client.get(f"/families/{family.code}/allocate/").content.decode()
    assert "was allocated on 5 July 2021" in again and 'name="key"' not in again


@pytest.mark.parametrize("key", ["", "1", "'; drop table", "x" * 5000])
def test_a_key_that_the_page_did_not_make_is_refused(programme, browse, key):
    family = programme.baselined()
    answer = press(browse("coordinator"), family, key)
    assert answer.status_code == 422 and "Open it again" in answer.content.decode()
    assert not Allocation.objects.filter(family=family).exists()


def test_a_database_that_takes_nothing_in_is_a_page_that_says_nothing_was_kept(programme, browse, monkeypatch):
    def full(**_given):
        raise OperationalError("database or disk is full")

    family, client = programme.baselined(), browse("coordinator")
    key = key_on(client, family)
    monkeypatch.setattr(actions, "allocate", full)
    client.raise_request_exception = False
    answer = press(client, family, key)
    page = answer.content.decode()
    assert answer.status_code == 503 and "has not been kept" in page and "system owner" in page and "full" in page
    assert "Traceback" not in page and "OperationalError" not in page


def ineligible(programme):
    return programme.refer(born_on=clock.today() - timedelta(days=800))


def withdrawn(programme):
    family = programme.baselined()
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="taking_part", mode="visit")
    return family


def moved(programme):
    family = programme.baselined()
    consent.record_change(by=programme.people["coordinator"], family=family, kind="moved", happened_on=clock.today())
    return family


@pytest.mark.parametrize(("who", "reason"), [
    (ineligible, "No child of this family is eligible"),
    (lambda programme: programme.refer(), "has not agreed"),
    (withdrawn, "has withdrawn"),
    (lambda programme: programme.consented(), "first questionnaire has not been completed"),
    (moved, "circumstances have changed"),
])
def test_it_is_refused_with_the_reason_and_nothing_is_kept(programme, browse, who, reason):
    family = who(programme)
    answer = press(browse("coordinator"), family, uuid.uuid4())
    assert answer.status_code == 422 and reason in answer.content.decode()
    assert not Allocation.objects.filter(family=family).exists()


def test_an_old_first_questionnaire_is_refused_but_an_old_allocation_is_said_first(programme):
    waiting, done, by = programme.baselined(), programme.allocated(), programme.people["coordinator"]
    with clock.at(clock.now() + timedelta(days=61)):
        with pytest.raises(Refused, match="more than 60 days old"):
            actions.allocate(by=by, family=waiting)
        with pytest.raises(Refused, match="allocated already"):
            actions.allocate(by=by, family=done)


def test_sixty_days_are_days_of_the_calendar_when_the_clocks_change(programme):
    with clock.at(clock.local(date(2021, 9, 30), 9)):
        family = programme.baselined()
    with clock.at(clock.local(date(2021, 11, 29), 17)):
        assert actions.allocate(by=programme.people["coordinator"], family=family).place


def test_another_sites_family_is_not_there(programme, browse):
    family, client = programme.baselined(site="B"), browse("coordinator")
    address = f"/families/{family.code}/allocate/"
    assert client.get(address).status_code == client.post(address, {"key": uuid.uuid4()}).status_code == 404
    assert client.get("/families/A999/allocate/").status_code == 404
    with pytest.raises(NotAllowed):
        actions.allocate(by=programme.people["coordinator"], family=family)


@pytest.mark.parametrize("role", ["survey_team", "trial_manager", "monitoring_statistician", "practitioner",
                                  "supervisor", "trial_statistician", "la_analyst", "funder", "system_owner"])
def test_only_coordinators_allocate(programme, browse, role):
    family = programme.baselined()
    assert browse(role).get(f"/families/{family.code}/allocate/").status_code == 403
    with pytest.raises(NotAllowed):
        actions.allocate(by=programme.people[role], family=family)


@pytest.mark.parametrize("role", ["survey_team", "trial_manager"])
def test_masked_roles_see_the_day_and_nothing_of_the_arm(programme, browse, role):
    pages = {}
    for arm in ("vig", "usual_care"):
        family = programme.allocated(arm)
        panel = panel_of(browse(role), family)
        assert "5 July 2021" in panel and not ARM.search(panel)
        pages[arm] = without_chance(page_of(browse(role), family), family)
    assert pages["vig"] == pages["usual_care"]
    with pytest.raises(NotAllowed):
        actions.read_arm(by=programme.people[role], family=family, why="curious")
    with pytest.raises(NotAllowed):
        actions.read_arms(by=programme.people[role], families=[family], why="curious")
    assert not Allocation.visible_to(programme.people[role]).exists()


def test_each_reading_of_an_arm_is_in_the_trail_once_a_page(programme, browse):
    family = programme.allocated()
    page_of(browse("coordinator"), family)
    read = Entry.objects.get(family=family.code, verb="arms.read")
    assert read.who == programme.people["coordinator"].trail_name and not ARM.search(read.what)


def test_the_list_is_for_the_monitoring_statistician_and_its_reading_is_recorded_once(programme, browse):
    families = [programme.allocated(), programme.allocated(site="B")]
    page = browse("monitoring_statistician").get("/allocation/list/").content.decode()
    assert all(family.code in page and Allocation.objects.get(family=family).arm_code in page for family in families)
    assert programme.people["coordinator"].code in page
    assert Entry.objects.filter(verb="arms.list_read").count() == 1
    with pytest.raises(NotAllowed):
        actions.read_list(by=programme.people["coordinator"], allocations=[])


def test_the_trail_and_the_messages_hold_no_arm(programme):
    for arm in ("vig", "usual_care"):
        family = programme.allocated(arm)
        entry = Entry.objects.get(family=family.code, verb="arms.allocated")
        assert (entry.who, entry.site) == (programme.people["coordinator"].trail_name, "A")
        assert '"field":"arm"' in entry.what and not ARM.search(entry.what)
        sent = Message.objects.get(family=family.code, subject="A family has been allocated")
        assert not ARM.search(sent.body + sent.subject)


def test_the_trail_page_leaves_out_for_masked_readers_what_would_tell_an_arm(programme, browse):
    families = [programme.assigned(), programme.allocated("usual_care")]
    page_of(browse("coordinator"), families[0])
    for family in families:
        address = f"/trail/?family={family.code}&first=2021-07-05&last=2021-07-05"
        masked = browse("trial_manager").get(address).content.decode()
        assert "arms.allocated" in masked and "delivery." not in masked and "arms.read" not in masked
        assert "Set to" not in masked and 'data-label="No."' not in masked
    seen = browse("monitoring_statistician").get(f"/trail/?family={families[0].code}").content.decode()
    assert "delivery.assigned" in seen and "arms.read" in seen and "Set to: vig" in seen
    assert Entry.objects.filter(verb="arms.read_many").count() == 1


@pytest.mark.parametrize(("days", "found"), [
    ("first=2021-07-05", True), ("last=2021-07-05", True), ("last=2021-07-04", False), ("first=2021-07-06", False),
    ("last=9999-12-31", True), ("first=0001-01-01", True)])
def test_the_trail_can_be_filtered_by_time(programme, browse, days, found):
    family = programme.refer()
    page = browse("trial_manager").get(f"/trail/?verb=referral&{days}").content.decode()
    assert (family.code in page) == found


def test_brothers_and_sisters_share_the_arm_and_are_not_allocated_again(programme, browse):
    family = programme.allocated()
    child = referral.refer_sibling(by=programme.people["coordinator"], family=family, answers=programme.yes(),
                                   born_on=clock.today() - timedelta(days=90))
    assert child.trial_number == f"{family.code}B" and not child.index
    assert panel_of(browse("coordinator"), family).count(Allocation.objects.get(family=family).arm_code) == 1
    with pytest.raises(Refused, match="already"):
        actions.allocate(by=programme.people["coordinator"], family=family)


def test_each_site_has_its_own_queue(programme):
    for _each in range(3):
        programme.allocated()
    assert programme.allocated(site="B").allocation.place == 1
    assert sorted(Allocation.objects.filter(family__site__code="A").values_list("place", flat=True)) == [1, 2, 3]


def test_somebody_with_a_masked_and_an_open_role_sees_arms_at_the_site_of_the_open_one_only(programme, browse):
    by = add_person(by=Rule("test"), email="both@example.org", name="Both", role="trial_manager")
    add_person(by=Rule("test"), email="both@example.org", name="Both", role="coordinator", site=programme.sites["A"])
    here, there = programme.allocated(), programme.allocated(site="B")
    assert list(Allocation.visible_to(by)) == [here.allocation]
    client = browse(None)
    client.force_login(by, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert here.allocation.arm_code in panel_of(client, here) and not ARM.search(panel_of(client, there))
    assert "arms.read" not in client.get("/trail/").content.decode()
