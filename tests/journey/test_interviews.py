"""Interviews: drawn by quotas, consented apart, kept without names, coded by two, summarised, and quoted once cleared."""

from __future__ import annotations

import io

import docx
import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from attunement.journey.oversight import actions as oversight
from attunement.journey.oversight import codebook_actions as books
from attunement.journey.oversight import interview_actions as actions
from attunement.journey.oversight import interview_queries as queries
from attunement.journey.oversight.models import CodebookVersion, Interview, Passage, Source
from attunement.journey.people import actions as people
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry
from attunement.process import ProcessError, interviews

WORDS = "Interviewer: How was it?\r\nZebedee Quill said the film helped \U0001f600. He laughed.\r\nHe would do it again."
WHY = "Made up for the test"


@pytest.fixture
def drawn(programme, browse):
    for site in ("A", "A", "B"):
        programme.assigned() if site == "A" else programme.allocated(site=site)
    oversight.take_snapshot(by=programme.people["trial_manager"])
    page = browse("process_evaluator")
    assert page.post("/interviews/", {"size": 2, "seed": 7, "quotas": "site, Z"}).status_code == 422
    assert page.post("/interviews/", {"size": 2, "seed": 7, "quotas": "site, B, 1\narm, vig, 1"}).status_code == 302
    return page


@pytest.fixture
def told(drawn, programme):
    """A transcript that may be coded, and a codebook of two themes, one with a code below it."""
    by = programme.people["process_evaluator"]
    interview = actions.agree(by=by, interview=Interview.objects.first(), mode="written")
    source = actions.keep(by=by, interview=interview, text=WORDS, names={"Zebedee Quill": "a father"})
    helped = books.add_code(by=by, name="What helped", why=WHY)
    film = books.add_code(by=by, name="The film", parent=helped, dimension="quality", why=WHY)
    again = books.add_code(by=by, name="=Again", why=WHY)
    return by, source, (helped, film, again)


def test_families_are_drawn_once_by_quotas_and_the_same_again(drawn, programme):
    chosen = [one.family.site.code for one in Interview.objects.filter(reserve=False).select_related("family__site")]
    assert sorted(chosen) == ["A", "B"] and Interview.objects.filter(reserve=True).count() >= 1
    assert Entry.objects.filter(verb="oversight.interviews_drawn").count() == 1
    assert Entry.objects.filter(verb="arms.read_many").exists(), "a quota on the arm reads arms, and says so"
    with pytest.raises(Refused, match="have been drawn"):
        actions.draw(by=programme.people["process_evaluator"], size=1, seed=1)


def test_who_sees_no_arm_draws_by_none(programme, monkeypatch):
    programme.assigned()
    oversight.take_snapshot(by=programme.people["trial_manager"])
    by = programme.people["process_evaluator"]
    rights = type(by).rights
    monkeypatch.setattr(type(by), "may", lambda self, right, site=None: right != "arms.see" and right in rights(self))
    with pytest.raises(NotAllowed):
        actions.draw(by=by, size=1, seed=1, quotas=[("arm", "vig", 1)])
    assert not Interview.objects.exists() and actions.draw(by=by, size=1, seed=1)


def test_from_consent_to_a_cleared_quote_and_the_matrix(drawn, programme):
    interview = Interview.objects.first()
    page = f"/interviews/{interview.family.code}/"
    with pytest.raises(Refused, match="no consent on record"):
        actions.keep(by=programme.people["process_evaluator"], interview=interview, text=WORDS, names={})
    assert drawn.post(page, {"mode": "written"}).status_code == 302
    assert drawn.post(page, {"text": WORDS, "names": "Zebedee Quill"}).status_code == 422
    answer = drawn.post(page, {"text": WORDS, "names": "Zebedee Quill = a father"})
    source = Source.objects.get()
    assert answer.url == (here := f"/interviews/texts/{source.pk}/") and b"Begin the codebook" in drawn.get(here).content
    assert "Zebedee" not in source.text and "[a father] said" in source.text and "\r" not in source.text
    assert len(source.redactions) == 1 and "Zebedee" not in str(Entry.objects.last().what)
    assert drawn.post("/interviews/codebook/", {"name": "=What helped", "why": WHY}).status_code == 302
    code = queries.book().codes[0].guid
    assert drawn.post(here, {"code": code, "words": "nowhere said"}).status_code == 422
    assert drawn.post(here, {"code": code, "words": "the film helped"}).status_code == 302
    passage = Passage.objects.get()
    assert passage.words == "the film helped" and b"<mark>the film helped</mark>" in drawn.get(here).content
    for clearance in ("cleared", "proposed", "cleared"):
        drawn.post(f"/interviews/passages/{passage.pk}/{clearance}/")
    passage.refresh_from_db()
    assert passage.clearance == "cleared", "cleared only once it was proposed"
    assert queries.bank().get(passage.quote).words == "the film helped"
    assert passage.quote in drawn.get("/interviews/").content.decode()
    cell = f"/interviews/matrix/{interview.family.code}/{code}/"
    assert b"the film helped" in drawn.get(cell).content
    assert drawn.post(cell, {"text": "=SUM(A1) it helped"}).status_code == 302
    assert b"=SUM(A1) it helped" in drawn.get("/interviews/matrix/").content
    book = openpyxl.load_workbook(io.BytesIO(drawn.get("/interviews/files/matrix.xlsx").content))
    assert [cell.value for cell in book["Framework"][2]] == [interview.family.code, "=SUM(A1) it helped [1 passage]"]
    assert book["Framework"]["B2"].hyperlink.location.endswith("A2") and book["Passages"]["D2"].value == "the film helped"
    word = docx.Document(io.BytesIO(drawn.get("/interviews/files/matrix.docx").content))
    assert "the film helped" in word.tables[0].cell(1, 2).text
    assert drawn.get("/interviews/files/other.xlsx").status_code == 404


def test_an_open_answer_and_a_note_are_coded_beside_the_transcript(told, drawn):
    by, source, (_helped, film, _again) = told
    add = f"/interviews/{source.family.code}/text/"
    note = {"kind": "session_note", "about": "Session 4", "text": "They watched the film twice.", "names": ""}
    assert drawn.post(add, note).status_code == 302 and drawn.post(add, note).status_code == 422
    answer = note | {"kind": "open_answer", "about": "Question 9", "text": "Call 07700 900123"}
    assert drawn.post(add, answer).status_code == 302
    assert Source.objects.get(kind="open_answer").text == "Call [telephone]"
    kept = Source.objects.get(kind="session_note")
    actions.code(by=by, source=kept, code=film, words="the film")
    actions.code(by=by, source=source, code=film, words="the film")
    matrix = queries.matrix()
    ((code, _name), *_) = matrix.themes
    assert len(matrix.cells[source.family.code, code].passages) == 2, "the code below the theme is in it, from both texts"


def test_the_codebook_has_versions_and_merging_moves_passages(told, drawn):
    by, source, (helped, film, again) = told
    actions.code(by=by, source=source, code=film, words="the film helped")
    place = source.text.index("He laughed")
    laughed = actions.code(by=by, source=source, code=again, words="He laughed")
    assert (laughed.start, laughed.words) == (place, "He laughed"), "an emoji before it is one code point"
    page = f"/interviews/codebook/{again}/"
    assert drawn.post(page, {"verb": "change", "name": "Once more", "why": WHY}).status_code == 302
    assert drawn.post(page, {"verb": "retire", "why": WHY}).status_code == 302
    with pytest.raises(Refused, match="takes no passages"):
        actions.code(by=by, source=source, code=again, words="again")
    assert drawn.post(page, {"verb": "merge", "into": "", "why": WHY}).status_code == 422
    assert drawn.post(page, {"verb": "merge", "into": film, "why": WHY}).status_code == 302
    assert {one.code for one in Passage.objects.all()} == {film}
    assert [one.verb for one in queries.book().changes] == ["added", "added", "added", "changed", "retired", "merged"]
    assert queries.book().path(film) == "What helped / The film" and queries.book().version == 7
    assert CodebookVersion.objects.filter(number=4).get().codes[2]["name"] == "=Again", "an earlier version stays"
    assert b"Once more" not in drawn.get("/interviews/codebook/").content
    with pytest.raises(Refused, match="into itself"):
        books.merge_codes(by=by, code=helped, into=film, why=WHY)


def test_two_coders_are_held_against_each_other_and_reconciled(told, drawn, programme):
    by, source, (_helped, film, again) = told
    other = people.add_person(by=programme.people["trial_manager"], email="second@example.org", name="Second Coder",
                              role="process_evaluator", site=None)
    for coder in (by, other):
        actions.code(by=coder, source=source, code=film, words="the film helped")
    mine = actions.code(by=by, source=source, code=again, words="would do it again")
    assert ("What helped / The film", "1.00", "1.00") in queries.agreed()
    page = drawn.get("/interviews/differences/").content.decode()
    assert page.count("It stays") == 1 and by.code in page
    assert len(queries.matrix().extracts) == 3, "before they have talked the coding stands as it is"
    with pytest.raises(Refused, match="do not differ"):
        actions.settle(by=by, passage=Passage.objects.first(), verdict="goes")
    assert drawn.post(f"/interviews/passages/{mine.pk}/settle/goes/").status_code == 302
    assert {one.coder for one in queries.settled().codings} == {queries.SETTLED} and len(queries.matrix().extracts) == 1


def test_coding_goes_out_and_comes_in(told, drawn, tmp_path):
    by, source, (_helped, film, _again) = told
    actions.code(by=by, source=source, code=film, words="helped \U0001f600")
    content = drawn.get("/interviews/files/project.qdpx").content
    (tmp_path / "p.qdpx").write_bytes(content)
    read = interviews.read_project(tmp_path / "p.qdpx", consent={source.name: "kept"})
    assert [read.project.text(one) for one in read.project.codings] == ["helped \U0001f600"] and not read.lost
    Passage.objects.all().delete()
    assert drawn.post("/interviews/take-in/", {"file": SimpleUploadedFile("p.qdpx", content)}).status_code == 302
    assert Passage.objects.get().words == "helped \U0001f600" and Passage.objects.get().coder == by
    more = interviews.Codebook().add("Elsewhere", by="C9", on=source.consented_on, why=WHY)
    codes = interviews.write_codebook(more, tmp_path / "more.qdc").read_bytes()
    for why, status in (("", 422), (WHY, 302)):
        sent = {"file": SimpleUploadedFile("more.qdc", codes), "why": why}
        assert drawn.post("/interviews/take-in/", sent).status_code == status
    assert queries.book().codes[-1].name == "Elsewhere"
    for bad in ("p.qdpx", "p.qdc", "p.pdf"):
        assert drawn.post("/interviews/take-in/", {"file": SimpleUploadedFile(bad, b"PK nonsense")}).status_code == 422


def test_a_report_is_told_how_many_and_on_what_themes_and_no_words(told, drawn):
    by, source, (_helped, film, _again) = told
    actions.code(by=by, source=source, code=film, words="the film helped")
    here, arms = source.family.site.code, {code: "vig" for code in Interview.objects.values_list("family__code", flat=True)}
    found = queries.told(arms)
    assert (found.planned, found.interviewed, found.texts) == (2, 1, 1)
    assert [(one.column, one.level, one.least, one.chosen, one.interviewed) for one in found.quotas] == [
        ("site", "B", 1, 1, int(here == "B")), ("arm", "vig", 1, 2, 1)]
    assert [(one.path, one.dimension, one.families, one.passages) for one in found.themes] == [
        ("What helped", None, 1, 1), ("What helped / The film", "quality", 1, 1)]
    assert [one.column for one in queries.told().quotas] == ["site"], "before the key is released nothing is told by arm"
    sent = drawn.get("/interviews/files/interviews.json").content.decode()
    assert "film helped" not in sent and source.family.code not in sent and by.code not in sent
    drawn.post(f"/interviews/{source.family.code}/take-back/")
    assert (queries.told(arms).interviewed, queries.told(arms).themes) == (0, ())


def test_what_a_family_takes_back_is_used_no_more(told, drawn):
    by, source, (_helped, film, _again) = told
    passage = actions.code(by=by, source=source, code=film, words="the film helped")
    for clearance in ("proposed", "cleared"):
        actions.decide(by=by, passage=passage, clearance=clearance)
    assert drawn.post(f"/interviews/{source.family.code}/take-back/").status_code == 302
    with pytest.raises(ProcessError, match="withdrawn"):
        queries.bank().get(passage.quote)
    assert not queries.project().sources and drawn.get(f"/interviews/texts/{source.pk}/").status_code == 404
    with pytest.raises(Refused, match="no consent on record"):
        actions.keep(by=by, interview=Interview.objects.first(), text="More", names={}, kind="open_answer", about="x")
    with pytest.raises(Refused, match="nothing of its words"):
        actions.decide(by=by, passage=passage, clearance="proposed")


@pytest.mark.parametrize("role", ["trial_manager", "funder", "practitioner", "trial_statistician"])
def test_nobody_else_sees_interviews(programme, browse, role):
    assert browse(role).get("/interviews/").status_code == 403
    with pytest.raises(NotAllowed):
        actions.draw(by=programme.people[role], size=1, seed=1)
