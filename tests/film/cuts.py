"""Random cuts of working copies made from films of every kind, each held against the copy itself."""

from __future__ import annotations

import io
import random
from functools import cache

import av
import numpy as np

from attunement.film import cut, prepare
from tests.film import films

NAMES = ("open_gop_2997", "hevc", "uneven", "turned_90", "late_sound")


@cache
def copy(name: str) -> bytes:
    target = io.BytesIO()
    prepare(io.BytesIO(films.made(name)), target)
    return target.getvalue()


@cache
def heard(name: str) -> np.ndarray:
    return films.sound(copy(name))


@cache
def shown(name: str) -> list[int]:
    return films.numbers(copy(name), films.KINDS[name].turn)


def marks(name: str, seed: int) -> tuple[int, int]:
    """A clip's frames: now and then one picture, the whole, or beside a key picture."""
    dice, frames = random.Random(seed), len(shown(name))
    key = 15 * dice.randrange(frames // 15)
    near = dice.choice([key - 1, key, key + 1])
    first, last = dice.choice([(0, frames - 1), (near, near), (near, frames - 1), (0, near),
                               *[tuple(dice.randrange(frames) for _ in range(2)) for _ in range(12)]])
    first, last = sorted((max(0, first), max(0, last)))
    return first, last


def faults(name: str, first: int, last: int, content: bytes) -> list[str]:
    """What is wrong with a clip of `first`..`last`, read as by a program that ignores its edit list."""
    found, turn = [], films.KINDS[name].turn
    if films.numbers(content, turn) != shown(name)[first : last + 1]:
        found.append("its pictures")
    with av.open(io.BytesIO(content), options={"ignore_editlist": "1"}) as film:
        sizes: dict[str, list[int]] = {"video": [], "audio": []}
        for packet in film.demux():
            if packet.size:
                sizes[packet.stream.type].append(packet.size)
        if len(sizes["video"]) != last - first + 1:
            found.append("how many packets it has")
    if sum(map(sum, sizes.values())) != _held(content):
        found.append("bytes that no packet claims")
    if sizes["audio"]:
        found += _sound_faults(heard(name)[1600 * first : 1600 * (last + 1)], films.sound(content))
    return found


def _sound_faults(expected: np.ndarray, got: np.ndarray) -> list[str]:
    length = len(expected)
    if not 0 <= len(got) - length < 1024:
        return ["how long its sound is"]
    if length > 8000 and np.abs(expected).mean() > 0.01 and films.delay(got[:length], expected) != 0:
        return ["when its sound comes"]
    # What lies outside the marks is as loud as what lies inside; past the end there must be nothing like it.
    return ["its sound's end"] if np.abs(got[length + 256 :]).max(initial=0) > 0.1 else []


def _held(content: bytes) -> int:
    at, held = 0, 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        held += length - 8 if content[at + 4 : at + 8] == b"mdat" else 0
        at += length
    return held


def tried(number: int) -> str:
    """Make random cut `number` and say what is wrong with it; empty when nothing is."""
    name = NAMES[number % len(NAMES)]
    first, last = marks(name, number)
    target = io.BytesIO()
    done = cut(io.BytesIO(copy(name)), target, first=first, last=last)
    wrong = faults(name, first, last, target.getvalue())
    if done.doubt is not None or done.copied + done.encoded != last - first + 1 or done.encoded > 14:
        wrong.append(f"how it was made ({done})")
    return f"{name} {first}-{last}: {', '.join(wrong)}" if wrong else ""
