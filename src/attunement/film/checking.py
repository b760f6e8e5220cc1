"""Reading a clip again before it is handed out: as a program would that ignores every word on what not to show."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from fractions import Fraction
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from attunement.film.clips import RATE, SAMPLES
from attunement.film.opening import AT_ONCE, Opened, opened, packets

Luma = npt.NDArray[np.int16]
_SOUND_PACKET = 1024
_BORDER = 2 * _SOUND_PACKET
# Mean difference of a picture encoded again, in steps of grey of 255.
_LIKE = 8.0


class Doubt(Exception):
    """Why a clip cannot be put together by copying, or is not what it should be; a sentence."""


@dataclass(slots=True)
class Written:
    """What was put into a clip: how many `frames`, whether there is `sound`, the parameter `sets`, of each picture the
    SHA-256 and whether it stands for itself, and how some look: `seen` before they were encoded, `same` copied."""

    frames: int
    sound: bool
    sets: bytes | None = None
    digests: list[bytes] = field(default_factory=list)
    keys: list[bool] = field(default_factory=list)
    seen: dict[int, Luma] = field(default_factory=dict)
    same: dict[int, Luma] = field(default_factory=dict)


def luma(picture: VideoFrame) -> Luma:
    """A picture's grey plane, every second dot of every second line."""
    plane = picture.planes[0]
    rows: npt.NDArray[np.uint8] = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return np.asarray(rows[::2, : plane.width : 2], np.int16)


def check(made: BinaryIO, written: Written) -> None:
    """Doubt unless the film in `made` holds exactly what was written: each picture, its time, its sound, no more."""
    with opened(made, ignore_editlist="1", **AT_ONCE) as film:
        sizes = _packets(film, written)
        _looks(film, written)
    if sizes != _held(made):
        raise Doubt("The clip holds bytes that belong to no picture or sound.")


def _must(holds: bool, sentence: str) -> None:
    if not holds:
        raise Doubt(sentence)


def _packets(film: Opened, written: Written) -> int:
    """Each picture's bytes and time and how long the sound is, in one reading; how many bytes both have."""
    _must(written.sets in (None, film.pictures.codec_context.extradata), "The clip's parameter sets have changed.")
    _must((film.sound is not None) is written.sound, "The clip's sound is missing.")
    unit, sizes, pictures, sounds = film.pictures.time_base or Fraction(0), 0, 0, 0
    # pts · unit = number / RATE, in whole numbers: fractions take their time.
    ticks, seconds = unit.numerator * RATE, unit.denominator
    for packet in packets(film, film.pictures, film.sound):
        sizes += packet.size
        if packet.stream is film.sound:
            sounds += 1
            continue
        _must(pictures < written.frames, "The clip holds pictures outside the marks.")
        _must(packet.pts is not None and packet.pts == packet.dts and packet.pts * ticks == pictures * seconds,
              "A picture of the clip has another time than it should.")
        if written.digests:
            _must(hashlib.sha256(bytes(packet)).digest() == written.digests[pictures]
                  and packet.is_keyframe is written.keys[pictures], "A picture of the clip has changed.")
        pictures += 1
    _must(pictures == written.frames, "Pictures of the clip are missing.")
    _must(not written.sound or abs(sounds * _SOUND_PACKET - written.frames * SAMPLES) <= _BORDER,
          "The clip's sound has another length.")
    return sizes


def _looks(film: Opened, written: Written) -> None:
    """Decode the pictures around each seam, and compare."""
    wanted = {**written.seen, **written.same}
    unit = film.pictures.time_base or Fraction(1, RATE)
    for first in sorted(number for number in wanted if number - 1 not in wanted):
        film.container.seek(int(Fraction(first, RATE) / unit), stream=film.pictures)
        for number, packet in enumerate(packets(film, film.pictures), first):
            if number not in wanted:
                break
            shown = packet.decode()
            _must(len(shown) == 1 and luma(shown[0]).shape == wanted[number].shape, "A picture cannot be shown.")
            apart = np.abs(luma(shown[0]) - wanted[number])
            _must(apart.mean() <= (0 if number in written.same else _LIKE), "A picture looks other than it should.")


def _held(made: BinaryIO) -> int:
    """How many bytes lie in the file's boxes for pictures and sound ("mdat")."""
    size, at, held = made.seek(0, os.SEEK_END), 0, 0
    while at + 8 <= size:
        made.seek(at)
        head = made.read(16)
        length, own = int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, own = int.from_bytes(head[8:16], "big"), 16
        length = length or size - at
        held += length - own if head[4:8] == b"mdat" else 0
        at += max(length, own)
    return held
