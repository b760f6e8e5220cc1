"""`attunement report`: from a snapshot to the report, and from an edited Word file back to the results."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

_USAGE = """attunement report SNAPSHOT --to DIR [--pdf] [--word] [--final] [--arm-key FILE] [--plan STUDY]
                         [--checklists FILE] [--authors FILE] [--quotes FILE] [--interviews FILE] [--watermark TEXT]
                         [--not-for-publication] [--register FILE --approved-by NAME]
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
    report.add_argument("--quotes", type=Path, help="the quote bank's file, for the quotes in the authors' texts")
    report.add_argument("--interviews", type=Path, help="what interviews brought, as counts: how many, and on what themes")
    report.add_argument("--watermark", default="", help="say DRAFT: on every chapter and page until it is final")
    report.add_argument("--results", type=Path, help="with merge: the results.json that the file was printed from")
    report.add_argument("--not-for-publication", action="store_true", help="true counts, for those who run the trial")
    report.add_argument("--register", type=Path, help="all that was released for the study; this release is entered in it")
    report.add_argument("--approved-by", metavar="NAME", help="who approves the release")
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
    if (options.register is None) != (options.approved_by is None):
        words.error("--register and --approved-by belong together: what is released has a person who approved it")
    if options.register is not None and options.not_for_publication:
        words.error("true counts are not released: leave out --register or --not-for-publication")
    return _build(options)


def _build(options: argparse.Namespace) -> int:
    from datetime import date

    from attunement import impact, report, study
    from attunement.disclosure import Approval, Register

    plan = None if options.plan is None else impact.plan_of(study.load(options.plan))
    path = options.register
    register = None if path is None else Register.read(path)
    approval = None if path is None else Approval(options.approved_by, date.today())
    built = report.build(options.snapshot, options.to, arm_key=options.arm_key, plan=plan, pdf=options.pdf,
                         word=options.word, not_for_publication=options.not_for_publication, final=options.final,
                         checklists=options.checklists, authors=options.authors, watermark=options.watermark,
                         register=register, approval=approval, quotes=options.quotes, interviews=options.interviews,
                         enter=None if path is None else lambda entered: entered.write(path))
    print(f"The report: {built.html}")
    for more in (built.pdf, built.word):
        if more is not None:
            print(f"      also: {more}")
    if path is None and not options.not_for_publication:
        print("It is in no register of releases. Before it leaves, build it with --register and --approved-by.")
    return 0


def _merge(options: argparse.Namespace) -> int:
    from attunement import report

    merged = report.merge(options.edited, results=options.results, to=options.to)
    for line in merged.lines:
        print(line)
    print(f"The merged report: {merged.path}")
    return 1 if merged.lines else 0
