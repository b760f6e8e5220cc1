"""Transcripts without names, codebooks with versions, two coders, the framework matrix and the quote bank."""

import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attunement.process import ProcessError
from attunement.process.interviews import (
    Code,
    Codebook,
    Coding,
    Project,
    QuoteBank,
    Source,
    agreement,
    differences,
    framework,
    left_over,
    lines,
    pseudonymise,
    reconcile,
    to_word,
    to_workbook,
    units,
)

ON = date(2022, 3, 1)
WHY: dict[str, Any] = {"by": "C1", "on": ON, "why": "made up for the test"}
BOOK = Codebook().add("Barriers", **WHY)
BOOK = BOOK.add("Time", parent=BOOK.codes[0].guid, **WHY).add("Joy", **WHY)
TOP, TIME, JOY = (code.guid for code in BOOK.codes)
TEXT = "I liked it. There was no time.\nWe laughed! The bus was late.\n"


def source(id_: str = "T1", text: str = TEXT, case: str = "parent 1") -> Source:
    return Source(id_, case, text, consent="record 1")


def mark(words: str, code: str, coder: str = "C1", id_: str = "T1") -> Coding:
    start = TEXT.index(words)
    return Coding(id_, start, start + len(words), code, coder)


def project(*codings: Coding) -> Project:
    return Project("P", BOOK, (source(), source("T2", TEXT, "parent 2")), codings)


def test_names_and_numbers_are_taken_out_and_logged() -> None:
    raw = "Ann Lee's boy Max rang 07700 900123.\r\nMAX lives at SW1A 1AA; maximum joy, ann.lee@example.org"
    text, log = pseudonymise(raw, {"Ann Lee": "parent", "Max": "child"})
    assert text == "[parent]'s boy [child] rang [telephone].\n[child] lives at [postcode]; maximum joy, [email]"
    assert [text[one.start : one.end] for one in log] == [one.now for one in log]
    assert [one.kind for one in log] == ["name", "name", "telephone", "name", "postcode", "email"]
    assert "Max" not in repr(log) and left_over(text, ["Max", "Ann Lee"]) == []
    assert left_over(raw, ["Max"]) == ["name", "name", "email", "telephone", "postcode"]


@pytest.mark.parametrize("names", [{"Ann": "a", "Ann Lee": "parent"}, {"Ann Lee": "parent", "Ann": "a"}], ids=str)
def test_the_longer_of_two_names_wins_whatever_their_order(names: dict[str, str]) -> None:
    assert pseudonymise("Ann\nLee and Ann", names)[0] == "[parent] and [a]"


@settings(deadline=None)
@given(st.text(st.sampled_from("Bo ,.\n😀x"), max_size=60))
def test_no_name_is_left_whatever_the_text(raw: str) -> None:
    text, log = pseudonymise(raw, {"Bo": "child"})
    assert left_over(text, ["Bo"]) == []
    assert all(text[one.start : one.end] == one.now for one in log)


@pytest.mark.parametrize(("make", "sentence"), [
    (lambda: pseudonymise("x", {" ": "y"}), "has letters"),
    (lambda: pseudonymise("x", {"Bo": "little Bo"}), "holds one of the names"),
    (lambda: Source("T1", "p", "words"), "no consent on record for T1"),
    (lambda: Source("T1", "p", " ", consent="c"), "no words"),
    (lambda: Source("T1", "p", "a\r\nb", consent="c"), "line ends"),
    (lambda: Source("T1", "p", "a", "letter", "c"), "not 'letter'"),
    (lambda: project(Coding("T1", 0, len(TEXT) + 1, JOY, "C1")), "does not lie in T1"),
    (lambda: project(Coding("T1", 5, 5, JOY, "C1")), "does not lie"),
    (lambda: project(Coding("T9", 0, 1, JOY, "C1")), "no source of 'P'"),
    (lambda: project(mark("liked", BOOK.version)), "codebook does not have"),
    (lambda: project(mark("liked", JOY), mark("liked", JOY)), "same code twice"),
    (lambda: BOOK.add("joy", **WHY), "called 'joy'"),
    (lambda: BOOK.add("X", by="C1", on=ON, why=" "), "Say why"),
    (lambda: BOOK.add("X", dimension="mood", **WHY), "none of the eight"),
    (lambda: BOOK.merge(TOP, TIME, **WHY), "below it"),
    (lambda: Codebook((Code(TOP, "a", parent=TIME), Code(TIME, "b", parent=TOP))), "under itself"),
    (lambda: framework(project(), {("parent 1", JOY): "happy"}), "rests on no passage"),
    (lambda: framework(project(), {("parent 9", JOY): "happy"}), "no such cell"),
    (lambda: agreement(project(mark("liked", JOY)), "C1", "C2", unit="turn"), "coded by both"),
    (lambda: units("a", "word"), "not over 'word'"),
])  # fmt: skip
def test_what_may_not_be_is_refused_in_a_sentence(make: Any, sentence: str) -> None:
    with pytest.raises(ProcessError, match=sentence):
        make()


def test_a_codebook_keeps_what_was_changed_when_and_why() -> None:
    newer = BOOK.change(TIME, name="No time", **WHY).retire(JOY, **WHY)
    assert (BOOK.version, newer.version) == (4, 6)
    assert [change.verb for change in newer.changes] == ["added", "added", "added", "changed", "retired"]
    assert newer.path(TIME) == "Barriers / No time" and BOOK.path(TIME) == "Barriers / Time"
    moved = project(mark("liked", JOY)).recode(newer)
    assert len(moved.codings) == 1, "what has a retired code keeps it"
    with pytest.raises(ProcessError, match="takes no passages"):
        moved.code(mark("laughed", JOY))


def test_merged_codes_take_their_passages_along() -> None:
    merged = BOOK.merge(TIME, JOY, **WHY)
    moved = project(mark("no time", TIME), mark("no time", JOY)).recode(merged, [(TIME, JOY)])
    assert moved.codings == (mark("no time", JOY),)
    assert merged.branch(JOY) == (JOY,)


def test_units_are_characters_sentences_or_turns() -> None:
    assert [TEXT[start:end] for start, end in units(TEXT, "sentence")] == [
        "I liked it.", "There was no time.", "We laughed!", "The bus was late."]
    assert len(units(TEXT, "turn")) == 2 and len(units(TEXT, "character")) == len(TEXT)


def test_agreement_depends_on_the_unit_and_says_which() -> None:
    """Sentence by sentence: of eight, one both, one C1 only; expected by chance 52 of 64, so kappa is 7/8 − …"""
    made = project(mark("no time", TIME), mark("liked", TIME), mark("no time", TIME, "C2"),
                   mark("laughed", JOY, id_="T2"), mark("laughed", JOY, "C2", "T2"))  # fmt: skip
    table = agreement(made, "C1", "C2", unit="sentence", draws=200)
    row = table.row(by_predicate=pl.col("code") == "Barriers / Time", named=True)
    assert (row["units"], row["both"], row["first_only"], row["second_only"]) == (8, 1, 1, 0)
    by_chance = (2 * 1 + 6 * 7) / 64
    assert row["kappa"] == pytest.approx((7 / 8 - by_chance) / (1 - by_chance))
    assert row["low"] <= row["kappa"] <= row["high"]
    nothing = table.row(by_predicate=pl.col("code") == "Barriers", named=True)
    assert nothing["kappa"] is None and "undefined" in nothing["note"]
    assert agreement(made, "C1", "C2", unit="turn", draws=10)["unit"][0] == "turn"


def test_differences_are_settled_before_two_codings_become_one() -> None:
    made = project(mark("no time", TIME), mark("time.", TIME, "C2"), mark("liked", JOY), mark("bus", TIME, "C2"))
    open_ = differences(made, "C1", "C2")
    assert [(one.coding, one.not_by) for one in open_] == [(mark("liked", JOY), "C2"), (mark("bus", TIME, "C2"), "C1")]
    with pytest.raises(ProcessError, match="2 differences are not settled"):
        reconcile(made, "C1", "C2", {}, by="agreed")
    one = reconcile(made, "C1", "C2", {open_[0].coding.id: True, open_[1].coding.id: False}, by="agreed")
    assert set(one.codings) == {mark("no time.", TIME, "agreed"), mark("liked", JOY, "agreed")}


def test_the_framework_matrix_links_each_cell_to_its_passages(tmp_path: Path) -> None:
    made = project(mark("no time", TIME), mark("laughed", JOY, id_="T2"))
    matrix = framework(made, {("parent 1", TOP): "=SUM(A1) too busy"})
    assert matrix.tidy().rows() == [("parent 1", "Barriers", "=SUM(A1) too busy", 1), ("parent 1", "Joy", "", 0),
                                    ("parent 2", "Barriers", "", 0), ("parent 2", "Joy", "", 1)]  # fmt: skip
    book = openpyxl.load_workbook(to_workbook(matrix, tmp_path / "m.xlsx"))
    cell = book["Framework"]["B2"]
    assert cell.value == "=SUM(A1) too busy [1 passage]" and cell.data_type == "s", "words, not a formula"
    place = cell.hyperlink.location or cell.hyperlink.target
    assert book["Passages"][place.split("!")[1]].value in matrix.cells["parent 1", TOP].passages
    word = docx.Document(str(to_word(matrix, tmp_path / "m.docx")))
    assert [p.text for p in word.paragraphs if p.style.name == "Heading 1"] == ["Barriers", "Joy"]
    assert "no time" in word.tables[0].cell(1, 2).text
    assert "w:tblHeader" in zipfile.ZipFile(tmp_path / "m.docx").read("word/document.xml").decode()
    with pytest.raises(ProcessError, match=r"ends in \.xlsx"):
        to_workbook(matrix, tmp_path / "m.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.docx", "m.xlsx"]


def test_only_a_cleared_quote_reaches_a_report() -> None:
    coding = mark("laughed", JOY)
    bank = QuoteBank().propose(project(coding), coding, speaker="a parent, site B")
    with pytest.raises(ProcessError, match="is proposed, not cleared"):
        bank.get(coding.id)
    cleared = bank.decide(coding.id, "cleared", by="C1", on=ON)
    assert cleared.get(coding.id).words == "laughed"
    gone = cleared.withdraw_source("T1", by="C1", on=ON)
    for change in (lambda: gone.get(coding.id), lambda: gone.decide(coding.id, "cleared", by="C1", on=ON),
                   lambda: gone.get("none"), lambda: bank.propose(project(coding), coding, speaker="x")):  # fmt: skip
        with pytest.raises(ProcessError):
            change()


def test_lines_are_lf_once_and_for_all() -> None:
    assert lines("\ufeffa\r\nb\rc\n") == "a\nb\nc\n" == lines(lines("a\r\nb\rc\n"))
