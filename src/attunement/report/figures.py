"""The figures besides the flow: effects side by side, and sessions a family."""

from __future__ import annotations

from math import ceil

import polars as pl

from attunement.report import printing
from attunement.report.drawing import ARM_COLOURS, INK, QUIET, RULE, Drawing
from attunement.report.effects import Answer
from attunement.report.ledger import Ledger
from attunement.report.model import Column, Figure, Table

_WIDTH = 780.0


def forest(answers: tuple[Answer, ...], programme: str, control: str, ledger: Ledger) -> Figure:
    """Standardised effects of the scales with their intervals, one under another. `answers` has at least one."""
    drawn = [(answer, answer.standardised.span) for answer in answers if answer.standardised is not None]
    furthest = max(max(abs(low), abs(high)) for _, (_, low, high) in drawn)
    reach = next((r for r in (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0) if r >= furthest), 2.0 * ceil(furthest / 2))
    left, right, row = 200.0, 590.0, 44.0
    drawing = Drawing(_WIDTH, 40 + row * len(drawn) + 54)
    bottom = 40 + row * len(drawn)

    def at(value: float) -> float:
        return left + (value + reach) / (2 * reach) * (right - left)

    drawing.words(_WIDTH - 2, 22, "g (95% interval)", size=14, colour=QUIET, anchor="end")
    for tick in (-reach, -reach / 2, 0.0, reach / 2, reach):
        drawing.line(at(tick), 34, at(tick), bottom, colour=QUIET if tick == 0 else RULE, width=1.5 if tick == 0 else 1)
        drawing.words(at(tick), bottom + 20, printing.decimal(tick), size=13, colour=QUIET, anchor="middle")
    for place, (answer, (value, low, high)) in enumerate(drawn):
        y = 40 + row * (place + 0.5)
        main = answer.estimand.role == "primary"
        drawing.words(0, y - 2, answer.name, size=15, bold=main)
        drawing.words(0, y + 15, f"{answer.estimand.direction} is better", size=12.5, colour=QUIET)
        drawing.line(at(low), y, at(high), y, colour=INK, width=2)
        mark = drawing.square if main else drawing.dot
        mark(at(value), y, ARM_COLOURS[1])
        text = f"{printing.decimal(value)} ({_interval(low, high)})"
        drawing.words(_WIDTH - 2, y + 5, text, size=14, anchor="end")
    drawing.words(at(0) - 12, bottom + 46, f"higher in {control}", size=13, colour=QUIET, anchor="end")
    drawing.words(at(0) + 12, bottom + 46, f"higher in {programme}", size=13, colour=QUIET)
    alt = f"Standardised differences between {programme} and {control} on {len(drawn)} scales, with 95% intervals."
    lines = "; ".join(f"{a.name} {printing.decimal(g)}, {_interval(low, high)}" for a, (g, low, high) in drawn)
    description = f"Difference in standard deviations and 95% interval. {lines}. Above zero: higher in {programme}."
    return Figure("forest", "Differences in standard deviations", drawing.svg("forest", alt, description), alt,
                  (description,), _forest_table([answer for answer, _ in drawn], ledger))  # fmt: skip


def _forest_table(answers: list[Answer], ledger: Ledger) -> Table:
    rows = []
    for answer in answers:
        size, id_ = answer.standardised, f"effect.{answer.estimand.code}"
        assert size is not None
        rows.append(
            (
                f"{answer.name} ({answer.estimand.direction} is better)",
                ledger.decimal(f"{id_}.g", size.value),
                ledger.decimal(f"{id_}.g_low", size.low),
                ledger.decimal(f"{id_}.g_high", size.high),
                ledger.count(f"{id_}.n", size.n),
            )
        )
    columns = (Column("Scale", False), Column("Hedges g"), Column("Low"), Column("High"), Column("Families"))
    return Table("forest-table", "Standardised differences, adjusted", columns, tuple(rows))


def sessions(counts: pl.DataFrame, planned: int, ledger: Ledger) -> Figure:
    """How many families had 0, 1, 2, … sessions: `counts` as from `process.sessions_a_family`."""
    pairs: list[tuple[int, int]] = list(counts.iter_rows())
    most = max([1, *(families for _, families in pairs)])
    base, top, left = 232.0, 26.0, 8.0
    step = (_WIDTH - 2 * left) / len(pairs)
    drawing = Drawing(_WIDTH, 284)
    for number, families in pairs:
        shown = ledger.shown(f"process.families_with_{number}_sessions", families) or 0
        x, height = left + number * step, (base - top) * min(1.0, shown / most)
        drawing.bar(x + step * 0.12, base - height, step * 0.76, height, ARM_COLOURS[1] if number else QUIET)
        said = ledger.text(f"process.families_with_{number}_sessions", families)
        drawing.words(x + step / 2, base - height - 7, said, size=14, anchor="middle")
        drawing.words(x + step / 2, base + 20, str(number), size=14, colour=QUIET, anchor="middle")
    drawing.line(left, base, _WIDTH - left, base, colour=QUIET)
    drawing.words(_WIDTH / 2, base + 44, f"Sessions held (planned: {planned})", size=14, colour=QUIET, anchor="middle")
    numbers = {number: f"process.families_with_{number}_sessions" for number, _ in pairs}
    total = ledger.text("cost.families_offered", sum(families for _, families in pairs))
    ledger.adds_up("cost.families_offered", *numbers.values())
    alt = f"Bars: how many of {total} families offered the programme had each number of sessions."
    enough = [(number, families) for number, families in pairs if number >= planned]
    reached = ledger.text("process.families_with_enough_sessions", sum(families for _, families in enough))
    ledger.adds_up("process.families_with_enough_sessions", *(numbers[number] for number, _ in enough))
    none = ledger.text(numbers[0], dict(pairs)[0]) if 0 in numbers else "0"
    description = f"{none} families had no session and {reached} had the {planned} planned or more."
    rows = tuple((str(number), ledger.count(numbers[number], families)) for number, families in pairs)
    table = Table(
        "sessions-table", "Families by sessions held", (Column("Sessions held", False), Column("Families")), rows
    )
    return Figure("sessions", "Sessions held with each family", drawing.svg("sessions", alt, description), alt,
                  (description,), table)  # fmt: skip


def _interval(low: float, high: float) -> str:
    return f"{printing.decimal(low)} to {printing.decimal(high)}"
