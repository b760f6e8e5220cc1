"""A draw asks eligibility again, warns, and opens a task: both arms are told, a trained practitioner with room is given."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from attunement import study as studies
from attunement.journey.arms import actions as arms
from attunement.journey.delivery import actions, next_actions
from attunement.journey.delivery.models import NextStep, OwnWorker
from attunement.journey.people.actions import lay_down
from attunement.journey.people.models import Holding
from attunement.journey.trail import clock
from attunement.journey.trail.actions import Rule, adopt_study
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry


def draw(client, family, **given):
    address = f"/families/{family.code}/allocate/"
    key = re.search(r'name="key" value="([0-9a-f-]+)"', client.get(address).content.decode())
    return client.post(address, {"key": key.group(1)} | given)


def test_eligibility_is_asked_again_on_the_day_of_the_draw(programme, browse):
    family, client = programme.baselined(), browse("coordinator")
    assert "Ask these again today" in client.get(f"/families/{family.code}/allocate/").content.decode()
    assert draw(client, family).status_code == 422
    answer = draw(client, family, eligible="no")
    assert answer.status_code == 422 and "not eligible any more" in answer.content.decode()
    assert not hasattr(family, "allocation")
    assert draw(client, family, eligible="yes").status_code == 302
    assert '"asked_again":true' in Entry.objects.get(verb="arms.allocated").what.replace(" ", "").replace("True", "true")


def test_a_draw_is_warned_of_but_not_stopped_when_the_sessions_no_longer_fit(programme, browse):
    with clock.at(clock.local(date(2022, 5, 9))):
        family, client = programme.baselined(), browse("coordinator")
        page = client.get(f"/families/{family.code}/allocate/").content.decode()
        assert "8 sessions do not fit any more" in page and "the last would be on 4 July 2022" in page
        assert draw(client, family, eligible="yes").status_code == 422
        assert draw(client, family, eligible="yes", warned="on").status_code == 302
    with clock.at(clock.local(date(2022, 5, 4))):
        page = client.get(f"/families/{programme.baselined().code}/allocate/").content.decode()
        assert "do not fit" not in page and 'name="warned"' not in page


def test_a_draw_is_warned_of_when_the_site_has_no_room_or_nobody(programme, browse):
    text = studies.read("vig").text.replace("families_per_practitioner = 6", "families_per_practitioner = 1")
    adopt_study(by=Rule("test"), text=text, reason="A test", approved_by="Cast", holds_from=clock.today())
    client, waiting = browse("coordinator"), programme.baselined()
    programme.assigned("practitioner")
    assert "has room" not in client.get(f"/families/{waiting.code}/allocate/").content.decode()
    programme.assigned("practitioner_2")
    assert "No practitioner at this site has room" in client.get(f"/families/{waiting.code}/allocate/").content.decode()
    holdings = Holding.objects.filter(role="practitioner", site__code="B", until=None)
    lay_down(by=programme.people["trial_manager"], holding=holdings.get())
    other = programme.baselined(site="B")
    page = browse("coordinator_b").get(f"/families/{other.code}/allocate/").content.decode()
    assert "There is no practitioner at this site" in page


def test_a_draw_opens_a_task_in_either_arm_and_the_page_of_tasks_is_one_reading(programme, browse):
    given, control = programme.allocated("vig"), programme.allocated("usual_care")
    client, many = browse("coordinator"), NextStep.objects.count()
    start = client.get("/").content.decode()
    assert "Families that were drawn" in start and f'att-tile__count">{many}<' in start
    assert not Entry.objects.filter(verb__startswith="arms.read").exists(), "the start page reads no arm"
    page = client.get("/next-steps/").content.decode()
    assert f"/families/{given.code}/assign/" in page and f"/families/{control.code}/assign/" not in page
    assert all(f"/families/{family.code}/told/" in page for family in (given, control))
    assert Entry.objects.filter(verb="arms.read_many").count() == 1
    assert given.code not in browse("coordinator_b").get("/next-steps/").content.decode()


def test_both_arms_are_told_in_one_dated_step_and_the_task_closes_when_all_is_done(programme, browse):
    given, control = programme.allocated("vig"), programme.allocated("usual_care")
    client = browse("coordinator")
    for family in (given, control):
        assert client.post(f"/families/{family.code}/told/", {"told_on": "2021-07-05"}).status_code == 302
        again = client.post(f"/families/{family.code}/told/", {"told_on": "2021-07-05"})
        assert again.status_code == 422 and "told already" in again.content.decode()
        assert Entry.objects.get(verb="delivery.family_told", family=family.code).what == '{"told_on":"2021-07-05"}'
    page = client.get("/next-steps/").content.decode()
    assert f"/families/{given.code}/" in page and f"/families/{control.code}/" not in page
    actions.assign(by=programme.people["coordinator"], family=given, practitioner=programme.people["practitioner"],
                   first_session_on=clock.today())
    assert f"/families/{given.code}/" not in client.get("/next-steps/").content.decode()


@pytest.mark.parametrize("told_on", ["", "2021-07-04", "2021-07-06", "0021-07-05", "x"])
def test_a_day_on_which_nobody_can_have_been_told_is_refused(programme, browse, told_on):
    family = programme.allocated()
    assert browse("coordinator").post(f"/families/{family.code}/told/", {"told_on": told_on}).status_code == 422
    with pytest.raises(Refused, match="nothing to tell"):
        next_actions.tell(by=programme.people["coordinator"], family=programme.baselined(), told_on=clock.today())


def test_the_own_worker_is_recorded_in_either_arm_and_never_becomes_the_practitioner(programme, browse):
    family, client, person = programme.allocated("vig"), browse("coordinator"), programme.people["practitioner"]
    assert "not asked yet" in client.get(f"/families/{family.code}/").content.decode()
    address = f"/families/{family.code}/own-worker/"
    assert client.post(address, {"worker": str(person.pk)}).status_code == 302
    assert (OwnWorker.objects.get().trained, OwnWorker.objects.get().person) == (True, person)
    first = clock.today() + timedelta(days=7)
    with pytest.raises(Refused, match="own worker"):
        actions.assign(by=programme.people["coordinator"], family=family, practitioner=person, first_session_on=first)
    assert client.post(address, {"worker": "no"}).status_code == 302
    actions.assign(by=programme.people["coordinator"], family=family, practitioner=person, first_session_on=first)
    assert client.post(address, {"worker": str(person.pk)}).status_code == 422
    assert client.post(address, {"worker": "other"}).status_code == 302
    assert OwnWorker.objects.get().trained and OwnWorker.objects.get().person is None
    assert client.post(address, {"worker": "me"}).status_code == client.post(address, {"x": "1"}).status_code == 422
    control = programme.allocated("usual_care")
    assert client.post(f"/families/{control.code}/own-worker/", {"worker": str(person.pk)}).status_code == 302


def test_another_sites_coordinator_and_other_roles_neither_tell_nor_record(programme, browse):
    family = programme.allocated()
    for person in ("coordinator_b", "practitioner", "trial_manager"):
        with pytest.raises(NotAllowed):
            next_actions.tell(by=programme.people[person], family=family, told_on=clock.today())
        with pytest.raises(NotAllowed):
            next_actions.record_own_worker(by=programme.people[person], family=family, trained=False)
    assert browse("coordinator_b").get(f"/families/{family.code}/told/").status_code == 404


def test_handing_over_keeps_the_first_practitioner_for_the_analysis(programme):
    family = programme.assigned()
    actions.hand_over(by=programme.people["coordinator"], family=family, reason="left",
                      practitioner=programme.people["practitioner_2"])
    assert family.assignments.first().practitioner == programme.people["practitioner"]
    assert arms.read_arm(by=programme.people["coordinator"], family=family, why="test") == "vig"
