"""What must hold of a workbook before any parser sees it: its kind, its real size, its reach, its unread cells."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from attunement.records.errors import RecordsError
from attunement.records.reach import CELL, Look, look, too_large

LARGEST_FILE = 30 * 1024 * 1024
LARGEST_UNPACKED = 200 * 1024 * 1024
MOST_MEMBERS = 1_000
MOST_ROWS, MOST_COLUMNS = 200_000, 200
# A parser lays out the whole rectangle up to the last cell.
MOST_LAID_OUT = 8_000_000
_RATIO_FROM = 20 * 1024 * 1024
_HIGHEST_RATIO = 150
_SAVE = "please save it as an ordinary Excel workbook (.xlsx)"
_DAMAGED = "The workbook is damaged; please open it in Excel, save it anew as .xlsx and send it again."
_SPOILT = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError, OverflowError
)  # fmt: skip
_TEXT = re.compile(rb"</(?:\w+:)?si\s*>")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>[^<]")
_NUMBER = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*<")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)>")
_LINK = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


@dataclass(frozen=True, slots=True)
class Unread:
    """A cell that a parser shows as blank although something stands in it, or (`hidden` False) that may stop it."""

    sheet: str
    place: str
    what: str
    hidden: bool = True


def inspect(source: BinaryIO) -> tuple[Unread, ...]:
    """Refuse with RecordsError what must not be parsed; otherwise the cells whose content cannot be read.

    `source` is a seekable binary file; it is left at its start.
    """
    size = source.seek(0, 2)
    source.seek(0)
    head = source.read(8)
    if size == 0:
        raise RecordsError("The file is empty (0 bytes); please send the filled workbook again.")
    if size > LARGEST_FILE:
        raise RecordsError(f"The file is larger than {LARGEST_FILE >> 20} MB, so it cannot be the filled workbook.")
    source.seek(0)
    if head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if "EncryptedPackage".encode("utf-16-le") in source.read():
            raise RecordsError("The workbook is protected by a password; please save it without one and send it again.")
        raise RecordsError(f"The file is in the old Excel format (.xls); {_SAVE}.")
    if not head.startswith(b"PK"):
        raise RecordsError(f"The file is not an Excel workbook; {_SAVE}.")
    try:
        with zipfile.ZipFile(source) as archive:
            parts = _parts(archive, size)
    except RecordsError:
        raise
    except _SPOILT:
        raise RecordsError(_DAMAGED) from None
    source.seek(0)
    looks = {name: look(content) for name, content in parts.items() if b"sheetData" in content}
    _within_reach(looks.values(), parts.get("xl/sharedstrings.xml", b""))
    return tuple(_unread(parts, looks))


def _parts(archive: zipfile.ZipFile, size: int) -> dict[str, bytes]:
    """All XML parts by name, unpacked; every member's real size is counted, whatever the file says of it."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise RecordsError(f"The workbook has {len(members)} parts inside, far more than ours; {_SAVE}.")
    names = {member.filename.lower().replace("\\", "/") for member in members}
    if len(names) < len(members):
        raise RecordsError(_DAMAGED)
    if any("vbaproject" in name or "macrosheets" in name for name in names):
        raise RecordsError(f"The workbook holds macros, which are not accepted; {_SAVE} without macros.")
    if "xl/workbook.xml" not in names:
        raise RecordsError(f"The file is not an Excel workbook of the kind we sent; {_SAVE}.")
    parts: dict[str, bytes] = {}
    total = 0
    for member in members:
        if member.flag_bits & 1:
            raise RecordsError("The workbook is protected by a password; please save it without one and send it again.")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RecordsError(_DAMAGED)
        content = _unpack(archive, member, LARGEST_UNPACKED - total)
        total += len(content)
        if total > LARGEST_UNPACKED or (total > _RATIO_FROM and total > size * _HIGHEST_RATIO):
            raise RecordsError(
                f"The workbook unpacks to more than {LARGEST_UNPACKED >> 20} MB or is packed too tightly."
            )
        if content.lstrip().startswith(b"<") or member.filename.lower().endswith((".xml", ".rels")):
            if b"\0" in content or (b"!" in content and (b"<!DOCTYPE" in content or b"<!ENTITY" in content)):
                raise RecordsError(_DAMAGED)
            parts[member.filename.lower()] = content
    if b"macroenabled" in parts.get("[content_types].xml", b"").lower():
        raise RecordsError(f"The workbook holds macros, which are not accepted; {_SAVE} without macros.")
    return parts


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, room: int) -> bytes:
    # zipfile stops at the stated size; a parser may go on to the real end.
    member.file_size = 1 << 60
    with archive.open(member) as file:
        return file.read(room + 1)


def _within_reach(looks: Iterable[Look], shared: bytes) -> None:
    """A parser lays out every cell up to the last one and every text once a cell: bound both."""
    cells = laid_out = 0
    for one in looks:
        cells += one.cells
        laid_out += one.rows * one.columns
        if one.rows > MOST_ROWS or one.columns > MOST_COLUMNS or laid_out > MOST_LAID_OUT:
            raise RecordsError(
                f"A sheet reaches beyond row {MOST_ROWS} or column {MOST_COLUMNS}, or the sheets are far too large; "
                "please delete the empty rows and columns after the data."
            )
    if cells * len(shared) > 4 * LARGEST_UNPACKED:
        longest = max(len(text) for text in _TEXT.split(shared))
        if cells * longest > 4 * LARGEST_UNPACKED:
            raise RecordsError("A cell holds a text that is far too long; please send only what the workbook asks for.")


def _unread(parts: dict[str, bytes], looks: dict[str, Look]) -> Iterator[Unread]:
    for name, part in _sheets(parts):
        # Looking at each cell is slow: only where one of them could be such a cell.
        if not (looks.get(part) or look(parts[part])).suspicious:
            continue
        for cell in CELL.split(parts[part])[1:]:
            attributes, _, inside = cell.partition(b">")
            own = _attributes(attributes)
            if own.get("t") == "e":
                yield Unread(name, own.get("r", "?"), "an Excel error such as #N/A")
            elif _FORMULA.search(inside) and not _VALUE.search(inside) and own.get("t") != "str":
                yield Unread(name, own.get("r", "?"), "a formula without a result")
            elif (number := _NUMBER.search(inside)) and own.get("t", "n") == "n" and too_large(number[1]):
                yield Unread(name, own.get("r", "?"), "a number far too large for a date", hidden=False)


def _sheets(parts: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Names of the sheets and of their parts; the paths in the relations start at the package or at xl/."""
    links = {}
    for found in _LINK.findall(parts.get("xl/_rels/workbook.xml.rels", b"")):
        own = _attributes(found)
        links[own.get("Id", "")] = own.get("Target", "").lower()
    for found in _SHEET.findall(parts.get("xl/workbook.xml", b"")):
        own = _attributes(found)
        target = links.get(own.get("r:id", ""), "")
        part = next((name for name in (target.lstrip("/"), f"xl/{target}") if name in parts), None)
        if part is not None:
            yield own.get("name", ""), part


def _attributes(text: bytes) -> dict[str, str]:
    return {k.decode(): (a or b).decode("utf-8", "replace") for k, a, b in _ATTRIBUTE.findall(text)}
