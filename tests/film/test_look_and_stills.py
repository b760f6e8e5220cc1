"""A film at a glance, and one frame of it."""

import io

import av
import numpy as np
import pytest

from attunement.film import FilmError, look, still
from attunement.film.made_up import read_number
from tests.film import cuts, films


def read_picture(content):
    with av.open(io.BytesIO(content)) as file:
        return next(file.decode(video=0))


def test_small_pictures_are_of_their_time():
    kind = films.Kind(seconds=9, options={"g": "30"}, audio=None)
    seen = look(io.BytesIO(films.make(kind)))
    assert (seen.pictures, seen.width, seen.height, len(seen.sheets), seen.peaks.shape) == (5, 160, 120, 1, (0, 2))
    sheet = films.grey(read_picture(seen.sheets[0]))
    assert sheet.shape == (120, 1600)
    with av.open(io.BytesIO(films.make(kind))) as film:
        pictures = [f.reformat(160, 120, "gray").to_ndarray() for f in film.decode(video=0)]
    for place in range(5):
        tile = sheet[:, 160 * place :][:, :160].astype(int)
        nearest = min(range(len(pictures)), key=lambda n: np.abs(pictures[n].astype(int) - tile).mean())
        assert nearest == 60 * place


def test_a_long_film_has_several_sheets_and_a_turned_one_stands_upright():
    times = tuple(films.Fraction(n) for n in range(230))
    seen = look(io.BytesIO(films.make(films.Kind(times=times, turn=90, audio=None, options={"g": "5"}))))
    assert (seen.pictures, seen.width, seen.height, len(seen.sheets)) == (115, 120, 160, 2)
    shapes = [films.grey(read_picture(sheet)).shape for sheet in seen.sheets]
    assert shapes == [(1600, 1200), (320, 1200)]


@pytest.mark.parametrize("name", ["late_sound", "mono_16k", "vp9"])
def test_peaks_are_the_loudness_of_their_ten_milliseconds(name):
    kind = films.KINDS[name]
    seen = look(io.BytesIO(films.made(name)))
    late = round(kind.late * 48_000)
    expected = np.concatenate([np.zeros(late), films.signal(10, 48_000)[late:]])[: len(seen.peaks) * 480].reshape(-1, 480)
    assert seen.peaks.dtype == np.int8 and len(seen.peaks) == pytest.approx(100 * kind.seconds, abs=1)
    middle = slice(5, len(seen.peaks) - 5)
    apart = np.abs(seen.peaks[:, 1] / 127 - expected.max(1))[middle]
    assert np.median(apart) < 0.02 and (seen.peaks[:, 0] <= seen.peaks[:, 1]).all()
    assert not late or not seen.peaks[: late // 480 - 5].any()


@pytest.mark.parametrize("name", ["hevc", "turned_90", "uneven"])
@pytest.mark.parametrize("prepared", [True, False])
def test_a_still_is_the_frame_asked_for(name, prepared):
    source = io.BytesIO(cuts.copy(name) if prepared else films.made(name))
    for frame in (0, 14, 15, 37, len(cuts.shown(name)) - 1):
        size = still(source, target := io.BytesIO(), frame=frame)
        picture = read_picture(target.getvalue())
        assert (picture.width, picture.height) == size
        upright = films.grey(picture.reformat(format="gray"))
        assert read_number(np.rot90(upright, films.KINDS[name].turn // 90).copy()) == cuts.shown(name)[frame]


def test_a_still_is_written_as_its_name_says_and_tells_nothing_else(tmp_path):
    (tmp_path / "in.mp4").write_bytes(cuts.copy("hevc"))
    still(tmp_path / "in.mp4", tmp_path / "out.JPG", frame=3)
    still(tmp_path / "in.mp4", tmp_path / "out.png", frame=3)
    assert (tmp_path / "out.JPG").read_bytes()[:3] == b"\xff\xd8\xff"
    assert (tmp_path / "out.png").read_bytes()[:4] == b"\x89PNG"
    for path in tmp_path.glob("out.*"):
        assert b"Lavc" not in path.read_bytes() and b"Exif" not in path.read_bytes()
    apart = [films.grey(read_picture(p.read_bytes()).reformat(format="gray")).astype(int) for p in tmp_path.glob("out.*")]
    assert np.abs(apart[0] - apart[1]).mean() < 3
    for name, frame, word in (("out.gif", 3, ".png"), ("no.png", 90, "no frame 90"), ("no.png", -1, "frames 0 to 89")):
        with pytest.raises(FilmError, match=word):
            still(tmp_path / "in.mp4", tmp_path / name, frame=frame)
    assert len(list(tmp_path.iterdir())) == 3
