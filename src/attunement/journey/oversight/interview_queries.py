"""What was coded, as the science takes it: codebook, project, differences of two coders, framework matrix, quote bank."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import polars as pl
from django.db.models import QuerySet

from attunement import report
from attunement.journey.oversight.interview_models import CodebookVersion, Interview, Passage, Sample, Source, Summary
from attunement.journey.oversight.models import Snapshot
from attunement.journey.trail import clock
from attunement.journey.trail.errors import Refused
from attunement.process import interviews
from attunement.process.interviews import Change, Code, Codebook, Coding, Drawn, Project, Quote, QuoteBank, Told

SETTLED = "settled"
"""The coder of what two coders have settled."""


def sources() -> QuerySet[Source]:
    """The texts that may be used: none of a family that took its consent back."""
    return Source.objects.filter(family__interview__consented_on__isnull=False,
                                 family__interview__ended_on=None).select_related("family__site")


def passages() -> QuerySet[Passage]:
    return Passage.objects.filter(source__in=sources()).select_related("source__family__site", "coder")


def book() -> Codebook:
    """The codebook as it stands now, with every change since the first."""
    versions = list(CodebookVersion.objects.select_related("by"))
    if not versions:
        return Codebook()
    told = tuple(Change(one.number, one.verb, one.code, one.by.code, clock.day_of(one.at), one.why) for one in versions)
    return Codebook(tuple(Code(**code) for code in versions[-1].codes), versions[-1].number, told)


def project() -> Project:
    """Every text and passage; a coder is a code, not a name."""
    kept = tuple(interviews.Source(one.name, one.family.code, one.text, one.kind, str(one.consented_on))  # type: ignore[arg-type]
                 for one in sources())
    return Project("Interviews", book(), kept, tuple(_coding(one) for one in passages()))


def _coding(passage: Passage) -> Coding:
    return Coding(passage.source.name, passage.start, passage.end, passage.code, passage.coder.code)


def pair(of: Project) -> tuple[str, str] | None:
    """The two who coded most; None while there is one coder alone, or no text that both coded."""
    counts = {coder: sum(one.coder == coder for one in of.codings) for coder in sorted({one.coder for one in of.codings})}
    if len(counts) < 2:
        return None
    first, second = sorted(counts, key=lambda coder: -counts[coder])[:2]
    coded = [{one.source for one in of.codings if one.coder == coder} for coder in (first, second)]
    return (first, second) if coded[0] & coded[1] else None


def agreed() -> list[tuple[str, str, str]]:
    """Code by code over sentences: Cohen's kappa and Krippendorff's alpha of the two who coded most."""
    made = project()
    two = pair(made)
    found = interviews.agreement(made, *two, unit="sentence", draws=200) if two else None
    rows = found.iter_rows(named=True) if found is not None else ()
    return [(str(row["code"]), *("not defined" if row[name] is None else f"{row[name]:.2f}" for name in ("kappa", "alpha")))
            for row in rows]  # type: ignore[misc]


def differing() -> list[tuple[Passage, str, str]]:
    """Passages that one of two coders has and the other has not: the passage, whose it is, who has it not."""
    made = project()
    two = pair(made)
    by_coding = {_coding(one): one for one in passages()} if two else {}
    return [(by_coding[one.coding], one.by, one.not_by) for one in interviews.differences(made, *two)] if two else []


def settled() -> Project:
    """The project with two codings made one, once every difference is settled; before that as it stands."""
    made = project()
    two, open_ = pair(made), differing()
    if two is None or any(not one.settled for one, _by, _other in open_):
        return made
    stays = {_coding(one).id: one.settled == "stays" for one, _by, _other in open_}
    return interviews.reconcile(made, *two, stays, by=SETTLED)


def matrix() -> interviews.Matrix:
    """The framework matrix: cases by themes, each cell with its passages and, where there is one, its summary."""
    made = settled()
    if not made.codings:
        raise Refused("Nothing has been coded yet, so there is no matrix.")
    empty = interviews.framework(made)
    told = {(one.family.code, one.code): one.text for one in Summary.objects.select_related("family")}
    return interviews.framework(made, {key: text for key, text in told.items()
                                       if key in empty.cells and empty.cells[key].passages})


def bank() -> QuoteBank:
    """Every passage that was proposed as a quote, with whether it may be shown; a note speaks for a practitioner."""
    proposed = Passage.objects.exclude(clearance="").select_related("source__family__site").order_by("pk")
    return QuoteBank(tuple(Quote(one.quote, one.source.name, one.words, _speaker(one.source), one.clearance)  # type: ignore[arg-type]
                           for one in proposed))


def _speaker(source: Source) -> str:
    who = "a note on a session" if source.kind == "session_note" else "a parent or carer"
    return f"{who}, {source.family.site.name}"


def told(arms: Mapping[str, str] | None = None) -> Told | None:
    """What the interviews bring to a report, as counts; None where nobody was drawn. `arms`: of families by code, once the
    key is released; without it quotas on the arm are left out.
    """
    sample = Sample.objects.select_related("snapshot").last()
    if sample is None:
        return interviews.told_of(settled()) if Interview.objects.exists() else None
    return interviews.told_of(settled(), _drawn(sample, arms))


def without_key(snapshot: Snapshot) -> report.Snapshot:
    """A snapshot as those who draw see it, before and after its key is released."""
    return replace(report.Snapshot.open(snapshot.path), key=None)


def _drawn(sample: Sample, arms: Mapping[str, str] | None) -> Drawn:
    """The sample as it was drawn, from the same snapshot again: no family's arm or stage is kept beside its interview."""
    reserve = dict(Interview.objects.values_list("family__code", "reserve"))
    frame = interviews.sampling_frame(without_key(sample.snapshot), reserve)
    if arms is not None:
        frame = frame.with_columns(arm=pl.Series([arms.get(code) for code in frame["family"]], dtype=pl.String))
    chosen = frame.filter(~pl.col("family").replace_strict(reserve, return_dtype=pl.Boolean))
    rows = []
    for column, level, least in sample.quotas:
        if column != "arm" or arms is not None:
            have = int((chosen[column] == level).sum())
            rows.append((column, level, least, int((frame[column] == level).sum()), have, max(least - have, 0)))
    names = ("column", "level", "least", "in_frame", "chosen", "short")
    kinds: dict[str, type[pl.DataType]] = {name: pl.String if name in names[:2] else pl.Int64 for name in names}
    others = frame.join(chosen, on="family", how="anti")
    return Drawn(chosen, others, pl.DataFrame(rows, schema=kinds, orient="row"))


FILES: dict[str, Callable[[Path], object]] = {
    "matrix.xlsx": lambda path: interviews.to_workbook(matrix(), path),
    "matrix.docx": lambda path: interviews.to_word(matrix(), path),
    "project.qdpx": lambda path: interviews.write_project(project(), path),
    "codebook.qdc": lambda path: interviews.write_codebook(book(), path),
    "interviews.json": lambda path: interviews.write_told(told() or Told(), path),
    "quotes.json": lambda path: interviews.write_quotes(bank(), path),
}


def file(name: str) -> bytes:
    """A file for other programs, by its name in FILES."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        FILES[name](path)
        return path.read_bytes()


def marked(source: Source) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether a passage holds it."""
    edges = sorted({0, len(source.text), *(place for one in source.passages.all() for place in (one.start, one.end))})
    spans = [(one.start, one.end) for one in source.passages.all()]
    for start, end in pairwise(edges):
        yield source.text[start:end], any(first <= start and end <= last for first, last in spans)
