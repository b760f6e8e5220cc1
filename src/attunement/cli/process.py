"""`attunement process`: what a snapshot tells of how the programme was carried out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    words = "indicators of delivery from a snapshot: each with numerator, denominator and what is missing"
    process = commands.add_parser("process", help=words, description=words)
    process.add_argument("snapshot", type=Path)
    process.add_argument("--arm-key", type=Path)
    process.add_argument("--csv", type=Path, metavar="FILE", help="write the rows to a .csv file instead")
    process.set_defaults(run=_process)


def _process(options: argparse.Namespace) -> int:
    from attunement import process
    from attunement.places import check_place
    from attunement.report.snapshot import Snapshot

    if options.csv is not None:
        check_place(options.csv, process.ProcessError)
    found = process.indicators(Snapshot.open(options.snapshot, arm_key=options.arm_key))
    if options.csv is not None:
        partial = options.csv.with_name(f".{options.csv.name}.part")
        try:
            partial.write_text(found.write_csv(), encoding="utf-8")
            partial.replace(options.csv)
        finally:
            partial.unlink(missing_ok=True)
        print(f"The indicators: {options.csv}")
        return 0
    for row in found.iter_rows(named=True):
        value = "not known" if row["value"] is None else f"{row['value']:.3f}"
        print(f"{row['group']:<4} {row['indicator']:<40} {value:>10}   {row['numerator']} of {row['denominator']}, "
              f"missing {row['missing']}")
    return 0
