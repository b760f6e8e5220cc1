"""When the pictures of a film show: measured by reading all its packets, so that no header is taken on trust."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from math import ceil, floor

from av.video.frame import VideoFrame

from attunement.film.clips import RATE
from attunement.film.errors import FilmError
from attunement.film.opening import Opened, decoded, packets

LONGEST_SECONDS = 4 * 3600
MOST_PICTURES = LONGEST_SECONDS * 240
_FIRST_FRAMES = 10
_FURTHEST_APART = 10
# A picture may be shown a quarter of a frame before its time, and so starts at most three quarters after it.
EARLY = Fraction(1, 4 * RATE)


@dataclass(frozen=True, slots=True)
class Survey:
    """What reading a whole film tells.

    `first` its first picture, decoded; `times` when pictures show, in seconds as the file counts them, rising;
    `sound_from` when its sound starts, None for a silent film.
    """

    first: VideoFrame
    times: tuple[Fraction, ...]
    sound_from: Fraction | None

    @property
    def gap(self) -> Fraction:
        """The mean time from picture to picture, in seconds."""
        return (self.times[-1] - self.times[0]) / (len(self.times) - 1)

    @property
    def seconds(self) -> Fraction:
        """From the first picture's start to the last one's end; that one is given the mean time of the others."""
        return self.times[-1] - self.times[0] + self.gap

    @property
    def steady(self) -> bool:
        """Whether pictures follow each other evenly, to within a container's rounding to a millisecond."""
        slack = max(Fraction(21, 10_000), self.gap / 20)
        return all(abs(after - before - self.gap) <= slack for before, after in pairwise(self.times))

    @property
    def start(self) -> Fraction:
        """The one second of the file that is 0 in a working copy: where the picture begins.

        Where sound begins before it, whole frames earlier, so that the first picture still falls on a frame.
        """
        picture = self.times[0]
        if self.sound_from is None or not picture - _FURTHEST_APART < self.sound_from < picture:
            return picture
        return picture - Fraction(floor((picture - self.sound_from) * RATE), RATE)

    @property
    def frames(self) -> int:
        """How many frames a working copy has."""
        return max(1, round((self.times[-1] + self.gap - self.start) * RATE))

    def shown_from(self, time: Fraction) -> int:
        """The first frame of a working copy that shows the picture of `time`, unless the next one comes before it."""
        return max(0, ceil((time - self.start - EARLY) * RATE))


def survey(film: Opened) -> Survey:
    """Read all packets of an open film. FilmError when no picture can be read, or they make no film."""
    first = next(decoded(film, film.pictures), None)
    if first is None:
        raise FilmError("No picture in this film can be read; please copy it from the camera again.")
    sound_from = _sound_from(film)
    film.container.seek(0)
    unit = film.pictures.time_base or Fraction(0)
    stamps = []
    for packet in packets(film, film.pictures):
        if packet.size and not packet.is_discard and packet.pts is not None:
            stamps.append(packet.pts)
        if len(stamps) > MOST_PICTURES:
            raise _too_long()
    stamps.sort()
    _must_be_a_film(stamps, unit)
    return Survey(first, tuple(stamp * unit for stamp in stamps), sound_from)



def _must_be_a_film(stamps: list[int], unit: Fraction) -> None:
    span = (stamps[-1] - stamps[0]) * unit if len(stamps) > 1 else Fraction(0)
    if span <= 0:
        raise FilmError("This file holds a single picture, not a film.")
    if span > LONGEST_SECONDS:
        raise _too_long()
    if span > len(stamps):
        raise FilmError("This film shows fewer than one picture a second, so it is damaged or no film of people; "
                        "please copy it from the camera again.")


def _too_long() -> FilmError:
    return FilmError(f"The film is longer than {LONGEST_SECONDS // 3600} hours; please choose a shorter one.")


def _sound_from(film: Opened) -> Fraction | None:
    if film.sound is None or film.sound.time_base is None:
        return None
    film.container.seek(0)
    for frame in islice(decoded(film, film.sound), _FIRST_FRAMES):
        if frame.pts is not None and frame.samples:
            return Fraction(frame.pts * film.sound.time_base)
    return None
