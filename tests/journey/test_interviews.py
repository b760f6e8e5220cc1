"""Interviews: drawn by quotas, consented apart, kept without names, coded, and quoted once cleared."""

from __future__ import annotations

import io

import openpyxl
import pytest

from attunement.journey.oversight import actions as oversight
from attunement.journey.oversight import interview_actions as actions
from attunement.journey.oversight.models import Interview, Passage
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry

WORDS = "Interviewer: How was it?\r\nZebedee Quill said the film helped. He laughed.\r\nHe would do it again."


@pytest.fixture
def drawn(programme, browse):
    for site in ("A", "A", "B"):
        programme.assigned() if site == "A" else programme.allocated(site=site)
    oversight.take_snapshot(by=programme.people["trial_manager"])
    page = browse("process_evaluator")
    assert page.post("/interviews/", {"size": 2, "seed": 7, "quotas": "site, Z"}).status_code == 422
    assert page.post("/interviews/", {"size": 2, "seed": 7, "quotas": "site, B, 1"}).status_code == 302
    return page


def test_families_are_drawn_once_by_quotas_and_the_same_again(drawn, programme):
    chosen = [one.family.site.code for one in Interview.objects.filter(reserve=False).select_related("family__site")]
    assert sorted(chosen) == ["A", "B"] and Interview.objects.filter(reserve=True).count() >= 1
    assert Entry.objects.filter(verb="oversight.interviews_drawn").count() == 1
    with pytest.raises(Refused, match="have been drawn"):
        actions.draw(by=programme.people["process_evaluator"], size=1, seed=1)


def test_from_consent_to_a_cleared_quote_and_the_matrix(drawn, programme):
    interview = Interview.objects.first()
    page = f"/interviews/{interview.family.code}/"
    with pytest.raises(Refused, match="no consent on record"):
        actions.transcribe(by=programme.people["process_evaluator"], interview=interview, text=WORDS, names={})
    assert drawn.post(page, {"mode": "written"}).status_code == 302
    assert drawn.post(page, {"text": WORDS, "names": "Zebedee Quill"}).status_code == 422
    assert drawn.post(page, {"text": WORDS, "names": "Zebedee Quill = a father"}).status_code == 302
    interview.refresh_from_db()
    assert "Zebedee" not in interview.text and "[a father] said" in interview.text and "\r" not in interview.text
    assert len(interview.redactions) == 1 and "Zebedee" not in str(Entry.objects.last().what)
    assert drawn.post(page, {"theme": "What helped", "words": "nowhere said"}).status_code == 422
    assert drawn.post(page, {"theme": "=What helped", "words": "the film helped"}).status_code == 302
    passage = Passage.objects.get()
    assert passage.words == "the film helped"
    for clearance in ("cleared", "proposed", "cleared"):
        drawn.post(f"/interviews/passages/{passage.pk}/{clearance}/")
    passage.refresh_from_db()
    assert passage.clearance == "cleared", "cleared only once it was proposed"
    book = openpyxl.load_workbook(io.BytesIO(drawn.get("/interviews/matrix.xlsx").content))
    cells = [cell.value for row in book["Framework"].iter_rows() for cell in row]
    assert interview.family.code in cells
    assert "the film helped" in [cell.value for row in book["Passages"].iter_rows() for cell in row]


def test_two_coders_are_held_against_each_other(drawn, programme):
    from attunement.journey.oversight import interview_queries
    from attunement.journey.people import actions as people

    by = programme.people["process_evaluator"]
    other = people.add_person(by=programme.people["trial_manager"], email="second@example.org", name="Second Coder",
                              role="process_evaluator", site=None)
    interview = actions.agree(by=by, interview=Interview.objects.first(), mode="written")
    interview = actions.transcribe(by=by, interview=interview, text=WORDS, names={"Zebedee Quill": "a father"})
    for coder in (by, other):
        actions.code(by=coder, interview=interview, theme="Helped", words="the film helped")
    assert interview_queries.agreed() == [("Helped", "1.00")]


@pytest.mark.parametrize("role", ["trial_manager", "funder", "practitioner", "trial_statistician"])
def test_nobody_else_sees_interviews(programme, browse, role):
    assert browse(role).get("/interviews/").status_code == 403
    with pytest.raises(NotAllowed):
        actions.draw(by=programme.people[role], size=1, seed=1)
