"""A shared review that was filmed: both consents, what was played beside it, comments, and the skills form of both."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from attunement.journey.delivery import actions as delivery
from attunement.journey.films import actions, material, review_actions, review_film_actions, supervised_queries
from attunement.journey.films.models import Film, ReviewFilm, Sharing, SkillRating
from attunement.journey.films.permissions import films_of, may_watch, shared
from attunement.journey.trail import clock
from attunement.journey.trail.errors import NotAllowed, Refused
from tests.journey.films_cast import added, arrived, filmed, mp4, session

NOW = int(timezone.now().timestamp() * 1000)


@pytest.fixture
def by(programme):
    return programme.people["practitioner"]


@pytest.fixture
def review(programme, by):
    """Planned for today, with two clips to look at."""
    family = filmed(programme)
    film = added(programme, family)
    for first in (0, 30):
        actions.mark_clip(by=by, film=film, first=first, last=first + 9, principle=1)
    found = session(family, "review")
    delivery.move_session(by=by, session=found, planned_for=clock.today())
    found.refresh_from_db()
    return found


@pytest.fixture
def film(by, review):
    return actions.add_film(by=by, session=review, arriving=arrived(mp4(4)), reaffirmed=True)


@pytest.fixture
def linked(by, review, film):
    review_film_actions.link_review_film(by=by, review=review, film=film, began_ms=NOW, parent=True, practitioner=True)
    return Film.objects.select_related("family__site", "session", "of_review").get(pk=film.pk)


@pytest.mark.parametrize(("parent", "practitioner"), [(False, True), (True, False), (False, False)])
def test_both_must_agree(by, review, film, parent, practitioner):
    with pytest.raises(Refused, match="both given on that day"):
        review_film_actions.link_review_film(by=by, review=review, film=film, began_ms=NOW, parent=parent,
                                             practitioner=practitioner)
    assert not ReviewFilm.objects.exists()


def test_it_is_linked_once_and_only_to_its_own_review(browse, by, review, film):
    address = reverse("review_film", args=[review.pk])
    fields = {"film": film.pk, "began": NOW, "parent": "on", "practitioner": "on"}
    assert [browse("practitioner").post(address, fields).status_code for _time in range(2)] == [200, 200]
    assert ReviewFilm.objects.count() == 1
    for spoilt in ({"film": "x"}, {"began": "soon"}, {"began": -1}, {"film": ""}):
        assert browse("practitioner").post(address, fields | spoilt).status_code == 422
    assert browse("practitioner").post(address, fields | {"film": uuid.uuid4()}).status_code == 404
    other = Film.objects.exclude(pk=film.pk).get()
    assert browse("practitioner").post(address, fields | {"film": other.pk}).status_code == 409


def test_it_is_for_supervision_and_nothing_else_whatever_else_is_agreed(programme, linked):
    for audience in ("peers", "research", "training", "supervisor"):
        Sharing.objects.create(film=linked, audience=audience, given=True, said="later", by="x", made_at=clock.now(),
                               notice_version="1")
    assert [audience for audience in ("practitioner", "supervisor", "peers", "research", "training")
            if shared(linked, audience)] == ["practitioner", "supervisor"]
    seen = {role for role in ("practitioner", "supervisor", "practitioner_2", "process_evaluator")
            if films_of(programme.people[role]).filter(pk=linked.pk).exists()}
    assert seen == {"practitioner", "supervisor"}


def test_what_was_played_stands_at_its_second_and_only_while_it_is_shared(programme, browse, by, review, linked):
    clips = list(Film.objects.exclude(pk=linked.pk).get().clips.order_by("first"))
    for later, said in ((500, {"kind": "play", "clip": clips[0].pk, "frame": 0}), (900, {"kind": "said", "code": "like"}),
                        (1500, {"kind": "slow", "clip": clips[1].pk}), (99_000, {"kind": "pause"})):
        review_actions.note(by=by, review=review, said={"key": str(uuid.uuid4()), "at": NOW + later, **said})
    found = supervised_queries.events(linked, programme.people["supervisor"])
    times = [(each.seconds, each.kind, each.first) for each in found]
    assert times == [(0.5, "play", 0), (0.9, "said", 0), (1.5, "slow", 30)]
    assert found[0].play == reverse("play", args=[clips[0].film_id]) and "I like this" in found[1].words
    actions.take_out_clip(by=by, clip=clips[0])
    assert supervised_queries.events(linked, programme.people["supervisor"])[0].play == ""
    page = browse("supervisor").get(reverse("supervised", args=[linked.pk])).content.decode()
    assert "A moment is played slowly" in page and "made up" in page


def test_both_rate_and_neither_leans_on_the_other(programme, browse, linked):
    form, address = material.skills_form(), reverse("supervised", args=[linked.pk])
    assert browse("supervisor").post(address, {"waits": 2}).status_code == 422
    for role, step in (("practitioner", 2), ("supervisor", 4)):
        before = browse(role).get(address).content.decode()
        assert "Both answers" not in before
        assert browse(role).post(address, {code: step for code in form.items}).status_code == 302
    assert SkillRating.objects.count() == 2
    page = browse("practitioner").get(address).content.decode()
    assert form.scale[1] in page and form.scale[3] in page
    browse("practitioner").post(address, {code: 1 for code in form.items})
    assert SkillRating.objects.count() == 2


@pytest.mark.parametrize("answers", [{}, {"waits": 1}, "nine", "other"])
def test_a_form_that_is_not_answered_whole_is_refused(by, linked, answers):
    items = material.skills_form().items
    answers = {"nine": dict.fromkeys(items, 9), "other": dict.fromkeys([*items, "x"], 1)}.get(str(answers), answers)
    with pytest.raises(Refused, match="every line"):
        review_film_actions.rate_skills(by=by, film=linked, answers=answers)


def test_others_neither_link_nor_rate_nor_end(programme, review, film, linked):
    for role in ("practitioner_2", "coordinator", "trial_manager"):
        other = programme.people[role]
        for act in (lambda other=other: review_film_actions.rate_skills(by=other, film=linked, answers={}),
                    lambda other=other: review_film_actions.end_review_film(by=other, film=linked),
                    lambda other=other: review_film_actions.link_review_film(
                        by=other, review=review, film=film, began_ms=1, parent=True, practitioner=True)):
            with pytest.raises(NotAllowed):
                act()


def test_when_one_agrees_no_more_nobody_watches_it_again(programme, browse, by, linked):
    assert may_watch(programme.people["supervisor"], linked)
    assert browse("practitioner").post(reverse("end_review_film", args=[linked.pk])).status_code == 302
    fresh = Film.objects.select_related("family__site").get(pk=linked.pk)
    assert not may_watch(programme.people["supervisor"], fresh) and not may_watch(by, fresh)
    assert browse("practitioner").get(reverse("play", args=[linked.pk])).status_code == 403
    with pytest.raises(Refused, match="ended already"):
        review_film_actions.end_review_film(by=by, film=fresh)
