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
from attunement.film.opening import Opened, decoded
from attunement.film.probing import rotation
from attunement.film.surveying import Survey

SHORTER_SIDE = 720
_TURNS = {0: (), 90: (("transpose", "clock"),), 180: (("hflip", ""), ("vflip", "")), 270: (("transpose", "cclock"),)}
_HDR = (16, 18)
# Without the intent, everything brighter than paper white is lost.
_FOR_ANY_SCREEN = "out_primaries=bt709:out_transfer=bt709:out_color_matrix=bt709:intent=perceptual"
_PRE_ROLL = 1
_TICK = Fraction(1, RATE)


@dataclass(frozen=True, slots=True)
class Shape:
    """Width and height in square dots, both even."""

    width: int
    height: int

    def turned(self) -> Shape:
        return Shape(self.height, self.width)


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


class Upright:
    """Turns decoded pictures into those of a working copy of `shape`; pictures of other proportions get borders."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._graph: Graph | None = None
        self._for: tuple[Any, ...] = ()

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        kind = (frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range, frame.color_trc,
                rotation(frame))
        if self._graph is None or kind != self._for:
            self._graph, self._for = self._built(frame), kind
        frame.pts, frame.time_base = 0, _TICK
        self._graph.vpush(frame)
        made = self._graph.vpull()
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
            ("buffersink", ""),
        ]
        graph.link_nodes(*(graph.add(name, given or None) for name, given in steps)).configure()
        return graph


def shown(film: Opened, found: Survey, shape: Shape, first: int, last: int) -> Iterator[VideoFrame]:
    """Frames `first`..`last` of the film's working copy, each picture held until the next one's time.

    Fewer when the film's last pictures cannot be read. A picture is shaped only if a frame shows it.
    """
    upright = Upright(shape)
    at, held, until = first, None, first
    for picture in _from(film, found, first):
        time = picture.pts * picture.time_base
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
    wanted = found.start + first * _TICK
    at = (wanted - _PRE_ROLL) / film.pictures.time_base if film.pictures.time_base else 0
    for place in [int(at), 0] if wanted - _PRE_ROLL > found.times[0] else [0]:
        try:
            film.container.seek(place, stream=film.pictures)
        except av.error.FFmpegError:
            continue
        pictures = (picture for picture in decoded(film, film.pictures) if picture.pts is not None)
        found_first = next(pictures, None)
        if found_first is not None and (place == 0 or found_first.pts * found_first.time_base <= wanted):
            yield found_first
            yield from pictures
            return
