"""Questionnaires as staff see them: who has answered, links, the telephone, the device in the room, corrections."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from attunement import study
from attunement.journey.consent import actions as consent
from attunement.journey.consent.models import Link
from attunement.journey.surveys import actions, queries
from attunement.journey.surveys.models import Answer, Questionnaire, Score, SwitchedOff
from attunement.journey.surveys.questions import asked
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Rule, adopt_study
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Entry, Message

OWN = "These questions are our own. They are not a validated test."


@pytest.fixture
def family(programme):
    return programme.consented()


@pytest.fixture
def team(browse):
    return browse("survey_team")


def at(family, rest: str = "") -> str:
    return f"/families/{family.code}/surveys/{rest}"


def text(response) -> str:
    return response.content.decode()


def state_of(family, code: str = "baseline") -> str:
    point = next(point for point in versions.current().time_points if point.code == code)
    return queries.standings([family], point)[0].state


def amended(**changes: str) -> None:
    """The study from now on, with some of its text changed."""
    words = study.read("vig").text
    for old, new in changes.items():
        assert old in words
        words = words.replace(old, new)
    adopt_study(by=Rule("test"), text=words, reason="A test", approved_by="A test", holds_from=date(2021, 7, 5))


def test_a_link_is_sent_in_words_that_say_nothing_and_shown_once(team, family):
    page = text(team.post(at(family, "baseline/send/"), {"route": "text"}))
    token = re.search(r"/q/([\w-]{32})/", page)[1]
    message = Message.objects.get(family=family.code)
    assert (message.route, message.address) == ("text", "07700 900123")
    assert re.sub(r"http\S+", "", message.body) == "Here is your page: "
    assert token not in text(team.get(at(family))) and team.get(f"/q/{token}/").status_code == 200


@pytest.mark.parametrize(("facts", "route"), [
    ({"phone": ""}, "text"), ({"email": ""}, "mail"), ({}, "pigeon"), ({}, "")])
def test_a_way_that_is_not_there_is_refused_and_nothing_is_opened(team, programme, facts, route):
    family = programme.consented(**facts)
    answer = team.post(at(family, "baseline/send/"), {"route": route}, follow=True)
    assert "Choose another way." in text(answer)
    assert not Questionnaire.objects.filter(family=family).exists() and not Message.objects.exists()


def test_a_questionnaire_is_not_opened_out_of_its_time(team, programme, family):
    for who, code, words in ((programme.refer(), "baseline", "Record the family&#x27;s consent first."),
                             (family, "four_months", "the family has not been allocated"),
                             (programme.allocated(), "baseline", "answered this questionnaire already"),
                             (programme.allocated(), "four_months", "from 22 October 2021 to 3 December 2021"),
                             (family, "nine_months", "no questionnaire of that name")):
        assert words in text(team.post(at(who, f"{code}/send/"), {"route": "none"}, follow=True))


def test_a_telephone_interview_keeps_its_mode_and_the_minutes_of_help(team, family):
    page = at(family, "baseline/telephone/")
    assert team.get(page).status_code == 404
    team.post(page, {"begin": "1"})
    assert OWN in text(team.get(page))
    for question in asked(1, "baseline", "en"):
        assert team.post(page, {"item": question.code, "value": question.options[2][0]}).status_code == 302
    assert team.post(page, {"help_minutes": "1000"}).status_code == 422
    assert team.post(page, {"help_minutes": "12", "help_reason": "reading"})["Location"] == at(family)
    paper = Questionnaire.objects.get(family=family)
    assert (paper.state, paper.mode, paper.help_minutes) == ("complete", "telephone", 12)
    assert set(paper.answers.values_list("mode", flat=True)) == {"telephone"}
    assert team.get(page).status_code == 409


@pytest.mark.parametrize("sent", [{}, {"item": "x:1", "value": "1"}, {"item": "demo_warmth:1", "value": "7"}])
def test_the_telephone_page_takes_no_answer_that_is_none(team, family, sent):
    team.post(at(family, "baseline/telephone/"), {"begin": "1"})
    assert team.post(at(family, "baseline/telephone/"), sent).status_code == 422
    assert not Answer.objects.exists()


def test_the_telephone_page_goes_back_without_showing_an_answer(team, family):
    page = at(family, "baseline/telephone/")
    team.post(page, {"begin": "1"})
    team.post(page, {"item": "demo_warmth:1", "value": "3"})
    back = team.post(page, {"item": "demo_warmth:2", "go": "back"})
    assert "1 of 24" in text(team.get(back["Location"])) and " checked" not in text(team.get(back["Location"]))


def test_handing_the_device_over_leaves_no_way_back(browse, family):
    coordinator = browse("coordinator")
    answer = coordinator.post(at(family, "baseline/hand-over/"))
    assert re.fullmatch(r"/q/[\w-]{32}/", answer["Location"])
    assert coordinator.get(answer["Location"]).status_code == 200
    for page in ("/", "/families/", at(family)):
        assert coordinator.get(page)["Location"].startswith("/accounts/login/")
    coordinator.post(answer["Location"] + "question/", {"item": "demo_warmth:1", "value": "1"})
    assert Answer.objects.get().mode == "visit"


def test_a_submitted_answer_is_corrected_with_a_reason_and_the_old_value_stays_in_the_trail(browse, programme, family):
    programme.answered(family)
    manager, page = browse("trial_manager"), at(family, "baseline/correct/demo_warmth:1/")
    assert "Recorded now: 1 day." in text(manager.get(page))
    assert manager.get(at(family, "baseline/correct/")).status_code == 200
    assert manager.post(page, {"given": "3", "why": " "}).status_code == 422
    assert manager.post(page, {"given": "8", "why": "A slip"}).status_code == 422
    assert manager.post(page, {"given": "3", "why": "A slip"}).status_code == 302
    entry = Entry.objects.get(verb="surveys.answer_corrected")
    assert (json.loads(entry.what)["was"], json.loads(entry.what)["now"], entry.why) == (1, 3, "A slip")
    assert Score.objects.get(questionnaire__family=family, scale="warmth").value == 9


def test_a_correction_to_passed_over_takes_the_score_away(browse, programme, family):
    programme.answered(family)
    browse("trial_manager").post(at(family, "baseline/correct/demo_warmth:1/"), {"given": "skip", "why": "Not meant"})
    assert Score.objects.get(questionnaire__family=family, scale="warmth").value is None


def test_an_open_questionnaire_is_not_corrected(browse, programme, family):
    programme.questionnaire(family)
    assert browse("trial_manager").get(at(family, "baseline/correct/")).status_code == 404


def test_switching_off_ends_the_links_and_keeps_the_data(browse, programme, family):
    token = actions.send_link(by=programme.people["coordinator"], family=family, code="baseline", route="none")
    phone, manager = browse(None), browse("trial_manager")
    phone.post(f"/q/{token}/question/", {"item": "demo_warmth:1", "value": "1"})
    assert manager.get("/surveys/baseline/switch-off/").status_code == 200
    manager.post("/surveys/baseline/switch-off/")
    assert phone.get(f"/q/{token}/").status_code == 410
    assert Answer.objects.count() == 1 and SwitchedOff.objects.get().time_point == "baseline"
    assert not Link.objects.filter(leads_to="baseline", revoked_at=None).exists()
    with pytest.raises(Refused, match="switched off for the whole study"):
        programme.questionnaire(programme.consented())
    assert manager.post("/surveys/baseline/switch-off/").status_code == 422
    assert state_of(family) == "closed" and "switched off" in text(manager.get("/surveys/"))


def test_who_has_answered_and_who_has_not_as_a_count_and_a_list(browse, programme):
    answered, begun, due, refused = (programme.consented() for _number in range(4))
    programme.answered(answered)
    paper = programme.questionnaire(begun)
    actions.save_answer(by=programme.people["survey_team"], questionnaire_id=paper.pk, instrument="demo_warmth", item=1,
                        given="1", mode="telephone")
    consent.withdraw(by=programme.people["coordinator"], family=refused, purpose="survey", mode="visit")
    assert [state_of(family) for family in (answered, begun, due, refused, programme.refer())] == [
        "complete", "begun", "due", "closed", "waiting"]
    manager = browse("trial_manager")
    counts = dict(re.findall(r'aria-label="Questions before we start, ([^:]+): (\d+)"', text(manager.get("/surveys/"))))
    assert counts == dict.fromkeys(["Begun", "Due now", "Answered", "Not asked any more", "Earlier step first"], "1")
    listed = text(manager.get("/surveys/baseline/", {"state": "due"}))
    assert due.code in listed and begun.code not in listed
    assert f"/families/{due.code}/" not in text(browse("coordinator_b").get("/surveys/baseline/"))


def test_follow_up_is_due_and_overdue_by_its_window(programme):
    family = programme.allocated()
    states = []
    for day in (date(2021, 10, 21), date(2021, 10, 22), date(2021, 12, 3), date(2021, 12, 4)):
        with clock.at(clock.local(day)):
            states.append(state_of(family, "four_months"))
    assert states == ["later", "due", "due", "overdue"]


def test_lists_are_the_same_whatever_the_arm(browse, programme):
    """Two families that differ in nothing but the arm: the same words about both."""
    families = [programme.allocated("vig"), programme.allocated("usual_care")]
    with clock.at(clock.local(date(2021, 11, 8))):
        pages = [text(browse("survey_team").get(at(family))).replace(family.code, "") for family in families]
    assert re.sub(r'value="\w{64}"', "", pages[0]) == re.sub(r'value="\w{64}"', "", pages[1])


def test_staff_are_told_that_the_questions_are_not_a_validated_test(team, family):
    for page in ("/surveys/", at(family)):
        assert OWN in text(team.get(page))


def test_an_instrument_without_words_is_not_opened_and_says_which_file_is_wanting(team, family):
    amended(**{'instruments = ["demo_warmth", "demo_invasion", "demo_efficacy", "support_received"]':
               'instruments = ["demo_warmth", "demo_invasion", "demo_efficacy", "support_received", "phq9"]'})
    page = text(team.post(at(family, "baseline/send/"), {"route": "none"}, follow=True))
    assert "the file phq9.en.wording.toml is wanting" in page
    assert not Questionnaire.objects.exists() and not Link.objects.filter(family=family).exists()
    assert team.get("/surveys/").status_code == 200


def test_a_family_that_agrees_anew_goes_on_where_it_was(programme, family):
    paper, coordinator = programme.questionnaire(family), programme.people["coordinator"]
    consent.withdraw(by=coordinator, family=family, purpose="survey", mode="visit")
    token = consent.give_link(by=coordinator, family=family, leads_to=consent.CONSENT)
    yes = {purpose.code: True for purpose in versions.current().consent.purposes}
    consent.record_consent(by=consent.find_link(token), family=family, given=yes, mode="self", language="en")
    assert programme.questionnaire(family).pk == paper.pk and state_of(family) == "due"


@pytest.mark.parametrize(("role", "page", "status"), [
    ("coordinator_b", "", 404), ("coordinator", "baseline/telephone/", 403), ("coordinator", "baseline/correct/", 403),
    ("survey_team", "baseline/correct/", 403), ("practitioner", "", 403), ("la_analyst", "", 403), ("funder", "", 403)])
def test_roles_and_sites(browse, programme, family, role, page, status):
    programme.answered(family)
    assert browse(role).get(at(family, page)).status_code == status


def test_a_button_is_no_link(team, family):
    for page in ("baseline/send/", "baseline/hand-over/"):
        assert team.get(at(family, page)).status_code == 405
    assert not Questionnaire.objects.exists()
