"""Films: what an export, a working copy and a seal cost, in CPU seconds, beside encoding all and beside named peers."""

from __future__ import annotations

import io
import os
import random
import resource
import shutil
import tempfile
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
import numpy as np
from rich.table import Table

from attunement.film import Part, cut, look, prepare, reel
from attunement.film.sealed import CHUNK, HEADER, STRIDE, cipher_of, nonce_of, open_sealed, seal
from benches import film_peers
from tests.film import films

SECONDS, CLIP = 12, 210
KEY = bytes(32)
SEALED_BYTES = 64 << 20


def cpu(work: Callable[[], object], times: int = 1) -> float:
    """The least CPU seconds (user and system, children included) of `work`."""
    return min(_once(work) for _ in range(times))


def _once(work: Callable[[], object]) -> float:
    before = _spent()
    work()
    return _spent() - before


def _spent() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def heavy_film(path: Path) -> None:
    """Full HD at thirty pictures and some fourteen megabits a second, with strong noise: near the worst case."""
    dice = np.random.default_rng(0)
    noise = [dice.normal(0, 9, (1080, 1920)).astype(np.int16) for _ in range(7)]
    ground = np.tile(np.linspace(40, 200, 1920).astype(np.int16), (1080, 1))
    with av.open(str(path), "w") as out:
        pictures = out.add_stream("libx264", rate=30, options={"preset": "ultrafast", "maxrate": "16M", "bufsize": "16M"})
        pictures.width, pictures.height, pictures.pix_fmt, pictures.gop_size = 1920, 1080, "yuv420p", 30
        pictures.bit_rate = 14_000_000
        sounds = out.add_stream("aac", rate=48_000, layout="stereo", bit_rate=128_000)
        for number in range(SECONDS * 30):
            picture = np.full((1620, 1920), 128, np.uint8)
            picture[:1080] = np.clip(np.roll(ground, 3 * number, 1) + np.roll(noise[number % 7], 13 * number, 0), 16, 235)
            frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            out.mux(pictures.encode(frame))
            voice = films.signal(SECONDS, 48_000)[1600 * number : 1600 * (number + 1)]
            sound = av.AudioFrame.from_ndarray(np.stack([voice, voice]), "fltp", "stereo")
            sound.sample_rate, sound.pts, sound.time_base = 48_000, 1600 * number, Fraction(1, 48_000)
            out.mux(sounds.encode(sound))
        out.mux(pictures.encode(None))
        out.mux(sounds.encode(None))


def bench(shown: Table) -> None:
    folder = Path(tempfile.mkdtemp(prefix="attunement-films-"))
    try:
        heavy_film(folder / "heavy.mp4")
        _copies(shown, folder)
        _exports(shown, folder)
        _seals(shown, folder)
        _decoding(shown, folder)
        film_peers.rows(shown)
    finally:
        shutil.rmtree(folder)


def _copies(shown: Table, folder: Path) -> None:
    cost = cpu(lambda: prepare(folder / "heavy.mp4", folder / "copy.mp4")) / SECONDS
    shown.add_row("Working copy of 1080p30 with noise, CPU s a film second", f"{cost:.2f}", "≤ 0.8")
    cost = cpu(lambda: look(folder / "heavy.mp4"), 2) / SECONDS
    shown.add_row("Look data of the same, CPU s a film second", f"{cost:.3f}", "≤ 0.05")


def encode_all(source: Path, first: int, last: int) -> None:
    """The pictures and sound of a clip, decoded from the key picture before it and encoded again with x264 veryfast."""
    with av.open(str(source)) as film, av.open(io.BytesIO(), "w", format="mp4") as out:
        made = out.add_stream("libx264", rate=30, options={"preset": "veryfast"})
        made.width, made.height, made.pix_fmt = film.streams.video[0].width, film.streams.video[0].height, "yuv420p"
        voice = out.add_stream("aac", rate=48_000, layout="stereo", bit_rate=128_000)
        film.seek(int(first / 30 * av.time_base))
        for frame in film.decode(video=0):
            if first <= (number := round(frame.time * 30)):
                if number > last:
                    break
                frame.pts, frame.time_base, frame.pict_type = number - first, Fraction(1, 30), 0
                out.mux(made.encode(frame))
        film.seek(int(first / 30 * av.time_base))
        for frame in film.decode(audio=0):
            if first / 30 <= frame.time <= (last + 1) / 30:
                out.mux(voice.encode(frame))
        out.mux(made.encode(None))
        out.mux(voice.encode(None))


def _exports(shown: Table, folder: Path) -> None:
    copy = folder / "copy.mp4"
    cut(copy, folder / "warm.mp4", first=20, last=40)
    marks = [(first, first + CLIP - 1) for first in (7, 31, 62, 93, 109, 135)]
    whole = [cpu(lambda m=m: encode_all(copy, *m)) for m in marks]
    ours = [cpu(lambda m=m, n=n: cut(copy, folder / f"{n}.mp4", first=m[0], last=m[1]), 2) for n, m in enumerate(marks)]
    ratios = [a / b for a, b in zip(ours, whole, strict=True)]
    mean = sum(ours) / sum(whole)
    shown.add_row("Export of 7 s / encoding all, mean of six, head 0 to 14 pictures", f"{mean:.3f}", "≤ 0.15")
    shown.add_row("… the dearest of the six", f"{max(ratios):.3f} ({max(ours):.2f} of {max(whole):.2f} s)", "≤ 0.15")
    clips = [Part(folder / f"{number}.mp4", 0, CLIP - 1) for number in range(len(marks))]
    cost = cpu(lambda: reel(clips, folder / "reel.mp4"), 2)
    measured = f"{cost / sum(whole):.3f} ({cost:.2f} of {sum(whole):.1f} s)"
    shown.add_row("Reel of six exported clips / encoding all", measured, "≤ 0.02")
    cost = cpu(lambda: reel([Part(copy, *m) for m in marks], folder / "reel.mp4"))
    shown.add_row("… straight from the working copy, heads encoded", f"{cost / sum(whole):.3f}", "")


def bare(path: Path, places: list[int]) -> None:
    """The least that opening chunks can cost: readinto and decrypt_into, with two buffers."""
    with open(path, "rb", buffering=0) as file:
        header = file.read(HEADER)
        cipher = cipher_of(KEY, header)
        sealed, plain = memoryview(bytearray(STRIDE)), memoryview(bytearray(CHUNK))
        last = (os.fstat(file.fileno()).st_size - HEADER) // STRIDE - 1
        for index in places:
            if file.tell() != HEADER + index * STRIDE:
                file.seek(HEADER + index * STRIDE)
            file.readinto(sealed)
            cipher.decrypt_into(nonce_of(index, index == last), sealed, header, plain)


def through(path: Path, starts: list[int], length: int) -> None:
    buffer = bytearray(CHUNK)
    with open_sealed(path, key=KEY) as file:
        for start in starts:
            file.seek(start)
            for _ in range(length // CHUNK):
                file.readinto(buffer)


def unsealed(path: Path) -> None:
    buffer = bytearray(CHUNK)
    with open(path, "rb", buffering=0) as file:
        while file.readinto(buffer):
            pass


def _seals(shown: Table, folder: Path) -> None:
    (folder / "plain").write_bytes(random.Random(1).randbytes(SEALED_BYTES))
    with open(folder / "plain", "rb") as plain, open(folder / "sealed", "wb") as target:
        seal(plain, target, key=KEY)
    chunks = SEALED_BYTES // CHUNK
    loop = cpu(lambda: bare(folder / "sealed", list(range(chunks))), 5)
    ours = cpu(lambda: through(folder / "sealed", [0], SEALED_BYTES), 5)
    clear = cpu(lambda: unsealed(folder / "plain"), 5)
    shown.add_row("Sealed, read in order: speed to a bare loop of readinto + decrypt_into", f"{loop / ours:.2f}", "≥ 0.6")
    shown.add_row("… its speed to reading a plain file", f"{clear / ours:.2f}", "")
    # A range starts where it likes, so it needs a chunk more than its length.
    starts = [CHUNK * place for place in random.Random(2).sample(range(chunks - 16), 200)]
    pieces = [start // CHUNK + n for start in starts for n in range(16)]
    loop = cpu(lambda: bare(folder / "sealed", pieces), 3)
    ours = cpu(lambda: through(folder / "sealed", starts, 1 << 20), 3)
    shown.add_row("Sealed, 200 ranges of 1 MiB at chunks' starts: speed to the bare loop", f"{loop / ours:.2f}", "≥ 0.6")
    ours = cpu(lambda: through(folder / "sealed", [start + 1000 for start in starts[:-1]], 1 << 20), 3)
    shown.add_row("… at any place", f"{loop / ours:.2f}", "≥ 0.6")


def _decode(opening: Callable[[], Any]) -> None:
    with opening() as file, av.open(file) as film:
        film.streams.video[0].thread_count = 1
        for number, _frame in enumerate(film.decode(video=0)):
            if number == 300:
                break


def _decoding(shown: Table, folder: Path) -> None:
    with open(folder / "copy.mp4", "rb") as plain, open(folder / "copy.sealed", "wb") as target:
        seal(plain, target, key=KEY)
    plain = cpu(lambda: _decode(partial((folder / "copy.mp4").open, "rb")), 3)
    ours = cpu(lambda: _decode(lambda: open_sealed(folder / "copy.sealed", key=KEY)), 3)
    shown.add_row("Decoding 300 pictures, sealed / plain", f"{ours / plain:.2f}", "≤ 1.1")

