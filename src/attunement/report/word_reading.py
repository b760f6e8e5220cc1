"""Reading an edited Word file as it is: its controls, bookmarks and tracked changes, and nothing else of it touched."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from attunement.places import check_place
from attunement.report import tags
from attunement.report.errors import ReportError

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BODY = "word/document.xml"
_MOST_BYTES, _MOST_MEMBERS = 300_000_000, 5_000
_TRACKED = {"ins": "an insertion", "del": "a deletion", "moveFrom": "a move", "moveTo": "a move"}
_FORMAT = ("rPrChange", "pPrChange", "tblPrChange", "trPrChange", "tcPrChange", "sectPrChange", "cellIns", "cellDel")


@dataclass(frozen=True)
class Spot:
    """A place of the file that prints a result: its id, or the tag that cannot be read; the runs that print it."""

    id: str
    strange: str
    texts: tuple[Any, ...]
    holder: Any

    @property
    def text(self) -> str:
        return "".join(one.text or "" for one in self.texts)

    def say(self, text: str) -> None:
        """Print `text` here; the first run keeps its look."""
        if not self.texts:
            made = etree.SubElement(etree.SubElement(self.holder, f"{W}r"), f"{W}t")
            made.text = text
            return
        for place, one in enumerate(self.texts):
            one.text = "" if place else text


def read_word(path: Path) -> tuple[dict[str, bytes], Any]:
    """Every member of the file, and its text as XML. ReportError for what is no Word file, or far too large."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, path)
        if _BODY not in members:
            raise ReportError(f"{path} is no Word file: it has no text in it.")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        root = etree.fromstring(members[_BODY], parser)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, etree.XMLSyntaxError, zlib.error, NotImplementedError, RuntimeError,
            EOFError):  # fmt: skip
        raise ReportError(f"{path} cannot be read as a Word file (.docx).") from None
    if root.getroottree().docinfo.internalDTD is not None or root.tag != f"{W}document":
        raise ReportError(f"{path} cannot be read as a Word file (.docx).")
    return members, root


def write_word(path: Path, members: Mapping[str, bytes], root: Any) -> None:
    """The file with its text replaced: written beside, then renamed."""
    check_place(path, ReportError)
    whole = io.BytesIO()
    text = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            told = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            archive.writestr(told, text if name == _BODY else content, zipfile.ZIP_DEFLATED)
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.write_bytes(whole.getvalue())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def spots(root: Any, marked: Mapping[str, str]) -> Iterator[Spot]:
    """Every place with a number, in reading order: controls by tag or alias, then bookmarks that hold no control.

    `marked`: beginning of a bookmark's name -> result id.
    """
    held = set()
    for control in root.iter(f"{W}sdt"):
        names = [one.get(f"{W}val") or "" for key in ("tag", "alias") for one in control.findall(f"{W}sdtPr/{W}{key}")]
        ours = [name for name in names if name.startswith(("num:", "table:"))]
        read = next((found for found in map(tags.read, ours) if found), None)
        if read is not None and read[0] == "num":
            holder = control.find(f"{W}sdtContent")
            held.add(control)
            yield Spot(read[1], "", () if holder is None else _texts(holder), control if holder is None else holder)
        elif read is None and ours:
            yield Spot("", ours[0], (), control)
    for start in root.iter(f"{W}bookmarkStart"):
        id_, between = marked.get((start.get(f"{W}name") or "").rpartition("_")[0]), _between(start)
        texts = tuple(text for one in between for text in _texts(one))
        if id_ is not None and texts and held.isdisjoint(inner for one in between for inner in one.iter(f"{W}sdt")):
            yield Spot(id_, "", texts, start.getparent())


def tracked(root: Any) -> Iterator[str]:
    """One line a tracked change; whose it is stays in the file."""
    for element in root.iter():
        kind = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if element.tag == f"{W}{kind}" and kind in _TRACKED:
            words = "".join(one.text or "" for one in element.iter(f"{W}t", f"{W}delText")).strip()
            short = f"{words[:57]}…" if len(words) > 60 else words
            yield f"Tracked change, {_TRACKED[kind]}: “{short}”. Accept or reject it." if words else (
                f"Tracked change, {_TRACKED[kind]} of a paragraph or a row. Accept or reject it.")  # fmt: skip
        elif element.tag == f"{W}{kind}" and kind in _FORMAT:
            yield "Tracked change of the look of a text. Accept or reject it."


def _texts(holder: Any) -> tuple[Any, ...]:
    """The texts that would be printed: those of deletions are another element."""
    return tuple(holder.iter(f"{W}t"))


def _between(start: Any) -> list[Any]:
    """What stands from a bookmark's start to its end; LibreOffice puts the start into a control and leaves the end out."""
    number = start.get(f"{W}id")
    found: list[Any] = []
    at = start
    while at is not None:
        for element in at.itersiblings():
            if element.tag == f"{W}bookmarkEnd" and element.get(f"{W}id") == number:
                return found
            found.append(element)
        parent = at.getparent()
        at = parent if parent is not None and parent.tag in (f"{W}sdtContent", f"{W}sdt") else None
    return []


def _members(archive: zipfile.ZipFile, path: Path) -> dict[str, bytes]:
    if len(archive.infolist()) > _MOST_MEMBERS:
        raise ReportError(f"{path} holds too many files to be a report.")
    left, members = _MOST_BYTES, {}
    for name in archive.namelist():
        with archive.open(name) as stream:
            members[name] = stream.read(left + 1)
        left -= len(members[name])
        if left < 0:
            raise ReportError(f"{path} is far too large to be a report.")
    return members
