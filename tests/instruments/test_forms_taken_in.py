"""XLSForm and REDCap dictionaries become key and wording files; what is left behind is said line by line."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import Workbook

from attunement.cli import main
from attunement.instruments import InstrumentError, load, redcap, wording, xlsform
from attunement.instruments.form_reading import Origin

ORIGIN = Origin("ours", "How it is", "form")
SURVEY = [
    ("type", "name", "label", "label::Polski (pl)", "relevant", "required"),
    ("select_one agree", "calm", "I am calm", "Spokój", "", "yes"),
    ("select_one agree", "tired", "I am tired", "Zmęczenie", "${calm} = 1", ""),
    ("text", "why", "Why?", "Dlaczego?", "", ""),
    ("select_one often", "cry", "My baby cries", "", "", ""),
    ("select_multiple agree", "many", "Which?", "Które?", "", ""),
    ("select_one words", "place", "Where?", "Gdzie?", "", ""),
    ("select_one agree or_other", "other", "Other?", "Inne?", "", ""),
    ("select_one nowhere", "lost", "Lost?", "", "", ""),
]
CHOICES = [
    ("list_name", "name", "label", "label::Polski (pl)"),
    ("agree", 0, "No", "Nie"),
    ("agree", 1, "Yes", "Tak"),
    ("often", 1, "Never", ""),
    ("often", 2, "Often", ""),
    ("words", "home", "Home", "Dom"),
    ("words", "out", "Out", "Poza"),
]


def form(survey=SURVEY, choices=CHOICES) -> bytes:
    book = Workbook()
    book.active.title = "survey"
    for row in survey:
        book.active.append(row)
    sheet = book.create_sheet("choices")
    for row in choices:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_an_xlsform_becomes_instruments_in_its_own_order():
    taken = xlsform.read(form(), ORIGIN)
    assert [(key.slug, len(key.items), key.items[0].low, key.items[0].high) for key in taken.keys] == [
        ("ours", 2, 0, 1),
        ("ours_2", 1, 1, 2),
    ]
    found = {(one.slug, one.language): one for one in taken.wordings}
    assert set(found) == {("ours", "en"), ("ours", "pl"), ("ours_2", "en")}
    assert found["ours", "pl"].items == {1: "Spokój", 2: "Zmęczenie"} and found["ours", "pl"].options[1] == (1, "Tak")
    assert all(fact.mark == "C" for key in taken.keys for fact in key.facts[:1])


def test_what_was_left_behind_is_said_line_by_line():
    remarks = "\n".join(xlsform.read(form(), ORIGIN).remarks)
    for said in (
        "row 3 (tired): when it is asked",
        "row 4 (why): the type 'text'",
        "row 6 (many): the type 'select_multiple",
        "row 7 (place): the code 'home'",
        "row 8 (other): it takes another answer",
        "row 9 (lost): there is no list",
        "ours_2 in pl: no text for cry, option 1, option 2",
        "scoring:",
        "licence:",
    ):
        assert said in remarks, said


HEAD = [
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Branching Logic (Show field only if...)",
]
ROWS = [
    ["calm", "f", "", "radio", "I am <b>calm</b>", "0, No | 1, Yes, very", "", ""],
    ["sure", "f", "", "dropdown", "I am sure", "0, No | 1, Yes, very", "", "[calm] = 1"],
    ["well", "f", "", "yesno", "Well?", "", "", ""],
    ["name", "f", "", "text", "Name", "", "", ""],
    ["gap", "f", "", "radio", "Gap", "1, a | 3, b", "", ""],
    ["sum", "f", "", "calc", "Sum", "[calm]+1", "", ""],
]


def dictionary(rows=ROWS, head=HEAD) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    return text.getvalue().encode("utf-8-sig")


def test_a_redcap_dictionary_becomes_instruments():
    taken = redcap.read(dictionary(), ORIGIN)
    assert [len(key.items) for key in taken.keys] == [2, 1]
    assert taken.wordings[0].items == {1: "I am calm", 2: "I am sure"}
    assert taken.wordings[0].options == ((0, "No"), (1, "Yes, very"))
    remarks = "\n".join(taken.remarks)
    for said in (
        "line 3 (sure): when it is asked",
        "line 5 (name): the type 'text'",
        "line 6 (gap): its codes 1, 3",
        "line 7 (sum): the type 'calc'",
    ):
        assert said in remarks


@pytest.mark.parametrize(
    "content", [b"", b"junk", b"PK\x03\x04", form(survey=SURVEY[:1]), form(survey=[SURVEY[0], SURVEY[3]])]
)
def test_no_xlsform_is_said_in_a_sentence(content):
    with pytest.raises(InstrumentError):
        xlsform.read(content, ORIGIN)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", dictionary(head=HEAD[1:]), dictionary(rows=ROWS[3:4])])
def test_no_dictionary_is_said_in_a_sentence(content):
    with pytest.raises(InstrumentError):
        redcap.read(content, ORIGIN)


def test_the_files_read_back_and_are_not_opened_without_a_licence(tmp_path, capsys):
    (tmp_path / "my form.xlsx").write_bytes(form())
    to = tmp_path / "to"
    assert main(["instruments", "import", str(tmp_path / "my form.xlsx"), "--to", str(to)]) == 0
    assert "row 4 (why)" in capsys.readouterr().err
    assert len(load("my_form", [to]).items) == 2
    words = wording("my_form", "pl", [to])
    assert words.items[1] == "Spokój" and not words.licence.allows_new(words.licence.accepted_on.replace(year=2021))
    assert main(["instruments", "import", str(tmp_path / "my form.xlsx"), "--to", str(to)]) == 1
    assert "is there already" in capsys.readouterr().err
    known = ["--holder", "H", "--evidence", "E", "--accepted-by", "A"]
    assert main(["instruments", "import", str(tmp_path / "my form.xlsx"), "--to", str(to), "--replace", *known]) == 0
    assert wording("my_form", "en", [to]).licence.holder == "H"
