"""What leaves the system is what was marked: to the frame, to the sample, and nothing else."""

import io
import os

import av
import numpy as np
import pytest

from attunement.film import FilmError, Part, checking, cut, nal, reel
from attunement.film.made_up import make_film
from attunement.film.sealed import open_sealed, seal
from attunement.film.sealing import Sealing
from tests.film import cuts, films

NUMBERS = range(200 if os.environ.get("ATTUNEMENT_ALL_CUTS") else 25)


def made(name="late_sound", **marks):
    target = io.BytesIO()
    return cut(io.BytesIO(cuts.copy(name)), target, **marks), target.getvalue()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_random_cut_is_exact(number):
    assert cuts.tried(number) == ""


@pytest.mark.parametrize(("first", "last"), [(0, 119), (0, 0), (119, 119), (14, 14), (15, 15), (16, 16), (14, 29), (15, 30),
                                             (29, 119), (60, 74), (1, 118)])
def test_the_cuts_where_others_fail(first, last):
    done, content = made(first=first, last=last)
    assert cuts.faults("late_sound", first, last, content) == []
    assert done.doubt is None and done.encoded == (0 if first % 15 == 0 else min(last + 1, first - first % 15 + 15) - first)


def test_what_is_copied_is_the_original_bit_for_bit():
    _done, content = made(first=20, last=80)
    packets = [[bytes(p) for p in av.open(io.BytesIO(film)).demux(video=0) if p.size]
               for film in (cuts.copy("late_sound"), content)]
    assert packets[1][10:] == packets[0][30:81]
    assert not set(packets[1][:10]) & set(packets[0])


@pytest.mark.parametrize(("first", "last"), [(5, 4), (-1, 4), (0, 120), (120, 120), (500, 900), (1.5, 4), (None, 4)])
def test_a_bad_range_is_one_sentence_and_no_file(tmp_path, first, last):
    (tmp_path / "in.mp4").write_bytes(cuts.copy("late_sound"))
    with pytest.raises(FilmError) as caught:
        cut(tmp_path / "in.mp4", tmp_path / "out.mp4", first=first, last=last)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


def test_an_earlier_result_is_replaced_only_by_a_whole_one(tmp_path):
    (tmp_path / "in.mp4").write_bytes(cuts.copy("late_sound"))
    (tmp_path / "out.mp4").write_bytes(b"earlier")
    with pytest.raises(FilmError):
        cut(tmp_path / "in.mp4", tmp_path / "out.mp4", first=4, last=2)
    assert (tmp_path / "out.mp4").read_bytes() == b"earlier"
    cut(tmp_path / "in.mp4", tmp_path / "out.mp4", first=2, last=4)
    assert films.numbers((tmp_path / "out.mp4").read_bytes()) == [2, 3, 4]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_sealed_film_is_cut_like_a_plain_one(tmp_path):
    with open(tmp_path / "film", "wb") as target:
        seal(io.BytesIO(cuts.copy("hevc")), target, key=bytes(32))
    with open_sealed(tmp_path / "film", key=bytes(32)) as file:
        target = io.BytesIO()
        done = cut(file, target, first=17, last=71)
    assert (done.copied, done.encoded) == (42, 13)
    assert cuts.faults("hevc", 17, 71, target.getvalue()) == []


@pytest.mark.parametrize("name", ["plain", "hevc", "turned_90", "uneven", "sixty"])
def test_a_film_that_is_no_working_copy_is_encoded_whole_with_the_same_frames(name):
    target = io.BytesIO()
    done = cut(io.BytesIO(films.made(name)), target, first=31, last=50)
    kind = films.KINDS[name]
    from attunement.film import prepare

    whole = io.BytesIO()
    prepare(io.BytesIO(films.made(name)), whole)
    assert done.doubt and (done.copied, done.encoded) == (0, 20)
    assert films.numbers(target.getvalue(), kind.turn) == films.numbers(whole.getvalue(), kind.turn)[31:51]


def test_another_coder_of_the_same_form_is_not_trusted_with_our_head():
    """A made-up film has the form of a working copy but other parameter sets: its head cannot be joined to it."""
    film = io.BytesIO()
    make_film(film, seconds=2, seed=1, width=192, height=144)
    done = cut(film, target := io.BytesIO(), first=20, last=50)
    assert "coded in another way" in done.doubt and done.copied == 0
    assert films.numbers(target.getvalue()) == list(range(20, 51))


@pytest.mark.parametrize(("spoil", "sentence"), [
    ("a picture", "has changed"), ("a time", "another time"), ("more pictures", "outside the marks"),
    ("fewer pictures", "are missing"), ("sound", "another length"), ("a head", "looks other"), ("a seam", "looks other"),
    ("hidden bytes", "belong to no picture")])
def test_a_clip_that_is_not_as_it_should_be_is_not_handed_out(spoil, sentence, monkeypatch):
    """The check can fail: each fault in a clip is found when it is read again."""
    _done, content = made(first=15, last=44)
    written = checking.Written(30, True)
    with av.open(io.BytesIO(content)) as film:
        packets = [p for p in film.demux(video=0) if p.size]
        written.sets = film.streams.video[0].codec_context.extradata
        written.digests = [__import__("hashlib").sha256(bytes(p)).digest() for p in packets]
        written.keys = [p.is_keyframe for p in packets]
        place = packets[3].pos
    with av.open(io.BytesIO(content)) as film:
        looks = [checking.luma(picture) for picture in film.decode(video=0)]
    written.seen, written.same = {0: looks[0] + 1, 1: looks[1] + 1}, {2: looks[2], 15: looks[15]}
    checking.check(io.BytesIO(content), written)
    changed = bytearray(content)
    if spoil == "a picture":
        changed[place + 20] ^= 1
    elif spoil == "a time":
        at = changed.find(b"stts") + 12
        changed[at + 4 : at + 8] = (513).to_bytes(4, "big")
    elif spoil == "more pictures":
        written.frames = 29
    elif spoil == "fewer pictures":
        written.frames = 31
    elif spoil == "sound":
        monkeypatch.setattr(checking, "_BORDER", -1)
    elif spoil == "a head":
        written.seen[1] = looks[1] + 40
    elif spoil == "a seam":
        written.same[15] = looks[15] + 1
    else:
        changed += (508).to_bytes(4, "big") + b"mdat" + bytes(500)
    with pytest.raises(checking.Doubt, match=sentence):
        checking.check(io.BytesIO(changed), written)


def test_doubt_means_that_all_is_encoded_again(monkeypatch):
    real, asked = checking.check, []

    def doubtful(file, written):
        asked.append(written)
        if len(asked) == 1:
            raise checking.Doubt("Just so.")
        real(file, written)

    monkeypatch.setattr(checking, "check", doubtful)
    done, content = made(first=20, last=80)
    assert (done.doubt, done.encoded) == ("Just so.", 61)
    assert cuts.faults("late_sound", 20, 80, content) == []


def test_a_reel_is_its_clips_in_order_with_one_sound():
    clips = [(20, 49), (3, 3), (75, 119), (20, 25), (15, 44)]
    source, target = io.BytesIO(cuts.copy("late_sound")), io.BytesIO()
    done = reel([Part(source, *clip) for clip in clips], target)
    wanted = [number for first, last in clips for number in range(first, last + 1)]
    assert films.numbers(target.getvalue()) == [cuts.shown("late_sound")[n] for n in wanted]
    assert done.doubt is None and done.frames == len(wanted) and done.encoded == 10 + 1 + 0 + 6 + 0
    expected = np.concatenate([cuts.heard("late_sound")[1600 * a : 1600 * (b + 1)] for a, b in clips])
    heard = films.sound(target.getvalue())
    assert films.delay(heard[: len(expected)], expected) == 0
    assert np.abs(heard[: len(expected)] - expected).mean() < 0.02
    with av.open(io.BytesIO(target.getvalue())) as film:
        times = [p.pts * p.time_base * 30 for p in film.demux(video=0) if p.size]
    assert times == list(range(len(wanted)))


def test_a_reel_of_different_films_has_the_shape_of_the_first():
    target = io.BytesIO()
    parts = [Part(io.BytesIO(cuts.copy("hevc")), 5, 9), Part(io.BytesIO(cuts.copy("turned_90")), 5, 9)]
    done = reel(parts, target)
    assert done.encoded == 10 and done.doubt
    with av.open(io.BytesIO(target.getvalue())) as film:
        pictures = list(film.decode(video=0))
    assert {(p.width, p.height) for p in pictures} == {films.SIZE}
    assert films.grey(pictures[-1])[:, :30].max() < 20 < films.grey(pictures[0])[:, :30].max()


def test_an_empty_reel_and_one_sealed_as_it_comes_are_refused(tmp_path):
    with pytest.raises(FilmError, match="at least one"):
        reel([], io.BytesIO())
    with open(tmp_path / "out", "wb") as file, pytest.raises(FilmError, match="read again"):
        cut(io.BytesIO(cuts.copy("hevc")), Sealing(file, key=bytes(32)), first=0, last=1)


def test_units_are_told_apart():
    sps, pps, sei, key, other = b"\x67abc", b"\x68d", b"\x06e", b"\x65fgh", b"\x41i"
    stream = b"\0\0\0\1" + sps + b"\0\0\0\1" + pps + b"\0\0\1" + sei + b"\0\0\0\1" + key
    assert nal.sets_in(stream) == [sps, pps]
    assert nal.slices_only(stream) == b"\0\0\0\4" + key
    assert nal.is_key(nal.slices_only(stream)) and not nal.is_key(b"\0\0\0\2" + other)
    record = b"\1\x64\0\x0d\xff\xe1\0\4" + sps + b"\1\0\2" + pps
    assert nal.readable(record) and nal.sets_of(record) == [sps, pps]
    assert not nal.readable(b"") and not nal.readable(None) and not nal.readable(stream)
