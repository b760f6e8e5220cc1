"""March to July: courses, ready to start, practice families, meetings, staff records, the pack for whoever accredits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attunement.journey.delivery import actions as delivery
from attunement.journey.oversight.freezing import frames
from attunement.journey.supervision import actions, evidence, queries, training_actions
from attunement.journey.supervision.models import (
    Attendance,
    Course,
    Meeting,
    PracticeFamily,
    StaffRecord,
    Supervision,
)
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry


@pytest.fixture
def people(programme):
    return programme.people


def trained(people, *days_there, person="practitioner"):
    course = training_actions.open_course(by=people["supervisor"], title="First course", days=2,
                                          starts_on=clock.today() - timedelta(days=30))
    for day in days_there:
        training_actions.take_attendance(by=people["supervisor"], course=course, day=day, there={people[person]: True})
    return course


def cycles(people, many, families=1):
    """As many whole practice cycles, shared out over new practice families."""
    own = [training_actions.add_practice_family(by=people["practitioner"]) for _each in range(families)]
    for number in range(many):
        training_actions.log_practice_cycle(by=people["practitioner"], family=own[number % families], clips=3,
                                            filmed_on=clock.today() - timedelta(days=9), reviewed_on=clock.today())


def supervised(people, minutes):
    booked = actions.book(by=people["supervisor"], trainee=people["practitioner"], booked_for=clock.today(),
                          minutes=min(minutes, 480))
    return actions.hold(by=people["supervisor"], supervision=booked, minutes=minutes)


def test_a_supervisor_takes_attendance_day_by_day_and_says_who_is_ready(programme, browse, people):
    client, person = browse("supervisor"), people["practitioner"]
    assert client.post("/supervision/courses/", {"title": "First course", "starts_on": "2021-06-01",
                                                 "days": "2"}).status_code == 302
    course = Course.objects.get()
    address = f"/supervision/with/{person.code}/ready/"
    assert client.post(address, {"ready_on": "2021-07-05"}).status_code == 422
    for day in (1, 2):
        said = {f"person_{person.pk}": "yes", f"person_{people['practitioner_2'].pk}": "no"}
        assert client.post(f"/supervision/courses/{course.pk}/{day}/", said).status_code == 302
    assert Attendance.objects.filter(there=True).count() == Attendance.objects.filter(there=False).count() == 2
    assert not Attendance.objects.filter(person=people["practitioner_b"]).exists(), "not recorded is not absent"
    assert client.post(address, {"ready_on": "2021-07-05"}).status_code == 302
    assert "since 5 Jul 2021" in client.get(f"/supervision/with/{person.code}/").content.decode()
    assert client.get(f"/supervision/courses/{course.pk}/3/").status_code == 404


def test_one_whose_training_is_recorded_starts_only_when_said_ready(programme, people):
    trained(people, 1)
    family = programme.allocated("vig")

    def give():
        delivery.assign(by=people["coordinator"], family=family, practitioner=people["practitioner"],
                        first_session_on=clock.today())

    with pytest.raises(Refused, match="ready to start"):
        give()
    with pytest.raises(Refused, match="2 days of the course are asked for, and 1 recorded"):
        training_actions.say_ready(by=people["supervisor"], trainee=people["practitioner"], ready_on=clock.today())
    training_actions.take_attendance(by=people["supervisor"], course=Course.objects.get(), day=2,
                                     there={people["practitioner"]: True})
    training_actions.say_ready(by=people["supervisor"], trainee=people["practitioner"], ready_on=clock.today())
    give()


def test_practice_families_have_a_code_count_towards_accreditation_and_enter_no_number_of_the_trial(programme, browse,
                                                                                                  people):
    before = frames(versions.current(), cut_on=clock.today())
    client = browse("practitioner")
    assert client.post("/practice/add/").status_code == 302
    family = PracticeFamily.objects.get()
    assert client.post(f"/practice/{family.code}/cycle/", {"filmed_on": "2021-06-20", "clips": "3",
                                                          "reviewed_on": "2021-06-27"}).status_code == 302
    found = queries.progress(people["practitioner"], clock.today())
    assert (found.cycles, found.clients) == (1, 1)
    assert queries.complete_cycles([people["practitioner"].pk]) == {people["practitioner"].pk: set()}
    after = frames(versions.current(), cut_on=clock.today())
    assert all(before[name].equals(after[name]) for name in before)
    assert {field.name for field in PracticeFamily._meta.get_fields()} == {
        "id", "code", "trainee", "since", "study_version", "cycles"}
    assert browse("practitioner_2").get(f"/practice/{family.code}/cycle/").status_code == 404
    with pytest.raises(NotAllowed):
        training_actions.log_practice_cycle(by=people["practitioner_2"], family=family, filmed_on=clock.today(), clips=1,
                                            reviewed_on=clock.today())


@pytest.mark.parametrize("change", [{"reviewed_on": "2021-06-19"}, {"reviewed_on": "2021-07-06"}, {"clips": "0"},
                                    {"clips": ""}, {"filmed_on": "0021-06-20"}, {"filmed_on": "x"}])
def test_a_cycle_that_cannot_have_been_is_refused(programme, browse, people, change):
    family = training_actions.add_practice_family(by=people["practitioner"])
    given = {"filmed_on": "2021-06-20", "clips": "3", "reviewed_on": "2021-06-27"} | change
    assert browse("practitioner").post(f"/practice/{family.code}/cycle/", given).status_code == 422
    assert not family.cycles.exists()


def test_a_stage_is_passed_by_its_meeting_in_order_and_once_all_it_asks_is_there(programme, browse, people):
    client, code = browse("supervisor"), people["practitioner"].code
    given = {"stage": "Stage 1", "held_on": "2021-07-05", "passed": "yes"}
    answer = client.post(f"/supervision/with/{code}/meeting/", given)
    assert answer.status_code == 422 and "asks for more" in answer.content.decode()
    assert client.post(f"/supervision/with/{code}/meeting/", given | {"passed": "no"}).status_code == 302
    cycles(people, 6, families=2)
    supervised(people, 420)
    assert client.post(f"/supervision/with/{code}/meeting/", given | {"stage": "Stage 2"}).status_code == 422
    assert client.post(f"/supervision/with/{code}/meeting/", given).status_code == 302
    assert client.post(f"/supervision/with/{code}/meeting/", given).status_code == 422
    assert list(Meeting.objects.values_list("kind", "passed")) == [("transition meeting", False),
                                                                   ("transition meeting", True)]


def test_the_pack_for_whoever_accredits_names_no_family(programme, browse, people):
    trained(people, 1, 2)
    cycles(people, 3, families=2)
    supervised(people, 60)
    pack = evidence.lines(people["practitioner"])
    assert [line.what for line in pack] == ["course"] * 2 + ["cycle"] * 3 + ["supervision"]
    assert {line.client for line in pack if line.what == "cycle"} == {"client 1 (practice)", "client 2 (practice)"}
    code = people["practitioner"].code
    page = browse("supervisor").get(f"/supervision/with/{code}/evidence/").content.decode()
    table = browse("practitioner").get("/supervision/own/evidence/?as=csv")
    assert "client 2 (practice)" in page and table["Content-Type"].startswith("text/csv")
    assert table.content.decode().splitlines()[0] == "what,on,client,cycle,minutes,said"
    assert len(table.content.decode().splitlines()) == 7 and f"{code}-1" not in table.content.decode()
    assert browse("practitioner_2").get(f"/supervision/with/{code}/evidence/").status_code == 403


def test_a_formula_in_a_courses_name_stays_a_text_in_the_table(people):
    assert "'=1" in evidence.as_csv([evidence.Line("course", None, said="=1+1")])


def test_the_staff_record_is_kept_by_oneself_and_read_by_code(programme, browse, people):
    client = browse("practitioner")
    given = {"job": "Social worker", "pay_band": "Band 8", "weekly_hours": "7.5"}
    assert client.post("/staff-record/", given).status_code == 302
    assert client.post("/staff-record/", given | {"weekly_hours": "61"}).status_code == 422
    assert client.post("/staff-record/", given | {"weekly_hours": "6"}).status_code == 302
    assert [str(each.weekly_hours) for each in StaffRecord.objects.all()] == ["7.5", "6.0"]
    page = browse("cost_evaluator").get(f"/supervision/with/{people['practitioner'].code}/").content.decode()
    assert "Social worker, Band 8, 6" in page and "Practitioner</h1>" not in page
    assert "Social" not in "".join(entry.what for entry in Entry.objects.all())


def test_notes_go_both_ways_and_only_the_two_read_them(programme, browse, people):
    booked = actions.book(by=people["supervisor"], trainee=people["practitioner"], booked_for=clock.today(), minutes=60)
    boss, own = browse("supervisor"), browse("practitioner")
    assert boss.post(f"/supervision/{booked.pk}/hour/", {"text": "Look at her eyes"}).status_code == 302
    assert own.post(f"/supervision/own/{booked.pk}/", {"text": "I was rushed"}).status_code == 302
    for page in (boss.get(f"/supervision/{booked.pk}/hour/"), own.get(f"/supervision/own/{booked.pk}/")):
        assert "Look at her eyes" in page.content.decode() and "I was rushed" in page.content.decode()
    assert browse("practitioner_2").get(f"/supervision/own/{booked.pk}/").status_code == 404
    evaluator = browse("process_evaluator")
    assert evaluator.get(f"/supervision/{booked.pk}/hour/").status_code == 403
    assert "rushed" not in evaluator.get(f"/supervision/with/{people['practitioner'].code}/").content.decode()
    assert "rushed" not in "".join(entry.what for entry in Entry.objects.all())
    with pytest.raises(NotAllowed):
        actions.write_note(by=people["coordinator"], supervision=booked, text="x")


def test_the_supervisors_start_page_has_todays_hour_and_all_trainees_stand_with_hours_missed(programme, browse, people):
    booked = actions.book(by=people["supervisor"], trainee=people["practitioner"], booked_for=clock.today(), minutes=60)
    client = browse("supervisor")
    assert f'href="/supervision/{booked.pk}/hour/"' in client.get("/").content.decode()
    actions.hold(by=people["supervisor"], supervision=booked, minutes=None)
    assert f'href="/supervision/{booked.pk}/hour/"' not in client.get("/").content.decode()
    assert '<td data-label="Missed">1</td>' in client.get("/supervision/").content.decode()
    assert Supervision.objects.get().state == "missed"


@pytest.mark.parametrize("role", ["practitioner", "coordinator", "process_evaluator", "trial_manager"])
def test_only_supervisors_keep_courses_readiness_and_meetings(programme, people, role):
    by, trainee = people[role], people["practitioner_2"]
    for act in (lambda: training_actions.open_course(by=by, title="x", starts_on=clock.today(), days=1),
                lambda: training_actions.say_ready(by=by, trainee=trainee, ready_on=clock.today()),
                lambda: actions.hold_meeting(by=by, trainee=trainee, stage="Stage 1", held_on=clock.today(), passed=True)):
        with pytest.raises(NotAllowed):
            act()
