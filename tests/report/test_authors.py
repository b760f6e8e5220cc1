"""What authors write stands in its chapter, with its numbers by id; what they have not written is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from attunement.cli import main
from attunement.process.interviews import Quote, QuoteBank, write_quotes
from attunement.report import ReportError, Snapshot, checklist, security_start
from attunement.report.authors import FREE, HELD, read
from attunement.report.building import make, write
from attunement.report.linting import typed_digits
from attunement.report.material import Material, gather
from tests.report.conftest import build

Write = Callable[..., Path]
WHOLE = "\n".join([
    "[texts]",
    *(f'{slot} = "Registered as 12345 on 1 May 2021."' for slot in FREE),
    *(f'{slot} = "Of {{flow.allocated}} families many had help.\\n\\nA second paragraph."' for slot in HELD),
    '[families]', 'en = "Thank you. {flow.allocated} families took part."',
    '[tidier.vig]', 'tailoring = "To the helping question."',
    '[security]', 'awarded = 0', 'by = "Two reviewers"', '[security.threats]', 'missing = "Low"',
    '[interviews]', 'interview = ["quality"]',
])


@pytest.fixture(scope="module")
def material(released: Path) -> Material:
    return gather(Snapshot.open(released))


def written(folder: Path, text: str) -> Path:
    path = folder / "authors.toml"
    path.write_text(text, encoding="utf-8")
    return path


def rest() -> str:
    """A reason for every item that neither a chapter nor an authors' text answers."""
    lines = []
    for code in checklist.NAMES:
        items = [item.code for item in checklist.load(code).items if not item.section]
        lines += [f"[checklists.{code}]", *(f'{item} = {{reason = "in the protocol"}}' for item in items)]
    return "\n".join(lines)


def test_authors_texts_stand_in_their_chapters_and_make_the_report_final(released: Path, tmp_path: Path) -> None:
    path = written(tmp_path, f"{WHOLE}\n{rest()}")
    built = build(released, tmp_path / "out", authors=path, final=True, pdf=True, word=True)
    page = built.html.read_text(encoding="utf-8")
    assert page.count("Registered as 12345") == len(FREE) and "still to write" not in page
    assert 'Of <span class="number" data-result="flow.allocated">33</span> families many had help.</p>' in page
    assert "To the helping question." in page and "Awarded: " in page and "Two reviewers" in page
    assert page.count("not yet</td>") == 0


def test_without_authors_final_is_refused_and_each_chapter_says_what_is_wanting(released: Path, tmp_path: Path) -> None:
    page = build(released, tmp_path / "out").html.read_text(encoding="utf-8")
    assert "The authors have still to write: Registration; Authors; Funder" in page
    assert "Nobody has yet." in page
    with pytest.raises(ReportError, match="cannot be final"):
        build(released, tmp_path / "final", final=True)


def test_the_page_for_families_is_there_in_every_language(released: Path, tmp_path: Path) -> None:
    page = build(released, tmp_path / "out").html.read_text(encoding="utf-8")
    english, other = (page.split(f'<section id="families-{code}"')[1].split("</section>")[0] for code in ("en", "en-xr"))
    assert 'lang="en-xr" dir="rtl"' in page and "Thank you." in english and "Thank you." not in other
    assert 'data-result="flow.allocated">33<' in english and 'data-result="flow.allocated">33<' in other


def test_the_linter_holds_with_authors_texts(material: Material, tmp_path: Path) -> None:
    document, _ = write(material, not_for_publication=True, authors=read(written(tmp_path, WHOLE)))
    assert typed_digits(document) == []


@pytest.mark.parametrize(("text", "said"), [
    ("[", "cannot be read as TOML"), ("[prose]\na = 'b'", "there is no table 'prose'"),
    ("[texts]\ncolour = 'x'", "there is no text 'colour'"), ("[texts]\ndiscussion = 'We saw 33 families.'", "33"),
    ("[texts]\ndiscussion = 'Of {flow.allocated families'", "brace"), ("[families]\nen = 'We saw 3.'", "typed by hand"),
    ("[texts]\ndiscussion = 'Of {no.such} families'", "'no.such', which has no result"),
    ("[tidier.nobody]\nwhy = 'x'", "no arm 'nobody'"), ("[security]\nawarded = 5\nby = 'Me'", "must lie from"),
    ("[security]\nawarded = 0", "who awarded"), ("[security.threats]\nweather = 'x'", "'weather'"),
    ("[texts]\ndiscussion = 3", "'discussion' is no text"), ("[families]\nzz = 'x'", "no language of the study"),
    ("[interviews]\ninterview = 3", "is a list of dimensions"), ("[tidier]\nvig = 3", "table of items"),
    ("[tidier.vig]\nwhy = 3", "table of items"), ("[checklists]\nconsort_2025 = 3", "table of items"),
    ("[texts]\nneed = \"a\\u0001b\"", "cannot be printed"),
    ("[interviews]\ninterview = ['colour']", "none of the eight"), ("[checklists.prisma]\na = 1", "no checklist 'prisma'"),
])
def test_an_authors_file_that_cannot_be_right_is_refused(material: Material, tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ReportError, match=said) as fault:
        make(material, authors=read(written(tmp_path, text)), not_for_publication=True)
    assert "\n" not in str(fault.value)


def test_a_cleared_quote_is_printed_by_its_id_and_no_other(released: Path, material: Material, tmp_path: Path) -> None:
    bank = QuoteBank((Quote("q1", "T1", "We got 3 good weeks\nof it.", "a parent, site B", "cleared"),
                      Quote("q2", "T1", "Nobody asked.", "a parent, site A")))  # fmt: skip
    path = written(tmp_path, "[texts]\ndiscussion = 'They said: {quote:q1}. Of {flow.allocated} families.'")
    file = write_quotes(bank, tmp_path / "quotes.json")
    built = build(released, tmp_path / "out", authors=path, quotes=file, pdf=True, word=True)
    page = built.html.read_text(encoding="utf-8")
    assert '<span class="quote" data-quote="q1">“We got 3 good weeks of it.” (a parent, site B)</span>' in page
    document, _ = write(material, not_for_publication=True, authors=replace(read(path), quotes=bank))
    assert typed_digits(document) == [], "words that somebody said are no typed result"
    for id_, said in (("q2", "q2 is proposed, not cleared"), ("q9", "has no quote q9"), ("", "has no quote")):
        path = written(tmp_path, f"[texts]\ndiscussion = '{{quote:{id_}}}'")
        with pytest.raises(ReportError, match=said) as fault:
            write(material, not_for_publication=True, authors=replace(read(path), quotes=bank))
        assert "\n" not in str(fault.value)
    told = ["--to", str(tmp_path / "no"), "--authors", str(path), "--quotes", str(file), "--not-for-publication"]
    assert main(["report", str(released), *told]) == 1
    assert not (tmp_path / "no").exists()


ONE = '"id": "q", "source": "T", "words": "w", "speaker": "s"'


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"quotes": 3}', '{"quotes": [{"id": "q1"}]}', '{"quotes": [3]}',
                                  '{"quotes": [{"id": 1, "source": "T", "words": "w", "speaker": "s"}]}',
                                  f'{{"quotes": [{{{ONE}, "on": "now"}}]}}',
                                  f'{{"quotes": [{{{ONE}, "clearance": "x"}}]}}'])
def test_a_file_that_is_no_quote_bank_is_refused(released: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "quotes.json").write_text(text)
    with pytest.raises(ReportError, match=r"quotes\.json is no file of quotes"):
        build(released, tmp_path / "out", quotes=tmp_path / "quotes.json")


@pytest.mark.parametrize(("mdes", "attrition", "start"), [
    (0.19, 0.08, 5), (0.25, 0.18, 4), (0.353, 0.12, 3), (0.28, 0.25, 3), (0.394, 0.2, 3), (0.3, 0.52, 0),
    (0.204, 0.104, 5), (0.205, 0.0, 4), (0.1, 0.105, 4), (0.595, 0.0, 0), (0.5949, 0.0, 1)])
def test_the_rating_starts_at_the_lowest_of_three(mdes: float, attrition: float, start: int) -> None:
    assert security_start("randomised", mdes, attrition).start == start
    assert security_start("no_comparison", mdes, attrition).start == 0


@pytest.mark.parametrize("wrong", [("magic", 0.1, 0.1), ("randomised", -0.1, 0.1), ("randomised", 0.1, 1.2),
                                   ("randomised", float("nan"), 0.1)])
def test_a_rating_of_what_cannot_be_is_refused(wrong: tuple[str, float, float]) -> None:
    with pytest.raises(ReportError):
        security_start(*wrong)


def test_a_watermark_is_on_every_chapter_and_in_every_file(material: Material) -> None:
    files = make(material, watermark="DRAFT 2", not_for_publication=True, pdf=True, word=True)
    page = str(files["report.html"])
    assert page.count("DRAFT 2") == 1 + page.count('<p class="stamp">')
    assert "DRAFT" not in str(make(material, not_for_publication=True)["report.html"])
