"""Made-up films for rehearsals and tests: real H.264 MP4 files whose every picture carries its own number."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, BinaryIO

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from attunement.film.clips import RATE, SOUND_RATE
from attunement.film.errors import FilmError

_BITS = 16
_SMALLEST = 64
_BLACK, _WHITE = 16, 235
_SYLLABLES, _HARMONICS = 4, 10


def make_film(
    target: BinaryIO,
    *,
    seconds: float,
    seed: int,
    width: int = 320,
    height: int = 240,
    sound: bool = True,
    index_first: bool = True,
) -> int:
    """Write an MP4 (H.264 at 30 pictures a second, a key picture each 15, AAC) to the seekable file `target`.

    Two shapes wander over a grey ground, two voices that say nothing take turns, and the frame number stands in the
    picture as blocks (see `read_number`). The same arguments give the same bytes. Returns the number of pictures;
    FilmError for sizes that cannot be made.
    """
    frames = round(seconds * RATE)
    if not 0 < frames < 1 << _BITS or width % 2 or height % 2 or min(width, height) < _SMALLEST:
        raise FilmError(f"A made-up film needs even sides from {_SMALLEST} dots and 1 to {(1 << _BITS) - 1} pictures.")
    # Room kept at the start for the index, which is written last.
    room = {"moov_size": str(8192 + 64 * frames)} if index_first else {}
    with av.open(target, "w", format="mp4", options={"fflags": "+bitexact", **room}) as container:
        pictures = _picture_stream(container, width, height)
        sounds = _sound_stream(container) if sound else None
        planes = _drawing(frames, seed, width, height)
        for number in range(frames):
            frame = VideoFrame.from_ndarray(next(planes), format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(pictures.encode(frame))
            if sounds and number % RATE == 0:
                container.mux(sounds.encode(_sound(number // RATE, min(RATE, frames - number), seed)))
        container.mux(pictures.encode(None))
        if sounds:
            container.mux(sounds.encode(None))
    return frames


def read_number(luma: npt.NDArray[np.uint8]) -> int:
    """The number burnt into a picture: `luma` is its grey plane, shape (height, width), at the size it was made in.

    A second row repeats the blocks inverted; FilmError when the rows do not agree (another or a spoilt picture).
    """
    block = _block(luma.shape[1])
    rows = luma[: 2 * block, : _BITS * block].reshape(2, block, _BITS, block).mean(axis=(1, 3)) > (_BLACK + _WHITE) / 2
    if not np.array_equal(rows[0], ~rows[1]):
        raise FilmError("This picture carries no readable number.")
    return int(np.packbits(rows[0]).view(">u2")[0])


def _block(width: int) -> int:
    return max(4, width // 40)


def _picture_stream(container: Any, width: int, height: int) -> VideoStream:
    options = {"preset": "ultrafast", "crf": "26", "sc_threshold": "0", "bf": "0"}
    stream: VideoStream = container.add_stream("libx264", rate=RATE, options=options)
    stream.width, stream.height, stream.pix_fmt, stream.gop_size = width, height, "yuv420p", 15
    stream.codec_context.thread_count = 1
    return stream


def _sound_stream(container: Any) -> AudioStream:
    stream: AudioStream = container.add_stream("aac", rate=SOUND_RATE, layout="mono", bit_rate=48_000)
    stream.codec_context.thread_count = 1
    return stream


def _drawing(frames: int, seed: int, width: int, height: int) -> Iterator[npt.NDArray[np.uint8]]:
    """One YUV 4:2:0 picture after another, shape (height * 3 / 2, width); the array is reused."""
    random = np.random.default_rng(seed)
    ground = np.full((height * 3 // 2, width), 128, np.uint8)
    ground[:height] = np.linspace(60, 140, width, dtype=np.uint8)
    side, block = height // 5, _block(width)
    starts, paces = random.uniform(0, 6.28, (2, 2)), random.uniform(0.02, 0.06, (2, 2))
    room = np.array([height - side - 2 * block, width - side])
    shades = random.integers(150, 230, 2)
    for number in range(frames):
        picture = ground.copy()
        for start, pace, shade in zip(starts, paces, shades, strict=True):
            top, left = ((np.sin(start + pace * number) + 1) / 2 * room).astype(int)
            picture[2 * block :][top : top + side, left : left + side] = shade
        bits = np.unpackbits(np.array([number], ">u2").view(np.uint8))
        rows = np.where(np.stack([bits, 1 - bits]), _WHITE, _BLACK).astype(np.uint8)
        picture[: 2 * block, : _BITS * block] = rows.repeat(block, 0).repeat(block, 1)
        yield picture


def _sound(second: int, frames: int, seed: int) -> AudioFrame:
    """Speech-like sound for `frames` pictures of one second: a voice of syllables and pauses, low and high by turns.

    Harmonics of a falling pitch, weighted by two resonances that change with each syllable, as vowels have them
    (source and filter; Fant, 1960). It says nothing.
    """
    random = np.random.default_rng([seed, second])
    at = np.arange(frames * SOUND_RATE // RATE) / SOUND_RATE
    pitch = (130, 240)[(seed + second // 2) % 2] * random.uniform(0.95, 1.05)
    phase = 2 * np.pi * pitch * (at - 0.08 * at**2)
    sound = np.zeros(len(at), np.float32)
    for syllable in range(_SYLLABLES):
        inside = (at * _SYLLABLES).astype(int) == syllable
        loudness = np.sin(np.pi * ((at[inside] * _SYLLABLES) % 1)) ** 2 * (0 if random.random() < 0.25 else 1)
        resonances = random.uniform((300, 900), (800, 2300))
        for harmonic in range(1, _HARMONICS + 1):
            weight = np.exp(-(((pitch * harmonic - resonances) / 250) ** 2)).sum() / harmonic**0.5
            sound[inside] += (weight * loudness * np.sin(harmonic * phase[inside])).astype(np.float32)
    frame = AudioFrame.from_ndarray((0.12 * sound)[None], "fltp", "mono")
    frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, second * SOUND_RATE, Fraction(1, SOUND_RATE)
    return frame
