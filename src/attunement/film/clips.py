"""A clip is `first`..`last`, both shown, counted in frames from 0; frame n of a film at `rate` starts at n/rate s."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor, isfinite

from attunement.film.errors import FilmError

# Every working copy: frame n shows from n/30 s, with the sound samples from 1600 n at 48 kHz.
RATE = 30
SOUND_RATE = 48_000
SAMPLES = SOUND_RATE // RATE
# Players report a picture's time rounded to a microsecond or a millisecond: just below n/rate still means frame n.
_SLACK = Fraction(1, 100)


def time_of(frame: int, rate: Fraction) -> Fraction:
    """The second at which `frame` begins to show, for `rate` frames a second."""
    return Fraction(frame) / _known(rate)


def middle_of(frame: int, rate: Fraction) -> Fraction:
    """The second half-way through `frame`: where a player is sent so that rounding cannot show its neighbour."""
    return Fraction(2 * frame + 1, 2) / _known(rate)


def frame_at(seconds: float | Fraction, rate: Fraction) -> int:
    """The frame that shows at `seconds` (>= 0) for `rate` frames a second; FilmError for a time that is none."""
    if not isfinite(seconds) or seconds < 0:
        raise FilmError("A time in a film must be a number of seconds from 0 upwards, for example 12.5.")
    return floor(Fraction(seconds) * _known(rate) + _SLACK)


def _known(rate: Fraction) -> Fraction:
    if rate <= 0:
        raise FilmError("The film has no known number of pictures a second.")
    return rate


@dataclass(frozen=True, slots=True)
class Clip:
    """Frames `first`..`last` of a film, both shown. FilmError when the range is empty or starts before the film."""

    first: int
    last: int

    def __post_init__(self) -> None:
        for frame in (self.first, self.last):
            if not isinstance(frame, int) or isinstance(frame, bool):
                raise FilmError("A clip is marked by whole frame numbers, for example 120 to 330.")
        if self.first < 0:
            raise FilmError("A clip cannot start before the film's first picture, which is frame 0.")
        if self.last < self.first:
            raise FilmError(f"The clip ends at frame {self.last}, before it starts at frame {self.first}.")

    @property
    def pictures(self) -> int:
        return self.last - self.first + 1

    def seconds(self, rate: Fraction) -> Fraction:
        """How long the clip shows at `rate` frames a second."""
        return time_of(self.pictures, rate)

    def within(self, frames: int) -> Clip:
        """This clip, if a film of `frames` pictures holds all of it; otherwise FilmError."""
        if self.last >= frames:
            raise FilmError(f"The clip ends at frame {self.last}, but the film's last picture is frame {frames - 1}.")
        return self
