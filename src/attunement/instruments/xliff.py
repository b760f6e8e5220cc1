"""XLIFF 1.2, as translation agencies take and return it (OASIS, XLIFF Version 1.2, 2008)."""

from __future__ import annotations

from lxml import etree

from attunement.instruments.key import InstrumentError
from attunement.instruments.translating import Package, Segment

SPACE = "urn:oasis:names:tc:xliff:document:1.2"
LARGEST = 5_000_000


def write(package: Package) -> bytes:
    """The package as an XLIFF document in UTF-8."""
    top = etree.Element(f"{{{SPACE}}}xliff", {"version": "1.2"}, nsmap={None: SPACE})
    file = etree.SubElement(top, f"{{{SPACE}}}file", {
        "original": package.slug, "datatype": "plaintext", "source-language": package.source_language,
        "target-language": package.language, "build-num": package.sha256})
    body = etree.SubElement(file, f"{{{SPACE}}}body")
    for segment in package.segments:
        unit = etree.SubElement(body, f"{{{SPACE}}}trans-unit", {"id": segment.id, "approved": "no"})
        etree.SubElement(unit, f"{{{SPACE}}}source").text = segment.source
        target = etree.SubElement(unit, f"{{{SPACE}}}target", {
            "state": "translated" if segment.target else "needs-translation"})
        target.text = segment.target
        etree.SubElement(unit, f"{{{SPACE}}}note").text = segment.note
    return bytes(etree.tostring(top, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def read(content: bytes, name: str) -> Package:
    """The package that came back. Raises InstrumentError, one sentence that names the file."""
    if len(content) > LARGEST:
        raise InstrumentError(f"{name} is larger than a questionnaire's texts can be")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        top = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise InstrumentError(f"{name} is no XLIFF file: {error.msg}") from None
    if top.getroottree().docinfo.doctype:
        raise InstrumentError(f"{name} declares a document type, which no XLIFF file needs")
    files = top.findall(f"{{{SPACE}}}file")
    if top.tag != f"{{{SPACE}}}xliff" or len(files) != 1:
        raise InstrumentError(f"{name} is not XLIFF 1.2 with one file in it")
    facts = files[0].attrib
    absent = [fact for fact in ("original", "source-language", "target-language") if not facts.get(fact)]
    if absent:
        raise InstrumentError(f"{name} does not say its {absent[0]}")
    units = files[0].iter(f"{{{SPACE}}}trans-unit")
    return Package(facts["original"], facts["source-language"], facts["target-language"], facts.get("build-num", ""),
                   tuple(Segment(unit.get("id", ""), _text(unit, "source"), _text(unit, "target")) for unit in units))


def _text(unit: etree._Element, what: str) -> str:
    """The text of a part, marks of the agency's program left out."""
    part = unit.find(f"{{{SPACE}}}{what}")
    return "" if part is None else "".join(part.itertext()).strip()
