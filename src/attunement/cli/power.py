"""`attunement power`: what a study as planned will find, before anybody is asked to take part."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attunement.impact import Design, Power


def add(commands: Any) -> None:
    words = "simulate the study as planned: type I error, power, the least effect it can show, the families it needs"
    power = commands.add_parser("power", help=words, description=words)
    power.add_argument("study", help="a study file, or the name of one that ships with Attunement")
    power.add_argument("--effect", type=_number, default=0.3, metavar="D",
                       help="true effect in SDs; for a binary outcome, the difference of the risks (0.3)")
    power.add_argument("--icc", type=_number, default=0.05, help="practitioner variance, added to the arm's SD of 1 (0.05)")
    power.add_argument("--correlation", type=_number, default=0.6, help="of baseline and outcome (0.6)")
    power.add_argument("--dropout", type=_number, default=0.25, help="share whose outcome is lost (0.25)")
    power.add_argument("--outcome", choices=("continuous", "binary"), default="continuous")
    power.add_argument("--control-risk", type=_number, default=0.3, help="of a binary outcome (0.3)")
    power.add_argument("--families", type=_whole, nargs="+", help="other numbers of families than the sites' targets")
    power.add_argument("--replicates", type=_whole, default=10_000, help="made-up trials a row (10,000)")
    power.add_argument("--seed", type=_whole, default=1)
    power.add_argument("--scheduler", metavar="ADDRESS", help="a Dask cluster to run on")
    power.add_argument("--json", action="store_true", help="print plain values instead of a table")
    power.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from attunement import study
    from attunement.impact.simulation.studied import design_of

    plan = study.load(options.study)
    designs = [
        design_of(plan, families=families, icc=options.icc, baseline_correlation=options.correlation,
                  dropout=options.dropout, effect=options.effect, outcome=options.outcome,
                  control_risk=options.control_risk)
        for families in options.families or [None]
    ]
    found = [(design, *_both(design, options)) for design in designs]
    if options.json:
        print(json.dumps([{"no_effect": none.to_dict(), "effect": some.to_dict()} for _, none, some in found], indent=2))
        return 0
    _show(plan.title, found)
    return 0


def _both(design: Design, options: argparse.Namespace) -> tuple[Power, Power]:
    """The design with no effect and with the effect asked for, under a progress bar on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    from attunement.impact import power

    asked = {"replicates": options.replicates, "seed": options.seed, "scheduler": options.scheduler}
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"{design.families} families", total=2 * options.replicates)

        def watch(already: int) -> Callable[[int, int], None]:
            return lambda done, whole: bar.update(task, completed=already + done)

        none = power(replace(design, effect=0.0), **asked, watch=watch(0))
        return none, power(design, **asked, watch=watch(options.replicates))


def _show(title: str, found: list[tuple[Design, Power, Power]]) -> None:
    from rich.console import Console
    from rich.table import Table

    from attunement.impact.simulation.planned import ANALYSES

    design = found[0][0]
    binary = design.outcome == "binary"
    console = Console()
    console.print(f"[bold]{title}[/bold]")
    console.print(
        f"{design.sites} sites, {design.practitioners} practitioners in one arm, {design.rule.spec}; practitioner "
        f"variance {design.icc:g} added to {'a latent' if binary else 'the'} SD of 1; baseline and outcome correlate "
        f"{design.baseline_correlation:g}; {design.dropout:.0%} lost at random; {found[0][2].replicates:,} made-up "
        f"trials a row, seed {found[0][2].seed}.", highlight=False)
    unit = "risk difference" if binary else "SD"
    table = Table("Families", "Analysis", "Type I error", "Power", "Least effect", "Families needed")
    for each, none, some in found:
        for name in each.analyses:
            needed, least = some.families_needed[name], some.minimum_detectable[name]
            table.add_row(str(each.families), ANALYSES[name],
                          f"{none.rejection[name]:.1%} ± {1.96 * none.error[name]:.1%}",
                          f"{some.rejection[name]:.1%} ± {1.96 * some.error[name]:.1%}",
                          "no number" if least is None else f"{least:.3f}", "no number" if needed is None else str(needed))
        table.add_section()
    console.print(table)
    console.print(f"Type I error: findings where there is no effect; 5% is meant. Power: findings where it is "
                  f"{design.effect:g} {unit}. Least effect ({unit}) and families needed: for a power of 80%, with the same "
                  "practitioners. ±: what chance leaves open, 95%.", highlight=False)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not -1e6 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of this kind")
    return value


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)
