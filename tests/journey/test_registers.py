"""Registers with clocks: what must not be forgotten is put on record, acknowledged and closed, and kept to itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from attunement.journey.delivery.models import OwnWorker, Session
from attunement.journey.oversight import deviations, panels, register_actions, watching
from attunement.journey.oversight.models import RegisterEntry
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry, Message

SECRET = "Zebedee said that his sister is afraid"


def made(programme, who="coordinator", register="complaint", **facts):
    facts = {"text": SECRET, "came_on": clock.today()} | facts
    return register_actions.open_entry(by=programme.people[who], register=register, **facts)


def test_the_study_has_five_registers_each_with_its_own_clock(programme):
    found = {register.code: (register.days, register.months, register.until) for register in versions.current().registers}
    assert found["complaint"] == (30, None, "acknowledged")
    assert found["subject_request"] == (None, 1, "closed")
    assert set(found) == {"safeguarding", "serious_event", "deviation", "complaint", "subject_request"}


def test_a_complaint_is_due_in_thirty_days_and_a_request_in_one_month(programme):
    assert made(programme).due_on == date(2021, 8, 4)
    assert made(programme, register="subject_request", came_on=date(2021, 5, 31)).due_on == date(2021, 6, 30)


def test_acknowledging_stops_the_clock_of_a_complaint_but_not_that_of_a_request(programme):
    manager = programme.people["trial_manager"]
    complaint, request = made(programme), made(programme, register="subject_request")
    for entry in (complaint, request):
        register_actions.acknowledge(by=manager, entry=entry)
        entry.refresh_from_db()
    assert (complaint.met_on, request.met_on) == (clock.today(), None)
    with clock.at(clock.now() + timedelta(days=40)):
        assert not complaint.overdue and request.overdue
        assert request.state[0] == "Overdue"
    with pytest.raises(Refused, match="acknowledged"):
        register_actions.acknowledge(by=manager, entry=complaint)


def test_an_entry_is_closed_once_with_what_came_of_it(programme):
    manager, entry = programme.people["trial_manager"], made(programme)
    with pytest.raises(Refused, match="what came of it"):
        register_actions.close(by=manager, entry=entry, outcome=" ")
    closed = register_actions.close(by=manager, entry=entry, outcome="We said sorry.")
    assert closed.acknowledged_at and closed.state[0] == "Closed"
    with pytest.raises(Refused, match="closed"):
        register_actions.close(by=manager, entry=entry, outcome="Again.")


def test_what_it_says_is_in_the_database_only(programme):
    family = programme.consented()
    before = Message.objects.count()
    entry = made(programme, family=family, register="safeguarding")
    register_actions.close(by=programme.people["trial_manager"], entry=entry, outcome=SECRET)
    told = Message.objects.order_by("id")[before:]
    assert [message.address for message in told] == ["trial_manager@example.org"]
    everything = "".join(f"{row.what}{row.why}" for row in Entry.objects.all())
    everything += "".join(message.subject + message.body for message in told)
    for word in ("Zebedee", "sister", "afraid", "afeguarding"):
        assert word not in "".join(message.subject + message.body for message in told)
    assert "sister" not in everything and f"/registers/{entry.pk}/" in everything


def test_everybody_sees_the_own_entries_and_the_manager_all(programme, browse):
    entry = made(programme, "practitioner")
    address = f"/registers/{entry.pk}/"
    assert browse("practitioner").get(address).status_code == 200
    assert browse("coordinator").get(address).status_code == 404
    assert SECRET in browse("trial_manager").get(address).content.decode()
    assert browse("practitioner").post(f"{address}acknowledge/").status_code == 403
    with pytest.raises(NotAllowed):
        register_actions.close(by=programme.people["practitioner"], entry=entry, outcome="Done")


def test_who_made_an_entry_tells_no_masked_reader_the_arm(programme, browse):
    family = programme.assigned()
    entry = made(programme, "practitioner", family=family)
    page = browse("trial_manager").get(f"/registers/{entry.pk}/").content.decode()
    assert "somebody who works with the family" in page and "Practitioner" not in page.split("<main")[1]
    assert "entry_opened" not in browse("trial_manager").get("/trail/?verb=oversight.").content.decode()


def test_an_entry_is_made_on_the_page_from_the_familys_record(programme, browse):
    family = programme.consented()
    record = browse("coordinator").get(f"/families/{family.code}/").content.decode()
    assert f"/registers/open/?family={family.code}" in record
    given = {"register": "complaint", "came_on": "2021-07-05", "family": family.code.lower(), "text": SECRET}
    assert browse("coordinator").post("/registers/open/", given).status_code == 302
    assert RegisterEntry.objects.get().family == family
    for wrong in ({"family": "B-9999"}, {"came_on": "2031-01-01"}, {"register": "gossip"}, {"text": " "}):
        assert browse("coordinator").post("/registers/open/", given | wrong).status_code == 422
    assert RegisterEntry.objects.count() == 1


def test_what_is_overdue_stands_on_the_managers_start_page(programme, browse):
    made(programme, register="safeguarding")
    with clock.at(clock.now() + timedelta(days=3)):
        line = next(line for line in panels.lines(programme.people["trial_manager"]) if line.title == "Registers")
        assert (line.count, line.note) == (1, "1 overdue")
        assert "Overdue" in browse("trial_manager").get("/registers/").content.decode()


def test_a_role_that_the_study_does_not_name_makes_no_entry(programme):
    with pytest.raises(NotAllowed):
        made(programme, "funder")
    with pytest.raises(NotAllowed, match="no entries in this register"):
        made(programme, register="none_such")


def test_answers_outside_their_window_are_entered_as_deviations_once(programme, browse):
    family = programme.allocated()
    manager = programme.people["trial_manager"]
    assert not list(deviations.found())
    with clock.at(clock.now() + timedelta(days=125)):
        paper = programme.answered(family, "four_months")
    type(paper).objects.filter(pk=paper.pk).update(completed_at=clock.now() + timedelta(days=200))
    with clock.at(clock.now() + timedelta(days=201)):
        assert browse("trial_manager").post("/registers/look/").status_code == 302
        assert register_actions.look_for_deviations(by=manager) == 0
    entry = RegisterEntry.objects.get(family=family)
    assert "outside its window" in entry.text and entry.opened_by is None


def test_a_family_allocated_after_the_last_day_is_found_in_the_night(programme):
    with clock.at(clock.local(date(2022, 4, 1))):
        family = programme.allocated()
    for _night in range(2):
        watching.nightly.func()
    entry = RegisterEntry.objects.get()
    assert entry.family == family and "after the last day of allocation, 31 March 2022" in entry.text
    closed = register_actions.close(by=programme.people["trial_manager"], entry=entry, outcome="Kept in its arm.")
    assert (closed.closed_by, closed.outcome) == (programme.people["trial_manager"], "Kept in its arm.")


def test_what_is_wrong_in_delivery_names_no_family_to_a_masked_reader(programme, browse):
    family = programme.assigned()
    OwnWorker.objects.create(family=family, trained=True, person=programme.people["practitioner"],
                             asked_on=clock.today())
    usual_care = programme.allocated("usual_care")
    Session.objects.create(family=usual_care, practitioner=programme.people["practitioner"], number=1, kind="film",
                           planned_for=clock.today(), state="held", held_on=clock.today(), minutes=30)
    waiting = programme.allocated("vig")
    with clock.at(clock.now() + timedelta(days=40)):
        assert register_actions.look_for_deviations(by=programme.people["trial_manager"]) >= 3
        for entry in RegisterEntry.objects.filter(text=deviations.IN_DELIVERY):
            assert entry.family is None and entry.site.code == "A"
        told = dict(deviations.shown_to(programme.people["coordinator"]))
        page = browse("coordinator").get("/registers/").content.decode()
        assert told.keys() >= {family, usual_care, waiting} and "own worker was assigned" in page
        assert not deviations.shown_to(programme.people["coordinator_b"])
        assert not deviations.shown_to(programme.people["trial_manager"])
        assert not [each for each in (family, usual_care, waiting)
                    if f"{each.code}<" in browse("trial_manager").get("/registers/").content.decode()]
