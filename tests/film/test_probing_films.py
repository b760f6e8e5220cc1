"""What a file holds is measured; what is no film is refused in one sentence that helps."""

import io
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attunement.film import FilmError, probe
from attunement.film.made_up import make_film
from attunement.film.sealed import open_sealed, seal


def refusal(content):
    with pytest.raises(FilmError) as caught:
        probe(io.BytesIO(content))
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence and "Error" not in sentence
    return sentence


def test_a_film_is_measured(film_bytes):
    found = probe(io.BytesIO(film_bytes))
    assert (found.container, found.video_codec, found.audio_codec) == ("mov", "h264", "aac")
    assert (found.width, found.height, found.rotation) == (320, 240, 0)
    assert (found.frames, found.rate, found.seconds, found.complete) == (60, Fraction(30), 2.0, True)


def test_a_sealed_film_is_measured_through_its_container(film_bytes, tmp_path):
    with open(tmp_path / "film", "wb") as target:
        seal(io.BytesIO(film_bytes), target, key=bytes(32))
    with open_sealed(tmp_path / "film", key=bytes(32)) as file:
        assert probe(file) == probe(io.BytesIO(film_bytes))


@pytest.mark.parametrize(
    ("container", "video", "audio", "rate"),
    [
        ("mov", "libx264", None, 25),
        ("mp4", "libx265", "aac", Fraction(30000, 1001)),
        ("matroska", "libx264", "aac", 60),
        ("webm", "libvpx-vp9", "libopus", 24),
        ("webm", "libsvtav1", "libopus", 30),
    ],
)
def test_the_kinds_of_film_that_cameras_make(encode, container, video, audio, rate):
    found = probe(io.BytesIO(encode(container, video, audio, rate, times=range(24))))
    assert found.container == ("mov" if container in ("mp4", "mov") else "matroska")
    assert (found.frames, bool(found.audio_codec), found.complete) == (24, bool(audio), True)
    assert float(found.rate) == pytest.approx(float(rate), rel=0.03)
    assert found.seconds == pytest.approx(24 / rate, abs=0.03)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_film_says_how_it_stands(encode, turn):
    # set_display_rotation counts anticlockwise, as libav does.
    assert probe(io.BytesIO(encode(turn=-turn))).rotation == turn


def test_a_variable_rate_is_counted_not_believed(encode):
    found = probe(io.BytesIO(encode(times=[0, 1, 2, 9, 10, 30, 31, 60])))
    assert found.frames == 8
    assert found.seconds == pytest.approx(60 / 30 * 8 / 7, abs=0.01)
    assert float(found.rate) == pytest.approx(8 / found.seconds, rel=0.01)


def test_a_silent_film_is_a_film(encode):
    assert probe(io.BytesIO(encode(audio=None))).audio_codec is None


def test_sound_of_an_unknown_kind_does_not_stop_a_film(encode):
    strange = encode("matroska", audio="aac").replace(b"A_AAC", b"A_XYZ")
    assert probe(io.BytesIO(strange)).audio_codec == "unknown"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"Dear coordinator, the film is attached.\n" * 50, "not a film"),
        (b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", "playlist"),
        (b"\xef\xbb\xbf \n#EXTM3U\n", "playlist"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "playlist"),
        (b"v=0\no=- 0 0 IN IP4 127.0.0.1\n", "playlist"),
        (b"<?xml version='1.0'?><MPD/>", "playlist"),
        (b"\xff\xd8\xff\xe0" + bytes(500), "photograph"),
        (b"\0\0\0\x18ftypheic" + bytes(500), "photograph"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "picture"),
        (b"GIF89a" + bytes(500), "GIF"),
        (b"ID3\x04" + bytes(500), "sound"),
        (b"RIFF\0\0\0\0WAVEfmt ", "sound"),
        (b"RIFF\0\0\0\0AVI LIST", "AVI"),
        (b"PK\3\4" + bytes(100), "zip"),
        (b"%PDF-1.7", "document"),
        (bytes(5000), "not a film"),
        (b"\0\0\0\x14ftypisom\0\0\0\0isom" + b"\0\0\0\x08moov", ""),
        (b"\0\0\0\x08moov", ""),
        (b"\x1aE\xdf\xa3" + bytes(2000), ""),
        (b"\x1aE\xdf\xa3", ""),
        (b"\0\0\0\0ftyp", "cut off"),
    ],
)
def test_what_is_no_film_is_refused_in_a_sentence(content, word):
    assert word in refusal(content)


def test_sound_alone_is_refused_in_every_container(encode):
    for container, audio in (("mp4", "aac"), ("matroska", "libopus"), ("ipod", "aac")):
        assert "sound only" in refusal(encode(container, None, audio))


def test_a_single_picture_is_no_film(encode):
    assert "single picture" in refusal(encode(times=[0]))


def test_a_recording_with_a_cover_picture_is_sound(encode):
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as out:
        cover = out.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        sound = out.add_stream("aac", rate=48000, layout="mono")
        out.mux(cover.encode(av.VideoFrame(64, 48, "yuvj420p")))
        tone = av.AudioFrame.from_ndarray(np.zeros((1, 9600), np.float32), "fltp", "mono")
        tone.sample_rate = 48000
        out.mux(sound.encode(tone))
        out.mux(sound.encode(None))
    assert "sound only" in refusal(target.getvalue())


def test_a_film_of_giant_pictures_is_refused(encode):
    assert "at most 8192" in refusal(encode(size=(8208, 16), times=range(2)))


def test_a_film_without_its_index_says_so_and_one_with_it_is_used(encode):
    late, early = io.BytesIO(), io.BytesIO()
    for target in (late, early):
        make_film(target, seconds=2, seed=1, index_first=target is early)
    assert "index" in refusal(late.getvalue()[:-500])
    content = early.getvalue()
    found = probe(io.BytesIO(content[: len(content) * 2 // 3]))
    assert not found.complete
    assert 2 <= found.frames < 60
    assert found.seconds == pytest.approx(found.frames / 30, abs=0.04)


def test_a_cut_off_matroska_film_is_used_up_to_the_break(encode):
    content = encode("matroska", times=range(90))
    found = probe(io.BytesIO(content[: len(content) // 2]))
    assert not found.complete
    assert 2 <= found.frames < 90


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_spoilt_file_ends_in_anything_but_a_measure_or_a_sentence(film_bytes, data):
    content = bytearray(film_bytes[: data.draw(st.integers(0, len(film_bytes)))])
    for _ in range(data.draw(st.integers(0, 20))):
        if content:
            content[data.draw(st.integers(0, min(len(content) - 1, 6000)))] = data.draw(st.integers(0, 255))
    try:
        found = probe(io.BytesIO(content))
        assert found.frames >= 2 and found.seconds > 0
    except FilmError:
        pass
