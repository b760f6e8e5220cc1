"""What a report must hold before it is final: every guideline's row answered, and no number typed by hand."""

from pathlib import Path

import pytest

from attunement.cli import main
from attunement.report import ReportError, Snapshot, checklist
from attunement.report.authors import FREE, HELD
from attunement.report.building import make, write
from attunement.report.linting import typed_digits
from attunement.report.material import Material, gather
from attunement.report.model import Block, Document, Number, Paragraph, Result, Section


@pytest.fixture(scope="module")
def material(released: Path) -> Material:
    return gather(Snapshot.open(released))


def answers(*, without: str = "") -> str:
    """A reason for every item of every list."""
    lines = []
    for code in checklist.NAMES:
        lines.append(f"[{code}]")
        codes = [item.code for item in checklist.load(code).items if item.code != without]
        lines += [f'{item} = {{reason = "in the protocol"}}' for item in codes]
    return "\n".join(lines)


def test_the_guidelines_have_their_items_in_order() -> None:
    counts = {code: [item.number for item in checklist.load(code).items] for code in checklist.NAMES}
    assert {code: len(numbers) for code, numbers in counts.items()} == {
        "consort_2025": 30, "consort_spi": 14, "cheers_2022": 28}  # fmt: skip
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in counts.values())


def test_every_chapter_that_an_item_names_is_in_the_report(material: Material) -> None:
    document, _ = write(material, not_for_publication=True)
    there = {section.id for section in document.sections}
    for code in checklist.NAMES:
        named = {item.section for item in checklist.load(code).items} - {""}
        written = {one for one in named if one.startswith("text-")}  # there once the authors have written them
        assert named - written <= there and {one.removeprefix("text-") for one in written} <= FREE.keys() | HELD.keys()


def test_an_empty_row_blocks_final_and_is_named(released: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answered, gap = tmp_path / "all.toml", tmp_path / "gap.toml"
    answered.write_text(answers())
    gap.write_text(answers(without="funding"))
    words = ["report", str(released), "--to", str(tmp_path / "out"), "--final", "--checklists"]
    assert main([*words, str(gap)]) == 1
    told = capsys.readouterr().err
    assert "cannot be final" in told and "CONSORT 2025 5 (funding)" in told and "CHEERS 2022 27 (funding)" in told
    assert told.count("\n") == 1 and not (tmp_path / "out").exists()
    assert main([*words, str(answered)]) == 0
    assert "in the protocol" in (tmp_path / "out/report.html").read_text()


def test_without_final_an_empty_row_says_not_yet(material: Material) -> None:
    page = str(make(material)["report.html"])
    assert '<th scope="row">2. Registration</th><td>not yet</td>' in page


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[prisma]\na = 1", "there is no checklist 'prisma'"),
        ("consort_2025 = 3", "there is no checklist 'consort_2025'"),
        ("[consort_2025]\ncolour = {reason = 'x'}", "has no item 'colour'"),
        ("[consort_2025]\nfunding = {reason = ' '}", "needs one of section and reason"),
        ("[consort_2025]\nfunding = {reason = 'x', section = 'y'}", "needs one of section and reason"),
        ("[consort_2025]\nfunding = 'x'", "needs one of section and reason"),
        ("[", "cannot be read as TOML"),
    ],
)
def test_a_checklist_file_that_cannot_be_right_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(ReportError, match=sentence) as fault:
        checklist.read(tmp_path / "own.toml")
    assert "\n" not in str(fault.value)


def test_a_section_that_is_not_there_leaves_the_row_empty(material: Material, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("[cheers_2022]\nfunding = {section = 'nowhere'}")
    document, _ = write(material, not_for_publication=True)
    cheers = next(one for one in checklist.read(tmp_path / "own.toml") if one.code == "cheers_2022")
    assert "funding" in [item.code for item in cheers.empty(document)]


@pytest.mark.parametrize("true_counts", [True, False])
def test_no_number_in_the_prose_of_results_was_typed(material: Material, true_counts: bool) -> None:
    document, _ = write(material, not_for_publication=true_counts)
    assert typed_digits(document) == []


def prose(*blocks: Block) -> Document:
    return Document("T", "S", "en-GB", (), (Section("one", "One", blocks),), {"n": Result("n", 3, "3")})


def test_a_typed_number_is_found_and_a_result_is_none() -> None:
    assert typed_digits(prose(Paragraph(("We saw 3 families.",)))) == ["one: We saw 3 families."]
    assert typed_digits(prose(Paragraph(("We saw ", Number("n"), " families, with its 95% interval.")))) == []
    assert typed_digits(prose(Paragraph(("Under 12 months old.",))), said=("Under 12 months",)) == []
    inner = Section("two", "Two", (Paragraph(("and 4 more",)),))
    assert typed_digits(prose(inner)) == ["one: and 4 more"]
    assert typed_digits(prose(inner), besides=("one",)) == []
