"""Films and clips in the words of a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from attunement.journey.films.models import Clip, Film
from attunement.journey.trail import versions


@dataclass(frozen=True)
class Shown:
    """A clip as a page shows it: its seconds in the film, and the principle in words."""

    clip: Clip
    begins: str
    lasts: str
    principle: str


def with_clips(films: QuerySet[Film]) -> QuerySet[Film]:
    """Newest first, each with the number of clips that are not taken out."""
    return films.annotate(marked=Count("clips", filter=Q(clips__taken_out_at=None))).order_by("-added_at", "pk")


def shown(clips: Iterable[Clip]) -> list[Shown]:
    principles = versions.current().delivery.principles
    return [Shown(clip, _clock(float(clip.first / clip.film.rate)),
                  f"{float((clip.last - clip.first + 1) / clip.film.rate):.1f} s",
                  principles[clip.principle - 1] if 1 <= clip.principle <= len(principles) else "") for clip in clips]


def facts(film: Film) -> list[tuple[str, str]]:
    """What the probe found, in words."""
    found = film.facts
    rows = [("Length", _clock(found["seconds"])), ("Pictures", f"{film.frames}, {float(film.rate):.3g} a second"),
            ("Size of a picture", f"{found['width']} by {found['height']} dots"),
            ("Sound", "yes" if found["audio_codec"] else "none"), ("Size", f"{film.size / 1_000_000:.1f} MB"),
            ("Added by", str(film.added_by))]
    return rows


def _clock(seconds: float) -> str:
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"
