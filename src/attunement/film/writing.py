"""Writing films of the one kind that a working copy is: what is fixed about it stands here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import BinaryIO

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import OutputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from attunement.film.clips import RATE, SAMPLES, SOUND_RATE
from attunement.film.pictures import Colours, Shape
from attunement.film.sealing import Sealing
from attunement.film.sound import Samples

GOP = 15
# No B-pictures and no keys out of turn: a cut's tail never needs encoding again. `stitchable` keeps the parameter sets
# free of the rate control, so that a new head fits an old tail.
_SETTINGS = {"preset": "veryfast", "crf": "23", "sc_threshold": "0", "bf": "0",
             "x264-params": "stitchable=1:open-gop=0:scenecut=0"}
# The usual search for the best coding of sound costs three times as much, and at these rates gains nothing.
_SOUND_SETTINGS = {"aac_coder": "fast", "aac_is": "0", "aac_ms": "0", "aac_tns": "0"}
_BIT_RATE = {"mono": 96_000, "stereo": 128_000}
# Room kept for the index before the film, in bytes; what is not needed stays empty.
_INDEX, _INDEX_A_FRAME = 16_384, 96


@contextmanager
def new_film(target: BinaryIO | Sealing, frames: int) -> Iterator[OutputContainer]:
    """An MP4 of at most `frames` frames, its index first, without a word on where it comes from."""
    room = _INDEX + _INDEX_A_FRAME * frames
    if isinstance(target, Sealing):
        target.reserve(room + _INDEX)
    options = {"fflags": "+bitexact", "moov_size": str(room), "movflags": "+disable_chpl"}
    with av.open(target, "w", format="mp4", options=options) as container:
        yield container


def _set_up(context: VideoCodecContext, shape: Shape, like: Colours | VideoCodecContext) -> None:
    context.width, context.height, context.pix_fmt = shape.width, shape.height, "yuv420p"
    context.gop_size, context.max_b_frames = GOP, 0
    context.color_range, context.colorspace = 1, like.colorspace
    context.color_primaries, context.color_trc = like.color_primaries, like.color_trc
    context.flags |= Flags.bitexact


def picture_stream(container: OutputContainer, shape: Shape, like: Colours) -> VideoStream:
    """The stream of a new film's pictures, with the colours of `like`."""
    stream = container.add_stream("libx264", rate=RATE, options=_SETTINGS)
    _set_up(stream.codec_context, shape, like)
    stream.codec_context.thread_count = min(4, os.cpu_count() or 1)
    return stream


def head_encoder(like: VideoCodecContext) -> VideoCodecContext:
    """An encoder on its own, with the settings of a working copy and the shape and colours of `like`."""
    context = av.CodecContext.create("libx264", "w")
    context.time_base, context.framerate, context.options = Fraction(1, RATE), Fraction(RATE), dict(_SETTINGS)
    _set_up(context, Shape(like.width, like.height), like)
    context.flags |= Flags.global_header
    context.thread_count = 1
    context.open()
    return context


def sound_stream(container: OutputContainer, layout: str) -> AudioStream:
    stream = container.add_stream("aac", rate=SOUND_RATE, layout=layout, bit_rate=_BIT_RATE[layout],
                                  options=_SOUND_SETTINGS)
    stream.codec_context.flags |= Flags.bitexact
    return stream


class Voice:
    """A new film's sound, encoded alongside its pictures so that a player finds both in one place."""

    def __init__(self, stream: AudioStream | None, pieces: Iterable[Samples], layout: str) -> None:
        self._stream, self._pieces, self._layout = stream, iter(pieces), layout
        self._at = 0
        self._left: Samples | None = None

    def up_to(self, frames: int) -> Iterator[Packet[AudioStream]]:
        """Packets of the sound of all frames before `frames`, as far as not given before."""
        while self._stream is not None and (wanted := frames * SAMPLES - self._at) > 0:
            piece = next(self._pieces, None) if self._left is None else self._left
            if piece is None:
                return
            self._left = piece[:, wanted:] if piece.shape[1] > wanted else None
            yield from self._stream.encode(self._frame(np.ascontiguousarray(piece[:, :wanted])))

    def _frame(self, piece: Samples) -> AudioFrame:
        frame = AudioFrame.from_ndarray(piece, "fltp", self._layout)
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, self._at, Fraction(1, SOUND_RATE)
        self._at += piece.shape[1]
        return frame

    def rest(self) -> Iterator[Packet[AudioStream]]:
        if self._stream is not None:
            yield from self._stream.encode(None)


def write(container: OutputContainer, stream: VideoStream, pictures: Iterable[VideoFrame], voice: Voice) -> int:
    """Encode `pictures` one frame each, and as much of `voice` as they last. Returns how many there were."""
    frames = 0
    for picture in pictures:
        picture.pts, picture.time_base = frames, Fraction(1, RATE)
        container.mux(stream.encode(picture))
        frames += 1
        if frames % RATE == 0:
            container.mux(list(voice.up_to(frames)))
    container.mux(stream.encode(None))
    container.mux([*voice.up_to(frames), *voice.rest()])
    return frames
