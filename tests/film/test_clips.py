"""Clips are whole frames inside the film; frame to time and back is exact."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attunement.film import Clip, FilmError, frame_at, middle_of, time_of

RATES = st.sampled_from([Fraction(30), Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60)])


@given(st.integers(0, 500_000), RATES)
def test_frame_to_time_and_back(frame, rate):
    assert frame_at(time_of(frame, rate), rate) == frame
    assert frame_at(float(middle_of(frame, rate)), rate) == frame
    assert frame_at(round(float(time_of(frame, rate)), 6), rate) == frame


def test_a_clip_shows_both_its_ends():
    clip = Clip(105, 313)
    assert clip.pictures == 209
    assert clip.seconds(Fraction(30)) == Fraction(209, 30)
    assert Clip(7, 7).pictures == 1


def test_a_clip_lies_inside_its_film():
    assert Clip(0, 59).within(60) == Clip(0, 59)
    with pytest.raises(FilmError, match="last picture is frame 59"):
        Clip(0, 60).within(60)


@pytest.mark.parametrize(("first", "last"), [(5, 4), (-1, 4), (1.5, 4), ("1", 4), (True, 4), (0, None)])
def test_a_range_that_is_none_is_refused(first, last):
    with pytest.raises(FilmError):
        Clip(first, last)


@pytest.mark.parametrize("seconds", [-0.1, float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(seconds):
    with pytest.raises(FilmError):
        frame_at(seconds, Fraction(30))


def test_a_film_without_a_rate_has_no_frames_to_find():
    with pytest.raises(FilmError):
        time_of(3, Fraction(0))
