"""Who may see a film: said at the filming, changed with one tap, asked at every range; and who is in it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from attunement.journey.films import sharing_actions, upload_actions
from attunement.journey.films.models import Film, Sharing, Viewing
from attunement.journey.films.permissions import shared
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry
from tests.journey.films_cast import added, filmed, mp4

NOBODY = ["coordinator", "trial_manager", "system_owner", "survey_team", "funder", "trial_statistician", "cost_evaluator"]
CLOSED = {"practitioner_2": 404, "practitioner_b": 404, "process_evaluator": 404}


@pytest.fixture
def family(programme):
    return filmed(programme)


@pytest.fixture
def film(programme, family):
    return added(programme, family)


@pytest.fixture
def play(browse, film):
    return lambda role, span="bytes=0-99": browse(role).get(reverse("play", args=[film.pk]),
                                                            headers={"Range": span}).status_code


def share(programme, film, **given: bool) -> int:
    return sharing_actions.share(by=programme.people["practitioner"], film=film, given=given)


def test_a_first_film_is_shared_as_the_family_agreed_on_the_whole(film):
    said = {row.audience: row.given for row in Sharing.objects.filter(film=film)}
    assert said == {"practitioner": True, "supervisor": True, "peers": False, "research": False, "training": True,
                    "parent_copy": True}
    row = Sharing.objects.filter(film=film).first()
    assert (row.said, row.notice_version, row.study_version) == ("filming", "1", 1) and row.made_at


def test_the_next_film_begins_with_what_was_said_of_the_last(programme, family, film):
    share(programme, film, supervisor=False, research=True)
    after = {row.audience: row.given for row in Sharing.objects.filter(film=added(programme, family, mp4(2)))}
    assert (after["supervisor"], after["research"], after["practitioner"]) == (False, True, True)


@pytest.mark.parametrize(("audience", "role"), [("supervisor", "supervisor"), ("peers", "practitioner_b"),
                                                ("research", "process_evaluator"), ("practitioner", "practitioner")])
def test_each_audience_is_let_in_and_shut_out_within_one_request(programme, film, play, audience, role):
    share(programme, film, **{audience: True})
    assert play(role) == 206
    share(programme, film, **{audience: False})
    assert play(role, "bytes=100-199") in (403, 404)
    share(programme, film, **{audience: True})
    assert play(role) == 206


def test_no_role_opens_what_is_not_shared_with_it(programme, film, play):
    share(programme, film, peers=True, research=True, training=True)
    assert {role: play(role) for role in NOBODY} == dict.fromkeys(NOBODY, 403)
    share(programme, film, peers=False, research=False)
    assert {role: play(role) for role in CLOSED} == CLOSED


def test_with_somebody_unnamed_only_the_practitioner_watches(programme, family, play, film):
    by = programme.people["practitioner"]
    assert not sharing_actions.name_in_shot(by=by, film=film, people=[("parent", "", "own"), ("adult", "A. Aunt", "no")])
    assert (play("supervisor"), play("practitioner")) == (404, 206)
    assert sharing_actions.name_in_shot(by=by, film=film, people=[
        ("parent", "", "own"), ("child", "", "guardian"), ("adult", "A. Aunt", "own"), ("other_child", "B.", "guardian")])
    assert play("supervisor") == 206
    assert "Aunt" not in "".join(entry.what for entry in Entry.objects.all())


@pytest.mark.parametrize(("people", "sentence"), [
    ([], "Say who"), ([("adult", " ", "own")], "Write down the name"), ([("child", "", "own")], "a parent or guardian"),
    ([("dog", "Rex", "own")], "Choose from the list"), ([("adult", "X", "maybe")], "Choose from the list")])
def test_who_is_in_shot_must_be_said_in_full(programme, film, people, sentence):
    with pytest.raises(Refused, match=sentence):
        sharing_actions.name_in_shot(by=programme.people["practitioner"], film=film, people=people)


def test_a_film_with_others_in_it_is_shared_with_nobody_at_first(programme, family):
    film = added(programme, family)
    assert shared(film, "supervisor")
    from attunement.journey.films import actions
    from tests.journey.films_cast import arrived, session

    other = actions.add_film(by=programme.people["practitioner"], session=session(family), arriving=arrived(mp4(3)),
                             reaffirmed=True, only_family=False)
    assert not shared(other, "supervisor") and shared(other, "practitioner")


def test_only_the_familys_practitioner_writes_it_down(programme, film):
    for role in ("practitioner_2", "supervisor", "trial_manager", "coordinator"):
        with pytest.raises(NotAllowed):
            sharing_actions.share(by=programme.people[role], film=film, given={"research": True})
    with pytest.raises(Refused, match="Choose from the list"):
        share(programme, film, everybody=True)
    assert share(programme, film, supervisor=True) == 0


def test_what_was_watched_is_kept_as_merged_spans(film, play):
    for span in ("bytes=0-99", "bytes=500-599", "bytes=100-199", "bytes=50-149"):
        play("practitioner", span)
    viewing = Viewing.objects.filter(film=film).order_by("id").first()
    assert viewing.spans == [[0, 199], [500, 599]] and viewing.of == len(mp4())
    assert Entry.objects.filter(verb="films.watched").count() == Viewing.objects.count()


def test_the_copy_on_the_phone_is_open_until_somebody_has_looked(programme, film, browse):
    assert film.phone_copy_open
    assert "Phone copy open" in browse("supervisor").get(reverse("films")).content.decode()
    address = reverse("phone_copy_gone", args=[film.pk])
    assert browse("supervisor").post(address).status_code == 403
    assert browse("practitioner").post(address).status_code == 302
    assert not Film.objects.get(pk=film.pk).phone_copy_open
    assert "Phone copy open" not in browse("supervisor").get(reverse("films")).content.decode()


def test_a_film_made_in_the_page_leaves_no_copy_on_the_phone(programme, family):
    from tests.journey.films_cast import session

    upload = upload_actions.begin_upload(by=programme.people["practitioner"], session=session(family), length=None,
                                         reaffirmed=True, came_from="page")
    assert upload.came_from == "page"


def test_the_page_says_it_and_changes_it(programme, film, browse):
    client = browse("practitioner")
    page = client.get(reverse("film_keeping", args=[film.pk])).content.decode()
    assert "Researchers who rate films" in page and "Phone copy open" in page and "Nobody yet" in page
    client.post(reverse("share_film", args=[film.pk]), {"practitioner": "on", "research": "on"})
    assert shared(film, "research") and not shared(film, "supervisor")
    answer = client.post(reverse("in_shot", args=[film.pk]), {
        "parent": "own", "child": "guardian", "name_1": "A. Aunt", "who_1": "adult", "agreed_1": "own"})
    assert answer.status_code == 302 and film.in_shot.count() == 3
    answer = client.post(reverse("in_shot", args=[film.pk]), {"name_1": "A. Aunt", "agreed_1": "own"})
    assert answer.status_code == 422 and "Choose from the list" in answer.content.decode()
    assert browse("process_evaluator").get(reverse("film_keeping", args=[film.pk])).status_code == 200
    assert "A. Aunt" not in browse("process_evaluator").get(reverse("film_keeping", args=[film.pk])).content.decode()
    assert browse("practitioner_2").post(reverse("share_film", args=[film.pk]), {}).status_code == 404
