"""The workbook an authority gets: our children, lists to choose from, nothing that a spreadsheet would run."""

import csv
import io
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from attunement.records import RecordsError, safe_cell, workbook
from attunement.records.made_up import History, fill, make_history
from tests.records.conftest import ASKED, EXTRACT, KNOWN


def test_each_child_stands_there_with_its_window_and_waits_for_an_answer(blank_workbook):
    page = load_workbook(io.BytesIO(blank_workbook))["Children"]
    rows = [[c.value for c in row[:5]] for row in page.iter_rows()]
    assert rows[0] == ["Trial number", "From", "To", "What the records show", "Date of death"]
    assert [(r[0], r[1].date(), r[2].date(), r[3]) for r in rows[1:]] == [
        (row.trial_number, row.allocated_on, row.window_end, None) for row in ASKED
    ]


def test_each_sheet_has_a_fixed_head_and_lists_to_choose_from(blank_workbook):
    book = load_workbook(io.BytesIO(blank_workbook))
    assert book.sheetnames == ["Read me", "Children", "Referrals", "Assessments", "Plans", "Care", "Codes"]
    for page in book.worksheets[1:]:
        assert page.freeze_panes == "A2"
    rules = {str(r.sqref): r for r in book["Plans"].data_validations.dataValidation}
    assert rules["A2:A2000"].formula1 == "='Children'!$A$2:$A$4"
    assert rules["C2:C2000"].type == "date"
    start, end = (int(part.split("$")[-1]) for part in rules["B2:B2000"].formula1.split(":"))
    assert [book["Codes"].cell(n, 2).value for n in range(start, end + 1)] == ["CIN", "CP"]


def test_a_workbook_for_nobody_can_still_be_opened():
    target = io.BytesIO()
    workbook.template(target, site="S", study="T", children=[])
    assert load_workbook(target)["Children"].max_row == 1


@pytest.mark.parametrize("numbers", [["A1", "A1"], [""], [" A1"]])
def test_children_without_a_number_of_their_own_are_refused(numbers):
    rows = [workbook.Row(n, date(2022, 1, 1), date(2022, 7, 1)) for n in numbers]
    with pytest.raises(RecordsError):
        workbook.template(io.BytesIO(), site="S", study="T", children=rows)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_text_that_begins_like_a_formula_is_made_harmless(start):
    assert safe_cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("value", [-3, 1.5, None, True, date(2022, 1, 1), "A-001a", "a=b", ""])
def test_all_else_is_written_as_it_is(value):
    assert safe_cell(value) == value


@given(st.text())
def test_no_cell_of_ours_can_start_a_formula(text):
    written = safe_cell(text)
    assert not written.startswith(tuple("=+-@\t\r\n"))
    line = io.StringIO()
    csv.writer(line).writerow([written])
    assert safe_cell(written) == written


def test_names_we_are_given_cannot_start_a_formula_in_the_workbook():
    target = io.BytesIO()
    children = [workbook.Row("=1+1", date(2022, 1, 1), date(2022, 7, 1))]
    workbook.template(target, site="=cmd()\x07", study="@SUM(A1)", children=children)
    for page in load_workbook(target).worksheets:
        assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)


def test_made_up_histories_go_through_the_workbook_without_a_finding():
    random = np.random.default_rng(1)
    rows = [workbook.Row(f"B-{n:03}a", date(2022, 1, 31), date(2022, 7, 31)) for n in range(80)]
    made = [
        make_history(r.trial_number, allocated_on=r.allocated_on, window_end=r.window_end, worse=0.3, random=random)
        for r in rows
    ]
    blank, filled = io.BytesIO(), io.BytesIO()
    workbook.template(blank, site="S", study="T", children=rows)
    fill(blank, filled, made, extract_on=date(2022, 9, 29))
    result = workbook.read(filled, known={r.trial_number: r.allocated_on for r in rows})
    assert result.findings == ()
    assert result.tables["plans"].height == sum(len(h.plans) for h in made)
    assert 10 < result.tables["assessments"]["what"].to_list().count("section 47") < 40


@pytest.mark.parametrize(("end", "worse"), [(date(2022, 2, 1), 0.3), (date(2022, 7, 31), 1.1)])
def test_impossible_histories_are_refused(end, worse):
    with pytest.raises(RecordsError):
        make_history("B", allocated_on=date(2022, 1, 31), window_end=end, worse=worse, random=np.random.default_rng(1))


def test_a_history_that_was_not_asked_for_is_refused(blank_workbook):
    with pytest.raises(RecordsError):
        fill(io.BytesIO(blank_workbook), io.BytesIO(), [History("Z-999a", "found")], extract_on=EXTRACT)


def test_known_children_are_those_of_the_workbook(filled_workbook):
    assert workbook.read(io.BytesIO(filled_workbook), known=KNOWN).ok
    assert not workbook.read(io.BytesIO(filled_workbook), known={**KNOWN, "A-003a": date(2023, 9, 1)}).ok
    assert not workbook.read(io.BytesIO(filled_workbook), known={}).ok
