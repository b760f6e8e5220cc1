"""REFI-QDA out: a codebook as `.qdc`, a whole project as `.qdpx`. The same project gives the same bytes."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path

from lxml import etree

from attunement.places import check_place
from attunement.process.errors import ProcessError
from attunement.process.interviews.codebook import Codebook, guid
from attunement.process.interviews.coding import Project
from attunement.process.interviews.transcripts import Source

PROJECT, CODEBOOK = "urn:QDA-XML:project:1.0", "urn:QDA-XML:codebook:1.0"
ORIGIN = "Attunement"
STILL = (1980, 1, 1, 0, 0, 0)
"""Every member's date: a zip's own day would make other bytes of the same project."""


def write_codebook(codebook: Codebook, path: Path | str) -> Path:
    """Write `path` (.qdc), whole or not at all. Nested codes are nested elements."""
    root = etree.Element(f"{{{CODEBOOK}}}CodeBook", nsmap={None: CODEBOOK}, origin=_origin(codebook))
    _codes(root, codebook, CODEBOOK)
    return put(Path(path), ".qdc", _xml(root))


def write_project(project: Project, path: Path | str) -> Path:
    """Write `path` (.qdpx), whole or not at all: `project.qde` and each source as UTF-8 text in `sources/`.

    Positions are Unicode code points of LF text, the end not included.
    """
    root = etree.Element(f"{{{PROJECT}}}Project", nsmap={None: PROJECT}, name=_words(project.name), origin=ORIGIN)
    users = etree.SubElement(root, f"{{{PROJECT}}}Users")
    for coder in sorted({coding.coder for coding in project.codings}):
        etree.SubElement(users, f"{{{PROJECT}}}User", guid=guid("user", coder), name=_words(coder))
    book = etree.SubElement(root, f"{{{PROJECT}}}CodeBook", origin=_origin(project.codebook))
    _codes(book, project.codebook, PROJECT)
    cases = etree.SubElement(root, f"{{{PROJECT}}}Cases")
    for name in sorted({source.case for source in project.sources}):
        case = etree.SubElement(cases, f"{{{PROJECT}}}Case", guid=guid("case", name), name=_words(name))
        for source in project.sources:
            if source.case == name:
                etree.SubElement(case, f"{{{PROJECT}}}SourceRef", targetGUID=guid("source", source.id))
    sources = etree.SubElement(root, f"{{{PROJECT}}}Sources")
    for source in project.sources:
        _source(sources, project, source)
    for empty in (users, cases, sources):
        if not len(empty):
            root.remove(empty)
    members = {"project.qde": _xml(root)}
    members |= {f"sources/{guid('source', source.id)}.txt": source.text.encode() for source in project.sources}
    return put(Path(path), ".qdpx", _packed(members))


def _codes(into: etree._Element, codebook: Codebook, space: str) -> None:
    def below(place: etree._Element, parent: str | None) -> None:
        for code in codebook.under(parent):
            made = etree.SubElement(place, f"{{{space}}}Code", guid=code.guid, name=_words(code.name),
                                    isCodable="true" if code.codable else "false")  # fmt: skip
            if code.colour:
                made.set("color", code.colour)
            if code.description:
                etree.SubElement(made, f"{{{space}}}Description").text = _words(code.description)
            below(made, code.guid)

    below(etree.SubElement(into, f"{{{space}}}Codes"), None)


def _source(into: etree._Element, project: Project, source: Source) -> None:
    own = guid("source", source.id)
    made = etree.SubElement(into, f"{{{PROJECT}}}TextSource", guid=own, name=_words(source.id),
                            plainTextPath=f"internal://{own}.txt")  # fmt: skip
    etree.SubElement(made, f"{{{PROJECT}}}Description").text = f"{source.kind}; consent: {_words(source.consent)}"
    for coding in sorted(coding for coding in project.codings if coding.source == source.id):
        user = guid("user", coding.coder)
        passage = etree.SubElement(
            made, f"{{{PROJECT}}}PlainTextSelection", guid=guid("selection", coding.id), creatingUser=user,
            name=_words(project.text(coding)[:40].replace("\n", " ")), startPosition=str(coding.start),
            endPosition=str(coding.end),
        )  # fmt: skip
        mark = etree.SubElement(passage, f"{{{PROJECT}}}Coding", guid=coding.id, creatingUser=user)
        etree.SubElement(mark, f"{{{PROJECT}}}CodeRef", targetGUID=coding.code)


def _origin(codebook: Codebook) -> str:
    return f"{ORIGIN}, codebook version {codebook.version}"


def _words(text: str) -> str:
    """XML has no place for most control characters."""
    if any((ord(letter) < 32 and letter not in "\t\n") or letter in "\ufffe\uffff" or "\ud800" <= letter <= "\udfff"
           for letter in text):  # fmt: skip
        raise ProcessError(f"A name or description holds a character that no XML file can hold: {text[:40]!r}.")
    return text


def _xml(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _packed(members: dict[str, bytes]) -> bytes:
    from io import BytesIO

    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, STILL)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(info, content)
    return whole.getvalue()


def put(path: Path, suffix: str, content: bytes) -> Path:
    if path.suffix.lower() != suffix:
        raise ProcessError(f"{path.name}: the file's name ends in {suffix}.")
    check_place(path, ProcessError)
    try:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.replace(beside, path)
    except OSError as fault:
        raise ProcessError(f"{path.name} cannot be written: {fault.strerror}.") from None
    return path
