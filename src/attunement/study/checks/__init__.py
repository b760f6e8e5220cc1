"""What a study contradicts or cannot do, found by rules that hold for every study."""

from __future__ import annotations

from pathlib import Path

from attunement.study.checks import (
    capacity,
    chance,
    costs,
    dates,
    fieldwork,
    measures,
    people,
    risk,
    substudies,
    timing,
)
from attunement.study.findings import Finding, StudyError
from attunement.study.reading import Reading, read

_RULES = (dates.remarks, timing.remarks, capacity.remarks, chance.remarks, measures.remarks, people.remarks, risk.remarks,
          fieldwork.remarks, substudies.remarks, costs.remarks)
_ORDER = ("error", "problem", "note")


def check(source: Reading | str | Path) -> list[Finding]:
    """Every finding on a study, errors first, then problems, then notes, each in the order of the file's lines.

    A name or path that cannot be read gives its errors as findings; nothing is raised.
    """
    try:
        reading = source if isinstance(source, Reading) else read(source)
    except StudyError as error:
        return list(error.findings)
    found = [
        Finding(remark.level, str(reading.path), reading.line_of(*remark.place), remark.text)
        for rule in _RULES
        for remark in rule(reading.study)
    ]
    return sorted(found, key=lambda finding: (_ORDER.index(finding.level), finding.line))
