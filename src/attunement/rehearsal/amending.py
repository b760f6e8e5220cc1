"""The amendment that the review point leads to: from then on families are asked whether they are safe, too."""

from __future__ import annotations

import re

from attunement import instruments
from attunement.study import StudyError
from attunement.study.reading import read_text
from attunement.study.schema import Study

SAFETY = "demo_safety"
REASON = "The review point found that families should be asked whether they are safe."


def with_safety(text: str) -> str | None:
    """The study file with the questions on safety added to its last time point after allocation.

    None where that is no amendment to be made: no such time point, nobody named for alerts, such questions already, or
    a file that does not state its time points in the usual way.
    """
    study = read_text(text).study
    number = max((n for n, point in enumerate(study.time_points) if point.months_after is not None), default=None)
    if number is None or study.risk is None or _asks(study):
        return None
    before, *blocks = re.split(r"(?m)^(?=\[\[time_points\]\])", text)
    if len(blocks) != len(study.time_points):
        return None
    blocks[number] = re.sub(r"(?m)^(instruments\s*=\s*\[[^\]]*\S)(\s*)\]", rf'\1, "{SAFETY}"\2]', blocks[number], count=1)
    made = "".join([before, *blocks])
    try:
        amended = read_text(made).study
    except StudyError:
        return None
    wanted = [point.model_copy(update={"instruments": (*point.instruments, SAFETY)}) if n == number else point
              for n, point in enumerate(study.time_points)]
    return made if amended == study.model_copy(update={"time_points": tuple(wanted)}) else None


def _asks(study: Study) -> bool:
    return any(instruments.load(slug).alerts for point in study.time_points for slug in point.instruments)
