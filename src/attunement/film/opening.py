"""Opening a film: by the one demuxer that its bytes ask for, from an open file, and never another file with it."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from attunement.film.errors import FilmError
from attunement.film.recognising import Kind, recognise

Source = str | Path | BinaryIO
LONGEST_SIDE = 8192
MOST_DOTS = 4096 * 2304
PICTURES = {"h264", "hevc", "vp8", "vp9", "av1"}
SOUNDS = {"aac", "opus", "vorbis", "mp3", "alac", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be"}
DAMAGED = "This film is damaged and cannot be played; please copy it from the camera again."
_BUFFER = 1 << 16
# For films of our own making: all that is needed stands in the index, so libav need not decode to find it out.
AT_ONCE = {"probesize": "32", "analyzeduration": "0"}


@dataclass(frozen=True, slots=True)
class Opened:
    """A film that is open: its kind, its moving pictures, and the sound that goes with them if there is any we read."""

    kind: Kind
    container: InputContainer
    pictures: VideoStream
    sound: AudioStream | None


@contextmanager
def reading(source: Source) -> Iterator[BinaryIO]:
    """`source` as an open seekable binary file; a path is opened and closed, an open file is left open."""
    if isinstance(source, str | Path):
        if os.path.exists(source) and not os.path.isdir(source) and not os.path.isfile(source):
            raise FilmError(f"{source} is no ordinary file; please give the name of a film.")
        with open(source, "rb") as file:
            yield file
    else:
        yield source


class View(io.RawIOBase):
    """A place of its own in a file that several readers share."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file, self._at = file, 0

    def read(self, size: int = -1, /) -> bytes:
        self._file.seek(self._at)
        data = self._file.read(size)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        if whence == os.SEEK_CUR:
            offset += self._at
        elif whence == os.SEEK_END:
            offset += self._file.seek(0, os.SEEK_END)
        self._at = offset
        return offset

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


@contextmanager
def opened(source: BinaryIO, **options: str) -> Iterator[Opened]:
    """The film in `source`, an open seekable binary file, which others may read meanwhile.

    `options` go to the demuxer. FilmError, one sentence for a practitioner, when it is no film or cannot be used, also
    when damage shows itself only while the film is read. Errors of the file itself (OSError, SealedError) pass through.
    """
    # Each reader has a place of its own, and libav is handed the bytes only.
    file: Any = View(source)
    kind = recognise(file)
    file.seek(0)
    try:
        with av.open(file, "r", format=kind.container, metadata_errors="replace", io_open=_never_another_file,
                     buffer_size=_BUFFER, options=options) as container:
            pictures = _pictures(container)
            yield Opened(kind, container, pictures, _sound(container))
    except av.error.FFmpegError:
        raise FilmError(DAMAGED) from None


def packets(film: Opened, *streams: VideoStream | AudioStream | None) -> Iterator[Packet[Any]]:
    """The packets of streams with something in them, as far as the file goes: damage ends them."""
    demuxed = film.container.demux([stream for stream in streams if stream is not None])
    while True:
        try:
            packet = next(demuxed, None)
        except av.error.FFmpegError:
            packet = None
        if packet is None or (packet.dts is None and packet.size == 0):
            return
        yield packet


def decoded(film: Opened, stream: VideoStream | AudioStream) -> Iterator[Any]:
    """The frames of a stream, in the order in which they show; a packet that cannot be read is left out."""
    for packet in packets(film, stream):
        with suppress(av.error.InvalidDataError):
            yield from packet.decode()
    with suppress(av.error.FFmpegError):
        yield from stream.codec_context.decode(None)


def name_of(stream: VideoStream | AudioStream) -> str:
    """The codec's own name, whichever decoder reads it."""
    return stream.codec_context.codec.canonical_name


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
    if width * height > MOST_DOTS:
        raise FilmError(f"The film's pictures are {width} by {height} dots; please film in 4K (3840 by 2160) or less.")
    if name_of(stream) not in PICTURES:
        raise FilmError(f"The film's pictures are coded as {name_of(stream)}, which is not read here; "
                        "please use H.264, HEVC, VP9 or AV1, which phones and cameras write.")
    stream.codec_context.options = {"max_pixels": str(MOST_DOTS)}
    stream.codec_context.thread_count = 1
    return stream


def _sound(container: InputContainer) -> AudioStream | None:
    """The first sound that we read; phones add tracks that nobody does."""
    for stream in container.streams.audio:
        if stream.codec_context is not None and name_of(stream) in SOUNDS:
            stream.codec_context.thread_count = 1
            return stream
    return None
