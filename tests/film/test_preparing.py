"""A working copy shows what the film shows, when it shows it, in one form whatever the film's."""

import io
from fractions import Fraction

import av
import numpy as np
import pytest

from attunement.film import FilmError, prepare
from attunement.film.sealed import open_sealed, seal
from tests.film import films

EARLY = Fraction(1, 120)
IN_THE_SUITE = [name for name in films.KINDS if name != "ten_bit"]


def prepared(content):
    target = io.BytesIO()
    return prepare(io.BytesIO(content), target), target.getvalue()


@pytest.fixture(scope="module", params=IN_THE_SUITE)
def copy(request):
    kind = films.KINDS[request.param]
    return kind, *prepared(films.made(request.param))


def test_each_frame_shows_the_picture_of_its_time(copy):
    """Never a picture more than a quarter of a frame early, nor one whose successor was due."""
    kind, made, content = copy
    times = [*kind.shows(), Fraction(10**6)]
    shown = films.numbers(content, kind.turn)
    assert len(shown) == made.frames == pytest.approx(30 * (times[-2] + 1 / kind.rate), abs=1 if kind.times else 0.5)
    for frame, number in enumerate(shown):
        assert times[number] <= Fraction(frame, 30) + EARLY + Fraction(1, 1000) < times[number + 1] + Fraction(2, 1000)


def test_it_has_the_one_form(copy):
    _kind, made, content = copy
    with av.open(io.BytesIO(content)) as film:
        stream, context = film.streams.video[0], film.streams.video[0].codec_context
        assert (context.name, context.pix_fmt, context.profile) == ("h264", "yuv420p", "High")
        assert (stream.average_rate, stream.start_time, stream.frames) == (30, 0, made.frames)
        packets = [packet for packet in film.demux(stream) if packet.size]
        assert [p.pts * stream.time_base for p in packets] == [Fraction(n, 30) for n in range(made.frames)]
        assert all(p.pts == p.dts for p in packets)
        assert [n for n, p in enumerate(packets) if p.is_keyframe] == list(range(0, made.frames, 15))
        assert {frame.rotation for frame in _decoded(content)} == {0}
        assert {s.codec_context.name for s in film.streams.audio} == ({"aac"} if made.sound else set())
        assert all(s.codec_context.sample_rate == 48_000 for s in film.streams.audio)
    assert content.find(b"moov") < content.find(b"mdat")


def _decoded(content):
    with av.open(io.BytesIO(content)) as film:
        return [next(film.decode(video=0))]


def test_sound_stays_with_the_picture(copy):
    kind, made, content = copy
    assert made.sound is bool(kind.audio)
    if kind.audio:
        late = round(kind.late * 48_000)
        expected = np.concatenate([np.zeros(late, np.float32), films.signal(10, 48_000)[late:]])
        heard = films.sound(content)
        assert len(heard) - made.frames * 1600 in range(1024)
        assert abs(films.delay(heard, expected)) <= 48  # a millisecond, a container's rounding
        assert not late or np.abs(heard[: late - 2048]).max() < 0.001


def test_where_the_original_is_in_the_copy(copy):
    kind, made, content = copy
    shown = films.numbers(content, kind.turn)
    assert len(made.times) == len(made.shown_from) == len(kind.shows())
    for number in set(shown):
        assert shown.index(number) == made.shown_from[number]
        assert shown[made.frame_at(made.times[number] + 0.001)] == number
    assert made.frame_at(-5) == 0 and made.frame_at(1e6) == made.frames - 1


def test_it_names_no_place_device_or_date():
    spoken = io.BytesIO()
    with av.open(io.BytesIO(films.made("plain"))) as film, av.open(spoken, "w", format="mp4") as out:
        out.metadata.update(title="A child's name", location="+53.4-002.2/", creation_time="2021-07-01T10:00:00Z")
        streams = {s.index: out.add_stream_from_template(s) for s in film.streams}
        for packet in film.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                out.mux(packet)
    assert b"child" in spoken.getvalue()
    _made, content = prepared(spoken.getvalue())
    for word in (b"child", b"+53", b"Lavf", b"2021"):
        assert word not in content
    with av.open(io.BytesIO(content)) as film:
        assert not {"title", "location", "creation_time", "encoder"} & set(film.metadata)


def test_a_high_dynamic_range_is_brought_to_any_screen():
    """A grey of 721 of 1023 in HLG is 164 of 255 for any screen; shifted plainly it would be 180."""
    kind = films.KINDS["ten_bit"]
    _made, content = prepared(films.make(films.Kind(**{**vars(kind), "seconds": 1, "flat": 721})))
    with av.open(io.BytesIO(content)) as film:
        frame = next(film.decode(video=0))
    assert (frame.format.name, frame.color_trc, frame.color_primaries, frame.colorspace) == ("yuv420p", 1, 1, 1)
    assert np.median(films.grey(frame)) == pytest.approx(164, abs=2)


@pytest.mark.parametrize(("size", "turn", "shape"), [
    ((1280, 960), 0, (960, 720)), ((960, 1280), 0, (720, 960)), ((1280, 960), 90, (720, 960)), ((642, 362), 0, (642, 362)),
])
def test_it_is_at_most_720_and_never_enlarged(encode, size, turn, shape):
    made, content = prepared(encode(size=size, turn=-turn, times=range(3)))
    assert (made.width, made.height) == shape
    with av.open(io.BytesIO(content)) as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == shape


@pytest.mark.parametrize(("name", "share"), [("mkv_aac", 0.6), ("fragments", 0.6)])
def test_a_film_cut_off_is_used_as_far_as_it_goes(name, share):
    content = films.made(name)
    made, copied = prepared(content[: int(len(content) * share)])
    shown = films.numbers(copied)
    assert shown == list(range(len(shown))) and 20 < len(shown) < 80
    assert made.frames == len(shown)
    assert name != "mkv_aac" or any(f"{made.seconds:.1f} seconds can be used" in note for note in made.notes)


def test_sealed_is_as_good_as_plain(tmp_path):
    with open(tmp_path / "film", "wb") as target:
        seal(io.BytesIO(films.made("uneven")), target, key=bytes(32))
    with open_sealed(tmp_path / "film", key=bytes(32)) as file:
        target = io.BytesIO()
        prepare(file, target)
    assert films.numbers(target.getvalue()) == films.numbers(prepared(films.made("uneven"))[1])


def test_what_is_no_film_leaves_nothing_behind(tmp_path):
    (tmp_path / "in.mp4").write_bytes(b"#EXTM3U\n/etc/passwd\n")
    with pytest.raises(FilmError, match="playlist"):
        prepare(tmp_path / "in.mp4", tmp_path / "out.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


def test_one_hears_how_far_it_is():
    told = []
    prepare(io.BytesIO(films.made("plain")), io.BytesIO(), told=told.append)
    assert told[0] == 0 and told == sorted(told) and len(told) == 3
