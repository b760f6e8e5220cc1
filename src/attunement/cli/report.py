"""`attunement report`: from a snapshot to the report, and from an edited Word file back to the results."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

_USAGE = """attunement report SNAPSHOT --to DIR [--pdf] [--word] [--final] [--arm-key FILE] [--plan STUDY]
                         [--checklists FILE] [--authors FILE] [--watermark TEXT] [--not-for-publication]
       attunement report merge EDITED.docx [--results FILE] [--to FILE]"""


def add(commands: Any) -> None:
    words = "build the report of a snapshot, or hold an edited Word file to the results"
    report = commands.add_parser("report", help=words, description=words, usage=_USAGE)
    report.add_argument("snapshot", metavar="SNAPSHOT", help="a snapshot's folder; or the word merge")
    report.add_argument("edited", metavar="EDITED.docx", nargs="?", type=Path, help="with merge: the edited report")
    report.add_argument("--to", type=Path, help="the report's folder; with merge: the merged file")
    report.add_argument("--arm-key", type=Path)
    report.add_argument("--pdf", action="store_true", help="also report.pdf, PDF/UA-1 and PDF/A-2a")
    report.add_argument("--word", action="store_true", help="also report.docx, each number in a control")
    report.add_argument("--plan", help="the study file whose plan was locked; what it lacks is labelled post hoc")
    report.add_argument("--final", action="store_true", help="refuse while a checklist has an empty row")
    report.add_argument("--checklists", type=Path, help="where each item stands, or why it does not apply")
    report.add_argument("--authors", type=Path, help="the authors' own texts, numbers by their ids in braces")
    report.add_argument("--watermark", default="", help="say DRAFT: on every chapter and page until it is final")
    report.add_argument("--results", type=Path, help="with merge: the results.json that the file was printed from")
    report.add_argument("--not-for-publication", action="store_true", help="true counts, for those who run the trial")
    report.set_defaults(run=lambda options: _run(options, report))


def _run(options: argparse.Namespace, words: argparse.ArgumentParser) -> int:
    if options.snapshot == "merge" and options.edited is not None:
        return _merge(options)
    if options.snapshot == "merge" and not Path("merge").is_dir():
        words.error("merge needs the edited file: attunement report merge EDITED.docx")
    if options.edited is not None:
        words.error(f"unrecognised: {options.edited}")
    if options.to is None:
        words.error("the following arguments are required: --to")
    return _build(options)


def _build(options: argparse.Namespace) -> int:
    from attunement import impact, report, study

    plan = None if options.plan is None else impact.plan_of(study.load(options.plan))
    built = report.build(options.snapshot, options.to, arm_key=options.arm_key, plan=plan, pdf=options.pdf,
                         word=options.word, not_for_publication=options.not_for_publication, final=options.final,
                         checklists=options.checklists, authors=options.authors, watermark=options.watermark)
    print(f"The report: {built.html}")
    for path in (built.pdf, built.word):
        if path is not None:
            print(f"      also: {path}")
    return 0


def _merge(options: argparse.Namespace) -> int:
    from attunement import report

    merged = report.merge(options.edited, results=options.results, to=options.to)
    for line in merged.lines:
        print(line)
    print(f"The merged report: {merged.path}")
    return 1 if merged.lines else 0
