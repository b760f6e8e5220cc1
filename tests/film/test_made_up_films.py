"""Made-up films carry their own frame numbers, so that every later step can be checked against them."""

import io
import time

import av
import numpy as np
import pytest

from attunement.film import FilmError
from attunement.film.made_up import make_film, read_number


def made(**options):
    target = io.BytesIO()
    make_film(target, **options)
    return target.getvalue()


@pytest.mark.parametrize("size", [(320, 240), (64, 64), (200, 360)])
def test_every_picture_carries_its_number(size):
    width, height = size
    with av.open(io.BytesIO(made(seconds=3, seed=5, width=width, height=height))) as container:
        numbers = [read_number(f.to_ndarray()[:height]) for f in container.decode(video=0)]
    assert numbers == list(range(90))


def test_the_same_seed_gives_the_same_film_and_another_seed_another():
    assert made(seconds=1, seed=1) == made(seconds=1, seed=1) != made(seconds=1, seed=2)


def test_a_film_names_no_place_device_or_date():
    with av.open(io.BytesIO(made(seconds=1, seed=1))) as container:
        assert not {"creation_time", "location", "encoder", "comment"} & set(container.metadata)


def test_four_seconds_are_made_within_a_third_of_a_cpu_second():
    made(seconds=1, seed=1)
    start = time.process_time()
    made(seconds=4, seed=1)
    assert time.process_time() - start < 0.3


def test_other_pictures_carry_no_number():
    with pytest.raises(FilmError):
        read_number(np.zeros((240, 320), np.uint8))


@pytest.mark.parametrize("wrong", [{"seconds": 0}, {"seconds": 9e9}, {"width": 321}, {"height": 10}])
def test_impossible_films_are_refused(wrong):
    with pytest.raises(FilmError):
        made(**{"seconds": 1, "seed": 1} | wrong)


def test_its_sound_comes_and_goes_as_speech_does():
    """Loud and still by turns, a few times a second, and never clipped."""
    with av.open(io.BytesIO(made(seconds=6, seed=3))) as container:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    loud = np.sqrt((sound[: len(sound) // 480 * 480].reshape(-1, 480) ** 2).mean(1))
    turns = np.abs(np.diff((loud > loud.max() / 4).astype(int))).sum() / 6
    assert 2 < turns < 20 and 0.05 < np.abs(sound).max() < 0.99 and (loud < loud.max() / 20).mean() > 0.1
