"""A filled workbook comes in whole, or each fault is said with its place and nothing comes in."""

import io
from datetime import date, datetime, time, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attunement.records import RecordsError, derive, histories, together, workbook
from attunement.records.histories import EPISODES
from tests.records.conftest import EXTRACT, KNOWN


def the_error(result, **more):
    """The one error of a return that was refused, as a sentence."""
    errors = [finding for finding in result.findings if finding.level == "error"]
    assert not result.ok and not result.tables
    assert len(errors) == 1, [str(e) for e in errors]
    assert all(getattr(errors[0], name) == value for name, value in more.items()), errors[0]
    return str(errors[0])


def test_a_filled_workbook_comes_in_whole(returned):
    result = returned()
    assert (result.ok, result.extract_on, result.findings) == (True, EXTRACT, ())
    assert {name: table.height for name, table in result.tables.items()} == {
        "children": 3, "referrals": 2, "assessments": 3, "plans": 2, "care": 2,
    }  # fmt: skip
    second = result.tables["plans"].row(1, named=True)
    assert second == {
        "source_line": 3, "trial_number": "A-001a", "what": "CP", "start": date(2023, 10, 12), "end": None,
        "transfer_in": "no",
    }  # fmt: skip


def test_a_workbook_gives_the_outcomes_of_its_children(returned):
    found = together([histories(returned())])
    randomised = pl.DataFrame({"trial_id": list(KNOWN), "t0": list(KNOWN.values()), "extract_date": [EXTRACT] * 3})
    rows = derive(found.children, found.episodes, found.events, randomised).rows(named=True)
    assert [row["state"] for row in rows] == ["complete", "no_record", "died"]
    first = rows[0]
    assert (first["cin_to_cp"], first["status_t1"], first["cp_days"]) == (True, 4, 141)
    assert (first["s47_count"], first["icpc_count"], first["entered_care"], first["care_days"]) == (1, 1, True, 56)
    assert set(first["evidence"]) >= {"plans:3", "care:3", "assessments:3", "assessments:4", "referrals:2"}
    assert rows[2]["stop_date"] == date(2023, 12, 24)


def test_together_without_returns_is_empty():
    assert together([]).episodes.schema == pl.Schema(EPISODES)


def test_a_return_with_errors_gives_no_histories(returned):
    with pytest.raises(RecordsError):
        histories(returned({"Plans!C2": "soon"}))


@pytest.mark.parametrize(
    ("cell", "value", "there", "expected"),
    [
        ("Plans!C2", "31/02/2022", "31/02/2022", "14/02/2022"),
        ("Plans!C2", "02/13/2022", "02/13/2022", "14/02/2022"),
        ("Referrals!C3", 99999, "a number of 5 digits", "14/02/2022"),
        ("Plans!C2", 4857773456, "a number of 10 digits", "14/02/2022"),
        ("Plans!C2", time(3, 4), "a time of day", "14/02/2022"),
        ("Plans!C2", True, "TRUE or FALSE", "14/02/2022"),
        ("Plans!D2", "ongoing", "text of 7 letters", "blank"),
        ("Plans!D2", "Josephine Smith, SW1A 1AA", "text of 25 characters", "blank"),
        ("Plans!D3", date(2024, 5, 21), "after the extract", "up to 20/05/2024"),
        ("Plans!C2", None, "nothing", "14/02/2022"),
        ("Plans!D2", date(2023, 7, 31), "before the start", "on or after"),
        ("Plans!C2", date(1923, 8, 1), "01/08/1923", "check the year"),
        ("Plans!B2", "LAC", "text of 3 letters", "one of CIN, CP"),
        ("Plans!A2", "A-009z", "text of 6 characters", "Children"),
        ("Plans!A2", None, "nothing", "Children"),
        ("Referrals!D2", "RC10", "RC10", "RC1"),
        ("Referrals!C2", None, "a reason for the end", "date of the end"),
        ("Care!D2", None, "nothing", "C1"),
        ("Children!D3", None, "nothing", "found, no record"),
        ("Children!D3", "unknown", "text of 7 letters", "moved out"),
        ("Children!D2", "no record", "rows on other sheets", "another answer"),
        ("Children!D4", "moved out", "date of death", "died"),
    ],
)
def test_each_fault_is_said_with_its_place(returned, cell, value, there, expected):
    result = returned({cell: value})
    sheet, place = cell.split("!")
    sentence = the_error(result, sheet=sheet, row=int(place[1:]))
    assert there in sentence.split("expected:")[0]
    assert expected in sentence.split("expected:")[1]
    assert not any(word in sentence for word in ("Josephine", "SW1A", "LAC", "A-009z", "4857773456", "unknown"))


@pytest.mark.parametrize(
    "value",
    [date(2023, 8, 2), datetime(2023, 8, 2, 9, 30), "2023-08-02", "2/8/2023", " 02/08/2023 ", "2023-08-02T00:00:00",
     45140, "45140", "2 August 2023"],
)
def test_dates_come_as_cells_iso_or_british(returned, value):
    assert returned({"Plans!C2": value}).tables["plans"]["start"][0] == date(2023, 8, 2)


def test_codes_are_read_whatever_their_case_and_trial_numbers_with_space_around(returned):
    result = returned({"Plans!B2": " cin ", "Referrals!D2": "rc7", "Children!D3": "No_Record", "Plans!A2": " A-001a "})
    assert result.ok
    assert result.tables["plans"]["what"][0] == "CIN"


def test_a_missing_sheet_or_column_is_said(returned):
    assert "Sheet Care: there is no such sheet" in the_error(returned(change=lambda book: book.remove(book["Care"])))
    assert "column Legal status" in the_error(returned({"Care!D1": "Status"}))
    assert "2 columns of that name" in the_error(returned({"Plans!G1": "Plan"}), column="Plan", row=1)


def test_columns_may_be_moved_and_others_added(returned):
    def swap(book):
        for row in book["Plans"].iter_rows(max_col=5):
            row[1].value, row[4].value = row[4].value, row[1].value
            book["Plans"].cell(row[0].row, 7, "own note")

    assert returned(change=swap).tables["plans"].equals(returned().tables["plans"])


def test_a_child_must_stand_there_once_and_be_one_we_asked_about(returned):
    assert "trial number A-001b" in the_error(returned(change=lambda book: book["Children"].delete_rows(3)))
    again = {"Children!A5": "A-001a", "Children!D5": "found"}
    assert "the same as in row 2" in the_error(returned(again), sheet="Children", row=5)


def test_a_row_twice_is_said(returned):
    def twice(book):
        book["Plans"].append([cell.value for cell in book["Plans"][2]])

    assert "the same as in row 2" in the_error(returned(change=twice), sheet="Plans", row=4)


def test_empty_rows_between_do_no_harm(returned):
    result = returned(change=lambda book: book["Plans"].insert_rows(2, 3))
    assert result.tables["plans"]["source_line"].to_list() == [5, 6]
    assert returned({"Plans!B9": "   "}).ok


def test_the_day_of_the_extract_is_asked_for(returned):
    for value, word in ((None, "nothing"), ("last week", "text of 9"), (date(2024, 5, 20), "still to come")):
        assert word in the_error(returned({"Read me!B4": value}, today=date(2024, 5, 1)), sheet="Read me")
    assert "no row that begins" in the_error(returned({"Read me!A4": "Extract"}))
    assert "no such sheet" in the_error(returned(change=lambda book: book.remove(book["Read me"])))


def test_what_a_reader_would_take_for_blank_is_said(returned):
    def excel_error(book):
        book["Plans"]["D3"].value = "#N/A"
        book["Plans"]["D3"].data_type = "e"

    assert "column D3: there is an Excel error" in the_error(returned(change=excel_error), sheet="Plans")
    assert "a formula without a result" in the_error(returned({"Plans!D3": "=TODAY()"}), sheet="Plans")
    assert "a number far too large" in the_error(returned({"Plans!C3": -900_023_336_956}), column="C3")


def test_what_may_be_right_is_a_problem_and_does_not_stop_the_import(returned):
    result = returned({"Referrals!D2": None, "Children!D3": "found", "Children!E4": None})
    assert result.ok
    assert {finding.level for finding in result.findings} == {"problem"}
    said = "\n".join(map(str, result.findings))
    assert all(part in said for part in ("RC5 is a move", "no row on any other sheet", '"died" without its date'))


def test_a_blank_workbook_says_what_every_child_lacks(blank_workbook):
    result = workbook.read(io.BytesIO(blank_workbook), known=KNOWN)
    assert not result.ok
    assert {f.trial_number for f in result.findings} == {None, *KNOWN}


CELLS = st.one_of(
    st.sampled_from([None, True, "=1/0", "A-001a", "RC5", "CP", "=HYPERLINK(1)", "31/02/2022"]),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30),
    st.dates(date(1901, 1, 1)),
    st.timedeltas(timedelta(0), timedelta(9)),
)
PLACES = st.tuples(st.sampled_from(["Children", "Plans", "Care"]), st.sampled_from("ABCDEF"), st.integers(1, 7))


@given(st.dictionaries(PLACES.map(lambda place: "{}!{}{}".format(*place)), CELLS))
@settings(max_examples=40, deadline=None)
def test_anything_in_any_cell_is_read_or_said(returned, cells):
    result = returned(cells)
    assert result.ok == bool(result.tables)
    for finding in result.findings:
        assert "\n" not in str(finding) and len(str(finding)) < 400


@pytest.mark.parametrize("number", ["99999999999", "²", "0", "1", "-3", "two"])
def test_a_corrected_row_of_no_row_is_added_and_takes_no_memory(number):
    from attunement.records.kept import ROW_LABEL, keep, merged, restored

    waiting = keep({"referrals": [["Trial number", "Referral date"], ["T1", "2022-01-03"]]}, ["T1"], lambda text: "m")
    rows = {"referrals": [[ROW_LABEL, "Trial number", "Referral date"], [number, "T1", "2022-01-04"]]}
    sheets = restored(merged(waiting, rows, ["T1"], lambda text: "m"))
    assert len(sheets["referrals"]) == 3
