"""What a practitioner needs to find moments, long before the working copy is made: small pictures, and how loud it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import BinaryIO

import av
import numpy as np
import numpy.typing as npt
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from attunement.film.clips import RATE, SAMPLES, SOUND_RATE
from attunement.film.opening import Opened, Source, opened, packets, reading
from attunement.film.pictures import Shape, Upright, shape_of
from attunement.film.sound import heard
from attunement.film.stills import as_picture
from attunement.film.surveying import Survey, survey

Tile = npt.NDArray[np.uint8]
EVERY = 2
PEAK = SOUND_RATE // 100
_LONGER_SIDE = 160
_ACROSS = 10


@dataclass(frozen=True, slots=True)
class Look:
    """A film at a glance.

    `sheets` JPEG files of 10 by 10 small pictures each (the last may hold fewer, in whole rows), `width` by `height`
    dots every one, row by row; picture i shows what there is at 2 i seconds, by the key picture before it. `pictures`
    how many there are. `peaks` the lowest and highest sample of each 10 ms, from -127 to 127, shape (pieces, 2);
    empty for a silent film.
    """

    sheets: tuple[bytes, ...]
    pictures: int
    width: int
    height: int
    peaks: npt.NDArray[np.int8]


def look(source: Source) -> Look:
    """Sprite sheets and waveform peaks of any film, on the time of its working copy. FilmError when it is no film."""
    with reading(source) as file:
        with opened(file) as film:
            found = survey(film)
            shape = _small(shape_of(found.first, film.pictures.sample_aspect_ratio))
            tiles = -(-found.frames // (EVERY * RATE))
            sheets = tuple(_sheets(_tiles(film, found, shape, tiles), shape))
        return Look(sheets, tiles, shape.width, shape.height, _peaks(file, found))


def _small(shape: Shape) -> Shape:
    shrink = Fraction(_LONGER_SIDE, max(shape.width, shape.height))
    return Shape(max(2, round(shape.width * shrink / 2) * 2), max(2, round(shape.height * shrink / 2) * 2))


def _tiles(film: Opened, found: Survey, shape: Shape, tiles: int) -> Iterator[Tile]:
    """`tiles` pictures, each a YUV 4:2:0 array of shape (height * 3 / 2, width)."""
    upright, unit, at = Upright(shape), film.pictures.time_base or Fraction(1, RATE), 0
    tile, held = _array(upright(found.first)), None
    film.container.seek(0)
    for packet in packets(film, film.pictures):
        if not packet.is_keyframe or packet.pts is None or not packet.size:
            continue
        until = min(tiles, ceil((packet.pts * unit - found.start) / EVERY))
        if at < until:
            tile = _decoded(film, held, upright, tile)
            yield from (tile for _ in range(at, until))
            at = until
        held = packet
    tile = _decoded(film, held, upright, tile)
    yield from (tile for _ in range(at, tiles))


def _decoded(film: Opened, key: Packet[VideoStream] | None, upright: Upright, instead: Tile) -> Tile:
    context = film.pictures.codec_context
    with suppress(av.error.FFmpegError):
        context.flush_buffers()
        for picture in [*context.decode(key), *context.decode(None)] if key is not None else ():
            return _array(upright(picture))
    return instead


def _array(picture: VideoFrame) -> Tile:
    return np.asarray(picture.to_ndarray(), np.uint8)


def _sheets(tiles: Iterator[Tile], shape: Shape) -> Iterator[bytes]:
    full: list[Tile] = []
    for tile in tiles:
        full.append(tile)
        if len(full) == _ACROSS**2:
            yield _sheet(full, shape)
            full = []
    if full:
        yield _sheet(full, shape)


def _sheet(tiles: list[Tile], shape: Shape) -> bytes:
    width, height, down = shape.width, shape.height, -(-len(tiles) // _ACROSS)
    sheet = np.full((down * height * 3 // 2, _ACROSS * width), 128, np.uint8)
    planes = _planes(sheet, _ACROSS * width, down * height)
    planes[0][:] = 16
    for number, tile in enumerate(tiles):
        row, column = divmod(number, _ACROSS)
        for plane, part in zip(planes, _planes(tile, width, height), strict=True):
            plane[row * part.shape[0] :, column * part.shape[1] :][: part.shape[0], : part.shape[1]] = part
    return as_picture(VideoFrame.from_ndarray(sheet, "yuv420p"), "jpeg")


def _planes(picture: Tile, width: int, height: int) -> tuple[Tile, Tile, Tile]:
    """Luma and both chroma planes of a YUV 4:2:0 array, as views of it."""
    chroma = picture[height:].reshape(2, height // 2, width // 2)
    return picture[:height], chroma[0], chroma[1]


def _peaks(file: BinaryIO, found: Survey) -> npt.NDArray[np.int8]:
    if found.sound_from is None:
        return np.zeros((0, 2), np.int8)
    peaks = np.zeros((found.frames * SAMPLES // PEAK, 2), np.int8)
    with opened(file) as film:
        left, at = np.zeros(0, np.float32), 0
        for piece in heard(film, found.start, "mono", 0, found.frames - 1):
            left = np.concatenate([left, piece[0]])
            whole = len(left) // PEAK
            rows = left[: whole * PEAK].reshape(whole, PEAK)
            extremes = np.stack([rows.min(1), rows.max(1)], 1) if whole else np.zeros((0, 2))
            peaks[at : at + whole] = np.rint(extremes * 127)
            left, at = left[whole * PEAK :], at + whole
    return peaks
