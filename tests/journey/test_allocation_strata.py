"""Strata beyond the site, minimisation, and lists: what is asked, what is refused, and that the opened log verifies."""

from __future__ import annotations

import uuid

import pytest

from attunement.allocation import verify
from attunement.journey.arms import actions, places
from attunement.journey.arms.models import Allocation, PlaceList, Scheme
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry
from tests.journey.test_allocation_opened import kept, opened  # noqa: F401
from tests.journey.test_allocation_scheme import BIG_STICK, amend

FACTOR = ('baseline_max_age_days = 60', 'baseline_max_age_days = 60\n\n[[allocation.factors]]\ncode = "infant_age"\n'
          'title = "Age of the infant"\nlevels = ["under_six", "six_or_more"]')
BY_AGE = ('strata = ["site"]', 'strata = ["site", "infant_age"]')
MINIMISED = [(BIG_STICK, 'scheme = "minimisation:range,4/5"'), ('strata = ["site"]', "strata = []"),
             (FACTOR[0], FACTOR[1] + '\n\n[[allocation.minimise]]\ncode = "site"\n\n[[allocation.minimise]]\n'
              'code = "infant_age"\nweight = 0.5')]


def locked(programme, *changes) -> Scheme:
    if changes:
        amend(*changes)
    actions.set_up(by=programme.people["monitoring_statistician"])
    return actions.lock(by=programme.people["trial_manager"])


def draw(programme, level=None, site="A"):
    family = programme.baselined(site=site)
    by = programme.people["coordinator" if site == "A" else "coordinator_b"]
    return actions.allocate(by=by, family=family, levels={"infant_age": level} if level else None)


def test_a_stratum_beyond_the_site_is_asked_for_and_kept_as_it_was(programme, browse):
    locked(programme, FACTOR, BY_AGE)
    family, client = programme.baselined(), browse("coordinator")
    address = f"/families/{family.code}/allocate/"
    assert "Age of the infant" in client.get(address).content.decode()
    for wrong in ({}, {"infant_age": "old"}):
        assert client.post(address, {"key": uuid.uuid4(), **wrong}).status_code == 422
    assert not Allocation.objects.exists()
    good = {"key": uuid.uuid4(), "infant_age": "under_six", "eligible": "yes", "warned": "on"}
    assert client.post(address, good).status_code == 302
    made = Allocation.objects.get(family=family)
    assert made.levels == {"site": "A", "infant_age": "under_six"} and made.stratum.name == "A/under_six"
    assert draw(programme, "six_or_more").place == 1 and draw(programme, "under_six").place == 2


@pytest.mark.parametrize("said", [None, {}, {"infant_age": ""}, {"infant_age": "old"}, {"site": "B"}])
def test_without_the_level_it_is_refused_and_nothing_is_used_up(programme, said):
    locked(programme, FACTOR, BY_AGE)
    family = programme.baselined()
    with pytest.raises(Refused, match=r"Age of the infant.*no place is used"):
        actions.allocate(by=programme.people["coordinator"], family=family, levels=said)
    assert not Allocation.objects.exists() and not Entry.objects.filter(verb="arms.allocated").exists()
    assert draw(programme, "under_six").place == 1


def test_strata_that_the_targets_cannot_fill_are_refused_with_the_numbers(programme):
    many = ('levels = ["under_six", "six_or_more"]', "levels = [" + ", ".join(f'"m{n}"' for n in range(24)) + "]")
    amend(FACTOR, BY_AGE)
    amend((FACTOR[0], FACTOR[1].replace(*many)), BY_AGE)
    entries = Entry.objects.count()
    with pytest.raises(Refused, match=r"about 2\.6 families a stratum"):
        actions.set_up(by=programme.people["monitoring_statistician"])
    assert Entry.objects.count() == entries


def test_strata_and_minimisation_verify_from_the_opened_log(programme, kept):  # noqa: F811
    draw(programme)
    locked(programme, FACTOR, BY_AGE)
    for level in ("under_six", "six_or_more", "under_six"):
        draw(programme, level)
    locked(programme, *MINIMISED)
    made = [draw(programme, level, site) for level, site in
            (("under_six", "A"), ("six_or_more", "B"), ("under_six", "B"), ("under_six", "A"))]
    assert [each.place for each in made] == [1, 2, 3, 4] and made[0].stratum.name == ""
    log, certificate, held = kept(opened(programme))
    verdict = verify(log, certificate, [held])
    assert verdict.whole and verdict.draws == 8, verdict
    for version in (2, 3):
        certificate.write_text(Scheme.objects.get(version=version).certificate, encoding="utf-8")
        assert verify(log, certificate, [held]).whole
    certificate.write_text(certificate.read_text("utf-8").replace('"version": 3', '"version": 2'), encoding="utf-8")
    assert "not that of the lock certificate" in verify(log, certificate, [held]).sentence


LISTED = (BIG_STICK, 'scheme = "list"')


def rows(many: int, *, first: str = "vig", sites: str = "ABCD") -> bytes:
    second = {"vig": "usual_care", "usual_care": "vig"}[first]
    return ("place,site,arm\n" + "".join(f"{9 - n},{site},{(first, second)[n % 2]}\n" for n in range(many)
                                         for site in sites)).encode()


def upload(programme, content, kind="live"):
    return places.upload(by=programme.people["monitoring_statistician"], kind=kind, content=content)


def test_a_list_is_used_in_the_order_of_its_rows_then_what_was_added_to_it(programme, kept):  # noqa: F811
    amend(LISTED, ("target = 63", "target = 2"))
    with pytest.raises(Refused, match="no list for its families has been uploaded"):
        actions.set_up(by=programme.people["monitoring_statistician"])
    upload(programme, rows(4), kind="test")
    upload(programme, rows(2))
    locked(programme)
    assert [draw(programme).arm_code for _each in range(2)] == ["vig", "usual_care"]
    with pytest.raises(Refused, match="Every place planned"):
        draw(programme)
    upload(programme, rows(2, first="usual_care", sites="AB"))
    assert Entry.objects.filter(verb="arms.list_uploaded").count() == 3
    locked(programme)
    assert [draw(programme).arm_code for _each in range(2)] == ["usual_care", "vig"]
    assert draw(programme, site="B").arm_code == "vig"
    log, certificate, held = kept(opened(programme))
    assert verify(log, certificate, [held]).whole


@pytest.mark.parametrize(("content", "reason"), [
    (b"arm;site\nvig;A\n", "row 1"), (b"", "row 1"), (b"site,arm\n", "no rows"),
    (b"site,arm\nA,vig\nA,sham\n", "row 3: 'sham'"),
    (b"site,arm\nZ,vig\n", "row 2: 'Z'"), (b"site,arm\nA,vig,1\n", "row 2"), (b"site,arm\nA,\n", "row 2"),
    (b"\xff\xfe", "not UTF-8"), (b"PK\x03\x04\0", "no CSV"), (rows(10), "has 10 rows for A and needs 63"),
    (rows(63, sites="ABC"), "0 rows for D"),
])
def test_a_list_with_a_fault_is_refused_whole_naming_the_row(programme, browse, content, reason):
    from django.core.files.uploadedfile import SimpleUploadedFile

    answer = browse("monitoring_statistician").post("/allocation/places/", {
        "kind": "live", "places": SimpleUploadedFile("places.csv", content)})
    said = answer.content.decode().replace("&#x27;", "'")
    assert answer.status_code == 422 and reason in said and "/tmp" not in said
    assert not PlaceList.objects.exists() and not Entry.objects.filter(verb="arms.list_uploaded").exists()


def test_a_list_that_was_tried_out_can_never_become_the_live_one(programme):
    upload(programme, rows(63), kind="test")
    with pytest.raises(Refused, match="can never be the live"):
        upload(programme, rows(63).replace(b"place,site,arm", b"number,stratum,arm"))
    upload(programme, rows(63, first="usual_care"))
    with pytest.raises(Refused, match="very list was uploaded"):
        upload(programme, rows(63, first="usual_care"))


def test_a_list_is_seen_by_those_who_set_up_alone_and_every_download_is_recorded(programme, browse):
    listed = upload(programme, rows(63))
    answer = browse("monitoring_statistician").get(f"/allocation/places/{listed.pk}/")
    assert answer.content.startswith(b"stratum,arm\nA,vig\nA,usual_care\n")
    assert Entry.objects.filter(verb="arms.list_downloaded").count() == 1
    assert b"vig" not in bytes(listed.sealed_rows)
    for role in ("trial_manager", "coordinator", "system_owner"):
        assert browse(role).get(f"/allocation/places/{listed.pk}/").status_code == 403
        with pytest.raises(NotAllowed):
            places.download(by=programme.people[role], listed=listed)
