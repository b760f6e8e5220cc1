"""The desk: marks kept once and changed by whoever made them, the reel, stills, comments, and who sees them."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from attunement.journey.consent import actions as consent
from attunement.journey.films import desk_actions, material
from attunement.journey.films.models import Clip, Comment, Material, ReelClip, Still, Viewing
from attunement.journey.films.permissions import clips_to_review
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry
from tests.journey.films_cast import added, filmed, session

KEY = "6f9d1a2e-0000-4000-8000-000000000001"


@pytest.fixture
def family(programme):
    return filmed(programme)


@pytest.fixture
def film(programme, family):
    return added(programme, family)


@pytest.fixture
def mark(programme, film):
    def made(first: int = 10, last: int = 20, **facts):
        return desk_actions.keep_mark(by=programme.people["practitioner"], film=film, first=first, last=last,
                                      key=facts.pop("key", str(uuid.uuid4())), **facts)

    return made


def send(browse, name: str, number: object, role: str = "practitioner", **fields: object):
    return browse(role).post(reverse(name, args=[number]), fields)


def test_a_mark_is_kept_as_it_is_made_and_once_however_often_it_is_sent(browse, film):
    fields = {"key": KEY, "first": 3, "last": 9, "principle": 0}
    answers = [send(browse, "mark", film.pk, **fields) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    shown = answers[1].json()["marks"]
    assert [(mark["first"], mark["last"], mark["principle"], mark["own"]) for mark in shown] == [(3, 9, 0, True)]
    assert Clip.objects.count() == Entry.objects.filter(verb="films.clip_marked").count() == 1


@pytest.mark.parametrize("fields", [
    {"first": "x"}, {"key": "none"}, {"key": ""}, {"first": 9, "last": 3}, {"last": 60}, {"last": "9" * 40},
    {"first": -1}, {"principle": 7}, {"principle": ""}, {"note": "x" * 301}, {"behaviour": "sings"}])
def test_what_cannot_be_kept_is_refused_with_a_sentence(browse, film, fields):
    answer = send(browse, "mark", film.pk, **({"key": KEY, "first": 3, "last": 9, "principle": 1} | fields))
    assert answer.status_code == 409 and len(answer.json()["refused"]) > 20 and not Clip.objects.exists()


def test_a_mark_is_changed_by_its_maker_and_from_the_state_that_the_page_has(programme, browse, mark):
    made = mark()
    fields = {"first": 11, "last": 21, "principle": 4, "note": "She waits", "revision": 0}
    assert send(browse, "change_mark", made.pk, **fields).status_code == 200
    late = send(browse, "change_mark", made.pk, **fields | {"first": 1})
    assert late.status_code == 409 and "changed this mark meanwhile" in late.json()["refused"]
    made.refresh_from_db()
    assert (made.first, made.last, made.principle, made.note, made.revision) == (11, 21, 4, "She waits", 1)
    Clip.objects.filter(pk=made.pk).update(marked_by=programme.people["practitioner_2"])
    other = send(browse, "change_mark", made.pk, **fields | {"revision": 1})
    assert other.status_code == 409 and "somebody else's" in other.json()["refused"]
    assert "waits" not in str(list(Entry.objects.values_list("what", flat=True)))


def test_a_mark_that_was_taken_out_is_changed_no_more(browse, mark):
    made = mark()
    assert send(browse, "drop_mark", made.pk).json()["marks"] == []
    answer = send(browse, "change_mark", made.pk, first=1, last=2, principle=1, revision=0)
    assert answer.status_code == 409 and "taken out" in answer.json()["refused"]


def test_the_reel_is_the_order_of_the_shared_review(programme, browse, family, film, mark):
    one, two, three = mark(0, 5), mark(10, 15), mark(20, 25)
    review = session(family, "review")
    assert list(clips_to_review(review)) == [one, two, three]
    answer = send(browse, "reel", film.pk, clips=f"{three.pk} {one.pk}")
    assert [each["id"] for each in answer.json()["reel"]] == [three.pk, one.pk]
    assert list(clips_to_review(review)) == [three, one]
    send(browse, "drop_mark", three.pk)
    assert list(clips_to_review(review)) == [one]
    for clips in (f"{one.pk} {one.pk}", f"{three.pk}", "999", "one"):
        assert send(browse, "reel", film.pk, clips=clips).status_code == 409
    assert send(browse, "reel", film.pk, clips="").status_code == 200 and not ReelClip.objects.exists()


def test_a_still_is_one_picture_made_anew_and_each_look_is_written_down(browse, film):
    answer = send(browse, "keep_still", film.pk, frame=7)
    address = answer.json()["stills"][0]["address"]
    send(browse, "keep_still", film.pk, frame=7)
    assert Still.objects.count() == 1
    picture = browse("practitioner").get(address)
    assert picture["Content-Type"] == "image/jpeg" and picture.content[:2] == b"\xff\xd8" and Viewing.objects.count() == 1
    assert send(browse, "keep_still", film.pk, frame=60).status_code == 409


def test_practitioner_and_supervisor_see_each_others_words(programme, browse, film, mark):
    mark()
    said = send(browse, "comment", film.pk, "supervisor", key=KEY, first=3, last=3, text="Look how she waits")
    assert said.status_code == 200 and said.json()["marks"][0]["own"] is False
    send(browse, "comment", film.pk, "supervisor", key=KEY, first=3, last=3, text="Look how she waits")
    seen = browse("practitioner").get(reverse("desk", args=[film.pk])).json()["comments"]
    assert [(each["text"], each["own"]) for each in seen] == [("Look how she waits", False)]
    assert Comment.objects.count() == 1
    assert "waits" not in str(list(Entry.objects.values_list("what", flat=True)))


@pytest.mark.parametrize("role", ["supervisor", "practitioner_2", "trial_manager", "coordinator"])
def test_others_mark_nothing(programme, film, mark, role):
    clip, by = mark(), programme.people[role]
    for act in (lambda: desk_actions.keep_mark(by=by, film=film, key=KEY, first=0, last=1),
                lambda: desk_actions.change_mark(by=by, clip=clip, revision=0, first=0, last=1, principle=1),
                lambda: desk_actions.order_reel(by=by, film=film, clips=[clip.pk])):
        with pytest.raises(NotAllowed):
            act()


def test_after_a_withdrawal_the_desk_is_shut(programme, browse, family, film, mark):
    clip = mark()
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="being_filmed")
    client = browse("practitioner")
    for name, args in (("desk", [film.pk]), ("film_glance", [film.pk]), ("film_sheet", [film.pk, 0])):
        assert client.get(reverse(name, args=args)).status_code == 403
    assert client.get(reverse("review_clip", args=[session(family, "review").pk, clip.pk])).status_code == 404
    assert client.get(reverse("review_state", args=[session(family, "review").pk])).json() == {"clips": []}


def test_the_glance_has_small_pictures_and_how_loud_it_is(browse, film):
    client = browse("practitioner")
    found = client.get(reverse("film_glance", args=[film.pk])).json()
    assert (found["pictures"], found["sheets"], found["across"]) == (1, 1, 10) and len(found["peaks"]) > 400
    assert client.get(reverse("film_sheet", args=[film.pk, 0])).content[:2] == b"\xff\xd8"
    assert client.get(reverse("film_sheet", args=[film.pk, 1])).status_code == 404


def test_behaviours_come_from_the_licence_holders_file(settings, programme, browse, film):
    path = settings.PLACE.folder("material") / "behaviours.toml"
    assert material.behaviours() == {}
    try:
        path.write_text('[behaviours.2]\nhums = "Hums along"\n')
        assert material.behaviours() == {2: {"hums": "Hums along"}}
        fields = {"key": KEY, "first": 0, "last": 1, "principle": 2, "behaviour": "hums"}
        assert send(browse, "mark", film.pk, **fields).json()["marks"][0]["behaviour"] == "hums"
        assert send(browse, "mark", film.pk, **fields | {"key": str(uuid.uuid4()), "principle": 1}).status_code == 409
    finally:
        path.unlink()


SPOILT = [b"", b"[", b"[behaviours]", b"behaviours = 3", b'[behaviours.9]\na = "x"', b"[behaviours.1]\na = 3",
          b'[behaviours.1]\n"A b" = "x"', b'[behaviours.one]\na = "x"', b'[behaviours.1]\na = ""',
          b'[behaviours.1]\na = "x"\na = "y"', b'[behaviours.1]\na = "x\\ny"', b"PK\x03\x04\xff\xfe", b"a = " + b"[" * 9999,
          b'[behaviours.1]\na = "' + b"x" * 301 + b'"', b'[behaviours.1]\na = "x"\n[behaviours.01]\na = "y"',
          b'[behaviour.1]\na = "x"', b"#" * 300_000, b'[behaviours.1.a]\nb = "x"',
          b"[behaviours.1]\n" + b"\n".join(b'a%d = "x"' % number for number in range(61))]


@pytest.mark.parametrize("content", SPOILT)
def test_a_spoilt_file_of_behaviours_is_refused_with_one_line(programme, tmp_path, content):
    (tmp_path / "behaviours.toml").write_bytes(content)
    with pytest.raises(Refused, match=r"^behaviours\.toml[^\n]{5,250}\.$"):
        material.read_behaviours(tmp_path / "behaviours.toml")


def test_who_may_loads_the_licence_holders_files_and_each_version_stays(programme, browse, film):
    def load(role, kind, content, **fields):
        given = {"kind": kind, "holder": "The association", "allowed": "on"} | fields
        return browse(role).post(reverse("films_material"), given | {"file": SimpleUploadedFile("b.toml", content)})

    first, second = b'[behaviours.2]\nhums = "Hums along"\n', b'\xef\xbb\xbf[behaviours.2]\nwaits = "Waits"\n'
    assert load("practitioner", "behaviours", first).status_code == 403
    assert load("supervisor", "behaviours", first).status_code == 302
    sent = send(browse, "mark", film.pk, key=KEY, first=0, last=1, principle=2, behaviour="hums").json()["marks"][0]
    assert load("system_owner", "behaviours", second).status_code == 302
    assert material.behaviours() == {2: {"waits": "Waits"}} and material.in_use("behaviours").number == 2
    kept = {"first": 0, "last": 5, "principle": 2, "behaviour": "hums", "revision": sent["revision"]}
    assert send(browse, "change_mark", sent["id"], **kept).status_code == 200
    for content, fields in ((second, {}), (first, {"allowed": ""}), (first, {"kind": "skills"}), (b"", {})):
        answer = load("system_owner", fields.pop("kind", "behaviours"), content, **fields)
        assert answer.status_code == 422 and answer.content.count(b"govuk-error-message") <= 1
    form = b'name = "F"\nversion = "1"\nsource = "S"\nscale = ["no", "yes"]\n[items]\na = "%s"\n'
    assert load("system_owner", "skills", form % b"One").status_code == 302 and not material.skills_form().made_up
    assert b"a version of its own" in load("system_owner", "skills", form % b"Other").content
    assert load("system_owner", "behaviours", first).status_code == 302 and Material.objects.count() == 4
    shown = browse("supervisor").get(reverse("films_material")).content.decode()
    assert "Hums along" in shown and "version 3, of The association" in shown
    assert not [entry for entry in Entry.objects.all() if "Hums" in entry.what or "association" in entry.what]


def test_the_skills_form_that_ships_is_made_up_and_says_so(programme):
    form = material.skills_form()
    assert form.made_up and len(form.items) >= 5 and len(form.scale) == 4 and "Made-up" in form.slug
