"""Stills: one frame of a film as a picture file that says nothing on where it comes from."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
from av.codec.context import Flags
from av.video.frame import VideoFrame

from attunement.film.clips import RATE
from attunement.film.errors import FilmError
from attunement.film.files import Target, landing
from attunement.film.opening import Source, opened, reading
from attunement.film.pictures import Upright, shown
from attunement.film.sections import surveyed
from attunement.film.working import pictures_from, working

Form = Literal["png", "jpeg"]
_ENDINGS: dict[str, Form] = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}


def still(source: Source, target: Target, *, frame: int, form: Form | None = None) -> tuple[int, int]:
    """Write frame `frame` of a film, counted from 0 as in its working copy, to `target`; its width and height in dots.

    `form` "png" or "jpeg"; without it the ending of a path says so, and an open file gets PNG. FilmError for a frame
    that the film does not have, and for what is no film; then nothing is written.
    """
    form = form or _form_of(target)
    with reading(source) as file, opened(file) as film:
        copy = working(film)
        if copy is not None:
            _within(frame, copy.frames)
            pictures = list(pictures_from(film, copy.key_before(frame), frame))[-1:]
        else:
            other = surveyed(file)
            _within(frame, other.frames)
            pictures = list(shown(film, other.found, Upright(other.shape), frame, frame))
        if not pictures:
            raise FilmError(f"Frame {frame} of this film cannot be read; the film is damaged there.")
        with landing(target) as made:
            made.write(as_picture(pictures[0], form))
        return pictures[0].width, pictures[0].height


def _within(frame: int, frames: int) -> None:
    if not 0 <= frame < frames:
        raise FilmError(f"There is no frame {frame}: the film's pictures are frames 0 to {frames - 1}.")


def _form_of(target: Target) -> Form:
    if not isinstance(target, str | Path):
        return "png"
    form = _ENDINGS.get(Path(target).suffix.lower())
    if form is None:
        raise FilmError("A still is written as PNG or JPEG: please end the file's name with .png or .jpg.")
    return form


def as_picture(frame: VideoFrame, form: Form) -> bytes:
    """A picture file of a frame: PNG (exact) or JPEG (small)."""
    names: dict[Form, tuple[Any, str]] = {"png": ("png", "rgb24"), "jpeg": ("mjpeg", "yuvj420p")}
    codec, dots = names[form]
    context: Any = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt = frame.width, frame.height, dots
    context.time_base = Fraction(1, RATE)
    context.color_range = 2
    context.flags |= Flags.bitexact | Flags.qscale
    if form == "jpeg":
        context.global_quality = 4 * 118  # lambda for quality 4 of 2 to 31
    picture = frame.reformat(format=dots, dst_color_range=2)
    picture.pts, picture.time_base = 0, context.time_base
    return b"".join(bytes(packet) for packet in [*context.encode(picture), *context.encode(None)])
