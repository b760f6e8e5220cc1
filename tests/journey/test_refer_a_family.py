"""An authority's coordinator refers a family."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from attunement.journey.referral import actions
from attunement.journey.referral.models import Child, Contact, Family
from attunement.journey.trail import clock
from attunement.journey.trail.errors import NotAllowed, Refused

FORM = {"carer": "Zebedee Quill", "phone": "07700 900123", "language": "en", "born_on": "2021-04-01", "on_a_plan": "yes",
        "focal_parent": "yes", "agreed": "yes", "hours": "9-15", "safe": ["text", "call"]}


def test_a_referral_gives_a_trial_number_and_an_index_child(programme):
    family = programme.refer()
    child = family.children.get()
    assert (family.code, child.trial_number, child.index, child.eligible) == ("A001", "A001A", True, True)


def test_an_infant_over_twelve_months_is_recorded_with_the_reason_and_no_name_is_kept(programme):
    family = programme.refer(born_on=clock.today() - timedelta(days=400))
    child = family.children.get()
    assert (child.eligible, child.reason, child.index, child.born_on) == (False, "infant_under_12_months", False, None)
    assert not Contact.objects.filter(family=family).exists()


def test_the_day_of_the_first_birthday_is_too_late_and_the_day_before_is_not(programme):
    assert not programme.refer(born_on=date(2020, 7, 5)).children.get().eligible
    assert programme.refer(born_on=date(2020, 7, 6)).children.get().eligible


def test_a_rule_answered_no_is_the_reason(programme):
    child = programme.refer(answers=programme.yes() | {"on_a_plan": False}).children.get()
    assert child.reason == "on_a_plan"


def test_a_sibling_shares_the_family_and_is_not_the_index_child(programme):
    family = programme.refer()
    twin = actions.refer_sibling(by=programme.people["coordinator"], family=family, born_on=date(2021, 4, 1),
                                 answers=programme.yes())
    assert (twin.trial_number, twin.index) == (f"{family.code}B", False)


def test_a_sibling_of_an_ineligible_child_becomes_the_index_child(programme):
    family = programme.refer(born_on=date(2019, 1, 1))
    younger = actions.refer_sibling(by=programme.people["coordinator"], family=family, born_on=date(2021, 4, 1),
                                    answers=programme.yes(), carer="Zebedee Quill", agreed=True)
    assert younger.index and family.contact.carer == "Zebedee Quill"
    assert Family.visible_to(programme.people["survey_team"]).get() == family


def test_of_a_family_without_an_eligible_child_only_the_month_the_band_and_the_reason_stay(programme):
    family = programme.refer(born_on=date(2019, 1, 9))
    family.refresh_from_db()
    (child,) = family.children.all()
    assert not Contact.objects.exists()
    assert (family.erased, family.referred_on, child.referred_on) == ("ineligible", date(2021, 7, 1), date(2021, 7, 1))
    assert (child.born_on, child.answers, child.age_months, child.reason) == (None, {}, 24, "infant_under_12_months")
    with pytest.raises(Refused, match="no child is eligible"):
        actions.change_contact(by=programme.people["coordinator"], family=family, carer="Zebedee Quill")
    with pytest.raises(Refused, match="name of the parent"):
        actions.refer_sibling(by=programme.people["coordinator"], family=family, born_on=date(2021, 4, 1),
                              answers=programme.yes())
    assert family.children.count() == 1


@pytest.mark.parametrize(("born_on", "said"), [(date(2021, 7, 6), "future"), (date(1990, 1, 1), "18 years")])
def test_an_impossible_birth_date_is_refused_and_nothing_is_written(programme, born_on, said):
    before = Family.objects.count()
    with pytest.raises(Refused, match=said):
        programme.refer(born_on=born_on)
    assert Family.objects.count() == before


def test_an_unanswered_rule_is_refused(programme):
    with pytest.raises(Refused, match="focal_parent"):
        programme.refer(answers={"on_a_plan": True})


def test_a_coordinator_refers_for_the_own_site_only(programme):
    with pytest.raises(NotAllowed):
        actions.refer(by=programme.people["coordinator_b"], site=programme.sites["A"], carer="Z",
                      born_on=date(2021, 4, 1), answers=programme.yes())


def test_the_referral_page_records_the_family_and_shows_its_record(programme, browse):
    answer = browse("coordinator").post("/families/refer/", FORM | {"site": programme.sites["A"].pk})
    assert answer.status_code == 302
    assert Child.objects.get().trial_number == "A001A"
    shown = browse("coordinator").get(answer.url).content.decode()
    assert "Zebedee Quill" in shown and "A001A" in shown


@pytest.mark.parametrize("wrong", [{"born_on": "2021-02-31"}, {"born_on": ""}, {"born_on": "2031-01-01"}, {"carer": ""},
                                   {"email": "not an address"}, {"language": "xx"}, {"on_a_plan": "maybe"},
                                   {"focal_parent": ""}, {"carer": "x" * 121}, {"site": "99"}])
def test_a_wrong_field_is_said_on_the_page_and_nothing_is_written(programme, browse, wrong):
    answer = browse("coordinator").post("/families/refer/", FORM | {"site": programme.sites["A"].pk} | wrong)
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert not Family.objects.exists()


def test_another_sites_family_answers_as_if_it_were_not_there(programme, browse):
    family = programme.refer(site="B")
    assert browse("coordinator").get(f"/families/{family.code}/").status_code == 404
    assert browse("coordinator_b").get(f"/families/{family.code}/").status_code == 200
    assert family.code not in browse("coordinator").get("/families/").content.decode()
