"""From a sealed snapshot to the finished folder: verified first, written beside, then put in place whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from attunement import __version__, process
from attunement.cost import Costing
from attunement.disclosure import Approval, Named, Published, Register, profile
from attunement.impact import Plan
from attunement.process import Flow
from attunement.process.interviews import QuoteBank, Told, read_quotes, read_told
from attunement.report import bundle, checklist, gating, html, notices, printing, releasing
from attunement.report.authors import Authors
from attunement.report.authors import read as read_authors
from attunement.report.chapters import (
    about,
    authored,
    costs,
    delivery,
    experience,
    for_families,
    impact,
    implementation,
    interviewed,
    methods,
    people,
    security,
    summary,
    worth,
)
from attunement.report.consort import count
from attunement.report.effects import Answer, answers
from attunement.report.errors import ReportError
from attunement.report.estimates import as_json
from attunement.report.ledger import Ledger
from attunement.report.material import Material, gather
from attunement.report.model import Document, Section
from attunement.report.outputs import as_csv, as_text
from attunement.report.snapshot import Snapshot


@dataclass(frozen=True)
class Built:
    """Where the report lies."""

    html: Path
    results_json: Path
    csv: tuple[Path, ...]
    pdf: Path | None = None
    word: Path | None = None


def build(
    snapshot: Path | str, to: Path | str, *, arm_key: Path | str | None = None, plan: Plan | None = None,
    not_for_publication: bool = False, pdf: bool = False, word: bool = False, final: bool = False,
    checklists: Path | str | None = None, watermark: str = "", authors: Path | str | None = None,
    register: Register | None = None, approval: Approval | None = None, enter: Callable[[Register], None] | None = None,
    quotes: QuoteBank | Path | str | None = None, interviews: Told | Path | str | None = None,
) -> Built:  # fmt: skip
    """Verify the snapshot, make the report and put it in the folder `to`.

    Without `arm_key` and without `arm_key/arms.parquet` in the snapshot a dummy key is made up, and every page says
    so. Without `plan` the study file is the plan; what is not in the plan is labelled post hoc. Every number passes the
    disclosure gate under the study file's profile; `not_for_publication` gives the true counts instead, for those who
    run the trial, and says so. `pdf` and `word` ask for those files too. `checklists`: the authors' own answers to the
    reporting guidelines; a `final` report is refused while an item has none. `watermark`: a word or two, such as DRAFT,
    on every chapter and page. `authors`: the authors' own texts (`authors.read`); what they have not written is named.
    `quotes`: the bank, or its file, of the quotes that those texts ask for by id; only cleared ones are printed.
    `interviews`: how many were held and what was spoken of, as counts, or their file.

    With `approval` it is a release: it is held to everything in `register`, `release.json` says what it is and who
    approved it, and before anything lies in the folder `enter` is handed the register with this release in it. What was
    released leaves the same way again. Raises ReportError for a snapshot that does not hold, CountsDoNotAddUp for counts
    that do not; then `to` is as it was. An earlier report in `to` is replaced, anything else there is refused. Same
    snapshot, same bytes.
    """
    target = Path(to)
    _may_write(target, Path(snapshot))
    material = gather(Snapshot.open(snapshot, arm_key=arm_key))
    earlier, written = register or Register(), _handed(read_authors(authors), quotes, interviews)
    document, results, named = _gated(material, plan, not_for_publication, written, earlier.releases)
    files = _files(document, results, pdf=pdf, word=word, final=final, lists=_answered(checklists, written),
                   watermark=watermark)  # fmt: skip
    if approval is not None and named is not None:
        left = releasing.described(material, files, named, earlier, approval)
        files["release.json"] = as_text(left)
        if enter is not None:
            enter(earlier.entered(named, left))
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for name, content in files.items():
            path = beside / "report" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.write_text(content, encoding="utf-8", newline="\n")
        _put(beside, target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    tables = tuple(target / name for name in files if name.startswith("tables/"))
    more = (target / name if name in files else None for name in ("report.pdf", "report.docx"))
    return Built(target / "report.html", target / "results.json", tables, *more)


def _handed(authors: Authors, quotes: QuoteBank | Path | str | None, told: Told | Path | str | None) -> Authors:
    """The authors' texts with what comes beside them: the quotes, and what the interviews brought."""
    try:
        bank = quotes if isinstance(quotes, QuoteBank) else read_quotes(quotes) if quotes else QuoteBank()
        return replace(authors, quotes=bank, told=told if isinstance(told, Told) else read_told(told) if told else None)
    except process.ProcessError as fault:
        raise ReportError(str(fault)) from None


def make(
    material: Material, *, plan: Plan | None = None, not_for_publication: bool = False, pdf: bool = False,
    word: bool = False, final: bool = False, checklists: Path | str | None = None, watermark: str = "",
    authors: Authors | None = None,
) -> dict[str, str | bytes]:  # fmt: skip
    """Every file of the report by its name in the folder."""
    authors = authors or Authors()
    document, results = write(material, plan=plan, not_for_publication=not_for_publication, authors=authors)
    return _files(document, results, pdf=pdf, word=word, final=final, lists=_answered(checklists, authors),
                  watermark=watermark)  # fmt: skip


def _answered(checklists: Path | str | None, authors: Authors) -> Any:
    return checklist.answered(checklist.read(checklists), authors.checklists, "The authors' file")


def _files(
    document: Document, results: dict[str, Any], *, pdf: bool, word: bool, final: bool, lists: Any, watermark: str
) -> dict[str, str | bytes]:
    if final:
        checklist.hold_final(document, lists)
    document = replace(checklist.attached(document, lists), watermark=watermark)
    files: dict[str, str | bytes] = {"report.html": html.render(document), "results.json": as_text(results)}
    files |= {f"tables/{table.id}.csv": as_csv(table, document) for table in document.tables()}
    files |= bundle.files(document, results)
    if pdf:
        from attunement.report.pdf import render as as_pdf

        files["report.pdf"] = as_pdf(document)
    if word:
        from attunement.report.word import render as as_word

        files["report.docx"] = as_word(document)
    return files


def write(
    material: Material, *, plan: Plan | None = None, not_for_publication: bool = False, authors: Authors | None = None
) -> tuple[Document, dict[str, Any]]:
    """The document, and the results as JSON will hold them."""
    return _gated(material, plan, not_for_publication, authors or Authors(), ())[:2]


def _gated(
    material: Material, plan: Plan | None, not_for_publication: bool, authors: Authors, released: Sequence[Published]
) -> tuple[Document, dict[str, Any], Named | None]:
    """What is written, and the counts that leave with it (None: it may not leave). Written once with true counts, which
    are held to add up, and again with those that the gate lets out.
    """
    counted = _counted(material, plan)
    ledger = Ledger()
    written = _written(material, counted, authors, ledger)
    if not_for_publication:
        return *written, None
    gate = ledger.decide(profile(material.study.disclosure.profile), released, releasing.cut(material))
    return *_written(material, counted, authors, Ledger(gate)), gate.named


@dataclass(frozen=True)
class _Counted:
    """What is counted and estimated from the rows, before anything is written."""

    records: pl.DataFrame
    found: Flow
    answered: tuple[Answer, ...]
    costed: Costing | None
    awaited: dict[str, tuple[str, int]]


def _counted(material: Material, plan: Plan | None) -> _Counted:
    records = process.records_states(
        material.families, material.outcomes, study=material.study, known_on=material.known_on
    )
    found = count(material, records)
    awaited = notices.not_yet_known(material, records)
    return _Counted(records, found, answers(material, records, plan), costs.costed(material), awaited)


def _written(material: Material, counted: _Counted, authors: Authors, ledger: Ledger) -> tuple[Document, dict[str, Any]]:
    awaited = counted.awaited
    gating.learn(counted.answered, counted.costed, material.arms, ledger)
    answered = gating.answered(counted.answered, ledger)
    meta = material.snapshot.manifest.meta
    cut = printing.day(meta.known_on)
    sections = _chapters(material, counted, answered, authors, ledger)
    document = Document(
        title=material.study.title,
        subtitle=f"Evaluation report · data cut {cut} · study file version {meta.study_version}",
        language="en-GB",
        notices=notices.notices(material, awaited, ledger),
        sections=sections,
        results=ledger.results,
        dated=meta.known_on,
    )
    told = {"interviews_sha256": None if authors.told is None else authors.told.sha256}
    return document, _results(material, answered, awaited, ledger) | told | {"printed": dict(document.printed())}


def _chapters(
    material: Material, counted: _Counted, answered: tuple[Answer, ...], authors: Authors, ledger: Ledger
) -> tuple[Section, ...]:
    """In the reader's order. Those with authors' words are written last: they may print any result."""
    found, had = counted.found, None if counted.costed is None else counted.costed.delivered
    costed = gating.costed(material.study, counted.costed, ledger)
    short = summary.summary_chapter(material, found, answered, costed, had, ledger)
    results = (
        people.flow_chapter(material, found, ledger),
        people.baseline_chapter(material, ledger),
        impact.primary_chapter(material, answered, ledger),
        impact.secondary_chapter(material, answered, ledger),
        impact.records_chapter(material, answered, counted.records, ledger),
        delivery.delivery_chapter(material, ledger),
        experience.experience_chapter(material, authors, ledger),
        implementation.implementation_chapter(material, authors, ledger),
        interviewed.interviews_chapter(material, authors, ledger),
        costs.cost_chapter(material, costed, had, ledger),
        worth.worth_chapter(material, answered, counted.records, counted.costed, costed, ledger),
    )
    methods_ = methods.methods_chapter(material, found, authors, ledger)
    secure = security.security_chapter(found, authors, ledger)
    return (
        replace(short, blocks=(*authored.key_findings(authors, ledger), *short.blocks)),
        for_families.families_chapter(material, found, answered, authors, ledger),
        authored.cover_chapter(material, authors, ledger),
        authored.background_chapter(material, authors, ledger),
        methods_,
        *results,
        *authored.conclusions(material, authors, ledger),
        secure,
        authored.references_chapter(authors, ledger),
        about.about_chapter(material, authors),
    )


def _results(
    material: Material, answered: tuple[Answer, ...], awaited: dict[str, tuple[str, int]], ledger: Ledger
) -> dict[str, Any]:
    manifest = material.snapshot.manifest
    return {
        "study": material.study.slug,
        "study_version": manifest.meta.study_version,
        "known_on": manifest.meta.known_on.isoformat(),
        "snapshot_sha256": manifest.sha256,
        "software": {"snapshot": manifest.meta.software, "report": f"attunement {__version__}"},
        "sites": list(manifest.meta.sites),
        "demonstration": manifest.meta.demonstration,
        "arm_key": material.key.state,
        "withheld": [part for part in manifest.absent if part != "arm_key"],
        "disclosure": None if ledger.gate is None else ledger.gate.profile.name,
        "not_yet_known": {code: ledger.shown(f"not_yet_known.{code}", n) for code, (_, n) in awaited.items()},
        "incomplete": any(n for _, n in awaited.values()),
        "estimates": [as_json(answer, material, ledger) for answer in answered],
        "counts": {id_: r.value for id_, r in ledger.results.items() if id_.startswith("flow.")},
        "numbers": {id_: {"value": r.value, "text": r.text} for id_, r in ledger.results.items()},
    }


def _put(beside: Path, target: Path) -> None:
    """Put the finished folder in place of an earlier one, which comes back if that fails."""
    earlier = beside / "earlier"
    if target.exists():
        target.rename(earlier)
    try:
        (beside / "report").rename(target)
    except OSError:
        if earlier.exists():
            earlier.rename(target)
        raise


def _may_write(target: Path, snapshot: Path) -> None:
    if target.resolve().is_relative_to(snapshot.resolve()):
        raise ReportError("The report cannot be put into the snapshot itself: name a folder elsewhere.")
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise ReportError(f"{target} is not a folder, so no report can be put there.")
    if target.is_dir() and any(target.iterdir()) and not (target / "results.json").is_file():
        raise ReportError(f"{target} holds something else than a report; name an empty or a new folder.")
