"""Films spoilt in every way that a bad copy or a bad person might, and what is done with each."""

from __future__ import annotations

import io
import random

from attunement.film import FilmError, cut, look, prepare, probe
from tests.film import cuts, films

NAMES = ("plain", "open_gop_2997", "hevc", "uneven_mkv", "turned_90", "vp9", "av1", "fragments", "copy", "mono_16k")
_VALUES = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\1", b"\0\x10\0\0")


_TABLES = (b"stsz", b"stts", b"stsc", b"stco", b"ctts", b"stss", b"trun", b"tfhd", b"tkhd", b"mdhd", b"mvhd", b"elst",
           b"avc1", b"avcC", b"hvcC", b"mp4a", b"\xe0\x01\x00", b"\x1fC\xb6u", b"\xae\x01")


def mutant(seed: int) -> bytes:
    """The same spoilt film for the same seed."""
    dice = random.Random(seed)
    name = NAMES[seed % len(NAMES)]
    content = bytearray(cuts.copy("late_sound") if name == "copy" else films.made(name))
    for _ in range(dice.choice([1, 1, 2, 5, 20, 100])):
        if len(content) < 200:
            break
        # Half of all faults where the file says what it holds: at its start or its end.
        edge = dice.choice([len(content), len(content), 800, 4000])
        at = dice.randrange(max(1, min(edge, len(content) - 4)))
        at = len(content) - 5 - at if dice.random() < 0.4 else at
        at = max(0, min(at, len(content) - 5))
        kind = dice.randrange(8)
        if kind == 0:
            content[at] ^= 1 << dice.randrange(8)
        elif kind == 1:
            content[at] = dice.randrange(256)
        elif kind == 2:
            content[at : at + 4] = dice.choice(_VALUES)
        elif kind == 3:
            length = dice.randrange(1, 400)
            content[at : at + length] = bytes(len(content[at : at + length]))
        elif kind == 4 and dice.random() < 0.3:
            del content[at : at + dice.randrange(1, 2000)]
        elif kind == 5 and dice.random() < 0.2:
            del content[max(100, at) :]
        elif kind > 5 and (at := content.find(dice.choice(_TABLES))) > 0:
            at += 4 + 4 * dice.randrange(6)
            content[at : at + 4] = dice.choice(_VALUES)
    return bytes(content)


def tried(content: bytes) -> list[str]:
    """What came of a spoilt film at each door: "used", or the sentence that refused it. Anything else is raised."""
    doors = (lambda: probe(io.BytesIO(content)), lambda: look(io.BytesIO(content)),
             lambda: prepare(io.BytesIO(content), io.BytesIO()),
             lambda: cut(io.BytesIO(content), io.BytesIO(), first=3, last=33))
    answers = []
    for door in doors:
        try:
            door()
            answers.append("used")
        except FilmError as error:
            answers.append(str(error))
    return answers
