"""A value is asked about, answered, asked again, and closed; every line stays, and the value does not change."""

from __future__ import annotations

import pytest

from attunement.journey.surveys import query_actions as actions
from attunement.journey.surveys.models import Answer, DataQuery, QueryLine
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry


@pytest.fixture
def family(programme):
    return programme.baselined()


def text(response) -> str:
    return response.content.decode()


def test_a_query_goes_from_asked_to_closed_with_its_history(browse, family):
    manager, team = browse("trial_manager"), browse("survey_team")
    before = list(Answer.objects.values_list("value", flat=True))
    asked = f"/families/{family.code}/surveys/baseline/ask/demo_warmth:3/"
    assert manager.post(asked, {"text": ""}).status_code == 422
    assert manager.post(asked, {"text": "Is this a slip?"}).status_code == 302
    assert "open query about this value already" in text(manager.post(asked, {"text": "Again?"}))
    at = f"/queries/{DataQuery.objects.get().pk}/"
    assert "Is this a slip?" in text(team.get(at)) and "Close" not in text(team.get(at))
    for client, state, words in ((team, "answered", "I asked: it is meant."), (manager, "asked", "On which day?"),
                                 (team, "answered", "On Monday."), (manager, "closed", "Thank you.")):
        assert client.post(at, {"state": state, "text": words}).status_code == 302, state
    page = text(manager.get(at))
    assert [line.state for line in QueryLine.objects.all()] == ["asked", "answered", "asked", "answered", "closed"]
    assert "On Monday." in page and "<form" not in page.split("<main")[1]
    assert list(Answer.objects.values_list("value", flat=True)) == before
    assert "slip" not in "".join(Entry.objects.values_list("what", flat=True))
    assert manager.post(asked, {"text": "Once more?"}).status_code == 302
    assert "Query" in text(team.get("/queries/"))


def test_only_whose_turn_it_is_may_go_on(programme, browse, family):
    people, paper = programme.people, family.questionnaires.get()
    query = actions.ask(by=people["trial_manager"], questionnaire=paper, instrument="demo_warmth", item=1, text="Why?")
    with pytest.raises(NotAllowed):
        actions.go_on(by=people["survey_team"], query=query, state="closed", text="No")
    with pytest.raises(Refused, match="cannot be asked now"):
        actions.go_on(by=people["trial_manager"], query=query, state="asked", text="No")
    with pytest.raises(NotAllowed):
        actions.ask(by=people["coordinator"], questionnaire=paper, instrument="demo_warmth", item=2, text="Why?")
    assert browse("coordinator_b").get(f"/queries/{query.pk}/").status_code == 404
