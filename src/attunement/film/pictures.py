"""A film's pictures as a working copy shows them: thirty a second, upright, at most 720 high or wide, for any screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av.filter import Graph
from av.video.frame import PictureType, VideoFrame

from attunement.film.clips import RATE
from attunement.film.errors import FilmError
from attunement.film.opening import DAMAGED, Opened, decoded
from attunement.film.probing import rotation
from attunement.film.surveying import Survey

SHORTER_SIDE = 720
_TURNS = {0: (), 90: (("transpose", "clock"),), 180: (("hflip", ""), ("vflip", "")), 270: (("transpose", "cclock"),)}
_HDR = (16, 18)
# Without the intent, everything brighter than paper white is lost.
_FOR_ANY_SCREEN = "out_primaries=bt709:out_transfer=bt709:out_color_matrix=bt709:intent=perceptual"
_PRE_ROLL = 1
# To build a step for high dynamic range costs seconds, and no camera changes its mind so often.
_MOST_KINDS = 4
_TICK = Fraction(1, RATE)


@dataclass(frozen=True, slots=True)
class Shape:
    """Width and height in square dots, both even."""

    width: int
    height: int

    def turned(self) -> Shape:
        return Shape(self.height, self.width)

    def fitted(self, within: Shape) -> Shape:
        """This shape, shrunk or enlarged until it touches `within`."""
        scale = min(Fraction(within.width, self.width), Fraction(within.height, self.height))
        return Shape(min(within.width, _even(self.width * scale)), min(within.height, _even(self.height * scale)))


def shape_of(first: VideoFrame, aspect: Fraction | None) -> Shape:
    """The upright shape of a working copy: never enlarged, the shorter side at most 720; `aspect` of a stored dot."""
    width, height = Fraction(first.width), Fraction(first.height)
    if aspect and Fraction(1, 4) <= aspect <= 4:
        width, height = (width * aspect, height) if aspect < 1 else (width, height / aspect)
    shrink = min(Fraction(1), Fraction(SHORTER_SIDE) / min(width, height))
    shape = Shape(_even(width * shrink), _even(height * shrink))
    return shape.turned() if rotation(first) in (90, 270) else shape


def _even(side: Fraction) -> int:
    return max(16, round(side / 2) * 2)


@dataclass(frozen=True, slots=True)
class Colours:
    """How a working copy's colours are to be read, in the numbers of ISO/IEC 23091-2."""

    colorspace: int
    color_primaries: int
    color_trc: int


def colours_of(first: VideoFrame) -> Colours:
    """Those of the film, or of any screen (BT.709) where the film has a higher dynamic range."""
    if int(first.color_trc) in _HDR:
        return Colours(1, 1, 1)
    return Colours(int(first.colorspace), int(first.color_primaries), int(first.color_trc))


class Upright:
    """Turns decoded pictures into upright ones of `shape`; with `within`, in the middle of a picture of that shape."""

    def __init__(self, shape: Shape, within: Shape | None = None) -> None:
        self._shape, self._within = shape, within or shape
        self._graphs: dict[tuple[Any, ...], Graph] = {}

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        kind = (frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range, frame.color_trc,
                rotation(frame))
        if kind not in self._graphs:
            if len(self._graphs) == _MOST_KINDS:
                raise FilmError(DAMAGED)
            self._graphs[kind] = self._built(frame)
        graph = self._graphs[kind]
        frame.pts, frame.time_base = 0, _TICK
        graph.vpush(frame)
        made = graph.vpull()
        made.pict_type = PictureType.NONE
        return made

    def _built(self, frame: VideoFrame) -> Graph:
        turn = rotation(frame)
        lying = self._shape.turned() if turn in (90, 270) else self._shape
        graph = Graph()
        steps = [
            ("buffer", f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}:time_base={_TICK}"
                       f":colorspace={int(frame.colorspace)}:range={int(frame.color_range)}"),
            ("scale", f"{lying.width}:{lying.height}:out_range=tv"
                      + (f":{_FOR_ANY_SCREEN}" if int(frame.color_trc) in _HDR else "")),
            ("format", "yuv420p"), *_TURNS[turn], ("sidedata", "mode=delete:type=DISPLAYMATRIX"), ("setsar", "1"),
        ]
        if self._within != self._shape:
            steps.append(("pad", f"{self._within.width}:{self._within.height}:(ow-iw)/2:(oh-ih)/2"))
        steps.append(("buffersink", ""))
        graph.link_nodes(*(graph.add(name, given or None) for name, given in steps)).configure()
        return graph


def shown(film: Opened, found: Survey, upright: Upright, first: int, last: int) -> Iterator[VideoFrame]:
    """Frames `first`..`last` of the film's working copy, each picture held until the next one's time.

    Fewer when the film's last pictures cannot be read. A picture is shaped only if a frame shows it.
    """
    unit = film.pictures.time_base or _TICK
    at, held, until = first, None, first
    for picture in _from(film, found, first):
        time = (picture.pts or 0) * unit
        shows = found.shown_from(time)
        if held is not None and at < shows:
            held = upright(held)
            yield from (held for _ in range(at, min(shows, last + 1)))
            at = shows
            if at > last:
                return
        held, until = picture, round((time + found.gap - found.start) * RATE)
    if held is not None and at < until:
        held = upright(held)
        yield from (held for _ in range(at, min(until, last + 1)))


def _from(film: Opened, found: Survey, first: int) -> Iterator[VideoFrame]:
    """Decoded pictures, at the latest from the one that frame `first` shows."""
    wanted, unit = found.start + first * _TICK, film.pictures.time_base or _TICK
    for place in [int((wanted - _PRE_ROLL) / unit), 0] if wanted - _PRE_ROLL > found.times[0] else [0]:
        try:
            film.container.seek(place, stream=film.pictures)
        except av.error.FFmpegError:
            continue
        pictures = (picture for picture in decoded(film, film.pictures) if picture.pts is not None)
        found_first = next(pictures, None)
        if found_first is not None and (place == 0 or found_first.pts * unit <= wanted):
            yield found_first
            yield from pictures
            return
