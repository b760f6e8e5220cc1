"""What a film file holds: measured by reading all its packets and decoding one picture, never taken on trust."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from attunement.film.errors import FilmError
from attunement.film.recognising import recognise

LONGEST_SIDE = 8192
LONGEST_SECONDS = 4 * 3600
MOST_FRAMES = LONGEST_SECONDS * 240
_FIRST_PACKETS = 300


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found in a film.

    `container` "mov" (MP4 and MOV) or "matroska" (MKV and WebM); `video_codec`, `audio_codec` (None: no sound) as
    libav names them; `seconds` of picture that can be read; `width` and `height` in stored pixels; `rotation` 0, 90,
    180 or 270 degrees clockwise to show it upright; `frames` that can be read; `rate` their mean number a second;
    `complete` False when the file was cut off but its beginning can be used.
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


@dataclass(frozen=True, slots=True)
class _Span:
    frames: int
    seconds: Fraction


def probe(source: BinaryIO) -> Probe:
    """Measure the film in `source`, an open seekable binary file (left open, at no particular place).

    FilmError, one sentence for a practitioner, when it is no film or cannot be used. Errors of reading the file itself
    (OSError, SealedError) pass through.
    """
    kind = recognise(source)
    source.seek(0)
    try:
        with av.open(
            source, "r", format=kind.container, metadata_errors="replace", io_open=_never_another_file
        ) as container:
            stream = _pictures(container)
            rotation = _rotation(_first_picture(container, stream))
            span = _span(container, stream)
            return Probe(
                container=kind.container,
                video_codec=stream.codec_context.name,
                audio_codec=_sound(container),
                seconds=float(span.seconds),
                width=stream.width,
                height=stream.height,
                rotation=rotation,
                frames=span.frames,
                rate=_rate(stream, span),
                complete=kind.complete,
            )
    except av.error.FFmpegError:
        raise FilmError("This film is damaged and cannot be played; please copy it from the camera again.") from None


def _never_another_file(*_: Any, **__: Any) -> Any:
    raise FilmError("This file points to another file instead of holding a film.")


def _pictures(container: InputContainer) -> VideoStream:
    """The stream of moving pictures, its dimensions within bounds. FilmError otherwise."""
    streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not streams:
        what = "holds sound only" if container.streams.audio else "holds no pictures"
        raise FilmError(f"This file {what}; please choose a film.")
    stream = streams[0]
    try:
        width, height = stream.width, stream.height
    except AttributeError:
        raise FilmError("The film's pictures are in a form that cannot be read here.") from None
    if min(width, height) <= 0:
        raise FilmError("No picture in this film can be read; please copy it from the camera again.")
    if max(width, height) > LONGEST_SIDE:
        raise FilmError(f"The film's pictures are {width} by {height} dots; they can be at most {LONGEST_SIDE} a side.")
    return stream


def _sound(container: InputContainer) -> str | None:
    """The first sound codec that libav knows (phones add tracks that it does not); "unknown" if there is no such."""
    known = (stream.codec_context for stream in container.streams.audio)
    names = [context.name for context in known if context is not None]
    return names[0] if names else "unknown" if container.streams.audio else None


def _first_picture(container: InputContainer, stream: VideoStream) -> VideoFrame:
    stream.thread_count = 1
    for number, packet in enumerate(container.demux(stream)):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            frames = []
        for frame in frames:
            if isinstance(frame, VideoFrame):
                return frame
        if number > _FIRST_PACKETS:
            break
    raise FilmError("No picture in this film can be read; please copy it from the camera again.")


def _rotation(frame: VideoFrame) -> int:
    """libav counts anticlockwise and in any degrees; players turn in quarters, clockwise."""
    return round(-frame.rotation / 90) % 4 * 90


def _span(container: InputContainer, stream: VideoStream) -> _Span:
    """Count pictures and the time they cover by reading every packet, so that neither header nor index is believed."""
    frames, first, last = 0, None, 0
    unit = stream.time_base or Fraction(0)
    container.seek(0)
    for packet in container.demux(stream):
        if packet.size == 0 or packet.is_discard or packet.pts is None:
            continue
        frames += 1
        first = packet.pts if first is None else min(first, packet.pts)
        last = max(last, packet.pts)
        if frames > MOST_FRAMES or (last - first) * unit > LONGEST_SECONDS:
            raise FilmError(f"The film is longer than {LONGEST_SECONDS // 3600} hours; please choose a shorter one.")
    if frames < 2 or first is None or not (last - first) * unit > 0:
        raise FilmError("This file holds a single picture, not a film.")
    # Stored durations follow the order of decoding, so the last picture is given the mean time of the others.
    return _Span(frames, (last - first) * unit * Fraction(frames, frames - 1))


def _rate(stream: VideoStream, span: _Span) -> Fraction:
    """The stated mean rate if it agrees with the count (it is exact, 30000/1001 say), otherwise the count's own."""
    counted = Fraction(span.frames) / span.seconds
    stated = stream.average_rate
    if stated and abs(stated * span.seconds - span.frames) <= 1:
        return stated
    return counted.limit_denominator(1001)
