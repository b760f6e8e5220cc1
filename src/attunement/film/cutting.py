"""Clips and reels that leave the system: what lies outside the marks is not in them, whatever a player ignores."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO

from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from attunement.film import checking, nal
from attunement.film.checking import Doubt, Written, luma
from attunement.film.clips import RATE, Clip
from attunement.film.errors import FilmError
from attunement.film.files import Target, landing
from attunement.film.opening import AT_ONCE, Opened, Source, opened, reading
from attunement.film.sealing import Sealing
from attunement.film.sections import Section, encode, joint_layout, surveyed
from attunement.film.sound import Samples, heard
from attunement.film.working import Working, packets_from, pictures_from, working
from attunement.film.writing import Voice, head_encoder, new_film, sound_stream


@dataclass(frozen=True, slots=True)
class Part:
    """Frames `first`..`last` of the film `source`, both shown: one clip of a reel."""

    source: Source
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Cut:
    """What was done: of `frames` pictures, `copied` are the original's bit for bit and `encoded` were encoded again.

    `sound` whether it has any; `doubt` why all was encoded again, None if not.
    """

    frames: int
    copied: int
    encoded: int
    sound: bool
    doubt: str | None

    @property
    def seconds(self) -> float:
        return self.frames / RATE


def cut(source: Source, target: Target, *, first: int, last: int) -> Cut:
    """Write frames `first`..`last` of a film, both shown and counted from 0, to `target` as a film of their own.

    From a working copy only the head up to the next key picture is encoded again, the rest is copied bit for bit, the
    sound is encoded again to the sample, and the result is read again and checked. Of any other film, frames are those
    that its working copy would have, and all are encoded. `source` and `target` are paths or open binary files.
    FilmError for a range that is empty, negative or beyond the end, and for what is no film; then nothing is written.
    """
    return reel([Part(source, first, last)], target)


def reel(parts: Sequence[Part], target: Target) -> Cut:
    """Write clips one after another as one film with one track of sound; as `cut`, whose terms are these.

    Clips of films that differ in shape or coding are all encoded again in the shape of the first.
    """
    if not parts:
        raise FilmError("A reel needs at least one clip.")
    with ExitStack() as stack:
        files = [stack.enter_context(reading(part.source)) for part in parts]
        clips = [Clip(part.first, part.last) for part in parts]
        films = [stack.enter_context(opened(file, **AT_ONCE)) for file in files]
        copies = [working(film) for film in films]
        pieces = [_Piece(file, film, copy, clip.within(copy.frames))
                  for file, film, copy, clip in zip(files, films, copies, clips, strict=True) if copy]
        if isinstance(target, Sealing):
            raise FilmError("A clip is read again before it is handed out, so it cannot be sealed as it is made.")
        with landing(target) as made:
            try:
                _must_fit(copies)
                return _join(pieces, made)
            except Doubt as doubt:
                made.seek(0)
                made.truncate()
                return _encoded(files, clips, made, str(doubt))


def _must_fit(copies: Sequence[Working | None]) -> None:
    if None in copies:
        raise Doubt("Not every film is a working copy.")
    if len({copy.sets for copy in copies if copy}) > 1:
        raise Doubt("The films differ in how they are coded.")


def _encoded(files: Sequence[BinaryIO], clips: Sequence[Clip], made: BinaryIO, doubt: str) -> Cut:
    sections = [Section(surveyed(file), clip) for file, clip in zip(files, clips, strict=True)]
    for section in sections:
        section.clip.within(section.film.frames)
    frames = encode(sections, made)
    if frames != sum(clip.pictures for clip in clips):
        raise FilmError("Some of the clip's pictures cannot be read; the film is damaged there.")
    sound = any(section.film.layout for section in sections)
    try:
        checking.check(made, Written(frames, sound))
    except Doubt as fault:
        raise FilmError(f"The clip was made, but not as it should be, and is not handed out. {fault}") from None
    return Cut(frames, 0, frames, sound, doubt)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A clip of a working copy: its head, before the next key picture, is encoded, and the rest is copied."""

    file: BinaryIO
    film: Opened
    copy: Working
    clip: Clip

    @property
    def copied_from(self) -> int:
        return min(self.copy.key_from(self.clip.first), self.clip.last + 1)


def _join(pieces: Sequence[_Piece], made: BinaryIO) -> Cut:
    frames = sum(piece.clip.pictures for piece in pieces)
    layout = joint_layout([piece.copy.layout for piece in pieces])
    written = Written(frames, layout is not None, pieces[0].copy.sets)
    with new_film(made, frames) as container:
        stream = container.add_stream_from_template(pieces[0].film.pictures)
        sound = sound_stream(container, layout) if layout else None
        voice = Voice(sound, (s for piece in pieces for s in _heard(piece, layout or "mono")), layout or "mono")
        for piece in pieces:
            _put(piece, container, stream, voice, written)
        container.mux([*voice.up_to(frames), *voice.rest()])
    checking.check(made, written)
    copied = sum(piece.clip.last + 1 - piece.copied_from for piece in pieces)
    return Cut(frames, copied, frames - copied, layout is not None, None)


def _put(piece: _Piece, container: OutputContainer, stream: VideoStream, voice: Voice, written: Written) -> None:
    unit = Fraction(1, RATE)
    for data, key in _data(piece, written):
        packet = Packet(data)
        number = len(written.digests)
        packet.stream, packet.time_base = stream, unit
        packet.pts = packet.dts = number
        packet.duration, packet.is_keyframe = 1, key
        written.digests.append(hashlib.sha256(data).digest())
        written.keys.append(key)
        container.mux_one(packet)
        if number % RATE == 0:
            container.mux(list(voice.up_to(number)))


def _data(piece: _Piece, written: Written) -> Iterator[tuple[bytes, bool]]:
    """A piece's pictures as they lie in MP4, and whether each stands for itself."""
    clip, film, copied_from = piece.clip, piece.film, piece.copied_from
    if copied_from > clip.first:
        head = list(pictures_from(film, piece.copy.key_before(clip.first), copied_from - 1))
        head = head[clip.first - piece.copy.key_before(clip.first) :]
        if len(head) != copied_from - clip.first:
            raise Doubt("Not every picture of the head can be read.")
        written.seen.update({len(written.digests) + place: luma(picture) for place, picture in enumerate(head)})
        yield from _head(head, film)
    if copied_from > clip.last:
        return
    seam = piece.copy.first if copied_from == 0 else next(pictures_from(film, copied_from), None)
    if seam is None:
        raise Doubt("The first picture that is copied cannot be read.")
    written.same[len(written.digests)] = luma(seam)
    number, keys = copied_from, set(piece.copy.keys)
    for packet in packets_from(film, copied_from):
        data = bytes(packet)
        key = nal.is_key(data)
        if packet.pts != packet.dts or key is not (number in keys) or packet.is_corrupt:
            raise Doubt("A picture is not what the film's index says.")
        yield data, key
        number += 1
        if number > clip.last:
            return
    raise Doubt("The film ends before its index says.")


def _head(head: Sequence[VideoFrame], film: Opened) -> Iterator[tuple[bytes, bool]]:
    """Pictures encoded with the settings of a working copy, the first standing for itself. Doubt if they do not fit."""
    encoder = head_encoder(film.pictures.codec_context)
    if nal.sets_in(encoder.extradata or b"") != nal.sets_of(film.pictures.codec_context.extradata or b""):
        raise Doubt("The film was coded in another way than working copies are.")
    packets: list[Packet[Any]] = []
    for number, picture in enumerate(head):
        picture.pts, picture.time_base, picture.pict_type = number, Fraction(1, RATE), PictureType.NONE
        packets += encoder.encode(picture)
    packets += encoder.encode(None)
    for number, packet in enumerate(packets):
        if packet.pts != number or packet.is_keyframe is not (number == 0):
            raise Doubt("The new head does not have the form of a working copy.")
        yield nal.slices_only(bytes(packet)), packet.is_keyframe


def _heard(piece: _Piece, layout: str) -> Iterator[Samples]:
    with opened(piece.file, **AT_ONCE) as film:
        yield from heard(film, Fraction(0), layout, piece.clip.first, piece.clip.last)


