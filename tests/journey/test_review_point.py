"""The review point as an event: a frozen pack, a decision that people sign, the amendment it leads to, asking again."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from attunement.journey.consent import actions as consent
from attunement.journey.oversight import actions, queries
from attunement.journey.oversight.models import Review
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry, StudyVersion


@pytest.fixture
def september(programme):
    programme.allocated()
    with clock.at(clock.local(date(2021, 9, 30))):
        yield programme


def held(programme, decision="amend"):
    return actions.hold_review(by=programme.people["trial_manager"], decision=decision, reasons="Too few said yes.")


def amended(programme, **facts):
    text = StudyVersion.objects.order_by("-number").first().text + "\n# Amended.\n"
    given = {"text": text, "reason": "The review point", "approved_by": "The committee", "holds_from": clock.today()}
    return actions.amend(by=programme.people["trial_manager"], **given | facts)


def test_the_pack_is_frozen_with_its_hash_and_never_names_an_arm(september, browse):
    review = held(september)
    assert hashlib.sha256(bytes(review.pack)).hexdigest() == review.pack_sha256
    assert review.pack_sha256 in Entry.objects.get(verb="oversight.review_held").what
    before = browse("trial_statistician").get("/review/pack/")
    assert before.content == bytes(review.pack) and "script" not in before.headers["Content-Security-Policy"]
    september.refer()
    assert browse("trial_manager").get("/review/pack/").content == before.content
    text = before.content.decode()
    assert "Not for publication" in text and "@media print" in text
    for word in ("usual_care", "Usual care", "Zebedee", "Quill"):
        assert word not in text


def test_a_changed_pack_is_neither_shown_nor_signed(september):
    review = held(september)
    Review.objects.update(pack=bytes(review.pack) + b" ")
    with pytest.raises(Refused, match="not the one that was frozen"):
        actions.sign_review(by=september.people["trial_statistician"], review=review)


def test_two_named_people_sign_and_nobody_twice(september, browse):
    review = held(september)
    assert not actions.policies.is_signed(review)
    with pytest.raises(Refused, match="have signed"):
        actions.sign_review(by=september.people["trial_manager"], review=review)
    with pytest.raises(NotAllowed):
        actions.sign_review(by=september.people["funder"], review=review)
    assert browse("trial_statistician").post("/review/sign/").status_code == 302
    assert actions.policies.is_signed(review)
    page = browse("monitoring_statistician").get("/review/").content.decode()
    assert "Trial Statistician" in page and "Sign this decision" in page


def test_who_may_sign_only_does_not_hold_the_review(september, browse):
    answer = browse("trial_statistician").post("/review/", {"decision": "go_on", "reasons": "fine"})
    assert answer.status_code == 403 and not Review.objects.exists()


def test_the_amendment_is_tied_to_the_decision_once_it_is_signed(september, browse):
    review = held(september)
    with pytest.raises(Refused, match="waits for an amendment"):
        amended(september, carries_out_review=True)
    assert "carries_out_review" not in browse("trial_manager").get("/study/amend/").content.decode()
    actions.sign_review(by=september.people["trial_statistician"], review=review)
    assert "carries_out_review" in browse("trial_manager").get("/study/amend/").content.decode()
    version = amended(september, carries_out_review=True)
    review.refresh_from_db()
    assert review.led_to == version.number == versions.latest_number()
    page = browse("trial_manager").get("/review/").content.decode()
    assert f"Study version {version.number}" in page and "/ask-again/" in page


def test_families_to_be_asked_again_are_counted_from_the_amendment(september):
    review = held(september)
    actions.sign_review(by=september.people["trial_statistician"], review=review)
    amended(september, carries_out_review=True)
    assert queries.asked_again_since(review) == 0
    purpose = next(purpose.code for purpose in versions.current().consent.purposes if purpose.required)
    consent.ask_again(by=september.people["trial_manager"], purposes=[purpose], reason="The study changed")
    assert queries.asked_again_since(review) == 1


def test_only_who_may_amend_does(september):
    with pytest.raises(NotAllowed):
        actions.amend(by=september.people["coordinator"], text="", reason="", approved_by="", holds_from=clock.today())
