"""Films that check themselves: every picture carries its number, and the sound never repeats."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

import av
import numpy as np

from attunement.film.made_up import read_number

SIZE = (192, 144)
BLOCK = 4
BITS = 16


@dataclass(frozen=True)
class Kind:
    """How a film is made. `times` when its pictures show, in seconds; `turn` clockwise; `late` seconds of its sound."""

    video: str = "libx264"
    container: str = "mp4"
    rate: Fraction = Fraction(30)
    seconds: float = 3
    times: tuple[Fraction, ...] = ()
    turn: int = 0
    audio: str | None = "aac"
    sound_rate: int = 48_000
    layout: str = "stereo"
    late: Fraction = Fraction(0)
    pix_fmt: str = "yuv420p"
    options: dict = field(default_factory=dict, hash=False)
    muxing: dict = field(default_factory=dict, hash=False)
    hdr: bool = False
    flat: int = 0

    def shows(self) -> list[Fraction]:
        return list(self.times) or [k / self.rate for k in range(round(self.seconds * self.rate))]


def _uneven(seed: int, seconds: float) -> tuple[Fraction, ...]:
    """Times as of a phone: about thirty a second, now and then slower, and twice a hole."""
    random = np.random.default_rng(seed)
    gaps = random.choice([33, 33, 33, 34, 40, 50, 66], 500)
    gaps[20], gaps[40] = 240, 400
    times = np.cumsum(gaps) - gaps[0]
    return tuple(Fraction(int(t), 1000) for t in times if t < seconds * 1000)


KINDS = {
    "plain": Kind(),
    "open_gop_2997": Kind(rate=Fraction(30000, 1001), options={"bf": "3", "x264-params": "open-gop=1:keyint=24"}),
    "b_frames_25": Kind(rate=Fraction(25), container="mov", options={"bf": "2", "g": "12"}, layout="mono"),
    "hevc": Kind("libx265", options={"x265-params": "log-level=none:keyint=20:open-gop=1:bframes=3"}),
    "uneven": Kind(times=_uneven(1, 3)),
    "uneven_mkv": Kind(times=_uneven(2, 3), container="matroska", options={"bf": "2"}),
    "turned_90": Kind(turn=90),
    "turned_180": Kind(turn=180, audio=None),
    "turned_270": Kind(turn=270, options={"bf": "2"}),
    "late_sound": Kind(late=Fraction(17, 10), seconds=4),
    "silent": Kind(audio=None),
    "mono_16k": Kind(sound_rate=16_000, layout="mono"),
    "ten_bit": Kind("libx265", pix_fmt="yuv420p10le", hdr=True, options={"x265-params": "log-level=none:keyint=30"}),
    "sixty": Kind(rate=Fraction(60), seconds=2),
    "vp9": Kind("libvpx-vp9", "webm", audio="libopus", seconds=2, options={"deadline": "realtime", "cpu-used": "8"}),
    "av1": Kind("libsvtav1", "matroska", audio="libopus", seconds=2, options={"preset": "12", "svtav1-params": "lp=1"}),
    "fragments": Kind(muxing={"movflags": "frag_keyframe+delay_moov+default_base_moof"}, options={"g": "15"}),
    "mkv_aac": Kind(container="matroska"),
}


def picture(number: int) -> np.ndarray:
    """A YUV 4:2:0 picture with its number burnt in and a ground of its own, shape (216, 192)."""
    width, height = SIZE
    made = np.full((height * 3 // 2, width), 128, np.uint8)
    made[:height] = (np.linspace(60, 180, width) + 25 * np.sin(number / 3)).astype(np.uint8)
    made[60:100, (number * 3) % 140 : (number * 3) % 140 + 40] = 60 + number * 37 % 150
    bits = np.unpackbits(np.array([number], ">u2").view(np.uint8))
    rows = np.where(np.stack([bits, 1 - bits]), 235, 16).astype(np.uint8)
    made[: 2 * BLOCK, : BITS * BLOCK] = rows.repeat(BLOCK, 0).repeat(BLOCK, 1)
    return made


@cache
def signal(seconds: int, rate: int) -> np.ndarray:
    """Sound that is like itself nowhere else: a chord that changes every 50 ms. One channel, from -0.3 to 0.3."""
    random = np.random.default_rng(9)
    at = np.arange(seconds * rate) / rate
    pitches = random.uniform(200, 3000, (seconds * 20, 3))[np.minimum((at * 20).astype(int), seconds * 20 - 1)]
    return (0.1 * np.sin(2 * np.pi * np.cumsum(pitches, 0) / rate).sum(1)).astype(np.float32)


@cache
def made(name: str) -> bytes:
    """The film of that name in KINDS."""
    return make(KINDS[name])


def make(kind: Kind) -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format=kind.container, options=dict(kind.muxing)) as out:
        options = {"threads": "1", "preset": "ultrafast", **kind.options}
        pictures = out.add_stream(kind.video, rate=kind.rate, options=options)
        pictures.width, pictures.height, pictures.pix_fmt = *SIZE, kind.pix_fmt
        unit = Fraction(1, 1000) if kind.times else 1 / kind.rate
        pictures.codec_context.time_base = unit
        if kind.turn:
            pictures.set_display_rotation(-kind.turn)
        if kind.hdr:
            context = pictures.codec_context
            context.color_trc, context.color_primaries, context.colorspace, context.color_range = 18, 9, 9, 1
        sounds = out.add_stream(kind.audio, rate=kind.sound_rate, layout=kind.layout) if kind.audio else None
        if sounds and kind.audio == "libopus":
            sounds.codec_context.sample_rate = 48_000
        for number, time in enumerate(kind.shows()):
            frame = av.VideoFrame.from_ndarray(picture(number), "yuv420p")
            if kind.pix_fmt != "yuv420p":
                frame = frame.reformat(format=kind.pix_fmt)
            if kind.flat:
                for plane, level in zip(frame.planes, (kind.flat, 512, 512), strict=True):
                    plane.update(np.full(plane.buffer_size // 2, level, np.uint16).tobytes())
            frame.pts, frame.time_base = round(time / unit), unit
            out.mux(pictures.encode(frame))
        if sounds:
            _put_sound(out, sounds, kind)
        out.mux(pictures.encode(None))
        if sounds:
            out.mux(sounds.encode(None))
    return target.getvalue()


def _put_sound(out, sounds, kind: Kind) -> None:
    end = int(kind.shows()[-1] + 1 / kind.rate)
    heard = signal(10, kind.sound_rate)
    for at in range(round(kind.late * kind.sound_rate), end * kind.sound_rate, kind.sound_rate // 10):
        piece = heard[at : at + kind.sound_rate // 10]
        channels = 1 if kind.layout == "mono" else 2
        frame = av.AudioFrame.from_ndarray(np.stack([piece] * channels), "fltp", kind.layout)
        frame.sample_rate, frame.pts, frame.time_base = kind.sound_rate, at, Fraction(1, kind.sound_rate)
        out.mux(sounds.encode(frame))


def numbers(content: bytes, turn: int = 0, **options: str) -> list[int]:
    """The numbers of all pictures in a film, as a player that ignores edit lists would show them."""
    with av.open(io.BytesIO(content), options={"ignore_editlist": "1", **options}) as film:
        return [read_number(np.rot90(grey(frame), turn // 90).copy()) for frame in film.decode(video=0)]


def grey(frame: av.VideoFrame) -> np.ndarray:
    plane = frame.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def sound(content: bytes) -> np.ndarray:
    """One channel of a film's sound from its start, at 48,000 samples a second."""
    with av.open(io.BytesIO(content)) as film:
        pieces = [frame.to_ndarray()[0] for frame in film.decode(audio=0)]
    return np.concatenate(pieces)


def delay(heard: np.ndarray, expected: np.ndarray, most: int = 4000) -> int:
    """By how many samples `heard` comes after `expected`, by cross-correlation."""
    length = min(len(heard), len(expected))
    a, b = heard[:length].astype(np.float64), expected[:length].astype(np.float64)
    size = 1 << (2 * length - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    lags = np.concatenate([product[-most:], product[: most + 1]])
    return int(lags.argmax()) - most
