"""One voucher a family and questionnaire, of the study file's amount, with a ledger, and nothing of the arm."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from attunement.journey.fieldwork import queries, voucher_actions
from attunement.journey.fieldwork.models import Voucher
from attunement.journey.trail import clock
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry


@pytest.fixture
def team(programme):
    return programme.people["survey_team"]


def give(team, family, **more) -> Voucher:
    return voucher_actions.give(**{"by": team, "family": family, "code": "baseline", "how": "sent", "number": "X1"} | more)


def test_a_family_gets_one_voucher_of_the_amount_in_the_study_file(programme, team):
    family = programme.baselined()
    assert [paper.family_id for paper in queries.owed(team)] == [family.pk]
    assert give(team, family).pence == 1000 and queries.owed(team) == []
    with pytest.raises(Refused, match="has its voucher"):
        give(team, family)
    with pytest.raises(IntegrityError), transaction.atomic():
        Voucher.objects.create(family=family, time_point="baseline", pence=1000, state="sent")


@pytest.mark.parametrize(("facts", "sentence"), [
    ({"code": "four_months"}, "was not"), ({"code": "eight_months"}, "gives no voucher"),
    ({"how": "returned"}, "by hand or sent"), ({"how": ""}, "by hand or sent")])
def test_a_voucher_that_cannot_be_is_refused(programme, team, facts, sentence):
    with pytest.raises(Refused, match=sentence):
        give(team, programme.baselined(), **facts)


def test_the_ledger_keeps_every_step_and_goes_by_the_rules(programme, team):
    voucher = give(team, programme.baselined())
    with pytest.raises(Refused, match="cannot become"):
        voucher_actions.go_on(by=team, voucher=voucher, state="replaced")
    for state in ("returned", "replaced", "returned"):
        voucher_actions.go_on(by=team, voucher=voucher, state=state, number="X2" if state == "replaced" else "")
    assert [(line.state, line.number) for line in voucher.lines.all()] == [
        ("sent", "X1"), ("returned", ""), ("replaced", "X2"), ("returned", "")]
    voucher.refresh_from_db()
    assert (voucher.state, voucher.number) == ("returned", "X2")
    assert queries.voucher_totals(list(Voucher.objects.all())) == [("baseline", 1, 10.0)]


def test_on_its_pages_a_voucher_is_given_comes_back_and_is_replaced(programme, browse):
    family, client = programme.baselined(), browse("survey_team")
    assert family.code in client.get("/fieldwork/vouchers/").content.decode()
    at = f"/families/{family.code}/fieldwork/baseline/voucher/"
    assert "£10.00" in client.get(at).content.decode()
    assert client.post(at, {"how": "given"}).status_code == 302
    page = f"/fieldwork/vouchers/{Voucher.objects.get().pk}/"
    assert client.post(page, {"state": "replaced"}).status_code == 422
    for state in ("returned", "replaced"):
        assert client.post(page, {"state": state, "number": ""}).status_code == 302
    assert "Replaced" in client.get(page).content.decode()
    assert client.get("/families/A001/fieldwork/eight_months/voucher/").status_code == 404


def test_nobody_learns_an_arm_from_vouchers(programme, team, browse):
    families = [programme.allocated("vig"), programme.allocated("usual_care")]
    for family in families:
        give(team, family)
    for role in ("survey_team", "trial_manager"):
        page = browse(role).get("/fieldwork/vouchers/").content.decode().lower()
        assert "usual" not in page and all(family.code.lower() in page for family in families)
    told = Entry.objects.filter(verb="fieldwork.voucher_sent").values_list("what", flat=True)
    assert set(told) == {'{"pence":1000,"time_point":"baseline"}'}


@pytest.mark.parametrize("role", ["coordinator", "trial_manager", "practitioner", "monitoring_statistician"])
def test_others_give_none(programme, role):
    with pytest.raises(NotAllowed):
        give(programme.people[role], programme.baselined())


def test_the_hour_of_a_line_is_the_hour_of_the_study(programme, team):
    assert give(team, programme.baselined()).lines.get().at == clock.now()
