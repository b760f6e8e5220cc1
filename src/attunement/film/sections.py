"""A section is some frames of one film on their way into a new one; here it is decoded, shaped and encoded afresh."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from av.video.frame import VideoFrame

from attunement.film.clips import RATE, Clip
from attunement.film.opening import opened
from attunement.film.pictures import Shape, Upright, colours_of, shape_of, shown
from attunement.film.probing import notes
from attunement.film.sealing import Sealing
from attunement.film.sound import Samples, heard, layout_of
from attunement.film.surveying import Survey, survey
from attunement.film.writing import Voice, new_film, picture_stream, sound_stream, write


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A film whose packets have all been read: the working copy it has or would have."""

    file: BinaryIO
    found: Survey
    shape: Shape
    layout: str | None
    notes: tuple[str, ...]

    @property
    def frames(self) -> int:
        return self.found.frames


def surveyed(file: BinaryIO) -> Surveyed:
    with opened(file) as film:
        found = survey(film)
        shape = shape_of(found.first, film.pictures.sample_aspect_ratio)
        layout = layout_of(film) if found.sound_from is not None else None
        return Surveyed(file, found, shape, layout, tuple(notes(film, found)))


@dataclass(frozen=True, slots=True)
class Section:
    """Frames `clip` of `film`, both ends shown."""

    film: Surveyed
    clip: Clip


def encode(sections: Sequence[Section], target: BinaryIO | Sealing, told: Callable[[float], None] | None = None) -> int:
    """Write the sections one after another as one film, every picture encoded again; how many pictures it has.

    The first section gives the shape. Fewer pictures than asked for where a film's last cannot be read.
    """
    first = sections[0].film
    layout = joint_layout([section.film.layout for section in sections])
    wanted = sum(section.clip.pictures for section in sections)
    with new_film(target, wanted) as container:
        stream = picture_stream(container, first.shape, colours_of(first.found.first))
        sound = sound_stream(container, layout) if layout else None
        pieces = (piece for section in sections for piece in _sound(section, layout or "mono"))
        pictures = _counted((p for s in sections for p in _pictures(s, first.shape)), wanted, told)
        return write(container, stream, pictures, Voice(sound, pieces, layout or "mono"))


def _counted(pictures: Iterator[VideoFrame], wanted: int, told: Callable[[float], None] | None) -> Iterator[VideoFrame]:
    for number, picture in enumerate(pictures):
        if told is not None and number % RATE == 0:
            told(number / wanted)
        yield picture


def joint_layout(layouts: Sequence[str | None]) -> str | None:
    """None if all are silent, "mono" if all that sound are, otherwise "stereo"."""
    known = {layout for layout in layouts if layout}
    return "stereo" if len(known) == 2 else next(iter(known), None)


def _pictures(section: Section, shape: Shape) -> Iterator[VideoFrame]:
    with opened(section.film.file) as film:
        upright = Upright(section.film.shape.fitted(shape), shape)
        yield from shown(film, section.film.found, upright, section.clip.first, section.clip.last)


def _sound(section: Section, layout: str) -> Iterator[Samples]:
    with opened(section.film.file) as film:
        yield from heard(film, section.film.found.start, layout, section.clip.first, section.clip.last)
