"""What a trainee brings to supervision stands in the supervisor's queue, with how many films wait."""

from __future__ import annotations

import pytest

from attunement.journey.consent import actions as consent
from attunement.journey.films import actions as films
from attunement.journey.supervision import actions, queries
from attunement.journey.trail import clock
from attunement.journey.trail.errors import NotAllowed, Refused
from tests.journey import films_cast


def test_what_the_trainee_brings_stands_in_the_queue_until_the_hour(programme, browse):
    people = programme.people
    film = films_cast.added(programme, films_cast.filmed(programme))
    clip = films.mark_clip(by=people["practitioner"], film=film, first=1, last=20, principle=1)
    booked = actions.book(by=people["supervisor"], trainee=people["practitioner"], booked_for=clock.today(), minutes=60)
    own, boss = browse("practitioner"), browse("supervisor")
    assert queries.films_waiting(people["supervisor"]) == {people["practitioner"].pk: 1}
    assert own.post(f"/supervision/own/{booked.pk}/bring/", {"clips": [clip.pk]}).status_code == 302
    assert f"/films/{film.pk}/" in boss.get(f"/supervision/{booked.pk}/hour/").content.decode()
    with pytest.raises(NotAllowed):
        actions.bring(by=people["practitioner_2"], supervision=booked, clips=[clip])
    actions.hold(by=people["supervisor"], supervision=booked, minutes=60, clips=[clip])
    assert queries.films_waiting(people["supervisor"]) == {}
    with pytest.raises(Refused, match="recorded already"):
        actions.bring(by=people["practitioner"], supervision=booked, clips=[clip])


def test_a_clip_leaves_the_queue_when_its_family_takes_its_agreement_back(programme, browse):
    people = programme.people
    film = films_cast.added(programme, films_cast.filmed(programme))
    clip = films.mark_clip(by=people["practitioner"], film=film, first=1, last=20, principle=1)
    booked = actions.book(by=people["supervisor"], trainee=people["practitioner"], booked_for=clock.today(), minutes=60)
    actions.bring(by=people["practitioner"], supervision=booked, clips=[clip])
    consent.withdraw(by=people["coordinator"], family=film.family, purpose="supervision_use", mode="visit")
    assert f"/films/{film.pk}/" not in browse("supervisor").get(f"/supervision/{booked.pk}/hour/").content.decode()
    assert queries.films_waiting(people["supervisor"]) == {}
    with pytest.raises(Refused, match="does not agree"):
        actions.bring(by=people["practitioner"], supervision=booked, clips=[clip])
