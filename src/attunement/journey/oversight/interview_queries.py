"""What was coded, as the science takes it: a project, its framework matrix, and how far two coders agree."""

from __future__ import annotations

import tempfile
from pathlib import Path

from attunement.journey.oversight.models import Interview, Passage
from attunement.journey.trail import clock
from attunement.journey.trail.errors import Refused
from attunement.process import ProcessError, interviews


def project() -> interviews.Project:
    """Every transcript and passage; a theme is a code of the codebook, a coder is its number."""
    guids: dict[str, str] = {}
    book = interviews.Codebook()
    passages = list(Passage.objects.select_related("interview__family"))
    for theme in sorted({one.theme for one in passages}):
        book = book.add(theme, by="interviews", on=clock.today(), why="A theme of the coding")
        guids[theme] = book.codes[-1].guid
    kept = Interview.objects.exclude(text="").select_related("family")
    sources = tuple(interviews.Source(one.family.code, one.family.code, one.text, consent=str(one.consented_on))
                    for one in kept)
    codings = tuple(interviews.Coding(one.interview.family.code, one.start, one.end, guids[one.theme], f"P{one.coder_id}")
                    for one in passages)
    return interviews.Project("Interviews", book, sources, codings)


def matrix() -> bytes:
    """The framework matrix as a workbook: cases by themes, each cell with its passages."""
    made = project()
    if not made.codings:
        raise Refused("Nothing has been coded yet, so there is no matrix.")
    with tempfile.TemporaryDirectory() as folder:
        return interviews.to_workbook(interviews.framework(made), Path(folder) / "matrix.xlsx").read_bytes()


def agreed() -> list[tuple[str, str]]:
    """Cohen's kappa of the two who coded most, theme by theme over sentences; empty while there is one coder alone."""
    made = project()
    counts = {coder: sum(one.coder == coder for one in made.codings) for coder in {one.coder for one in made.codings}}
    if len(counts) < 2:
        return []
    first, second = sorted(sorted(counts), key=lambda coder: -counts[coder])[:2]
    try:
        found = interviews.agreement(made, first, second, unit="sentence", draws=200)
    except ProcessError:
        return []
    return [(str(row["code"]), "not defined" if row["kappa"] is None else f"{row['kappa']:.2f}")
            for row in found.iter_rows(named=True)]
