import io
from fractions import Fraction

import av
import numpy as np
import pytest

from attunement.film.made_up import make_film


@pytest.fixture(scope="session")
def film_bytes():
    """Two seconds of a made-up film, 60 pictures with sound, index first."""
    target = io.BytesIO()
    make_film(target, seconds=2, seed=1)
    return target.getvalue()


@pytest.fixture(scope="session")
def encode():
    """Make a film of any kind: container, codecs, rate, rotation and the times at which pictures show."""

    def make(container="mp4", video="libx264", audio=None, rate=30, size=(64, 48), times=range(10), turn=0, **options):
        target = io.BytesIO()
        with av.open(target, "w", format=container, options=options) as out:
            pictures = sounds = None
            if video:
                pictures = out.add_stream(video, rate=rate, options={"threads": "1"})
                pictures.width, pictures.height, pictures.pix_fmt = *size, "yuv420p"
                if turn:
                    pictures.set_display_rotation(turn)
            if audio:
                sounds = out.add_stream(audio, rate=48000, layout="mono")
            for time in times if pictures else ():
                luma = np.full((size[1] * 3 // 2, size[0]), 20 + 7 * time % 200, np.uint8)
                frame = av.VideoFrame.from_ndarray(luma, "yuv420p")
                frame.pts, frame.time_base = time, 1 / Fraction(rate)
                out.mux(pictures.encode(frame))
            if sounds:
                frame = av.AudioFrame.from_ndarray(np.zeros((1, 9600), np.float32), "fltp", "mono")
                frame.sample_rate, frame.pts, frame.time_base = 48000, 0, Fraction(1, 48000)
                out.mux(sounds.encode(frame))
            for stream in filter(None, (pictures, sounds)):
                out.mux(stream.encode(None))
        return target.getvalue()

    return make
