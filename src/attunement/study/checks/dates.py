"""The calendar: statements that disagree, none or too many adopted, randomisation before intake."""

from __future__ import annotations

from collections.abc import Iterator

from attunement.study.english import day, listed, quoted
from attunement.study.findings import Remark
from attunement.study.planned import said
from attunement.study.schema import Dated, Study

_NEEDED = {
    "intake": "nobody can work out when the last family's data exist",
    "delivery": "nobody can tell whether the last family's sessions fit in",
}


def remarks(study: Study) -> Iterator[Remark]:
    for index, line in enumerate(study.calendar):
        yield from _one(index, line)
    for what in dict.fromkeys(line.what for line in study.calendar):
        yield from _together(study, what)
    for what, loss in _NEEDED.items():
        adopted = said(study, what)
        if adopted is None or adopted.end is None:
            yield Remark("problem", ("calendar",), f"The calendar adopts no end of {what}, so {loss}.")
    yield from _before_intake(study)
    yield from _against_tables(study)


def _one(index: int, line: Dated) -> Iterator[Remark]:
    place = ("calendar", index)
    if line.start is None and line.end is None:
        yield Remark("problem", place, f"The statement {line.code} has neither a start nor an end.")
    elif line.start and line.end and line.start > line.end:
        text = f"The statement {line.code} ends on {day(line.end)}, before it starts on {day(line.start)}."
        yield Remark("problem", (*place, "end"), text)


def _together(study: Study, what: str) -> Iterator[Remark]:
    lines = [(index, line) for index, line in enumerate(study.calendar) if line.what == what]
    adopted = [(index, line) for index, line in lines if line.adopted]
    name = what.replace("_", " ")
    if not adopted:
        text = f"No statement about {name} is adopted: say which one holds."
        yield Remark("problem", ("calendar", lines[0][0]), text)
    for ends in ("start", "end"):
        if not _agree([line for _, line in lines], ends):
            told = listed(_telling(line, ends) for _, line in lines if getattr(line, ends))
            goes_by = f" This study goes by {adopted[0][1].code}." if len(adopted) == 1 else ""
            text = f"The statements about the {ends} of {name} contradict each other: {told}.{goes_by}"
            yield Remark("problem", ("calendar", lines[-1][0], ends), text)
        if not _agree([line for _, line in adopted], ends):
            codes = listed(line.code for _, line in adopted)
            text = f"{codes} are both adopted and give {name} a different {ends}: only one can hold."
            yield Remark("problem", ("calendar", adopted[-1][0], "adopted"), text)


def _agree(lines: list[Dated], ends: str) -> bool:
    return len({getattr(line, ends) for line in lines if getattr(line, ends)}) < 2


def _telling(line: Dated, ends: str) -> str:
    return f"{line.code} says {day(getattr(line, ends))} ({line.source})"


def _before_intake(study: Study) -> Iterator[Remark]:
    start = said(study, "randomisation")
    if start is None or start.start is None:
        return
    place = ("calendar", study.calendar.index(start), "start")
    for line in study.calendar:
        if line.what == "intake" and line.start and start.start < line.start:
            text = (
                f"Randomisation may start before intake: {start.code} starts it on {day(start.start)}, and "
                f"{line.code} lets the first families come in on {day(line.start)} ({quoted(line.text)})."
            )
            yield Remark("problem", place, text)


def _against_tables(study: Study) -> Iterator[Remark]:
    review, report = said(study, "review_point"), said(study, "report")
    on = study.review_point.on
    if review and ((review.start and on < review.start) or (review.end and on > review.end)):
        text = f"The review point is on {day(on)}, but the calendar says: {quoted(review.text)}"
        yield Remark("problem", ("review_point", "on"), text)
    if report and report.end and all(planned.due > report.end for planned in study.reports):
        text = f"The calendar says {quoted(report.text)}, but no report is due by {day(report.end)}."
        yield Remark("problem", ("reports",), text)
