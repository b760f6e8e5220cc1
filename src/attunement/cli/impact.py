"""`attunement impact`: from a snapshot to every number of the plan, on dummy arms until the key is handed over."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    words = "answer the plan's questions from a snapshot: JSON, CSV and a short page"
    impact = commands.add_parser("impact", help=words, description=words)
    impact.add_argument("snapshot", type=Path)
    impact.add_argument("--to", type=Path, default=Path("results"), help="a folder for the results (./results)")
    impact.add_argument("--arm-key", type=Path, help="the released arm key; without it a dry run on dummy arms")
    impact.add_argument("--plan", help="the study file whose plan was locked; what it lacks is marked post hoc")
    impact.add_argument("--seed", type=int, default=1, help="of the re-allocations (1)")
    impact.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from attunement import impact, study
    from attunement.impact.results_page import write
    from attunement.report import Snapshot

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    snapshot = Snapshot.open(options.snapshot, arm_key=options.arm_key)
    arm = snapshot.frame("arm_key/arms").select("family", "arm").collect() if options.arm_key else None
    plan = impact.plan_of(snapshot.study if options.plan is None else study.load(options.plan))
    results = impact.run(plan, snapshot, arm=arm, seed=options.seed)
    written = write(results, options.to)
    print(f"{'Dry run on dummy arms' if results.dummy else 'Results'}: {', '.join(map(str, written))}")
    return 0
