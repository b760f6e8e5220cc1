"""The state of a desk, as its script shows it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from attunement.journey.films import material
from attunement.journey.films.models import Clip, Comment, Film, ReelClip, Still
from attunement.journey.people.models import Person
from attunement.journey.trail import versions


def state(film: Film, person: Person) -> dict[str, Any]:
    """Marks that are not taken out, in the order of the film, whoever made them; the reel; stills; comments."""
    marks = film.clips.filter(taken_out_at=None).select_related("marked_by").order_by("first", "last", "pk")
    return {"copy": "working" if film.ready_at else "original",
            "marks": [_mark(clip, person) for clip in marks],
            "reel": [_place(each.clip, film) for each in reel_of(film)],
            "stills": [_still(each) for each in film.stills.select_related("by")],
            "comments": [_comment(each, person) for each in film.comments.select_related("by")]}


def reel_of(film: Film) -> list[ReelClip]:
    """The reel of the film's cycle, without clips that were taken out or that nobody may watch any more."""
    kept = ReelClip.objects.filter(clip__film__family=film.family_id, clip__film__session__cycle=film.session.cycle,
                                   clip__taken_out_at=None, clip__film__closed_at=None)
    return list(kept.select_related("clip__film", "clip__marked_by").order_by("place", "id"))


def _mark(clip: Clip, person: Person) -> dict[str, Any]:
    return {"id": clip.pk, "key": clip.key, "first": clip.first, "last": clip.last, "principle": clip.principle,
            "behaviour": clip.behaviour, "note": clip.note, "revision": clip.revision, "by": str(clip.marked_by),
            "own": clip.marked_by_id == person.pk, "change": reverse("change_mark", args=[clip.pk]),
            "drop": reverse("drop_mark", args=[clip.pk])}


def _place(clip: Clip, film: Film) -> dict[str, Any]:
    return {"id": clip.pk, "first": clip.first, "last": clip.last, "principle": clip.principle,
            "here": clip.film_id == film.pk}


def _still(still: Still) -> dict[str, Any]:
    return {"id": still.pk, "frame": still.frame, "address": reverse("still", args=[still.pk])}


def _comment(comment: Comment, person: Person) -> dict[str, Any]:
    return {"id": comment.pk, "first": comment.first, "last": comment.last, "text": comment.text,
            "by": str(comment.by), "own": comment.by_id == person.pk}


def principles() -> list[dict[str, Any]]:
    """The headings, numbered as their keys, each with the behaviours that the licence-holder's file has."""
    loaded = material.behaviours()
    return [{"number": number, "words": words, "behaviours": loaded.get(number, {})}
            for number, words in enumerate(versions.current().delivery.principles, start=1)]
