"""The document model as a Word file: real headings, repeated header rows, alt texts, and each number in a control."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, time
from typing import Any

from attunement.report import pdf
from attunement.report.model import Block, Document, Figure, Notice, Paragraph, Section
from attunement.report.word_xml import Writer

_STYLES = {"body": "Normal", "lead": "Normal", "headline": "Intense Quote", "note": "Normal"}
FONT = "Arial"
_FIXED = (1980, 1, 1, 0, 0, 0)


def render(document: Document) -> bytes:
    """The report as .docx; the same document gives the same bytes."""
    import docx

    file = docx.Document()
    _dress(file, document)
    writer = Writer(document, file)
    figures = [block for block in document.blocks() if isinstance(block, Figure)]
    pictures = pdf.drawings(figures)
    writer.paragraph((document.title,), "Title")
    writer.paragraph((document.subtitle,), "Subtitle")
    if document.watermark:
        file.sections[0].header.paragraphs[0].text = document.watermark
        writer.paragraph((document.watermark,), "Intense Quote")
    for notice in document.notices:
        _write(writer, notice, 1, pictures)
    for section in document.sections:
        _write(writer, section, 1, pictures)
    written = io.BytesIO()
    file.save(written)
    return _same(written.getvalue())


def _write(writer: Writer, block: Block, level: int, pictures: dict[str, bytes]) -> None:
    if isinstance(block, Section):
        writer.paragraph((block.title,), f"Heading {level}")
        for inner in block.blocks:
            _write(writer, inner, level + 1, pictures)
    elif isinstance(block, Paragraph):
        writer.paragraph(block.parts, _STYLES[block.style])
    elif isinstance(block, Notice):
        writer.paragraph((f"{block.title}. ", *block.text), "Intense Quote")
    elif isinstance(block, Figure):
        writer.paragraph((block.title,), "Caption")
        writer.picture(pictures[block.id], block.alt)
        writer.paragraph(block.description, "Normal")
        writer.table(block.data)
    else:
        writer.table(block)


def _dress(file: Any, document: Document) -> None:
    """Sans serif, 12 points, the study's language, and properties that say nothing of the machine."""
    from docx.oxml.ns import qn
    from docx.shared import Pt

    normal = file.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(12)
    for name in ("Title", "Subtitle", "Caption", "Intense Quote", *(f"Heading {level}" for level in range(1, 5))):
        style = file.styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in list(fonts.attrib):
            del fonts.attrib[attribute]
        style.font.name = FONT
    for language in file.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), document.language)
    told, moment = file.core_properties, datetime.combine(document.dated, time())
    told.title, told.author, told.language, told.comments = document.title, "Attunement", document.language, ""
    told.created = told.modified = moment
    told.last_modified_by, told.revision = "Attunement", 1


def _same(made: bytes) -> bytes:
    """The archive with the members' dates fixed."""
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _FIXED), old.read(name), zipfile.ZIP_DEFLATED)
    return again.getvalue()
