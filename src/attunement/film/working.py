"""Recognising a working copy by its index: then its packets can be copied, and its frames found without reading all."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from av.packet import Packet
from av.video.frame import VideoFrame

from attunement.film import nal
from attunement.film.clips import RATE
from attunement.film.opening import Opened, name_of, packets
from attunement.film.probing import rotation
from attunement.film.sound import layout_of


@dataclass(frozen=True, slots=True)
class Working:
    """A working copy: `keys` the frames that stand for themselves, rising from 0; `sets` its parameter sets (avcC);
    `first` its first picture."""

    frames: int
    keys: tuple[int, ...]
    sets: bytes
    layout: str | None
    first: VideoFrame

    def key_before(self, frame: int) -> int:
        """The key picture at or before `frame`."""
        return self.keys[bisect_right(self.keys, frame) - 1]

    def key_from(self, frame: int) -> int:
        """The key picture at or after `frame`; the number of frames if there is none."""
        place = bisect_right(self.keys, frame - 1)
        return self.keys[place] if place < len(self.keys) else self.frames


def working(film: Opened) -> Working | None:
    """What makes an open film a working copy; None for any other."""
    stream, context = film.pictures, film.pictures.codec_context
    step = 1 / (RATE * stream.time_base) if stream.time_base else Fraction(0)
    if not (film.kind.container == "mov" and film.kind.complete and name_of(stream) == "h264"
            and step.denominator == 1 and stream.sample_aspect_ratio in (None, 0, 1) and nal.readable(context.extradata)):
        return None
    keys, number, stride = [], 0, int(step)
    for number, entry in enumerate(stream.index_entries):
        if entry.timestamp != number * stride or entry.is_discard:
            return None
        if entry.is_keyframe:
            keys.append(number)
    first = next(pictures_from(film, 0), None) if number + 1 == stream.frames and keys[:1] == [0] else None
    if first is None or first.format.name != "yuv420p" or rotation(first) or context.has_b_frames:
        return None
    return Working(number + 1, tuple(keys), context.extradata or b"", layout_of(film) if film.sound is not None else None,
                   first)


def packets_from(film: Opened, key: int) -> Iterator[Packet[Any]]:
    """The packets of a working copy's pictures from the key picture `key` on."""
    unit = film.pictures.time_base or Fraction(1, RATE)
    film.container.seek(int(Fraction(key, RATE) / unit), stream=film.pictures)
    return packets(film, film.pictures)


def pictures_from(film: Opened, key: int, last: int | None = None) -> Iterator[VideoFrame]:
    """Decoded pictures of a working copy from the key picture `key` on, to `last` if it is given."""
    for number, packet in enumerate(packets_from(film, key), key):
        yield from packet.decode()
        if number == last:
            yield from film.pictures.codec_context.decode(None)
            return
