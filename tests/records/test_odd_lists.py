"""Inspection lists as they really come: totals, headings again, sheets of like names, columns missing, dates in words."""

import io
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from attunement.records import read
from attunement.records.dates import read_date
from attunement.records.errors import RecordsError
from attunement.records.grids import letters
from attunement.records.reach import _PIECE, _reach, look
from tests.records import planting

SHEET = b'<worksheet xmlns="x"><sheetData>%s</sheetData></worksheet>'


@pytest.fixture
def lists(tmp_path):
    """Clean lists read after `change(book)`."""
    def changed(change):
        book = load_workbook(io.BytesIO(planting.clean()["annex a"][1]))
        change(book)
        book.save(tmp_path / "lists.xlsx")
        return read(tmp_path / "lists.xlsx")

    return changed


def told(returned):
    return [(one.cause, one.sheet, one.row) for one in returned.findings]


def test_rows_of_totals_and_headings_again_are_told_and_are_no_records(lists):
    def change(book):
        book["List 3"].append(["Grand Total", 12])
        book["List 7"].insert_rows(5)
        for cell in book["List 7"][1]:
            book["List 7"].cell(5, cell.column).value = cell.value

    found = lists(change)
    assert told(found) == [("total_row", "List 3", 14), ("headings_again", "List 7", 5)]
    assert (found.counts["referrals"], found.counts["cp_plans"]) == (12, 12)


def test_a_list_whose_column_is_missing_still_imports(lists):
    found = lists(lambda book: book["List 7"].__setitem__("E1", "Plan began"))
    assert ("missing_column", "List 7", 1) in told(found) and ("unknown_column", "List 7", 1) in told(found)
    assert found.tables["cp_plans"]["start"].null_count() == 12


def test_a_second_sheet_of_a_list_is_told_and_not_read_whichever_comes_first(lists):
    def copied(book, place):
        sheet = book.create_sheet("List 3 last year", place)
        for row in book["List 3"].iter_rows(max_row=5, values_only=True):
            sheet.append(row)

    for place in (0, None):
        found = lists(lambda book, place=place: copied(book, place))
        assert told(found) == [("sheet_not_read", "List 3 last year", None)]
        assert found.counts["referrals"] == 12


def test_a_note_on_a_sheet_of_a_list_is_told_and_an_empty_sheet_is_nothing(lists):
    def change(book):
        book.create_sheet("List 9 none")
        book["List 2"].delete_rows(1, 5)
        book.create_sheet("List 6 notes")["A1"] = "see the other tab"

    assert told(lists(change)) == [("sheet_not_read", "List 6 notes", None)]


def test_which_of_two_sheets_is_the_list_is_not_guessed(lists):
    def change(book):
        book["List 3"].title = "List 3 north"
        for row in book["List 3 north"].iter_rows(values_only=True):
            (book["List 3 south"] if "List 3 south" in book.sheetnames else book.create_sheet("List 3 south")).append(row)

    with pytest.raises(RecordsError, match="List 3 south: list 3 stands there twice"):
        lists(change)


@pytest.mark.parametrize("text", ["Mon 14 Feb 2022", "Monday, 14 February 2022", "20220214", "February 14, 2022",
                                  "14th Feb 2022", "14-Feb-22", "2022-02-14T00:00:00Z", "44606"])
def test_a_day_is_read_as_authorities_write_it(text):
    assert read_date(text, usual="dmy") == date(2022, 2, 14)


@pytest.mark.parametrize("text", ["14022022", "20221402", "Marchioness 14, 2022 x", "Sunday", "Mon"])
def test_what_names_no_day_is_no_date(text):
    assert read_date(text, usual="dmy") == "no date"


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 1_048_576), st.integers(1, 16_384)), max_size=30))
def test_the_quick_look_reaches_as_far_as_the_slow_one(places):
    cells = "".join(f'<row r="{row}"><c r="{letters(column - 1)}{row}" t="n"><v>1</v></c></row>' for row, column in places)
    sheet = SHEET % cells.encode()
    found = look(sheet)
    assert (found.rows, found.columns) == _reach(sheet)[1:] == tuple(map(max, zip(*places, strict=True))) or not places
    assert not found.suspicious


ODD = ('<c r="A1" t="e"><v>#N/A</v></c>', '<c r="A1"><f>1</f></c>', "<c r='A1'/>", '<c r="A1"><v>99999999999</v></c>',
       '<x:c r="A1"/>', '<c r="A1"><v >1</v></c>')  # fmt: skip


@pytest.mark.parametrize("cell", ODD)
def test_a_cell_that_a_parser_may_not_read_is_looked_at(cell):
    assert look(SHEET % cell.encode()).suspicious


def test_a_sheet_is_looked_at_in_pieces_and_nothing_is_lost_where_one_ends():
    plain = '<c r="B7" t="n"><v>1</v></c>'
    for cell in (plain, *ODD):
        for before in range(len(cell) + 1):
            space = _PIECE - SHEET.index(b"%s") - before
            found = look(SHEET % (b" " * space + cell.encode()))
            assert found.suspicious is (cell != plain)
            assert cell != plain or (found.cells, found.rows, found.columns) == (1, 7, 2)


def test_a_sheet_whose_text_ends_early_or_changes_further_down_is_read_as_it_stands(lists):
    def change(book):
        sheet = book["List 6"]
        sheet["A3"], sheet["C4"], sheet["E4"] = "  12345.0 ", 7, "in the spring"

    returned = lists(change)
    table = returned.tables["in_need"]
    assert table["child_id"][1] == "12345"
    assert {(one.cause, one.row) for one in returned.findings if one.sheet == "List 6"} >= {("no_code", 4), ("no_date", 4)}
