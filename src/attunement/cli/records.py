"""`attunement records …`: read an authority's returns, and cut the cohort out of them inside the authority."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    words = "read local-authority returns, and make our workbook from them"
    records = commands.add_parser("records", help=words, description=words)
    inner = records.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = inner.add_parser(name, help=words, description=words)
        made.set_defaults(run=run)
        made.add_argument("--dates", choices=("dmy", "iso"), help="how the file writes dates that could be two days")
        made.add_argument("--unknown", choices=("drop", "refuse"), default="drop", help="columns that no return has")
        made.add_argument(
            "--spellings", type=Path, metavar="CSV", help="the authority's spellings: set, spelling, code"
        )
        return made

    read = command("read", _read, "what a return holds and what is wrong in it")
    read.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    read.add_argument("--json", action="store_true", help="one object, for programs")
    read.add_argument(
        "--unmapped",
        type=Path,
        metavar="CSV",
        help="write wordings that stand for no code, to be mapped; they stay inside the authority",
    )
    cohort = command("cohort", _cohort, "inside the authority: our workbook for the children of its sheet, and no more")
    cohort.add_argument("returns", nargs="+", type=Path, metavar="RETURN")
    cohort.add_argument("--sheet", type=Path, required=True, metavar="CSV", help="trial_number, child_id, t0")
    cohort.add_argument("--to", type=Path, required=True, metavar="XLSX")
    cohort.add_argument("--extract", type=_day, metavar="DATE", help="the day on which the extract was taken")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("expected a date such as 2022-12-01") from None


def _read(options: argparse.Namespace) -> int:
    import json

    from attunement.records import read
    from attunement.records.saying import lines, write_unmapped

    found = [
        read(path, dates=options.dates, unknown=options.unknown, spellings=options.spellings) for path in options.paths
    ]
    if options.unmapped:
        write_unmapped(options.unmapped, found)
    if options.json:
        print(json.dumps({"files": [one.as_dict() for one in found]}, ensure_ascii=False))
    else:
        print("\n".join(line for one in found for line in lines(one)))
    return 0


def _cohort(options: argparse.Namespace) -> int:
    from attunement.records import read
    from attunement.records.cohort import read_sheet, trials_of, write_cohort
    from attunement.records.saying import finding_lines

    sheet = read_sheet(options.sheet)
    trials = trials_of(sheet)
    returns = [
        read(path, dates=options.dates, unknown=options.unknown, spellings=options.spellings, trials=trials)
        for path in options.returns
    ]
    made = write_cohort(returns, sheet, options.to, extract_on=options.extract)
    own = [one for back in returns for one in back.findings if one.trial_number]
    print(f"{options.to.name}: {made.found} of {made.children} children are in the returns.")
    print(
        f"Day of the extract: {made.extract_on:%d/%m/%Y}."
        if made.extract_on
        else 'The returns do not say how far they reach: fill in the day of the extract on the sheet "Read me".'
    )
    print("\n".join(finding_lines([*made.findings, *own])))
    return 0
