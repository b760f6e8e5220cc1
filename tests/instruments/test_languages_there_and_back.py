"""A language goes out to an agency and comes back, as XLIFF or a spreadsheet; what came back wrong is one line."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from attunement.cli import main
from attunement.instruments import InstrumentError, Translation, load, spreadsheet, translating, wording, writing, xliff
from attunement.instruments.wording import SHIPPED_WORDINGS

RECORD = Translation("A. Translator", "A. Reconciler", "back-translation of May", 5, "the trial manager, 1 June 2021")
WAYS = pytest.mark.parametrize("way", [xliff, spreadsheet], ids=["xliff", "spreadsheet"])
WORDS = ["--translator", "T", "--back-translation", "B", "--approval", "A"]


def turned(package: translating.Package, change=lambda one: f"={one.source}") -> translating.Package:
    return translating.replace(
        package, segments=tuple(translating.replace(one, target=change(one)) for one in package.segments)
    )


@WAYS
def test_a_language_goes_out_and_comes_back_word_for_word(way, tmp_path):
    out = translating.package("demo_warmth", "pl")
    back = way.read(way.write(turned(out)), "back")
    made = translating.translated(back, RECORD, "1")
    writing.save_all(tmp_path, {"demo_warmth.pl.wording.toml": writing.wording_text(made)})
    found = wording("demo_warmth", "pl", [tmp_path])
    english = wording("demo_warmth", "en")
    assert found.items == {number: f"={text}" for number, text in english.items.items()}
    assert found.options == tuple((code, f"={label}") for code, label in english.options)
    assert found.translation.translator == "A. Translator" and found.translation.source_sha256 == english.sha256
    again = translating.package("demo_warmth", "pl", [tmp_path])
    assert all(segment.target == f"={segment.source}" for segment in again.segments)


@WAYS
@settings(max_examples=20, deadline=None)
@given(
    texts=st.lists(
        st.text(
            st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"], exclude_characters="\ufffe\uffff"), min_size=1
        )
        .map(str.strip)
        .filter(bool),
        min_size=14,
        max_size=14,
    )
)
def test_any_text_survives(way, texts):
    out = translating.package("demo_efficacy", "pl")
    words = iter(texts * 2)
    sent = turned(out, lambda _one: next(words))
    assert [one.target for one in way.read(way.write(sent), "x").segments] == [one.target for one in sent.segments]


def test_no_cell_is_a_formula():
    book = load_workbook(io.BytesIO(spreadsheet.write(turned(translating.package("demo_warmth", "pl")))))
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert not [cell for row in book.active.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda package: package.segments[:-1], "lacks notice"),
        (lambda package: [*package.segments, translating.Segment("item.99", "x", "y")], "item.99 is no text"),
        (lambda package: [*package.segments, package.segments[0]], "come back twice"),
        (
            lambda package: [translating.replace(package.segments[0], source="Changed"), *package.segments[1:]],
            "title is not the one",
        ),
        (lambda package: [translating.replace(package.segments[0], target=" "), *package.segments[1:]], "lacks title"),
    ],
)
def test_what_does_not_fit_is_refused(change, says):
    back = turned(translating.package("demo_warmth", "pl"))
    back = translating.replace(back, segments=tuple(change(back)))
    with pytest.raises(InstrumentError, match=says):
        translating.translated(back, RECORD, "1")


def test_a_draft_cannot_be_opened_and_can_be_sent_out_again(tmp_path):
    file = tmp_path / "out.xlf"
    assert main(["instruments", "export", "demo_warmth", "pl", "--to", str(file)]) == 0
    file.write_text(
        re.sub(r"<target state=.needs-translation..*?(</target>|/>)", "<target>słowo</target>", file.read_text())
    )
    assert main(["instruments", "import", str(file), "--to", str(tmp_path)]) == 0
    with pytest.raises(InstrumentError, match="is a draft"):
        wording("demo_warmth", "pl", [tmp_path])
    assert main(["instruments", "import", str(file), "--to", str(tmp_path), "--replace", *WORDS]) == 0
    assert wording("demo_warmth", "pl", [tmp_path]).items[1] == "słowo"


XML = [
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "<xliff/>",
    "",
    "no",
    "\x00",
    '<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2"><file/></xliff>',
]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *((f"{number}.xlf", text) for number, text in enumerate(XML)),
        ("a.xlsx", "junk"),
        ("b.csv", "a,b\n1,2"),
        ("c.pdf", "%PDF"),
        ("d.xlsx", ""),
    ],
)
def test_a_bad_file_is_one_line_and_leaves_nothing(tmp_path, capsys, name, content):
    (tmp_path / name).write_text(content)
    assert main(["instruments", "import", str(tmp_path / name), "--to", str(tmp_path / "to")]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "Traceback" not in said and "unforeseen" not in said, said
    assert not list((tmp_path / "to").glob("*")) if (tmp_path / "to").exists() else True


def test_a_licence_that_does_not_cover_a_language_stops_it(tmp_path):
    text = (SHIPPED_WORDINGS / "demo_warmth.en.wording.toml").read_text().replace("demo_warmth", "kpcs")
    key = load("kpcs")
    text = re.sub(r"(?s)options = \[.*?\n\]", 'options = [[0, "a"], [1, "b"], [2, "c"], [3, "d"], ["na", "e"]]', text)
    items = "\n".join(f'{item.number} = "x"' for item in key.items)
    text = re.sub(r"(?s)\[items\].*?\[licence\]", f"[items]\n{items}\n[licence]", text)
    (tmp_path / "kpcs.en.wording.toml").write_text(text)
    back = turned(translating.package("kpcs", "pl", [tmp_path]))
    with pytest.raises(InstrumentError, match="does not cover 'pl'"):
        translating.translated(back, RECORD, "1", [tmp_path])
