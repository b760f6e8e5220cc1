"""A questionnaire on a phone: one question at a time, each answer saved as given, no earlier answer ever shown."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attunement.journey.consent import actions as consent
from attunement.journey.surveys import actions
from attunement.journey.surveys.models import Answer, Questionnaire, Score
from attunement.journey.surveys.questions import asked
from attunement.journey.trail import clock
from attunement.journey.trail.errors import NotAllowed
from attunement.journey.trail.models import Entry
from attunement.journey.trail.queries import first_broken


@pytest.fixture
def family(programme):
    return programme.consented()


@pytest.fixture
def token(programme, family):
    return actions.send_link(by=programme.people["coordinator"], family=family, code="baseline", route="none")


@pytest.fixture
def phone(browse):
    return browse(None)


QUESTIONS = 24


def questions():
    return asked(1, "baseline", "en")


def give(phone, token, place, **more):
    question = questions()[place - 1]
    return phone.post(f"/q/{token}/question/", {"item": question.code, "value": question.options[1][0]} | more)


def paper_of(family) -> Questionnaire:
    return Questionnaire.objects.get(family=family)


def text(response) -> str:
    return response.content.decode()


def test_the_first_page_says_how_many_questions_and_that_nobody_watches(phone, token):
    page = text(phone.get(f"/q/{token}/"))
    assert f"There are {QUESTIONS} questions" in page and "Nobody reads your answers as you give them" in page


def test_one_question_is_on_the_screen_with_its_instruction_and_notice(phone, token):
    page, first, second = text(phone.get(f"/q/{token}/question/")), *questions()[:2]
    for words in (first.text, first.instruction, first.notice, f"1 of {QUESTIONS}", "I would rather not say"):
        assert words in page
    assert second.text not in page


def test_each_answer_is_saved_as_it_is_given(phone, token, family):
    assert give(phone, token, 1)["Location"] == f"/q/{token}/question/"
    row = Answer.objects.get()
    assert (row.instrument, row.item, row.kind, row.value, row.mode) == ("demo_warmth", 1, "value", 1, "self")
    assert give(phone, token, 2, go="skip").status_code == 302
    assert Answer.objects.get(item=2).kind == "skipped"
    entry = Entry.objects.filter(verb="surveys.answered", family=family.code).last()
    assert json.loads(entry.what)["item"] == 2 and entry.study_version == 1
    assert first_broken() is None


def test_it_goes_on_at_the_first_question_without_an_answer(phone, token, browse):
    for place in (1, 2, 3):
        give(phone, token, place)
    another_day = browse(None)
    assert "Welcome back" in text(another_day.get(f"/q/{token}/"))
    assert f"4 of {QUESTIONS}" in text(another_day.get(f"/q/{token}/question/"))


def test_no_earlier_answer_is_shown_after_back(phone, token):
    never_answered = text(phone.get(f"/q/{token}/question/"))
    give(phone, token, 1)
    back = give(phone, token, 2, go="back")
    assert back["Location"].endswith("?place=1")
    page = phone.get(back["Location"])
    assert f"1 of {QUESTIONS}" in text(page) and "You have answered this already" in text(page)
    assert " checked" not in text(page) and " checked" not in never_answered
    assert page["Cache-Control"] == "no-store"


def test_an_answer_may_be_given_anew_until_the_end(phone, token):
    give(phone, token, 1)
    give(phone, token, 1, value="4")
    assert Answer.objects.get().value == 4
    assert Entry.objects.filter(verb="surveys.answered").count() == 2


@pytest.mark.parametrize("place", ["0", "-1", "99", "3", "two", "²", "9" * 4000])
def test_a_place_that_was_not_reached_shows_the_open_question(phone, token, place):
    page = phone.get(f"/q/{token}/question/", {"place": place})
    assert page.status_code == 200 and f"1 of {QUESTIONS}" in text(page)


BAD = [{}, {"item": "demo_warmth:1"}, {"item": "demo_warmth:1", "value": ""}, {"item": "demo_warmth:1", "value": "9"},
       {"item": "demo_warmth:1", "value": "na"}, {"item": "demo_warmth:1", "value": "1.5"},
       {"item": "demo_warmth:1", "value": "٣"}, {"item": "demo_warmth:99", "value": "1"},
       {"item": "phq9:1", "value": "1"},
       {"item": "' OR 1=1", "value": "1"}, {"item": "x" * 5000, "value": "1"}, {"value": "1"}]


@pytest.mark.parametrize("sent", BAD, ids=str)
def test_what_is_no_answer_is_said_in_a_sentence_and_not_saved(phone, token, sent):
    before = Entry.objects.count()
    page, told = phone.post(f"/q/{token}/question/", sent), phone.post(f"/q/{token}/save/", sent)
    assert page.status_code == told.status_code == 422
    assert 'id="error-summary"' in text(page) and told.json()["problem"].endswith(".")
    assert not Answer.objects.exists() and Entry.objects.count() == before


def test_the_last_answer_ends_it_and_scores_it(phone, token, family):
    answers = [give(phone, token, place) for place in range(1, QUESTIONS + 1)]
    assert answers[-1]["Location"] == f"/q/{token}/thanks/"
    assert "Thank you" in text(phone.get(answers[-1]["Location"]))
    paper = paper_of(family)
    assert (paper.state, paper.mode) == ("complete", "self")
    assert Score.objects.get(questionnaire=paper, scale="warmth").value == 7


def test_the_script_gets_every_question_once_and_no_answer(phone, token):
    give(phone, token, 1)
    module = phone.get(f"/q/{token}/module/").json()
    assert [each["item"] for each in module["questions"]] == [each.code for each in questions()]
    assert set(module) == {"questions"}
    assert set(module["questions"][0]) == {"item", "place", "instruction", "text", "options", "notice"}


def test_the_script_saves_in_the_background_and_hands_in(phone, token, family):
    for each in questions():
        saved = phone.post(f"/q/{token}/save/", {"item": each.code, "value": each.options[0][0], "go": "next"})
        assert (saved.status_code, saved.content) == (204, b"")
    assert "Hand in" in text(phone.get(f"/q/{token}/question/"))
    assert phone.post(f"/q/{token}/finish/")["Location"] == f"/q/{token}/thanks/"
    assert phone.post(f"/q/{token}/finish/")["Location"] == f"/q/{token}/thanks/"
    assert Entry.objects.filter(verb="surveys.completed", family=family.code).count() == 1


def test_handing_in_too_early_shows_the_open_question(phone, token, family):
    give(phone, token, 1)
    assert phone.post(f"/q/{token}/finish/")["Location"] == f"/q/{token}/question/"
    assert phone.get(f"/q/{token}/thanks/")["Location"] == f"/q/{token}/"
    assert paper_of(family).state == "open"


PAGES = ["", "question/", "module/"]


def gone(phone, token, words: str) -> None:
    """Every page says so kindly, the script is told in a sentence, and nothing is saved."""
    saved = Answer.objects.count()
    for address in PAGES:
        page = phone.get(f"/q/{token}/{address}")
        assert page.status_code == 410 and words in text(page) and "att-family" in text(page)
    assert give(phone, token, 2).status_code == 410
    told = phone.post(f"/q/{token}/save/", {"item": "demo_warmth:2", "value": "1"})
    assert told.status_code == 410 and words in text(told)
    assert Answer.objects.count() == saved


def test_a_link_that_is_used_up(phone, token):
    for place in range(1, QUESTIONS + 1):
        give(phone, token, place)
    gone(phone, token, "You have finished these questions already.")


def test_a_link_that_was_ended(phone, token, family, programme):
    consent.revoke_links(by=programme.people["survey_team"], family=family)
    gone(phone, token, "This link is not in use any more.")
    assert phone.post(f"/q/{token}/finish/").status_code == 410


def test_a_link_of_a_family_that_has_withdrawn(phone, token, family, programme):
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="survey", mode="visit")
    gone(phone, token, "These questions are closed.")


def test_a_link_that_never_was(phone, token):
    for wrong in ("nothing", token[:-1], token.swapcase()):
        for address in [*PAGES, "thanks/"]:
            page = phone.get(f"/q/{wrong}/{address}")
            assert page.status_code == 404 and "att-family" in text(page)


def test_a_body_over_64_kilobytes_is_not_read(phone, token):
    for address in ("question", "save", "finish"):
        assert phone.post(f"/q/{token}/{address}/", {"item": "x" * 70_000}).status_code == 413


def test_the_window_ends_with_its_last_day_where_the_family_lives(phone, programme):
    """Allocated on 5 July: open to 3 December. Summer time ends in between, so midnight is another one."""
    family = programme.allocated()
    with clock.at(clock.local(date(2021, 12, 3), 10)):
        token = actions.send_link(by=programme.people["survey_team"], family=family, code="four_months", route="none")
        assert phone.get(f"/q/{token}/").status_code == 200
    with clock.at(clock.local(date(2021, 12, 4), 0) - timedelta(seconds=1)):
        assert give(phone, token, 1).status_code == 302
    with clock.at(clock.local(date(2021, 12, 4), 0)):
        gone(phone, token, "The time for these questions has passed.")


def test_a_link_that_was_ended_between_two_requests_saves_nothing(programme, token, family):
    """The link was in use when the page read it, and is not when the answer is written."""
    link = consent.find_link(token)
    consent.revoke_links(by=programme.people["coordinator"], family=family)
    with pytest.raises(NotAllowed):
        actions.save_answer(by=link, questionnaire_id=paper_of(family).pk, instrument="demo_warmth", item=1, given="1")


def test_a_link_answers_its_own_questionnaire_only(programme, token):
    other = programme.questionnaire(programme.consented())
    link = consent.find_link(token)
    with pytest.raises(NotAllowed):
        actions.save_answer(by=link, questionnaire_id=other.pk, instrument="demo_warmth", item=1, given="1")
    with pytest.raises(NotAllowed):
        actions.complete(by=link, questionnaire_id=other.pk)


def test_a_consent_link_answers_no_question(programme, token, family):
    other = consent.give_link(by=programme.people["coordinator"], family=family, leads_to=consent.CONSENT)
    with pytest.raises(NotAllowed):
        actions.save_answer(by=consent.find_link(other), questionnaire_id=paper_of(family).pk, instrument="demo_warmth",
                            item=1, given="1")


def test_an_answer_takes_few_statements(phone, token):
    """The price of one answer, from the link to the commit. Each statement more is a tenth of a millisecond."""
    phone.get(f"/q/{token}/module/")
    with CaptureQueriesContext(connection) as spent:
        phone.post(f"/q/{token}/save/", {"item": "demo_warmth:1", "value": "1"})
    own = [query["sql"] for query in spent.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(own) <= 11, "\n".join(own)


def test_a_family_goes_on_in_another_language_and_each_answer_keeps_its_own(phone, token, family):
    give(phone, token, 1)
    page = text(phone.get(f"/q/{token}/question/"))
    assert 'name="language" value="en-xr"' in page and 'dir="auto"' in page
    assert phone.post(f"/q/{token}/", {"language": "en-xr", "question": "yes"}).url == f"/q/{token}/question/"
    page = text(phone.get(f"/q/{token}/question/"))
    assert 'dir="rtl"' in page and questions()[1].text not in page
    give(phone, token, 2)
    late = phone.post(f"/q/{token}/save/", {"item": questions()[2].code, "value": questions()[2].options[1][0],
                                            "language": "en"})
    assert late.status_code == 204, "from a page that was open before the change"
    assert list(Answer.objects.order_by("id").values_list("language", flat=True)) == ["en", "en-xr", "en"]
    changed = Entry.objects.get(verb="surveys.language_changed")
    assert json.loads(changed.what) == {"time_point": "baseline", "before": "en", "language": "en-xr"}


@pytest.mark.parametrize("strange", ["", "cy", "../en", "x" * 5000])
def test_a_language_without_the_words_changes_nothing(phone, token, family, strange):
    assert phone.post(f"/q/{token}/", {"language": strange}).url == f"/q/{token}/"
    assert paper_of(family).language == "en"
    refused = phone.post(f"/q/{token}/save/", {"item": questions()[0].code, "value": "1", "language": strange or "xx"})
    assert refused.status_code == 422 and not Answer.objects.exists()
