"""What a file is by its first bytes and its outermost boxes, before any decoder sees it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO, Literal

from attunement.film.errors import FilmError

_FORMATS = "Please choose an MP4, MOV, MKV or WebM film."
_MP4_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"moof"}
_PICTURE_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"crx ", b"jxl "}
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "This is a photograph (JPEG), not a film."),
    (b"\x89PNG", "This is a picture (PNG), not a film."),
    (b"GIF8", "This is an animated picture (GIF), not a film."),
    (b"ID3", "This is a sound recording (MP3); it has no pictures."),
    (b"fLaC", "This is a sound recording (FLAC); it has no pictures."),
    (b"#EXTM3U", "This is a playlist that points to a film elsewhere, not the film itself."),
    (b"ffconcat", "This is a playlist that points to a film elsewhere, not the film itself."),
    (b"v=0", "This is a playlist that points to a film elsewhere, not the film itself."),
    (b"<", "This is a web page or a playlist, not the film itself."),
    (b"%PDF", "This is a document (PDF), not a film."),
    (b"PK", "This is a zip file or an office document, not a film."),
)
_UNSIZED = (1 << 56) - 1


@dataclass(frozen=True, slots=True)
class Kind:
    """`container`: the one demuxer that may read the file. `complete`: it holds all the bytes it says it has."""

    container: Literal["mov", "matroska"]
    complete: bool


def recognise(source: BinaryIO) -> Kind:
    """The kind of the seekable file `source`, read from its start. FilmError when it is no film we read."""
    size = source.seek(0, os.SEEK_END)
    source.seek(0)
    head = source.read(64)
    if size == 0:
        raise FilmError("This file is empty (0 bytes); please copy the film from the camera or phone again.")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return Kind("matroska", _segment_is_whole(source, size))
    if head[4:8] in _MP4_BOXES:
        if head[4:8] == b"ftyp" and head[8:12] in _PICTURE_BRANDS:
            raise FilmError("This is a photograph (HEIC or AVIF), not a film.")
        return Kind("mov", _boxes_are_whole(source, size))
    if head.startswith(b"RIFF"):
        what = "a sound recording (WAV)" if head[8:12] == b"WAVE" else "an AVI film or another RIFF file"
        raise FilmError(f"This is {what}, which cannot be read here. {_FORMATS}")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for start, sentence in _OTHERS:
        if text.startswith(start):
            raise FilmError(f"{sentence} {_FORMATS}")
    raise FilmError(f"This file is not a film, whatever its name ends with. {_FORMATS}")


def _boxes_are_whole(source: BinaryIO, size: int) -> bool:
    """Walk the outermost MP4 boxes; FilmError when the index ("moov") is not among them."""
    at, indexed, whole = 0, False, True
    while at < size:
        source.seek(at)
        head = source.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:], "big")
        elif length == 0:
            length = size - at
        if len(head) < 8 or length < 8:
            whole = False
            break
        # An index that is itself cut off cannot be read.
        indexed |= head[4:8] == b"moov" and at + length <= size
        whole = at + length <= size
        at += length
    if not indexed:
        raise FilmError(
            "This film was cut off before its index was written, so no player can read it; "
            "please copy it from the camera or phone again."
        )
    return whole


def _segment_is_whole(source: BinaryIO, size: int) -> bool:
    """Whether a Matroska segment with a stated size lies wholly in the file; one without a size counts as whole."""
    source.seek(4)
    head_size, _ = _vint(source)
    if head_size >= size:
        return False
    source.seek(head_size, os.SEEK_CUR)
    if source.read(4) != b"\x18\x53\x80\x67":
        return False
    length, at = _vint(source)
    return length == _UNSIZED or at + length <= size


def _vint(source: BinaryIO) -> tuple[int, int]:
    """An EBML number at the file's position and the position after it; all ones mean "unknown"."""
    first = source.read(1)
    width = 9 - first[0].bit_length() if first and first[0] else 8
    rest = source.read(width - 1)
    value = int.from_bytes((first or b"\0") + rest, "big") & ((1 << (7 * width)) - 1)
    return (_UNSIZED if value == (1 << (7 * width)) - 1 else value), source.tell()
