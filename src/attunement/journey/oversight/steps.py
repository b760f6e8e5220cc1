"""The way from a registered plan to a final report: its steps in order, who takes each, and which may follow which."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A step of the lock. `after`: the steps that it may follow; `says`: what has been settled once it is taken."""

    code: str
    title: str
    button: str
    right: str
    after: tuple[str, ...]
    says: str


_ORDER = (
    Kind("plan", "Plan registered", "Begin a lock", "oversight.lock", (),
         "The plans of impact, process and cost stand under their hashes, with the study's version and the day."),
    Kind("cut", "Data cut", "Set the day of the data cut", "oversight.lock", ("plan",),
         "What became known after this day is in no analysis."),
    Kind("queries", "Queries closed", "Close the queries", "oversight.lock", ("cut", "review"),
         "No question about a value is open, and a blind copy of the data lies ready on scrambled groups."),
    Kind("review", "Blind review", "Hold the blind review", "oversight.analyse", ("queries",),
         "Exclusions, coding and missing values are decided by people who do not know the groups, and minuted."),
    Kind("frozen", "Snapshot frozen", "Freeze the snapshot", "oversight.lock", ("review",),
         "The data are what the blind review saw, under one manifest; the arm key is sealed apart."),
    Kind("key", "Arm key released", "Release the arm key", "oversight.release", ("frozen",),
         "Two people have released the key, each for themselves."),
    Kind("run", "Analysis run", "Run the analysis", "oversight.analyse", ("key",),
         "The registered plan has been run; code, locked packages and seeds are written down."),
    Kind("results", "Results stored", "Store the results", "oversight.lock", ("run",),
         "The results lie in the store under their own hash."),
    Kind("report", "Report built", "Build the report", "oversight.lock", ("results",),
         "The report prints the stored results."),
    Kind("rerun", "Run again", "Run it again, independently", "oversight.analyse", ("report",),
         "Another person has run the same snapshot, with the same ids and values."),
    Kind("draft", "Draft", "Issue a draft", "oversight.lock", ("rerun", "draft", "reviewed"),
         "A draft with its watermark is out."),
    Kind("reviewed", "Reviewed", "Record the review of this draft", "oversight.analyse", ("draft",),
         "Somebody else has read the draft and said what came of it."),
    Kind("final", "Final", "Make it final", "oversight.lock", ("reviewed",),
         "The report is final: every row of the reporting checklists is answered."),
)  # fmt: skip
KINDS = {kind.code: kind for kind in _ORDER}
EDITIONS = ("draft", "reviewed", "final")


def following(last: str | None) -> tuple[Kind, ...]:
    """The steps that may come now; `last` is the step taken last, None before the first. The way forward comes first."""
    found = [kind for kind in _ORDER if (last in kind.after if last else not kind.after)]
    return tuple(sorted(found, key=lambda kind: KINDS[kind.code] is not _next(last)))


def _next(last: str | None) -> Kind | None:
    place = 0 if last is None else 1 + _ORDER.index(KINDS[last])
    return _ORDER[place] if place < len(_ORDER) else None
