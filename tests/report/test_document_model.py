"""The document model refuses a report that contradicts itself; printing has one way for each kind of number."""

import csv
import io
from fractions import Fraction

import pytest

from attunement.report import ReportError
from attunement.report.html import render
from attunement.report.ledger import Ledger
from attunement.report.model import Block, Column, Document, Figure, Notice, Number, Paragraph, Result, Section, Table
from attunement.report.outputs import as_csv, as_text
from attunement.report.printing import decimal, pounds, probability, share


def document(*blocks: Block, results: dict[str, Result] | None = None, notices: tuple[Notice, ...] = ()) -> Document:
    return Document("Title", "Sub", "en-GB", notices, (Section("one", "One", blocks),), results or {})


def table(*rows: tuple[str | Number, ...], id_: str = "t") -> Table:
    return Table(id_, "Caption", (Column("Name", False), Column("Value")), rows)


@pytest.mark.parametrize(
    "block",
    [
        Paragraph((Number("gone"),)),
        Notice("caution", "x", (Number("gone"),)),
        table(("a", Number("gone"))),
        Figure("f", "t", "<svg/>", "alt", (Number("gone"),), table()),
        Section("two", "Two", (Paragraph((Number("gone"),)),)),
    ],
)
def test_a_number_without_a_result_cannot_be_printed(block: Block) -> None:
    with pytest.raises(ReportError, match="'gone', which has no result"):
        document(block)


def test_a_ragged_table_and_an_id_used_twice_are_refused() -> None:
    with pytest.raises(ReportError, match="rows of different lengths"):
        document(table(("a",)))
    with pytest.raises(ReportError, match="'t' is used twice"):
        document(table(), table())
    with pytest.raises(ReportError, match="'one' is used twice"):
        document(table(id_="one"))


def test_two_results_may_not_share_an_id() -> None:
    ledger = Ledger()
    assert ledger.count("n", 3) == ledger.count("n", 3) == Number("n")
    with pytest.raises(ReportError, match="Two different results have the id 'n'"):
        ledger.count("n", 4)


def test_sections_in_sections_get_lower_headings() -> None:
    page = render(document(Section("two", "Two", (Section("three", "Three", ()),))))
    assert '<h2 id="one-title">' in page and '<h3 id="two-title">' in page and '<h4 id="three-title">' in page


def test_markup_in_words_is_words() -> None:
    page = render(document(Paragraph(("<b>&",)), table(("<i>", "<u>"))))
    assert "&lt;b&gt;&amp;" in page and "<i>" not in page and "<u>" not in page


def test_braces_in_words_do_no_harm() -> None:
    assert "{title}" in render(document(Paragraph(("{title}",))))


def test_a_cell_is_never_a_formula() -> None:
    rows = [(start + "SUM(A1)", "x") for start in "=+-@\t\r\n＝＋－＠"]
    read = list(csv.reader(io.StringIO(as_csv(table(*rows), document()))))
    assert [line[0][0] for line in read[1:]] == ["'"] * 11


def test_a_csv_has_the_printed_and_the_exact_value() -> None:
    results = {"x": Result("x", -1 / 3, "\N{MINUS SIGN}0.33"), "u": Result("u", None, "not known")}
    made = document(table(("a", Number("x")), ("b", Number("u"))), results=results)
    assert as_csv(table(("a", Number("x")), ("b", Number("u"))), made) == (
        "Name,Value,Value (value)\na,\N{MINUS SIGN}0.33,-0.333333333333\nb,not known,\n"
    )


def test_json_is_sorted_and_rounded_and_holds_no_nonsense() -> None:
    assert as_text({"b": [0.1 + 0.2], "a": 1}) == '{\n "a": 1,\n "b": [\n  0.3\n ]\n}\n'
    with pytest.raises(ValueError, match="Out of range"):
        as_text({"a": float("nan")})


def test_numbers_are_printed_one_way() -> None:
    assert [decimal(x) for x in (1234.5, -0.456, -0.001, None, float("nan"))] == [
        "1,234.50", "\N{MINUS SIGN}0.46", "0.00", "not known", "not known",
    ]  # fmt: skip
    assert [probability(p) for p in (0.0004, 0.04999, 1.0, None)] == ["<0.001", "0.050", "1.000", "not known"]
    assert (share(1 / 3), share(None)) == ("33.3%", "not known")
    assert [pounds(p) for p in (Fraction(123456789, 100), Fraction(-5, 2), None)] == [
        "£12,345.68", "\N{MINUS SIGN}£0.03", "not known",
    ]  # fmt: skip
