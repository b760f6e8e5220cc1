"""What a rehearsal shows of films: a reel, a shared review in which the parent says something, comments both ways."""

from __future__ import annotations

from attunement.journey.films import actions
from attunement.journey.films.models import Comment, ReelClip, Seen
from attunement.journey.oversight import rehearsing_films
from tests.journey.films_cast import added, filmed, session


def test_a_reel_a_review_and_comments(programme):
    family = filmed(programme)
    film, by, supervisor = added(programme, family), programme.people["practitioner"], programme.people["supervisor"]
    for number in range(3):
        actions.mark_clip(by=by, film=film, first=number * 20, last=number * 20 + 9, principle=1)
        rehearsing_films.order(by=by, film=film, clips=3)
        assert ReelClip.objects.count() == (3 if number == 2 else 0)
    assert [each.clip.first for each in ReelClip.objects.all()] == [40, 0, 20]
    for _time in range(2):
        rehearsing_films.look_together(by=by, review=session(family, "review"))
        rehearsing_films.talk_about(trainee=by, supervisor=supervisor, films=[str(film.pk)])
    assert [each.kind for each in Seen.objects.all()] == ["play", "said", "slow", "said", "play", "said"]
    assert {each.by for each in Comment.objects.all()} == {by, supervisor} and Comment.objects.count() == 2
