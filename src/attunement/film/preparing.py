"""The working copy: one kind of film made from any, in which frame n shows from n/30 s exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import floor

import numpy as np
import numpy.typing as npt

from attunement.film.clips import RATE, Clip
from attunement.film.files import Target, landing
from attunement.film.opening import Source, reading
from attunement.film.sections import Section, Surveyed, encode, surveyed
from attunement.film.surveying import EARLY


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a working copy holds, and where the original's pictures are in it.

    `frames` thirty a second; `width`, `height` upright; `sound` whether it has any; `start` the original's second that
    is 0 here; `times` when the original's pictures show, in its own seconds, and `shown_from` the frame here from which
    each does, both of shape (pictures,), rising; `notes` sentences on what of the film could not be used.
    """

    frames: int
    width: int
    height: int
    sound: bool
    start: float
    times: npt.NDArray[np.float64]
    shown_from: npt.NDArray[np.int64]
    notes: tuple[str, ...]

    @property
    def seconds(self) -> float:
        return self.frames / RATE

    def frame_at(self, seconds: float) -> int:
        """The frame that shows what the original shows at `seconds` of its own time; the nearest outside it."""
        picture = max(0, int(np.searchsorted(self.times, seconds, side="right")) - 1)
        frame = floor((seconds - self.start + float(EARLY)) * RATE)
        return min(max(frame, int(self.shown_from[picture])), self.frames - 1)


def prepare(source: Source, target: Target, *, told: Callable[[float], None] | None = None) -> Prepared:
    """Write the working copy of the film `source` to `target`; each a path or an open binary file.

    H.264, 8 bit, shorter side at most 720 and upright, 30 pictures a second, a key picture each 15, no B-pictures,
    AAC at 48 kHz, no metadata. `told` hears now and then how much is done, from 0 to 1. FilmError, one sentence, when
    it is no film that can be used; then nothing is written.
    """
    with reading(source) as file:
        film = surveyed(file)
        with landing(target) as made:
            frames = encode([Section(film, Clip(0, film.frames - 1))], made, told)
        return _prepared(film, frames)


def _prepared(film: Surveyed, frames: int) -> Prepared:
    found = film.found
    lost = found.frames - frames
    notes = [*film.notes]
    if lost:
        notes.append(f"The last {lost / RATE:.1f} seconds of the film cannot be read and are left out.")
    return Prepared(
        frames=frames, width=film.shape.width, height=film.shape.height, sound=film.layout is not None,
        start=float(found.start), times=np.array([float(time) for time in found.times]),
        shown_from=np.array([found.shown_from(time) for time in found.times], np.int64), notes=tuple(notes),
    )
