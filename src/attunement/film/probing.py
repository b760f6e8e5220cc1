"""What a film file holds: measured by reading all its packets and decoding one picture, never taken on trust."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction

from av.video.frame import VideoFrame

from attunement.film.opening import SOUNDS, Opened, Source, name_of, opened, reading
from attunement.film.surveying import Survey, survey

_HDR = {16: "pq", 18: "hlg"}


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found in a film.

    `container` "mov" (MP4 and MOV) or "matroska" (MKV and WebM); `video_codec` "h264", "hevc", "vp8", "vp9" or "av1";
    `audio_codec` (None: no sound; "unknown": none that can be used); `seconds` of picture that can be read; `width`
    and `height` in stored pixels; `rotation` 0, 90, 180 or 270 degrees clockwise to show it upright; `frames`
    (pictures) that can be read; `rate` their mean number a second; `complete` False when the file was cut off but its
    beginning can be used; `size` in bytes; `variable_rate` True when pictures do not follow each other evenly; `bits`
    a colour; `hdr` "hlg", "pq" or None; `notes` sentences on what of the film cannot be used.
    """

    container: str
    video_codec: str
    audio_codec: str | None
    seconds: float
    width: int
    height: int
    rotation: int
    frames: int
    rate: Fraction
    complete: bool
    size: int
    variable_rate: bool
    bits: int
    hdr: str | None
    notes: tuple[str, ...]


def probe(source: Source) -> Probe:
    """Measure the film in `source`, a path or an open seekable binary file (left open, at no particular place).

    FilmError, one sentence for a practitioner, when it is no film or cannot be used. Errors of reading the file itself
    (OSError, SealedError) pass through.
    """
    with reading(source) as file, opened(file) as film:
        found = survey(film)
        return Probe(
            container=film.kind.container,
            video_codec=name_of(film.pictures),
            audio_codec=_sound(film),
            seconds=float(found.seconds),
            width=film.pictures.width,
            height=film.pictures.height,
            rotation=rotation(found.first),
            frames=len(found.times),
            rate=_rate(film, found),
            complete=film.kind.complete,
            size=file.seek(0, os.SEEK_END),
            variable_rate=not found.steady,
            bits=found.first.format.components[0].bits,
            hdr=_HDR.get(int(found.first.color_trc)),
            notes=tuple(notes(film, found)),
        )


def rotation(frame: VideoFrame) -> int:
    """Degrees clockwise that show a picture upright. libav counts anticlockwise and in any degrees; players turn in
    quarters."""
    return round(-frame.rotation / 90) % 4 * 90


def _sound(film: Opened) -> str | None:
    if film.sound is not None:
        return name_of(film.sound)
    return "unknown" if film.container.streams.audio else None


def notes(film: Opened, found: Survey) -> list[str]:
    """Sentences on what of a film cannot be used."""
    said = []
    if not film.kind.complete:
        said.append(f"The film was cut off; its first {float(found.seconds):.1f} seconds can be used.")
    if film.sound is None and film.container.streams.audio:
        said.append(f"Its sound cannot be used: only {', '.join(sorted(SOUNDS))} are read.")
    return said


def _rate(film: Opened, found: Survey) -> Fraction:
    """The stated mean rate if it agrees with the count (it is exact, 30000/1001 say), otherwise the count's own."""
    stated = film.pictures.average_rate
    if stated and abs(stated * found.seconds - len(found.times)) <= 1:
        return stated
    return (len(found.times) / found.seconds).limit_denominator(1001)
