"""After a draw: what two people note, an arm that a masked person is shown, recovery shares, and the drift watch."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import DatabaseError

from attunement.journey.arms import actions, afterwards, drift, recovery, sealing
from attunement.journey.arms.models import Allocation, Proposal
from attunement.journey.trail import keys
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry
from tests.journey.test_allocation import ARM, page_of, panel_of


def noted(programme, family, kind="in_error") -> Proposal:
    made = afterwards.propose(by=programme.people["coordinator"], kind=kind, family=family, reason="The wrong record.")
    return afterwards.agree(by=programme.people["trial_manager"], proposal=made)


@pytest.mark.parametrize("kind", ["in_error", "ineligible", "withdrawn"])
def test_what_became_of_an_allocation_takes_two_people_and_moves_neither_place_nor_arm(programme, browse, kind):
    family = programme.allocated()
    before = Allocation.objects.filter(family=family).values().get()
    one, two = browse("coordinator"), browse("trial_manager")
    answer = one.post(f"/families/{family.code}/allocation/", {"kind": kind, "reason": "The wrong record."})
    assert answer.status_code == 302
    proposal = Proposal.objects.get()
    assert one.get(f"/two-people/{proposal.pk}/").status_code == 403
    for typed in ("", "yes"):
        assert two.post(f"/two-people/{proposal.pk}/", {"confirmation": typed}).status_code == 422
    assert two.post(f"/two-people/{proposal.pk}/", {"confirmation": "I agree"}).status_code == 302
    assert Allocation.objects.filter(family=family).values().get() == before
    assert programme.allocated().allocation.place == before["place"] + 1
    entry = Entry.objects.get(verb=f"arms.{kind}")
    assert entry.family == family.code and "wrong" not in entry.what + entry.why and not ARM.search(entry.what)
    assert proposal.get_kind_display() in panel_of(one, family)
    with pytest.raises(Refused, match="stands already"):
        noted(programme, family, kind)
    with pytest.raises(Refused, match="allocated already"):
        actions.allocate(by=programme.people["coordinator"], family=family)


def test_whoever_proposed_cannot_agree_and_what_two_agreed_stands(programme):
    family, manager = programme.allocated(), programme.people["trial_manager"]
    mine = afterwards.propose(by=manager, kind="in_error", family=family, reason="Mine.")
    with pytest.raises(Refused, match="A second person"):
        afterwards.agree(by=manager, proposal=mine)
    afterwards.agree(by=programme.people["monitoring_statistician"], proposal=mine)
    for change in ("UPDATE arms_proposal SET reason='x'", "DELETE FROM arms_proposal"):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


def test_it_needs_a_reason_an_allocation_and_the_own_site(programme, browse):
    by, waiting = programme.people["coordinator"], programme.baselined()
    with pytest.raises(Refused, match="Write down the reason"):
        afterwards.propose(by=by, kind="in_error", family=programme.allocated(), reason=" ")
    with pytest.raises(Refused, match="has not been allocated"):
        afterwards.propose(by=by, kind="in_error", family=waiting, reason="No.")
    other = programme.allocated(site="B")
    assert browse("coordinator").get(f"/families/{other.code}/allocation/").status_code == 404
    with pytest.raises(NotAllowed):
        afterwards.propose(by=by, kind="in_error", family=other, reason="Not mine.")
    assert other.code not in browse("coordinator").get("/two-people/").content.decode()


def test_a_masked_person_is_shown_one_familys_arm_once_two_others_agreed(programme, browse):
    family, other = programme.allocated(), programme.allocated()
    survey, manager = programme.people["survey_team"], programme.people["trial_manager"]
    client = browse("trial_manager")
    asked = {"person": survey.code, "reason": "A safeguarding meeting."}
    assert client.post(f"/families/{family.code}/show-arm/", asked).status_code == 302
    made = Proposal.objects.get()
    assert not ARM.search(panel_of(browse("survey_team"), family))
    with pytest.raises(NotAllowed):
        afterwards.agree(by=survey, proposal=made)
    afterwards.agree(by=programme.people["monitoring_statistician"], proposal=made)
    assert family.allocation.arm_code in panel_of(browse("survey_team"), family)
    assert not ARM.search(panel_of(browse("survey_team"), other)) and not ARM.search(panel_of(client, family))
    told = Entry.objects.get(verb="arms.unblinding")
    assert survey.trail_name in told.what and not ARM.search(told.what)
    assert Entry.objects.filter(verb="arms.read", who=survey.trail_name, family=family.code).exists()
    with pytest.raises(Refused, match="shown to this person already"):
        afterwards.propose(by=manager, kind="unblinding", family=family, person=survey, reason="Again.")
    with pytest.raises(Refused, match="sees the arm already"):
        afterwards.propose(by=manager, kind="unblinding", family=family, reason="Why?",
                           person=programme.people["coordinator"])
    with pytest.raises(Refused, match="does not see the family"):
        afterwards.propose(by=manager, kind="unblinding", family=family, reason="Why?",
                           person=programme.people["trial_statistician"])


def words_on(page: str) -> list[str]:
    return re.findall(r'<code class="att-key">([a-z ]+)</code>', page)


def test_two_of_the_three_printed_shares_restore_the_key_and_the_drill_is_kept(programme, browse):
    client = browse("trial_manager")
    shares = words_on(client.post("/allocation/recovery/shares/").content.decode())
    assert len(shares) == 3
    again = client.post("/allocation/recovery/shares/", follow=True).content.decode()
    assert "shown to you once" in again and not words_on(again)
    assert len(words_on(browse("monitoring_statistician").post("/allocation/recovery/shares/").content.decode())) == 3
    page = client.post("/allocation/recovery/", {"first": shares[0], "second": f" {shares[2].upper()} "})
    assert page.status_code == 200 and b"The two shares restore the key" in page.content
    assert shares[0] not in page.content.decode()
    assert not any(shares[0].split()[3] in what for what in Entry.objects.values_list("what", flat=True))
    for second in (shares[0], "", "words that are none", shares[2].rsplit(" ", 1)[0]):
        assert client.post("/allocation/recovery/", {"first": shares[0], "second": second}).status_code == 422
    assert [entry.what for entry in Entry.objects.filter(verb=recovery.DRILL)] == ['{"passed":true}']


def test_shares_of_another_key_fail_the_drill_and_that_is_kept_too(programme):
    from attunement.allocation import split

    said = recovery.drill(by=programme.people["trial_manager"], shares=split(bytes(32))[:2])
    assert "another key" in said and Entry.objects.get(verb=recovery.DRILL).what == '{"passed":false}'


def test_a_lost_key_is_put_back_by_two_shares_and_allocation_goes_on(programme):
    by, folder = programme.people["trial_manager"], Path(settings.PLACE.root) / "keys"
    shares = recovery.make_shares(by=by)
    lost = {name: (folder / name).read_bytes() for name in (sealing.SEALING_KEY, sealing.SIGNING_KEY)}
    try:
        for name in lost:
            (folder / name).unlink()
        keys.named.cache_clear()
        with pytest.raises(Refused, match="missing"):
            programme.allocated()
        assert "put back" in recovery.drill(by=by, shares=shares[1:])
        assert {name: (folder / name).read_bytes() for name in lost} == lost
        programme.allocated()
    finally:
        for name, key in lost.items():
            (folder / name).write_bytes(key)
        keys.named.cache_clear()


def test_the_drift_watch_compares_families_at_baseline_by_arm_for_the_monitoring_statistician_alone(programme, browse):
    for site in "AAAB":
        programme.allocated(site=site)
    lines = drift.watch(by=programme.people["monitoring_statistician"])
    assert sum(line.families for line in lines) == 4
    assert {line.recruiter for line in lines} == {programme.people[key].code for key in ("coordinator", "coordinator_b")}
    assert all(line.age == 3 for line in lines)
    page = browse("monitoring_statistician").get("/allocation/drift/").content.decode()
    assert programme.people["coordinator"].code in page and Entry.objects.filter(verb="arms.list_read").count() == 2
    for role in ("trial_manager", "coordinator", "trial_statistician", "funder"):
        assert browse(role).get("/allocation/drift/").status_code == 403


def test_no_page_of_those_who_recruit_names_the_scheme_or_counts_arms(programme, browse):
    family = programme.allocated()
    noted(programme, family)
    client = browse("coordinator")
    for address in ("/", "/families/", "/two-people/", f"/families/{family.code}/allocation/"):
        page = client.get(address).content.decode()
        assert "big_stick" not in page and "coin" not in page and not re.search(r"\d+ of 63|place \d", page), address
    assert "families wait" in client.get(f"/families/{programme.baselined().code}/allocate/").content.decode()
    assert page_of(client, family)
