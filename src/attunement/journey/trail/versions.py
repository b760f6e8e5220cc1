"""The study as it holds now, and as it held for a row made earlier."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import UTC
from functools import lru_cache

from django.db.models import Max

from attunement.journey.trail.models import StudyVersion
from attunement.study import Study
from attunement.study.translation import filled

__all__ = ["UTC", "already_allocated", "current", "latest_number", "numbered", "parse", "parsed"]

already_allocated: list[Callable[[], bool]] = []


def latest_number() -> int:
    return StudyVersion.objects.aggregate(latest=Max("number"))["latest"] or 0


def current() -> Study:
    """The study file that holds now."""
    latest = StudyVersion.objects.order_by("-number").values_list("sha256", "number").first()
    if latest is None:
        raise LookupError("no study has been opened here")
    return _by_hash(latest[0], latest[1])


def numbered(number: int) -> Study:
    return _by_hash(StudyVersion.objects.values_list("sha256", flat=True).get(number=number), number)


def parsed(version: StudyVersion) -> Study:
    return _by_hash(version.sha256, version.number)


def parse(text: str) -> Study:
    """A study from its text, which `study.read` has found to be sound."""
    return filled(Study.model_validate(tomllib.loads(text)))


@lru_cache(maxsize=32)
def _by_hash(sha256: str, number: int) -> Study:
    return parse(StudyVersion.objects.get(number=number, sha256=sha256).text)
