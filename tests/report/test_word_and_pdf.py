"""The report as Word and as PDF: structure that a screen reader finds, and the same bytes from the same snapshot."""

import re
import zipfile
from pathlib import Path

import polars as pl
import pytest

from attunement.report import Built, ReportError, build, pdf
from attunement.report.model import Block, Column, Document, Figure, Paragraph, Section, Table
from attunement.report.tags import read, short, tag


@pytest.fixture(scope="module")
def built(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(released, tmp_path_factory.mktemp("whole") / "report", pdf=True, word=True, not_for_publication=True)


@pytest.fixture(scope="module")
def text(built: Built) -> str:
    assert built.word is not None
    with zipfile.ZipFile(built.word) as archive:
        return archive.read("word/document.xml").decode()


def test_the_same_snapshot_gives_the_same_bytes_in_every_file(built: Built, released: Path, tmp_path: Path) -> None:
    again = build(released, tmp_path / "again", pdf=True, word=True, not_for_publication=True)
    first = {path.relative_to(built.html.parent): path.read_bytes() for path in built.html.parent.rglob("*.*")}
    second = {path.relative_to(again.html.parent): path.read_bytes() for path in again.html.parent.rglob("*.*")}
    assert first == second
    assert {"report.pdf", "report.docx", "numbers.parquet"} <= {path.name for path in first}


def test_the_pdf_says_both_standards_its_language_and_the_day_of_the_cut(built: Built) -> None:
    assert built.pdf is not None
    content = built.pdf.read_bytes()
    assert b"<pdfuaid:part>1<" in content and b"<pdfaid:part>2<" in content and b"<pdfaid:conformance>A<" in content
    assert b"/Lang(en-GB)" in content and b"2023-02-28" in content


def test_no_stream_of_the_pdf_ends_as_a_line_does(built: Built) -> None:
    assert built.pdf is not None
    assert b"\r\nendstream" not in built.pdf.read_bytes()


def document(*blocks: Block, language: str = "en-GB", title: str = "Title") -> Document:
    return Document(title, "Sub", language, (), (Section("one", "One", blocks),) if blocks else (), {})


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (document(Paragraph(("x",)), language=" "), "names no language"),
        (document(), "no section"),
        (document(Table("t", "Caption", (Column("Name", False), Column(" ")), ())), "'t' has a column without a title"),
    ],
)
def test_what_typst_does_not_look_at_is_refused(broken: Document, sentence: str) -> None:
    with pytest.raises(ReportError, match=sentence):
        pdf.render(broken)


def test_words_that_look_like_markup_are_printed_as_they_are() -> None:
    odd = document(Paragraph(("#panic() $x$ *a* _b_ <c> @d [e] \\ // 'f'",)))
    assert pdf.render(odd) == pdf.render(odd)


@pytest.mark.parametrize(("alt", "description"), [("", "what it shows"), (" ", "x"), ("what is seen", " ")])
def test_a_figure_without_words_refuses_to_build(alt: str, description: str) -> None:
    data = Table("t", "Caption", (Column("Name", False),), ())
    with pytest.raises(ReportError, match="The figure 'f' has no alt text or no description"):
        document(Figure("f", "Title", "<svg/>", alt, (description,), data))


def test_each_number_stands_in_a_control_with_tag_alias_and_bookmark(text: str, built: Built) -> None:
    pattern = (r'<w:bookmarkStart w:id="(\d+)" w:name="(n_[^"]{1,38})"/>'
               r'<w:sdt><w:sdtPr><w:alias w:val="(num:[^"]+)"/>'
               r'<w:tag w:val="\3"/><w:id w:val="\1"/><w:text/></w:sdtPr>.*?</w:sdt><w:bookmarkEnd w:id="\1"/>')
    found = re.findall(pattern, text)
    assert len(found) == text.count("<w:text/>") > 300
    assert len({name for _, name, _ in found}) == len(found)
    assert all(len(one) <= 64 and read(one) for _, _, one in found)
    cells = re.findall(r"<w:tc>.*?</w:tc>", text)
    assert not [cell for cell in cells if re.search(r">\N{MINUS SIGN}?\d+\.\d\d<", cell) and "<w:sdt>" not in cell]


def test_headings_are_real_header_rows_repeat_and_pictures_have_words(text: str) -> None:
    assert text.count('<w:pStyle w:val="Heading1"/>') == 22
    assert text.count("<w:tbl>") == text.count("<w:tblHeader/>") == text.count('<w:alias w:val="table:')
    pictures = re.findall(r"<wp:docPr [^>]*>", text)
    assert pictures and all(re.search(r'descr="[^"]{20,}', picture) for picture in pictures)


def test_a_long_id_fits_a_tag_and_is_found_again() -> None:
    long = "process.supervision_minutes_a_practitioner.denominator"
    assert len(tag("num", long, "4")) <= 64 and read(tag("num", long, "4")) == ("num", short(long))
    assert tag("num", "a", "4") != tag("num", "a", "5")
    assert read("num:a@12") is None


def test_the_bundle_says_the_same_in_each_format_and_explains_every_column(built: Built) -> None:
    folder = built.html.parent / "bundle"
    codebook = pl.read_csv(folder / "codebook.csv")
    for name in ("numbers", "estimates"):
        whole = pl.read_parquet(folder / f"{name}.parquet")
        assert pl.read_csv(folder / f"{name}.csv", infer_schema=False).columns == whole.columns
        told = codebook.filter(pl.col("file").str.contains(f"{name}.csv"))
        assert told["column"].to_list() == whole.columns and told["meaning"].null_count() == 0
    listed = set(codebook["file"])
    assert {f"tables/{path.name}" for path in built.csv} <= listed
