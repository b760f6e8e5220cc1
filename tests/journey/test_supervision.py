"""Supervisors and their trainees: progress by the dated pathway, booking, what became of it, the clips looked at."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attunement import study as studies
from attunement.journey.consent import actions as consent
from attunement.journey.delivery import actions as delivery
from attunement.journey.films import actions as films
from attunement.journey.people.actions import add_person, lay_down
from attunement.journey.people.models import Holding
from attunement.journey.supervision import actions, queries
from attunement.journey.supervision.models import Supervision
from attunement.journey.trail import clock
from attunement.journey.trail.actions import Rule, adopt_study
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry, Message
from tests.journey import films_cast


def booked(programme, days=0, trainee="practitioner", minutes=60):
    return actions.book(by=programme.people["supervisor"], trainee=programme.people[trainee], minutes=minutes,
                        booked_for=clock.today() + timedelta(days=days))


def clip_of(programme, family=None):
    film = films_cast.added(programme, family or films_cast.filmed(programme))
    return films.mark_clip(by=programme.people["practitioner"], film=film, first=1, last=20, principle=1)


def record(client, supervision, **given):
    return client.post(f"/supervision/{supervision.pk}/record/", given)


def test_a_supervisor_sees_all_trainees_of_all_sites_against_the_pathway(programme, browse):
    page = browse("supervisor").get("/supervision/").content.decode()
    assert all(name in page for name in ("Practitioner 2", "Practitioner B"))
    assert page.count("Stage 1") == 3 and page.count("0 of 27") == 3 and page.count("0 of 8") == 3
    assert page.count("0 of 23") == 3 and "holds from 1 March 2021" in page
    assert "P0" not in page.split("<table")[1].split("</table>")[0].replace("/with/P0", "")


def test_supervision_is_booked_and_the_trainee_is_told_and_sees_it(programme, browse):
    person, client = programme.people["practitioner"], browse("supervisor")
    address = f"/supervision/with/{person.code}/book/"
    assert client.post(address, {"booked_for": "2021-07-20", "minutes": "90"}).status_code == 302
    made = Supervision.objects.get()
    assert (made.trainee, made.supervisor, made.minutes_booked) == (person, programme.people["supervisor"], 90)
    assert Message.objects.latest("id").address == person.email
    assert Entry.objects.get(verb="supervision.booked").site == "A"
    assert "20 Jul 2021" in client.get("/supervision/").content.decode()
    own = browse("practitioner").get("/supervision/own/").content.decode()
    assert "20 Jul 2021" in own and "0 of 27" in own
    assert "20 Jul 2021" not in browse("practitioner_2").get("/supervision/own/").content.decode()
    again = client.post(address, {"booked_for": "2021-07-20", "minutes": "90"})
    assert again.status_code == 422 and "on this day already" in again.content.decode()


@pytest.mark.parametrize("given", [
    {"booked_for": "", "minutes": "60"}, {"booked_for": "2021-07-20", "minutes": "5"},
    {"booked_for": "2021-07-20", "minutes": "481"}, {"booked_for": "0021-07-20", "minutes": "60"},
    {"booked_for": "2031-07-20", "minutes": "60"}, {"booked_for": "x", "minutes": "x"}])
def test_a_booking_that_cannot_be_is_refused(programme, browse, given):
    address = f"/supervision/with/{programme.people['practitioner'].code}/book/"
    assert browse("supervisor").post(address, given).status_code == 422
    assert not Supervision.objects.exists()


def test_only_practitioners_are_supervised(programme, browse):
    coordinator = programme.people["coordinator"]
    client = browse("supervisor")
    assert client.get(f"/supervision/with/{coordinator.code}/").status_code == 404
    assert client.get("/supervision/with/P999/book/").status_code == 404
    with pytest.raises(Refused, match="with a practitioner"):
        booked(programme, trainee="coordinator")


def test_held_supervision_keeps_minutes_and_the_clips_that_were_looked_at(programme, browse):
    clip, supervision = clip_of(programme), booked(programme)
    client = browse("supervisor")
    page = client.get(f"/supervision/{supervision.pk}/record/").content.decode()
    assert 'value="60"' in page and "Film 1, pictures 1 to 20: Being attentive" in page
    assert record(client, supervision, outcome="held", minutes="50", clips=[clip.pk]).status_code == 302
    supervision.refresh_from_db()
    assert (supervision.state, supervision.minutes_held, list(supervision.clips.all())) == ("held", 50, [clip])
    assert "0.8 of 23" in client.get("/supervision/").content.decode()
    assert record(client, supervision, outcome="missed").status_code == 422


def test_missed_supervision_has_neither_minutes_nor_clips(programme, browse):
    clip, supervision = clip_of(programme), booked(programme)
    assert record(browse("supervisor"), supervision, outcome="missed", minutes="60", clips=[clip.pk]).status_code == 302
    supervision.refresh_from_db()
    assert (supervision.state, supervision.minutes_held, supervision.clips.count()) == ("missed", None, 0)
    with pytest.raises(Refused, match="missed"):
        actions.hold(by=programme.people["supervisor"], supervision=booked(programme), minutes=None, clips=[clip])


@pytest.mark.parametrize("given", [{}, {"outcome": "held", "minutes": ""}, {"outcome": "held", "minutes": "0"},
                                   {"outcome": "held", "minutes": "481"}, {"outcome": "gone", "minutes": "60"},
                                   {"outcome": "held", "minutes": "60", "clips": ["99999"]}])
def test_what_cannot_be_is_refused_and_a_blank_is_never_taken_for_missed(programme, browse, given):
    clip_of(programme)
    supervision = booked(programme)
    assert record(browse("supervisor"), supervision, x="1", **given).status_code == 422
    supervision.refresh_from_db()
    assert supervision.state == "booked"


def test_supervision_to_come_is_not_recorded_and_what_has_passed_is_not_logged(programme, browse):
    supervision, client = booked(programme, days=7), browse("supervisor")
    answer = record(client, supervision, outcome="held", minutes="60")
    assert answer.status_code == 422 and "lies in the future" in answer.content.decode()
    with films_cast.a_week_on(), clock.at(clock.now() + timedelta(days=1)):
        page = client.get("/supervision/").content.decode()
        assert "Not logged" in page and f"/supervision/{supervision.pk}/record/" in page
        assert "Not logged" in browse("practitioner").get("/supervision/own/").content.decode()


@pytest.mark.parametrize("purpose", ["supervision_use", "being_filmed", "taking_part"])
def test_a_clip_goes_from_the_choice_as_soon_as_the_family_takes_its_agreement_back(programme, browse, purpose):
    clip, supervision, client = clip_of(programme), booked(programme), browse("supervisor")
    trainee = f"/supervision/with/{programme.people['practitioner'].code}/"
    assert f"/films/{clip.film_id}/" in client.get(trainee).content.decode()
    consent.withdraw(by=programme.people["coordinator"], family=clip.film.family, purpose=purpose, mode="visit")
    assert f"/films/{clip.film_id}/" not in client.get(trainee).content.decode()
    assert "pictures 1 to 20" not in client.get(f"/supervision/{supervision.pk}/record/").content.decode()
    with pytest.raises(Refused, match="does not agree"):
        actions.hold(by=programme.people["supervisor"], supervision=supervision, minutes=60, clips=[clip])


def test_clips_that_were_taken_out_or_are_another_trainees_are_not_looked_at(programme):
    supervision = booked(programme, trainee="practitioner_2")
    clip = clip_of(programme)
    with pytest.raises(Refused, match="not the trainee's"):
        actions.hold(by=programme.people["supervisor"], supervision=supervision, minutes=60, clips=[clip])
    films.take_out_clip(by=programme.people["practitioner"], clip=clip)
    with pytest.raises(Refused):
        actions.hold(by=programme.people["supervisor"], supervision=booked(programme), minutes=60, clips=[clip])


def test_a_cycle_counts_once_with_its_film_its_clip_and_its_review(programme):
    family, by = films_cast.filmed(programme), programme.people["practitioner"]
    assert queries.complete_cycles([by.pk]) == {by.pk: set()}
    clip = clip_of(programme, family)
    assert queries.complete_cycles([by.pk]) == {by.pk: set()}
    for session in (films_cast.session(family, "review"),
                    delivery.plan_session(by=by, family=family, place=3, planned_for=clock.today())):
        delivery.record_session(by=by, session=session, state="held", held_on=clock.today(), minutes=60)
        assert queries.complete_cycles([by.pk]) == {by.pk: {(family.pk, 1)}}
    found = queries.progress(by, clock.today())
    assert (found.cycles, found.clients, found.cycles_needed, found.clients_needed) == (1, 1, 27, 8)
    films.take_out_clip(by=by, clip=clip)
    assert queries.complete_cycles([by.pk]) == {by.pk: set()}


def test_a_stage_is_passed_when_cycles_clients_and_hours_are_all_there(programme):
    path = queries.pathway(clock.today())
    assert path.code == "older_pathway" and queries.pathway(path.valid_from - timedelta(days=1)) is None
    cycles = {(family, cycle) for family in range(9) for cycle in range(3)}
    six_of_one = {(1, cycle) for cycle in range(6)}

    def at(cycles, hours):
        found = queries._progress(path, cycles, int(hours * 60))
        return found.stage, found.complete

    assert at(six_of_one, 7) == ("Stage 1", False)
    assert at({(family, cycle) for family in (1, 2) for cycle in range(3)}, 6.5) == ("Stage 1", False)
    assert at({(family, cycle) for family in (1, 2) for cycle in range(3)}, 7) == ("Stage 2", False)
    assert at(cycles, 22) == ("Stage 3", False)
    assert at(cycles, 23) == ("Stage 3", True)


def test_a_study_without_a_pathway_says_so(programme, browse):
    text = studies.read("vig").text.replace("adopted = true\ncourse_days", "adopted = false\ncourse_days")
    adopt_study(by=Rule("test"), text=text, reason="A test", approved_by="The cast", holds_from=clock.today())
    assert "no accreditation pathway" in browse("practitioner").get("/supervision/own/").content.decode()
    assert browse("supervisor").get("/supervision/").status_code == 200


def test_another_supervisors_supervision_is_not_there_to_record(programme, browse):
    add_person(by=Rule("test"), email="other@example.org", name="Other", role="supervisor")
    supervision = booked(programme)
    client = browse(None)
    from attunement.journey.people.models import Person

    other = Person.objects.get(email="other@example.org")
    client.force_login(other, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert record(client, supervision, outcome="missed").status_code == 404
    with pytest.raises(NotAllowed, match="another supervisor"):
        actions.hold(by=other, supervision=supervision, minutes=60)


@pytest.mark.parametrize("role", ["process_evaluator", "cost_evaluator"])
def test_evaluators_see_progress_by_code_no_name_no_film_and_book_nothing(programme, browse, role):
    clip, supervision = clip_of(programme), booked(programme)
    client, code = browse(role), programme.people["practitioner"].code
    pages = client.get("/supervision/").content.decode() + client.get(f"/supervision/with/{code}/").content.decode()
    assert code in pages and "Practitioner 2" not in pages and str(clip.film_id) not in pages
    assert "Supervisor</td>" not in pages
    assert client.get(f"/supervision/with/{code}/book/").status_code == 403
    assert record(client, supervision, outcome="missed").status_code == 403


@pytest.mark.parametrize("role", ["practitioner", "coordinator", "survey_team", "trial_manager", "trial_statistician",
                                  "monitoring_statistician", "la_analyst", "funder", "system_owner"])
def test_others_do_not_see_the_trainees_or_act_as_supervisor(programme, browse, role):
    supervision, client = booked(programme), browse(role)
    code = programme.people["practitioner"].code
    for address in ("/supervision/", f"/supervision/with/{code}/", f"/supervision/with/{code}/book/"):
        assert client.get(address).status_code == 403
    assert (client.get("/supervision/own/").status_code == 200) == (role == "practitioner")
    by = programme.people[role]
    with pytest.raises(NotAllowed):
        actions.book(by=by, trainee=programme.people["practitioner"], booked_for=clock.today(), minutes=60)
    with pytest.raises(NotAllowed):
        actions.hold(by=by, supervision=supervision, minutes=60)


def test_a_trainee_who_has_left_is_on_no_list_but_keeps_the_record(programme, browse):
    person, client = programme.people["practitioner"], browse("supervisor")
    booked(programme)
    lay_down(by=programme.people["trial_manager"], holding=Holding.objects.get(person=person, until=None))
    assert f"/with/{person.code}/" not in client.get("/supervision/").content.decode()
    page = client.get(f"/supervision/with/{person.code}/").content.decode()
    assert "5 Jul 2021" in page and "/book/" not in page
    programme.people["practitioner"].__dict__.pop("held", None)
    with pytest.raises(Refused, match="with a practitioner"):
        booked(programme, days=1)
