"""H.264 as it lies in MP4: units with their length before them, parameter sets apart (ISO/IEC 14496-15, 5.2-5.3)."""

from __future__ import annotations

from collections.abc import Iterator

_LENGTH = 4
_SLICE, _KEY_SLICE, _SEQUENCE, _PICTURE = 1, 5, 7, 8


def readable(sets: bytes | None) -> bool:
    """Whether `sets` is a parameter record (avcC) for units with lengths of four bytes."""
    return sets is not None and len(sets) > 6 and sets[0] == 1 and sets[4] & 3 == _LENGTH - 1


def sets_of(record: bytes) -> list[bytes]:
    """The sequence and picture parameter sets in a parameter record, in order."""
    found, at = [], 5
    for mask in (0x1F, 0xFF):
        count, at = record[at] & mask, at + 1
        for _ in range(count):
            size = int.from_bytes(record[at : at + 2], "big")
            found.append(record[at + 2 : at + 2 + size])
            at += 2 + size
    return found


def sets_in(stream: bytes) -> list[bytes]:
    """The parameter sets in a byte stream with start codes, in order."""
    return [unit for unit in _started(stream) if unit[0] & 0x1F in (_SEQUENCE, _PICTURE)]


def slices_only(stream: bytes) -> bytes:
    """A picture with start codes as it lies in MP4, without parameter sets and other words around it."""
    units = [unit for unit in _started(stream) if unit[0] & 0x1F in (_SLICE, _KEY_SLICE)]
    return b"".join(len(unit).to_bytes(_LENGTH, "big") + unit for unit in units)


def is_key(packet: bytes) -> bool:
    """Whether a picture as it lies in MP4 stands for itself and nothing after it looks further back."""
    kinds = set(_kinds(packet))
    return _KEY_SLICE in kinds and _SLICE not in kinds


def _started(stream: bytes) -> Iterator[bytes]:
    for unit in stream.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1"):
        if unit:
            yield unit


def _kinds(packet: bytes) -> Iterator[int]:
    at = 0
    while at + _LENGTH < len(packet):
        yield packet[at + _LENGTH] & 0x1F
        at += _LENGTH + int.from_bytes(packet[at : at + _LENGTH], "big")
