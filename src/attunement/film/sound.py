"""A film's sound as a working copy has it: 48,000 samples a second from the same start as its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from attunement.film.clips import SAMPLES, SOUND_RATE
from attunement.film.opening import Opened, decoded

Samples = npt.NDArray[np.float32]
# Times in a film are rounded, so a shift is one only from here on: 10 ms.
_SHIFT = 0.01
_PRE_ROLL = Fraction(1, 5)
_BLOCK = SOUND_RATE // 5
_STEPS = np.float32(32767)
_RATES = range(4_000, 384_001)


def layout_of(film: Opened) -> str:
    """"mono" for one channel, otherwise "stereo"."""
    return "mono" if film.sound is not None and film.sound.codec_context.channels == 1 else "stereo"


def heard(film: Opened, start: Fraction, layout: str, first: int, last: int) -> Iterator[Samples]:
    """The sound of frames `first`..`last`: pieces of shape (channels, samples), 1600 samples a frame in all.

    `start` is the film's time of frame 0. Silence wherever the film has no sound.
    """
    channels = 1 if layout == "mono" else 2
    held, size = [], 0
    for piece in _seamless(film, start, channels, first * SAMPLES, (last + 1) * SAMPLES):
        held.append(piece)
        size += piece.shape[1]
        if size >= _BLOCK:
            yield _sane(np.concatenate(held, 1))
            held, size = [], 0
    if held:
        yield _sane(np.concatenate(held, 1))


def _sane(block: Samples) -> Samples:
    if not np.isfinite(block).all():
        block = np.nan_to_num(block, nan=0, posinf=0, neginf=0)
    # Sixteen bits, as microphones give: a sound purer than that makes the coder search three times as long.
    return np.asarray(np.rint(np.clip(block, -1, 1) * _STEPS) / _STEPS, np.float32)


def _seamless(film: Opened, start: Fraction, channels: int, at: int, end: int) -> Iterator[Samples]:
    """Samples `at` to `end`, with silence for what is missing."""
    for place, piece in _pieces(film, start, Fraction(at, SOUND_RATE)):
        if place >= end:
            break
        if place > at:
            yield from _silence(place - at, channels)
            at = place
        piece = _spread(piece[:, max(0, at - place) : end - place], channels)
        if piece.shape[1]:
            yield piece
            at += piece.shape[1]
        if at >= end:
            return
    yield from _silence(end - at, channels)


def _silence(samples: int, channels: int) -> Iterator[Samples]:
    for begin in range(0, samples, SOUND_RATE):
        yield np.zeros((channels, min(SOUND_RATE, samples - begin)), np.float32)


def _spread(piece: Samples, channels: int) -> Samples:
    """One channel as two, or two as their mean, so that nothing gets louder."""
    if len(piece) == channels:
        return piece
    return np.repeat(piece, 2, 0) if channels == 2 else piece.mean(0, keepdims=True)


def _pieces(film: Opened, start: Fraction, wanted: Fraction) -> Iterator[tuple[int, Samples]]:
    """Decoded sound with the sample of the working copy at which it lies; what follows on lies end to end."""
    resampler: AudioResampler | None = None
    place, expected, unit, zero = 0, 0.0, float(_unit(film)), float(start)
    for frame in _frames(film, start + wanted):
        time = (frame.pts or 0) * unit - zero
        if resampler is None or abs(time - expected) > _SHIFT:
            for made in resampler.resample(None) if resampler else ():
                yield place, _array(made)
            resampler = AudioResampler("fltp", layout_of(film), SOUND_RATE)
            place, expected = round(time * SOUND_RATE), time
        expected += frame.samples / frame.sample_rate
        frame.pts = None
        for made in resampler.resample(frame):
            yield place, _array(made)
            place += made.samples
    for made in resampler.resample(None) if resampler else ():
        yield place, _array(made)
        place += made.samples


def _array(made: AudioFrame) -> Samples:
    """The samples of a frame of planar floats, which is what every resampler here makes: (channels, samples)."""
    return np.array([np.frombuffer(memoryview(plane), np.float32, made.samples) for plane in made.planes])


def _unit(film: Opened) -> Fraction:
    return (film.sound.time_base if film.sound else None) or Fraction(1, SOUND_RATE)


def _frames(film: Opened, wanted: Fraction) -> Iterator[AudioFrame]:
    """Decoded sound from a little before the second `wanted` of the film: a codec needs what came before."""
    if film.sound is None:
        return
    try:
        film.container.seek(max(0, int((wanted - _PRE_ROLL) / _unit(film))), stream=film.sound)
    except av.error.FFmpegError:
        film.container.seek(0)
    for frame in decoded(film, film.sound):
        if frame.pts is not None and frame.samples and frame.sample_rate in _RATES:
            yield frame
