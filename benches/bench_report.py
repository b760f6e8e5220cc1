"""The report's files from finished results: CPU time of each, the PDF beside WeasyPrint and Word beside pandoc.

The report is that of the VIG rehearsal: the demonstration's of this checkout (`make demo`), or the folder that
$ATTUNEMENT_REHEARSAL names (`attunement rehearse vig --to FOLDER`); without either, of a made-up snapshot, and it says so.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.table import Table

from benches import peers

COPIES = 5


def bench(shown: Table) -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from attunement.report import Snapshot, html, pdf, word
    from attunement.report.building import write
    from attunement.report.material import gather

    with tempfile.TemporaryDirectory() as folder:
        whose, path = _snapshot(Path(folder))
        material = gather(Snapshot.open(path))
        document, _ = write(material, authors=_authors())
        shown.add_row("The report is of", f"{whose}, {material.placed.height} families allocated", "the VIG rehearsal")
        long = _long(document)
        page, _ = _cpu(lambda: html.render(document))
        shown.add_row("The report as HTML", f"{page:.3f} s", "≤ 2 s")
        ours = {}
        cold = _cold(document)
        shown.add_row("PDF of the report, first time in a process", "" if cold is None else f"{cold:.2f} s", "≤ 1.5 s")
        for name, one in (("short", document), ("long", long)):
            ours[name], _ = _cpu(lambda one=one: pdf.render(one))
            said = f"{ours[name]:.2f} s, {len(pdf.pages(one, ppi=10))} pages"
            shown.add_row(f"PDF/UA-1 and A-2a, the {name} one", said, "≤ 1.5 s" if name == "short" else "")
        spent, _ = _cpu(lambda: word.render(document))
        shown.add_row("The report as Word, figures set as PNG", f"{spent:.2f} s", "≤ 2 s")
        for name, one, goal in (("short", document, 5), ("long", long, 15)):
            _beside(shown, name, html.render(one), Path(folder), ours[name], goal)
        _checked(shown, pdf.render(document), Path(folder))
        _pandoc(shown, html.render(document), Path(folder), spent)


def _snapshot(folder: Path) -> tuple[str, Path]:
    """Whose snapshot is measured on, and where it lies."""
    from attunement.web import place

    own, root = os.environ.get("ATTUNEMENT_REHEARSAL"), Path(__file__).resolve().parent.parent
    for whose, path in (("a rehearsal", Path(own) if own else None), ("the demonstration", place.data_root(root))):
        if path is not None and (path / "snapshot" / "manifest.json").is_file():
            return whose, path / "snapshot"
    from tests.report.conftest import write_snapshot

    return "a made-up snapshot", write_snapshot(folder / "snapshot", families=60)


def _authors() -> Any:
    """With the words that a rehearsal's final report has."""
    from attunement.rehearsal import authors
    from attunement.report.authors import read

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "authors.toml"
        path.write_text(authors(), encoding="utf-8")
        return read(path)


def _long(document: Any) -> Any:
    """The same chapters many times over, under ids of their own."""
    from attunement.report.model import Figure, Section
    from attunement.report.model import Table as Grid

    def again(block: Any, turn: int) -> Any:
        if isinstance(block, Section):
            return replace(block, id=f"{block.id}-{turn}", blocks=tuple(again(one, turn) for one in block.blocks))
        if isinstance(block, Figure):
            return replace(block, id=f"{block.id}-{turn}", data=again(block.data, turn))
        return replace(block, id=f"{block.id}-{turn}") if isinstance(block, Grid) else block

    sections = tuple(again(one, turn) for turn in range(COPIES) for one in document.sections)
    return replace(document, sections=sections)


def _cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    before = time.process_time()
    made = work()
    return time.process_time() - before, made


def _cold(document: Any) -> float | None:
    """The same in a process that has done nothing yet, imports of typst included."""
    if not hasattr(os, "fork"):
        return None
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = os.fork()
    if child == 0:
        from attunement.report import pdf

        pdf.render(document)
        os._exit(0)
    os.waitpid(child, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


_WEASYPRINT = """
import sys, time, weasyprint
page = open(sys.argv[1], encoding="utf-8").read()
before = time.process_time()
weasyprint.HTML(string=page).write_pdf(pdf_variant="pdf/ua-1")
print(time.process_time() - before)
"""
_RULES = """
import sys, page
kinds = (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_2A)
rules = [page.validate_pdf(sys.argv[1], profile=kind).rules for kind in kinds]
print("UA-1 {}/{}, A-2a {}/{}".format(*(n for one in rules for n in (one.passed, one.total))))
"""
_ALOUD = """
import subprocess, sys
from pathlib import Path
done = subprocess.run([str(Path(sys.executable).with_name("outloud")), "-q", sys.argv[1]], capture_output=True, text=True)
print(done.stdout.split("report.pdf:")[1].split("[")[0].strip())
"""


def _beside(shown: Table, name: str, page: str, folder: Path, ours: float, goal: int) -> None:
    path = folder / f"{name}.html"
    path.write_text(page, encoding="utf-8")
    spent = peers.asked(_WEASYPRINT, str(path))
    told = "peer not installed" if spent is None else f"{float(spent):.1f} s, {float(spent) / ours:.1f} × ours"
    shown.add_row(f"WeasyPrint, the {name} one", told, f"≥ {goal} × ours")


def _checked(shown: Table, made: bytes, folder: Path) -> None:
    (folder / "report.pdf").write_bytes(made)
    for name, script, goal in (("page-validation", _RULES, "all"), ("outloud", _ALOUD, "0 error(s)")):
        told = peers.asked(script, str(folder / "report.pdf"))
        shown.add_row(f"The PDF by {name}", told or "peer not installed", goal)


def _pandoc(shown: Table, page: str, folder: Path, ours: float) -> None:
    if shutil.which("pandoc") is None:
        shown.add_row("pandoc from the HTML to Word", "peer not installed", "")
        return
    (folder / "page.html").write_text(page, encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["pandoc", "page.html", "-o", "page.docx"], cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    shown.add_row("pandoc from the HTML to Word", f"{spent:.2f} s, {spent / ours:.1f} × ours", "")
