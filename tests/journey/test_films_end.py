"""The end of a film: asked for, due, held; its key destroyed, nothing of it left, and a receipt that says so."""

from __future__ import annotations

import io
import json
import uuid
from datetime import date, timedelta

import av
import pytest
from django.conf import settings
from django.urls import reverse

from attunement.film import probe
from attunement.film.sealed import wrap
from attunement.journey.consent import actions as consent
from attunement.journey.films import (
    actions,
    copies,
    desk_actions,
    ending_actions,
    family_film_views,
    preparing,
    recovery,
    review_actions,
    sharing_actions,
    store,
)
from attunement.journey.films.ending_actions import closing_day, delete_due, due_on
from attunement.journey.films.models import CopyOut, Deletion, Film, Seen
from attunement.journey.trail import clock, keys
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry
from tests.journey.films_cast import added, filmed, mp4, on_disk, session


@pytest.fixture
def family(programme):
    return filmed(programme)


@pytest.fixture
def film(programme, family):
    return added(programme, family)


@pytest.fixture
def ready(film):
    preparing.make_looks()
    preparing.make_working_copies()
    return Film.objects.select_related("family__site").get(pk=film.pk)


@pytest.fixture
def clip(programme, ready):
    return actions.mark_clip(by=programme.people["practitioner"], film=ready, first=10, last=24, principle=3, note="Waits")


def copy(programme, film, *clips, whom: str = "parent_copy"):
    return copies.make_copy(by=programme.people["practitioner"], film=film, clips=clips, whom=whom)


def note(programme, review, said):
    return review_actions.note(by=programme.people["practitioner"], review=review, said=said | {"key": str(uuid.uuid4())})


def test_a_deleted_film_leaves_no_key_no_object_no_word_and_a_receipt(programme, ready, clip, browse):
    given_out, _content = copy(programme, ready, clip)
    desk_actions.comment(by=programme.people["supervisor"], film=ready, key=str(uuid.uuid4()), first=3, last=3, text="Look")
    review, said = session(ready.family, "review"), {"kind": "said", "code": "words", "at": 1}
    for pk in (clip.pk, None):
        note(programme, review, said | {"clip": pk, "words": "My own"})
    key_id, wrapped = store.book().key_id(str(ready.pk)), _wrapped(ready)
    store.back_up_keys()
    assert wrapped in (settings.PLACE.root / "keys" / store.BACKUP).read_bytes()
    ending_actions.ask_deletion(by=programme.people["practitioner"], film=ready)
    assert delete_due() == 1 and delete_due() == 0
    assert not [name for name in map(str, on_disk()) if str(ready.pk) in name]
    assert not [path for path in settings.PLACE.root.rglob("*") if path.is_file() and wrapped in path.read_bytes()]
    said = json.loads(Entry.objects.get(verb="films.deleted").what)
    assert (said["sha256"], said["key_id"], said["reason"]) == (ready.sha256, key_id, "asked")
    assert said["copies_given_out"] == [given_out.sha256] and said["opening_tried"] == "failed"
    assert said["objects_removed"] == 4 and said["asked_by"] == programme.people["practitioner"].trail_name
    after = Film.objects.get(pk=ready.pk)
    assert after.deleted_at and after.clips.get().note == after.comments.get().text == "" and not after.in_shot.exists()
    assert said["words_removed"] == {"notes": 1, "comments": 1, "said": 2, "in_shot": 2}
    note(programme, review, {"kind": "said", "code": "words", "at": 2, "clip": clip.pk, "words": "Came late"})
    assert {seen.words for seen in Seen.objects.filter(kind="said")} == {""} and Seen.objects.count() == 3
    assert "6 texts" in browse("practitioner").get(reverse("film_keeping", args=[ready.pk])).content.decode()
    with pytest.raises(Refused, match="nothing more is written"):
        desk_actions.comment(by=programme.people["supervisor"], film=ready, key=str(uuid.uuid4()), first=3, last=3, text="")
    with pytest.raises(Refused, match="cannot be opened"):
        store.open_film(ready.pk)


def _wrapped(film: Film) -> bytes:
    return wrap(store.book().key(str(film.pk)), keys.named(store.MASTER))


@pytest.mark.parametrize("step", ["removed", "has_key", "open_film"])
def test_killed_in_the_middle_the_next_brings_it_to_its_end_once(programme, ready, monkeypatch, step):
    class Killed(BaseException):
        pass

    def kill(*_given: object) -> None:
        raise Killed

    ending_actions.ask_deletion(by=programme.people["practitioner"], film=ready)
    with monkeypatch.context() as patched:
        patched.setattr(store, step, kill)
        with pytest.raises(Killed):
            delete_due()
    assert delete_due() == 1 and Entry.objects.filter(verb="films.deleted").count() == 1
    assert len(Deletion.objects.get().key_id) == 16 and Deletion.objects.get().objects_removed >= 4


def test_nobody_plays_a_film_whose_deletion_was_asked_for(programme, film, browse):
    address = reverse("delete_film", args=[film.pk])
    assert browse("practitioner").post(address, {"csrfmiddlewaretoken": "x"}).status_code == 422
    assert not Deletion.objects.exists()
    assert browse("practitioner").post(address, {"sure": "on"}).status_code == 302
    assert browse("practitioner").get(reverse("play", args=[film.pk])).status_code == 403
    assert browse("supervisor").get(reverse("play", args=[film.pk])).status_code == 404
    with pytest.raises(NotAllowed):
        ending_actions.ask_deletion(by=programme.people["supervisor"], film=film)


def test_a_film_is_due_two_months_after_the_last_session(programme, film, family):
    assert due_on(film) is None
    family.sessions.filter(state="planned").delete()
    assert closing_day(film) == clock.today() and due_on(film) == date(2021, 9, 5)
    assert delete_due() == 0
    with clock.at(clock.now() + timedelta(days=70)):
        assert delete_due() == 1
    assert Deletion.objects.get().why == "closing"


def test_sessions_that_nobody_recorded_keep_no_film_for_ever(film, family):
    last = max(session.planned_for for session in family.sessions.filter(state="planned"))
    with clock.at(clock.local(last + timedelta(days=29))):
        assert closing_day(film) is None
    with clock.at(clock.local(last + timedelta(days=31))):
        assert closing_day(film) == last


def test_what_research_was_given_has_a_clock_of_its_own(programme, film, family, monkeypatch):
    from attunement.journey.films import sharing_actions
    from attunement.journey.trail import versions

    study = versions.current()
    rule = next(rule for rule in study.retention if rule.what == "films")
    longer = rule.model_copy(update={"what": "films_for_research", "months": 120})
    monkeypatch.setattr(versions, "current", lambda: study.model_copy(update={"retention": (*study.retention, longer)}))
    family.sessions.filter(state="planned").delete()
    assert due_on(film) == date(2021, 9, 5)
    sharing_actions.share(by=programme.people["practitioner"], film=film, given={"research": True})
    assert due_on(film) == date(2031, 7, 5)


def test_after_a_withdrawal_the_clock_runs_from_that_day(programme, film, family):
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="being_filmed")
    assert due_on(Film.objects.get(pk=film.pk)) == date(2021, 9, 5)


@pytest.mark.parametrize(("day", "months", "then"), [
    (date(2021, 12, 31), 2, date(2022, 2, 28)), (date(2023, 12, 30), 2, date(2024, 2, 29)),
    (date(2021, 10, 15), 2, date(2021, 12, 15)), (date(2021, 11, 30), 3, date(2022, 2, 28)),
    (date(2021, 1, 1), 12, date(2022, 1, 1))])
def test_months_are_calendar_months(day, months, then):
    assert ending_actions._months_on(day, months) == then


def test_a_legal_hold_keeps_it_until_it_is_released(programme, film, browse):
    manager = programme.people["trial_manager"]
    for person, reason in (("", "A court asked"), ("J. Judge", " ")):
        with pytest.raises(Refused, match="Write down the name"):
            ending_actions.hold(by=manager, film=film, person=person, reason=reason)
    held = ending_actions.hold(by=manager, film=film, person="J. Judge", reason="A court asked")
    ending_actions.ask_deletion(by=programme.people["practitioner"], film=film)
    assert delete_due() == 0 and store.has_key(film.pk)
    assert browse("practitioner").get(reverse("play", args=[film.pk])).status_code == 403
    ending_actions.release(by=manager, hold=held)
    assert delete_due() == 1
    with pytest.raises(NotAllowed):
        ending_actions.hold(by=programme.people["supervisor"], film=film, person="X", reason="Y")


def test_the_page_of_holds_shows_no_film(programme, film, browse):
    client = browse("trial_manager")
    page = client.get(reverse("film_holds")).content.decode()
    assert film.family.code in page and "/play" not in page
    assert client.post(reverse("hold_film", args=[film.pk]), {"person": "J. Judge", "reason": "A court"}).status_code == 302
    assert client.get(reverse("play", args=[film.pk])).status_code == 403
    assert client.post(reverse("release_film", args=[film.holds.get().pk])).status_code == 302
    assert film.holds.get().until


def test_a_copy_holds_its_clips_only_and_is_listed(programme, ready, clip, browse):
    second = actions.mark_clip(by=programme.people["practitioner"], film=ready, first=40, last=44, principle=1)
    answer = browse("practitioner").post(reverse("give_copy", args=[ready.pk]),
                                         {"whom": "parent_copy", "clips": [clip.pk, second.pk]})
    assert answer["Content-Type"] == "video/mp4" and answer["Content-Disposition"] == 'attachment; filename="clips.mp4"'
    assert probe(io.BytesIO(answer.content)).frames == 20
    made = CopyOut.objects.get()
    assert made.size == len(answer.content) and Entry.objects.filter(verb="films.copy_given_out").count() == 1
    assert "For the parent: 2 clips" in browse("practitioner").get(
        reverse("film_keeping", args=[ready.pk])).content.decode()


@pytest.mark.parametrize(("purpose", "whom", "other"), [("copy_to_parent", "parent_copy", "training"),
                                                        ("training_use", "training", "parent_copy")])
def test_each_copy_has_its_own_consent(programme, family, ready, clip, purpose, whom, other):
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose=purpose)
    with pytest.raises(Refused, match="has not agreed"):
        copy(programme, ready, clip, whom=whom)
    assert copy(programme, ready, clip, whom=other)[1]
    with pytest.raises(NotAllowed):
        copies.make_copy(by=programme.people["supervisor"], film=ready, clips=[clip], whom=other)


def test_a_reel_over_two_films_answers_for_each(programme, family, ready, clip, browse):
    by = programme.people["practitioner"]
    with clock.at(clock.now() + timedelta(minutes=5)):
        other = added(programme, family, mp4(2))
    preparing.make_working_copies()
    other = Film.objects.get(pk=other.pk)
    second = actions.mark_clip(by=by, film=other, first=20, last=39, principle=1)
    third = actions.mark_clip(by=by, film=ready, first=40, last=44, principle=1)
    answer = browse("practitioner").post(reverse("give_copy", args=[ready.pk]),
                                         {"whom": "training", "clips": [clip.pk, third.pk, second.pk]})
    assert pictures(io.BytesIO(answer.content)) == pytest.approx(
        [*range_of(ready, 10, 24), *range_of(ready, 40, 44), *range_of(other, 20, 39)], abs=1.5)
    assert {(row.film_id, tuple(row.clips)) for row in CopyOut.objects.all()} == {
        (ready.pk, (clip.pk, third.pk)), (other.pk, (second.pk,))}
    assert CopyOut.objects.values("sha256").distinct().count() == 1
    assert Entry.objects.filter(verb="films.copy_given_out").count() == 2
    sharing_actions.share(by=by, film=other, given={"training": False})
    with pytest.raises(Refused, match="that the film of 5 July 2021 is used in training"):
        copy(programme, ready, clip, second, whom="training")
    assert copy(programme, ready, clip, second)[1]
    strange = actions.mark_clip(by=by, film=added(programme, filmed(programme)), first=0, last=9, principle=1)
    with pytest.raises(Refused, match="one family only"):
        copy(programme, ready, clip, strange)
    other.refresh_from_db()
    ending_actions.ask_deletion(by=by, film=other)
    with pytest.raises(Refused, match="not agreed to a copy"):
        copy(programme, ready, clip, second)
    assert second not in copies.may_hold(ready)


def pictures(file) -> list[float]:
    """How light each picture is, as a film's own pictures differ."""
    with av.open(file) as film:
        return [float(picture.to_ndarray()[: picture.height : 3].mean()) for picture in film.decode(video=0)]


def range_of(film, first, last) -> list[float]:
    with store.open_film(film.pk, store.WORKING) as clear:
        return pictures(clear)[first : last + 1]


def test_what_cannot_be_copied_is_said(programme, family, film):
    with pytest.raises(Refused, match="still being made ready"):
        copy(programme, film)
    with pytest.raises(Refused, match="Choose whom"):
        copy(programme, film, whom="everybody")


def test_the_family_sees_what_is_kept_and_has_it_wiped(programme, film, browse):
    browse("supervisor").get(reverse("play", args=[film.pk]))
    code = family_film_views.films_code(by=programme.people["practitioner"], family=film.family)
    phone = browse(None)
    page = phone.get(phone.post(reverse("code"), {"code": code}).url)
    address, words = page.request["PATH_INFO"], page.content.decode()
    assert address.startswith("/f/") and "Supervisor" in words and "Wipe this film" in words
    assert phone.post(f"{address}{film.pk}/supervisor/", {"say": "no"}).status_code == 302
    assert browse("supervisor").get(reverse("play", args=[film.pk])).status_code == 404
    asked = phone.post(f"{address}{film.pk}/wipe/")
    assert "We cannot bring it back" in asked.content.decode() and not Deletion.objects.exists()
    assert phone.post(f"{address}{film.pk}/wipe/", {"sure": "yes"}).status_code == 302
    assert "being wiped" in phone.get(address).content.decode()
    assert delete_due() == 1 and Deletion.objects.get().by.startswith("link:")
    with clock.at(clock.now() + timedelta(hours=2)):
        assert "open for an hour" in phone.get(address).content.decode()


def test_another_family_and_another_link_open_nothing(programme, film, browse):
    other = filmed(programme)
    code = family_film_views.films_code(by=programme.people["practitioner"], family=other)
    phone = browse(None)
    address = phone.post(reverse("code"), {"code": code}).url
    assert phone.post(f"{address}{film.pk}/wipe/").status_code == 404
    token = consent.give_link(by=programme.people["coordinator"], family=film.family, leads_to="consent")
    assert phone.get(f"/f/{token}/").status_code == 404
    with pytest.raises(NotAllowed):
        family_film_views.films_code(by=programme.people["practitioner_2"], family=other)


def test_the_films_key_is_restored_from_two_of_three_shares(programme, film, browse):
    owner = programme.people["system_owner"]
    one, two, three = recovery.make_shares(by=owner)
    with pytest.raises(Refused, match="shown to you once"):
        recovery.make_shares(by=owner)
    assert "drill is passed" in recovery.drill(by=owner, shares=(three, one))
    path = settings.PLACE.root / "keys" / store.MASTER
    key = path.read_bytes()
    path.unlink()
    keys.named.cache_clear()
    assert "has been put back" in recovery.drill(by=owner, shares=(one, two))
    assert path.read_bytes() == key
    with pytest.raises(NotAllowed):
        recovery.make_shares(by=programme.people["trial_manager"])
    page = browse("system_owner").get(reverse("films_store")).content.decode()
    assert "no: clamd does not run here" in page and film.family.code not in page
    assert browse("system_owner").post(reverse("films_store"), {"first": "a", "second": "b"}).status_code == 422
