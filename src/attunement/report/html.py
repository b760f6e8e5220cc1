"""The document model as one accessible HTML file that needs nothing but itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

from attunement.report.model import (
    Block,
    Column,
    Document,
    Figure,
    Inline,
    Notice,
    Number,
    Paragraph,
    Result,
    Section,
    Spoken,
    Table,
)

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
{watermark}<a class="skip" href="#report">Skip to the report</a>
<header class="cover">
<div class="measure">
<h1>{title}</h1>
<p class="subtitle">{subtitle}</p>
</div>
</header>
{notices}<div class="page">
<nav class="contents" aria-labelledby="contents-title">
<p id="contents-title">Contents</p>
<ol>
{contents}
</ol>
</nav>
<main id="report" tabindex="-1">
{sections}
</main>
</div>
<footer class="cover"><p class="measure">{subtitle}</p></footer>
</body>
</html>
"""


def render(document: Document) -> str:
    """The whole page; the same document gives the same text."""
    shorts = tuple(notice.short for notice in document.notices if notice.short)
    page = _Page(document.results, (document.watermark, *shorts) if document.watermark else shorts)
    notices = "".join(page.banner(notice) for notice in document.notices)
    return _PAGE.format(
        language=escape(document.language),
        watermark=f'<p class="watermark">{_text(document.watermark)}</p>\n' if document.watermark else "",
        title=_text(document.title),
        subtitle=_text(document.subtitle),
        style=(Path(__file__).parent / "page.css").read_text(encoding="utf-8"),
        notices=f'<aside class="banners" aria-label="Read this first">\n{notices}</aside>\n' if notices else "",
        contents="\n".join(f'<li><a href="#{s.id}">{_text(s.title)}</a></li>' for s in document.sections),
        sections="\n".join(page.section(section, 2) for section in document.sections),
    )


class _Page:
    def __init__(self, results: Mapping[str, Result], stamps: tuple[str, ...]) -> None:
        self.results, self.stamps = results, stamps

    def banner(self, notice: Notice) -> str:
        return (
            f'<div class="banner {notice.kind}"><p class="measure"><strong>{_text(notice.title)}</strong> '
            f"{self.inline(notice.text)}</p></div>\n"
        )

    def section(self, section: Section, level: int) -> str:
        stamp = f'<p class="stamp">{_text(" · ".join(self.stamps))}</p>\n' if self.stamps and level == 2 else ""
        blocks = "\n".join(self.block(block, level) for block in section.blocks)
        tongue = f' lang="{escape(section.language)}" dir="{"rtl" if section.rtl else "ltr"}"' if section.language else ""
        return (
            f'<section id="{section.id}" aria-labelledby="{section.id}-title"{tongue}>\n'
            f'<h{level} id="{section.id}-title">{_text(section.title)}</h{level}>\n{stamp}{blocks}\n</section>'
        )

    def block(self, block: Block, level: int) -> str:
        if isinstance(block, Paragraph):
            return f'<p class="{block.style}">{self.inline(block.parts)}</p>'
        if isinstance(block, Notice):
            text = f"<strong>{_text(block.title)}.</strong> {self.inline(block.text)}"
            return f'<div class="note {block.kind}"><p>{text}</p></div>'
        if isinstance(block, Table):
            return self.table(block)
        if isinstance(block, Figure):
            return self.figure(block)
        return self.section(block, level + 1)

    def table(self, table: Table) -> str:
        head = "".join(f'<th scope="col"{_number(column)}>{_text(column.title)}</th>' for column in table.columns)
        body = "\n".join(f"<tr>{self._row(row, table.columns)}</tr>" for row in table.rows)
        note = f'<p class="under">{self.inline(table.note)}</p>' if any(table.note) else ""
        caption = f'<caption id="{table.id}-caption">{_text(table.caption)}</caption>'
        return (
            f'<div class="table" id="{table.id}"><div class="scroll" role="group" tabindex="0" '
            f'aria-labelledby="{table.id}-caption"><table>{caption}\n'
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>{note}</div>"
        )

    def figure(self, figure: Figure) -> str:
        return (
            f'<figure id="{figure.id}">\n<figcaption id="{figure.id}-caption">{_text(figure.title)}</figcaption>\n'
            f'<div class="scroll drawing" role="group" tabindex="0" aria-labelledby="{figure.id}-caption">'
            f'{figure.svg}</div>\n<p class="under">{self.inline(figure.description)}</p>\n'
            f"<details><summary>The numbers in this figure</summary>\n{self.table(figure.data)}\n</details>\n</figure>"
        )

    def inline(self, parts: Iterable[Inline]) -> str:
        return "".join(self._part(part) for part in parts)

    def _part(self, part: Inline) -> str:
        if isinstance(part, Number):
            return f'<span class="number" data-result="{escape(part.id)}">{_text(self.results[part.id].text)}</span>'
        if isinstance(part, Spoken):
            return f'<span class="quote" data-quote="{escape(part.id)}">{_text(part)}</span>'
        return _text(part)

    def _row(self, row: tuple[Inline, ...], columns: tuple[Column, ...]) -> str:
        first = f'<th scope="row">{self._part(row[0])}</th>'
        rest = (f"<td{_number(c)}>{self._part(cell)}</td>" for cell, c in zip(row[1:], columns[1:], strict=True))
        return first + "".join(rest)


def _number(column: Column) -> str:
    return ' class="figure"' if column.numeric else ""


def _text(text: str) -> str:
    """Escaped, with the typographic apostrophe, and long hashes allowed to break."""
    plain = escape(text, quote=False).replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")
    return re.sub(r"\b[0-9a-f]{64}\b", lambda found: f"<code>{found.group()}</code>", plain)
