"""A family on its own link: the notice, every statement, the reading back, and taking back."""

from __future__ import annotations

import re

import pytest

from attunement.journey.consent import actions, queries
from attunement.journey.consent.models import Statement
from attunement.journey.trail import versions
from attunement.journey.trail.errors import NotAllowed
from attunement.journey.trail.models import Entry


@pytest.fixture
def family(programme):
    return programme.refer()


@pytest.fixture
def token(programme, family):
    return actions.give_link(by=programme.people["coordinator"], family=family, leads_to=actions.CONSENT)


def said(*, but: tuple[str, ...] = (), **more: str) -> dict[str, str]:
    purposes = versions.current().consent.purposes
    return {f"say-{each.code}": "no" if each.code in but else "yes" for each in purposes} | more


def counts(**more: str) -> dict[str, str]:
    return said(**more) | {"notice": versions.current().consent.notice.version}


def text(response) -> str:
    return response.content.decode()


def test_the_notice_comes_first_in_short_paragraphs(browse, token):
    page = text(browse(None).get(f"/c/{token}/"))
    assert "Your usual help stays the same." in page
    assert f"/c/{token}/statements/" in page


def test_nothing_counts_before_it_was_read_back(browse, token, family):
    page = browse(None).post(f"/c/{token}/statements/", said(but=("being_filmed",)))
    assert page.status_code == 200
    assert "Nothing counts yet" in text(page) and text(page).count("You said no to:") == 1
    assert not Statement.objects.filter(family=family).exists()


def test_what_was_read_back_may_be_changed(browse, token):
    page = text(browse(None).post(f"/c/{token}/statements/", said(but=("being_filmed",), change="1")))
    assert page.count(" checked") == len(versions.current().consent.purposes)


def test_a_yes_is_recorded_with_its_mode_language_and_version(browse, token, family):
    answer = browse(None).post(f"/c/{token}/confirm/", counts(language="en-xr"))
    assert answer.status_code == 302 and "/thanks/" in answer["Location"]
    row = queries.newest_of(family)["survey"]
    assert (row.given, row.mode, row.language, row.notice_version, row.study_version) == (True, "self", "en-xr", "1", 1)
    entry = Entry.objects.get(verb="consent.recorded", family=family.code)
    assert entry.who.startswith("link:")
    assert browse(None).get(answer["Location"]).status_code == 200


def test_a_no_to_what_is_required_is_fine_and_recorded(browse, token, family):
    answer = browse(None).post(f"/c/{token}/confirm/", said(but=("taking_part",), notice="1"))
    assert "/fine/" in answer["Location"]
    assert "That is fine" in text(browse(None).get(answer["Location"]))
    assert Statement.objects.filter(family=family).count() == len(versions.current().consent.purposes)
    assert not queries.given(family)


@pytest.mark.parametrize("address", ["statements", "confirm"])
@pytest.mark.parametrize("spoilt", [{"say-survey": ""}, {"say-survey": "perhaps"}])
def test_an_answer_left_out_or_made_up_is_asked_for_again(browse, token, family, address, spoilt):
    page = browse(None).post(f"/c/{token}/{address}/", counts() | spoilt)
    assert page.status_code == 422
    assert text(page).count("Number 2: choose yes or no.") == 2
    assert not Statement.objects.filter(family=family).exists()


def test_a_notice_that_has_changed_meanwhile_is_read_anew(browse, token, family):
    answer = browse(None).post(f"/c/{token}/confirm/", said(notice="0"))
    assert answer.status_code == 302 and answer["Location"].startswith(f"/c/{token}/?")
    assert not Statement.objects.filter(family=family).exists()


def test_the_language_can_be_switched(browse, token):
    page = text(browse(None).get(f"/c/{token}/?language=en-xr"))
    assert 'lang="en-xr" dir="rtl"' in page and "?language=en" in page
    assert 'lang="en" dir="ltr"' in text(browse(None).get(f"/c/{token}/?language=xx"))


def test_one_tap_takes_a_purpose_back(browse, programme, token, family):
    programme.consented(family=family)
    paper = programme.questionnaire(family)
    client = browse(None)
    assert client.post(f"/c/{token}/change/survey/").status_code == 302
    assert "We send you no more questions." in text(client.get(f"/c/{token}/change/"))
    assert not queries.holds(family, "survey")
    paper.refresh_from_db()
    assert paper.state == "stopped"


def test_the_change_page_does_not_tell_what_was_said_before(browse, programme):
    """Byte for byte the same for a family that agreed to all and one that was never asked, before a tap and after."""
    seen = []
    for family in (programme.consented(), programme.refer()):
        token = actions.give_link(by=programme.people["coordinator"], family=family, leads_to=actions.CONSENT)
        client = browse(None)
        pages = client.get(f"/c/{token}/change/"), client.post(f"/c/{token}/change/survey/", follow=True)
        seen.append([re.sub(token + '|name="csrfmiddlewaretoken" value="[^"]*"', "", text(page)) for page in pages])
    assert "We have written it down." in seen[0][1]
    assert seen[0] == seen[1]


def test_a_wrong_link_is_not_there_and_an_ended_one_is_gone(browse, programme, token, family):
    survey = actions.give_link(by=programme.people["coordinator"], family=family, leads_to="baseline")
    for wrong in ("nothing", token[:-1], survey):
        page = browse(None).get(f"/c/{wrong}/")
        assert page.status_code == 404 and "att-family" in text(page)
    actions.revoke_links(by=programme.people["coordinator"], family=family)
    for address in ("", "statements/", "change/"):
        page = browse(None).get(f"/c/{token}/{address}")
        assert page.status_code == 410 and "not in use any more" in text(page)
    assert browse(None).post(f"/c/{token}/confirm/", counts()).status_code == 410


def test_an_unknown_purpose_is_not_there(browse, token):
    assert browse(None).post(f"/c/{token}/change/everything/").status_code == 404
    assert browse(None).get(f"/c/{token}/change/survey/").status_code == 405


def test_a_large_body_is_not_read(browse, token):
    assert browse(None).post(f"/c/{token}/statements/", said(language="x" * 70_000)).status_code == 413


def test_a_family_that_must_not_be_contacted_finds_its_link_ended(browse, programme, token, family):
    actions.record_change(by=programme.people["coordinator"], family=family, kind="unsafe",
                          happened_on=family.referred_on)
    for address in ("", "statements/", "change/"):
        assert browse(None).get(f"/c/{token}/{address}").status_code == 410


def test_a_link_speaks_for_its_own_family_only(programme, token):
    link, other = actions.find_link(token), programme.refer()
    given = {purpose.code: True for purpose in versions.current().consent.purposes}
    with pytest.raises(NotAllowed):
        actions.record_consent(by=link, family=other, given=given, mode="self", language="en")
