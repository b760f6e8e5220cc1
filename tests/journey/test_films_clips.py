"""Marking clips, taking them out, looking at them together, and where films stand on other pages."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from attunement.journey.consent import actions as consent
from attunement.journey.delivery import actions as delivery
from attunement.journey.films import actions
from attunement.journey.films.models import Clip
from attunement.journey.films.panels import lines, panel
from attunement.journey.referral.models import Family
from attunement.journey.trail import versions
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry
from tests.journey.films_cast import added, filmed, session


@pytest.fixture
def family(programme):
    return filmed(programme)


@pytest.fixture
def film(programme, family):
    return added(programme, family)


@pytest.fixture
def clip(programme, film):
    return actions.mark_clip(by=programme.people["practitioner"], film=film, first=10, last=24, principle=3,
                             note="She waits")


def look(browse, name: str, *args: object, role: str = "practitioner") -> str:
    return browse(role).get(reverse(name, args=args)).content.decode()


def test_a_clip_is_marked_by_its_first_and_last_picture(programme, browse, film):
    address = reverse("film", args=[film.pk])
    fields = {"first": 0, "last": 59, "principle": 6, "note": " Both laugh "}
    assert browse("practitioner").post(address, fields).url == address
    made = Clip.objects.get()
    assert (made.first, made.last, made.principle, made.note) == (0, 59, 6, "Both laugh")
    assert (made.starts, made.ends) == (pytest.approx(0.5 / 30), pytest.approx(59.5 / 30))
    assert "laugh" not in Entry.objects.get(verb="films.clip_marked").what


@pytest.mark.parametrize(("fields", "sentence"), [
    ({"first": 30, "last": 29}, "before it starts"),
    ({"first": 0, "last": 60}, "last picture is frame 59"),
    ({"first": -1, "last": 5}, "greater than or equal to 0"),
    ({"first": "", "last": 5}, "First picture: please fill this in"),
    ({"first": "two", "last": 5}, "Enter a whole number"),
    ({"first": "1.5", "last": 5}, "Enter a whole number"),
    ({"first": 1, "last": "9" * 40}, "last picture is frame 59"),
    ({"principle": 7}, "Select a valid choice"),
    ({"principle": ""}, "What you see in it: please fill this in"),
    ({"note": "x" * 301}, "at most 300"),
])
def test_a_clip_that_cannot_be_is_refused_with_a_sentence(browse, film, fields, sentence):
    answer = browse("practitioner").post(reverse("film", args=[film.pk]),
                                         {"first": 0, "last": 9, "principle": 1, "note": ""} | fields)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not Clip.objects.exists()


@pytest.mark.parametrize("principle", [0, 7])
def test_the_action_knows_the_study_files_principles(programme, film, principle):
    with pytest.raises(Refused, match="Choose the principle"):
        actions.mark_clip(by=programme.people["practitioner"], film=film, first=0, last=1, principle=principle)


def test_the_form_works_without_javascript_and_names_the_principles(browse, film):
    page = look(browse, "film", film.pk)
    assert all(f">{name}</option>" in page for name in versions.current().delivery.principles)
    assert re.search(r'<input type="number" name="first"[^>]*data-first', page) and 'data-rate="30"' in page
    assert "A whole number from 0 to 59" in page


def test_a_supervisor_sees_clips_but_marks_and_takes_out_none(programme, browse, film, clip):
    page = look(browse, "film", film.pk, role="supervisor")
    assert "She waits" in page and 'name="first"' not in page and reverse("take_out", args=[clip.pk]) not in page
    answer = browse("supervisor").post(reverse("film", args=[film.pk]), {"first": 0, "last": 9, "principle": 1})
    assert answer.status_code == 403 and Clip.objects.count() == 1
    assert browse("supervisor").post(reverse("take_out", args=[clip.pk])).status_code == 403
    for role in ("supervisor", "practitioner_2", "trial_manager"):
        with pytest.raises(NotAllowed):
            actions.take_out_clip(by=programme.people[role], clip=clip)


def test_nothing_is_marked_after_a_withdrawal(programme, family, film):
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="being_filmed")
    film.refresh_from_db()
    with pytest.raises(Refused, match="does not agree to be filmed any more"):
        actions.mark_clip(by=programme.people["practitioner"], film=film, first=0, last=1, principle=1)


def test_a_clip_taken_out_is_out_at_once_and_only_once(programme, browse, film, clip):
    out = reverse("take_out", args=[clip.pk])
    assert browse("practitioner").get(out).status_code == 405
    assert browse("practitioner").post(out).url == reverse("film", args=[film.pk])
    clip.refresh_from_db()
    assert clip.taken_out_at is not None and "Taken out" in look(browse, "film", film.pk)
    with pytest.raises(Refused, match="taken out already"):
        actions.take_out_clip(by=programme.people["practitioner"], clip=clip)
    assert Entry.objects.filter(verb="films.clip_taken_out").count() == 1


def test_the_shared_review_shows_the_question_and_the_clips_and_no_codes(programme, browse, family, film, clip):
    delivery.ask_helping_question(by=programme.people["practitioner"], family=family, text="What does she tell me?")
    review = session(family, "review")
    page = look(browse, "review", review.pk)
    main = page[page.index("<main"):page.index("</main>")]
    words = re.sub(r"<[^>]+>", " ", main)
    assert "What does she tell me?" in words and "Moment 1 of 1" in words
    assert f"{reverse('play', args=[film.pk])}#t=0.3500,0.8167" in main and 'data-from="10" data-to="24"' in main
    assert family.code not in words and "Receiving initiatives" not in words and "She waits" not in words
    assert reverse("session", args=[review.pk]) in main


def test_the_parent_may_take_a_clip_out_of_the_review_at_once(browse, family, clip):
    review = session(family, "review")
    answer = browse("practitioner").post(reverse("take_out", args=[clip.pk]), {"review": review.pk})
    assert answer.url == reverse("review", args=[review.pk])
    assert "no moments to look at yet" in look(browse, "review", review.pk)


@pytest.mark.parametrize("review", ["https://elsewhere.example/", "9" * 5000, "²", "-1"])
def test_the_way_back_is_always_one_of_our_pages(browse, film, clip, review):
    answer = browse("practitioner").post(reverse("take_out", args=[clip.pk]), {"review": review})
    assert answer.url == reverse("film", args=[film.pk])


def test_a_review_shows_the_clips_of_its_own_cycle_only(programme, browse, family, clip):
    assert "no moments to look at yet" in look(browse, "review", session(family, "review", 2).pk)
    other = filmed(programme)
    assert "no moments to look at yet" in look(browse, "review", session(other, "review").pk)


def test_a_review_shows_nothing_after_a_withdrawal(programme, browse, family, clip):
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="being_filmed")
    assert "<video" not in look(browse, "review", session(family, "review").pk)


def test_a_review_is_a_page_of_the_familys_practitioner_and_of_a_review(browse, family):
    address = reverse("review", args=[session(family, "review").pk])
    answers = {role: browse(role).get(address).status_code
               for role in ("practitioner", "practitioner_2", "supervisor", "coordinator", "trial_manager")}
    assert answers == {"practitioner": 200, "practitioner_2": 404, "supervisor": 403, "coordinator": 403,
                       "trial_manager": 403}
    assert browse("practitioner").get(reverse("review", args=[session(family).pk])).status_code == 404


def test_the_review_is_in_the_familys_language(browse, family):
    Family.objects.filter(pk=family.pk).update(language="en-xr")
    page = look(browse, "review", session(family, "review").pk)
    assert 'dir="rtl"' in page and "Your moments together" not in page


def test_the_practitioners_page_of_a_family_lists_its_films(programme, browse, family, film, clip):
    shown = panel(programme.people["practitioner"], family)
    assert shown is not None
    assert ("Film of 5 July 2021, session 2: 1 clip", reverse("film", args=[film.pk])) in shown.links
    assert ("Add a film to session 2", reverse("add_film", args=[film.session_id])) in shown.links
    assert reverse("review", args=[session(family, "review").pk]) in dict(map(reversed, shown.links))
    assert reverse("film", args=[film.pk]) in look(browse, "own_family", family.code)


def test_other_roles_see_no_panel_and_a_supervisor_only_what_is_shared(programme, family, film):
    assert panel(programme.people["coordinator"], family) is None
    assert panel(programme.people["practitioner_2"], family) is None
    shared = panel(programme.people["supervisor"], family)
    assert shared is not None and len(shared.links) == 1
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="supervision_use")
    assert panel(programme.people["supervisor"], family) is None


def test_the_start_page_counts_what_one_may_know_of(programme, film):
    counts = {role: [line.count for line in lines(programme.people[role])]
              for role in ("practitioner", "practitioner_2", "supervisor", "trial_manager")}
    assert counts == {"practitioner": [1], "practitioner_2": [0], "supervisor": [1, None], "trial_manager": [None]}
