"""The page stands alone, reads in order, and has words for everything drawn."""

import csv
import io
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from attunement.report import Built
from tests.report.conftest import build

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Elements in order with their attributes, and whether every tag was closed in turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.found if tag in tags]


@pytest.fixture(scope="module")
def built(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(released, tmp_path_factory.mktemp("page") / "report")


@pytest.fixture(scope="module")
def text(built: Built) -> str:
    return built.html.read_text()


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_every_element_is_closed(page: Page) -> None:
    assert page.open == []


def test_the_page_needs_nothing_but_itself(text: str, page: Page) -> None:
    assert page.all("script", "link", "img", "iframe") == []
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", text)


def test_language_title_and_one_heading_at_the_top(text: str, page: Page) -> None:
    assert page.all("html") == [{"lang": "en-GB"}]
    assert len(page.all("h1")) == len(page.all("title")) - len(page.all("svg")) == 1


def test_headings_do_not_skip_a_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_the_chapters_come_in_the_readers_order(page: Page) -> None:
    assert [section["id"] for section in page.all("section")] == [
        "summary", "families", "families-en", "families-en-xr", "cover", "background", "methods", "people", "baseline",
        "primary", "secondary", "records", "delivery", "experience", "implementation", "interviews", "cost", "worth",
        "integration", "discussion", "limits", "security", "references", "about",
    ]  # fmt: skip


def test_every_id_is_used_once_and_every_reference_leads_somewhere(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = {link["href"].lstrip("#") for link in page.all("a")}
    wanted |= {name for _, a in page.found for name in a.get("aria-labelledby", "").split()}
    assert wanted <= set(ids)


def test_the_first_link_skips_to_the_report(page: Page) -> None:
    assert page.all("a")[0]["href"] == "#report"
    assert page.all("main")[0]["id"] == "report"


def test_every_table_has_a_caption_and_scoped_headers(page: Page, text: str) -> None:
    assert len(page.all("table")) == len(page.all("caption")) >= 12
    assert {attributes["scope"] for attributes in page.all("th")} == {"col", "row"}
    for row in re.findall(r"<tr>(.*?)</tr>", text, re.DOTALL):
        assert row.startswith('<th scope="')


def test_every_figure_has_alt_words_a_description_and_its_numbers(text: str) -> None:
    figures = re.findall(r"<figure.*?</figure>", text, re.DOTALL)
    assert len(figures) == 13
    for figure in figures:
        drawing = re.search(r"<svg.*?</svg>", figure, re.DOTALL)
        assert drawing is not None
        svg = ElementTree.fromstring(drawing.group())
        name = "{http://www.w3.org/2000/svg}"
        assert svg.get("role") == "img"
        assert len(svg.findtext(f"{name}title") or "") > 20
        assert len(svg.findtext(f"{name}desc") or "") > 20
        assert "<figcaption" in figure and "<details>" in figure and "<table>" in figure


def test_no_drawing_goes_beyond_its_edge(text: str) -> None:
    for drawing in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        svg = ElementTree.fromstring(drawing)
        width, height = float(svg.get("width", "")), float(svg.get("height", ""))
        for mark in svg.iter():
            x, y = float(mark.get("x", "0")), float(mark.get("y", "0"))
            assert 0 <= x + float(mark.get("width", "0")) <= width
            assert 0 <= y + float(mark.get("height", "0")) <= height


def test_the_flow_draws_what_its_table_says(text: str, built: Built) -> None:
    drawn = re.findall(r"<text[^>]*>([^<]*)</text>", text.split('<figure id="flow"')[1].split("</svg>")[0])
    with (built.results_json.parent / "tables/flow-table.csv").open(encoding="utf-8") as stream:
        rows = list(csv.reader(stream))[1:]
    printed = [row[1] for row in rows]
    totals = [n for n in drawn if n.isdigit()]
    excluded = str(sum(int(row[1]) for row in rows if row[0].startswith("Not allocated:")))
    assert sorted(totals) == sorted([*printed, excluded])


def test_scales_that_nobody_validated_are_said_to_be_so(text: str) -> None:
    assert text.count("Demonstration scale, not validated") == 2
    assert "demonstration scale, not validated" in text.split('<section id="about"')[1]


def test_the_baseline_table_has_no_test(text: str) -> None:
    chapter = text.split('<section id="baseline"')[1].split("</section>")[0]
    assert "Standardised difference" in chapter
    assert '<th scope="col" class="figure">p</th>' not in chapter


def test_hashes_of_the_files_are_told(text: str, released: Path) -> None:
    about = text.split('<section id="about"')[1]
    assert (released / "manifest.sha256").read_text().split()[0] in about
    assert "blind/scores.parquet" in about


def test_every_table_is_a_csv_beside(built: Built, page: Page) -> None:
    assert len(built.csv) == len(page.all("table"))
    for path in built.csv:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
        assert len({len(row) for row in rows}) == 1
