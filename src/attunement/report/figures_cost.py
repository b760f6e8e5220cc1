"""The figures of cost: cost and effect on a plane, the acceptability curve, prices that matter, caseloads."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import polars as pl

from attunement.cost import Joint, decision
from attunement.cost import plane as ellipse_of
from attunement.report import printing
from attunement.report.axes import WIDTH, Axes, places, ticks
from attunement.report.drawing import ARM_COLOURS, INK, QUIET, Drawing, wrap
from attunement.report.ledger import Ledger
from attunement.report.model import Column, Figure, Inline, Table

_DASHES = ("", "9 5", "2 4")
_BAND = "#c9dedd"
_CORNERS = {
    (0, 0): "worse and dearer",
    (1, 0): "better and dearer",
    (0, 1): "worse and cheaper",
    (1, 1): "better and cheaper",
}


def plane(source: Joint, programme: str, unit: str, ledger: Ledger) -> Figure:
    """The difference in cost over the difference in effect, with its 95 % ellipse. `unit`: what effect is counted in."""
    edge = ellipse_of(source)
    points = edge.select("effect", "cost").rows()
    (low_x, high_x), (low_y, high_y) = ((min(0.0, *values), max(0.0, *values)) for values in zip(*points, strict=True))
    room = (high_y - low_y) / 8
    xs, ys = ticks(low_x, high_x), ticks(low_y - room * (low_y < 0), high_y + room * (high_y > 0))
    axes = Axes((xs[0], xs[-1]), (ys[0], ys[-1]))
    drawing = Drawing(WIDTH, 388)
    axes.draw(
        drawing,
        f"Difference in effect ({unit}s): {programme} better to the right",
        [(x, printing.decimal(x, places(xs))) for x in xs],
        [(y, printing.pounds(_pence(y), whole=True)) for y in ys],
    )
    drawing.line(*axes.at(0, ys[0]), *axes.at(0, ys[-1]), colour=QUIET)
    drawing.line(*axes.at(xs[0], 0), *axes.at(xs[-1], 0), colour=QUIET)
    drawing.curve([axes.at(*point) for point in points], colour=ARM_COLOURS[1], fill="#eaf2f1")
    drawing.dot(*axes.at(source.effect.value, source.cost.value), ARM_COLOURS[1], 6)
    for (right, lower), words in _CORNERS.items():
        if (xs[-1] > 0 if right else xs[0] < 0) and (ys[0] < 0 if lower else ys[-1] > 0):
            drawing.words(
                axes.right - 8 if right else axes.left + 8,
                axes.base - 10 if lower else axes.top + 18,
                words,
                size=13,
                colour=INK,
                anchor="end" if right else "start",
            )
    rows: list[tuple[Inline, ...]] = []
    ends = {
        "least_effect": edge["effect"].arg_min(),
        "most_effect": edge["effect"].arg_max(),
        "least_cost": edge["cost"].arg_min(),
        "most_cost": edge["cost"].arg_max(),
    }
    for code, place in (("estimate", None), *ends.items()):
        effect, cost = (source.effect.value, source.cost.value) if place is None else points[place]
        title = "Estimate" if place is None else f"The ellipse's {code.replace('_', ' ')}"
        rows.append(
            (
                title,
                ledger.decimal(f"plane.{code}.effect", effect),
                ledger.money(f"plane.{code}.cost", cost, whole=True),
            )
        )
    columns = (Column("Point", False), Column(f"Difference in effect ({unit}s)"), Column("Difference in cost"))
    table = Table("plane-table", "Points of the cost-effectiveness plane", columns, tuple(rows))
    alt = "A plane with the difference in effect across and the difference in cost upward; a dot within a leaning oval."
    words = (
        "The dot is the estimate. The oval is where both differences together lie with the confidence of a 95% interval. "
        "Where it reaches across an axis, the data do not say on which side of it the truth lies."
    )
    return Figure("plane", "Cost-effectiveness plane", drawing.svg("plane", alt, words), alt, (words,), table)


def acceptability(
    source: Joint, thresholds: Sequence[float], options: tuple[str, str], unit: str, rule: str, ledger: Ledger
) -> Figure:
    """The chance of each option (reference first) being worth most, by what a unit of effect is worth, and the frontier.

    `thresholds` rise, the last above 0.
    """
    last = max(thresholds)
    fine = decision(source, np.union1d(np.linspace(0, last, 61), thresholds)).tidy()
    axes = Axes((0, last), (0, 1), right=WIDTH - 44, top=56)
    drawing = Drawing(WIDTH, 388)
    axes.draw(
        drawing,
        f"What one {unit} might be worth",
        [(x, printing.pounds(_pence(x), whole=True)) for x in ticks(0, last) if x <= last],
        [(share, f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1)],
    )
    for run in _unbroken(fine.filter(pl.col("best"))):
        drawing.curve([axes.at(x, p) for x, p in run], colour=_BAND, width=13)
    for place in range(len(options)):
        line = fine.filter(pl.col("option") == str(place)).select("threshold", "probability").rows()
        drawing.curve([axes.at(x, p) for x, p in line], colour=ARM_COLOURS[place], dashes=_DASHES[1 - place])
    _named(drawing, axes.left, options)
    stated = decision(source, thresholds).tidy()
    for x, p in stated.filter(pl.col("option") == "1").select("threshold", "probability").iter_rows():
        drawing.dot(*axes.at(x, p), ARM_COLOURS[1], 4)
    rows = tuple(_chances(float(x), stated.filter(pl.col("threshold") == x), ledger) for x in thresholds)
    columns = (Column(f"One {unit} is worth", False), *(Column(name) for name in options), Column("Frontier"))
    table = Table("acceptability-table", "Chance of being worth most", columns, rows, (rule,))
    alt = f"Two curves that mirror one another, {options[1]} and {options[0]}; a broad band marks the frontier."
    words = ledger.woven(
        "The chance that {name} is worth most goes from {first} at the lowest threshold to {last} at the highest.",
        name=options[1],
        first=rows[0][2],
        last=rows[-1][2],
    )
    return Figure(
        "acceptability",
        "Acceptability curve, with the frontier",
        drawing.svg("acceptability", alt, ledger.said(words)),
        alt,
        words,
        table,
    )


def tornado(found: pl.DataFrame, titles: dict[str, str], ledger: Ledger) -> Figure:
    """A bar a price, from the cost a family at its low to that at its high; `found` as from `cost.tornado`, not empty."""
    left, row, base_value = 250.0, 40.0, float(found["value"][0])
    ends = [*found["low"].to_list(), *found["high"].to_list()]
    axes = Axes((min(ends), max(ends)), (0, 1), left=left + 80, right=WIDTH - 90)
    drawing = Drawing(WIDTH, row * found.height + 44)
    rows: list[tuple[Inline, ...]] = []
    for place, (code, low, high) in enumerate(found.select("resource", "low", "high").iter_rows()):
        y, (start, end) = 8 + row * place, (axes.at(value, 0)[0] for value in (low, high))
        lines = wrap(titles[code], left - 8, 14)[:2]
        for number, text in enumerate(lines):
            drawing.words(0, y + 19 + 16 * number - 8 * (len(lines) - 1), text, size=14)
        drawing.bar(start, y, max(end - start, 1), row - 14, ARM_COLOURS[1])
        drawing.words(start - 6, y + 18, printing.pounds(_pence(low), whole=True), size=13, anchor="end")
        drawing.words(end + 6, y + 18, printing.pounds(_pence(high), whole=True), size=13)
        rows.append(
            (
                titles[code],
                *(
                    ledger.money(f"tornado.{code}.{name}", value)
                    for name, value in (("low", low), ("high", high), ("swing", high - low))
                ),
            )
        )
    bottom, middle = row * found.height + 4, axes.at(base_value, 0)[0]
    drawing.line(middle, 2, middle, bottom, colour=INK, dashes="4 4")
    drawing.words(
        middle,
        bottom + 22,
        f"{printing.pounds(_pence(base_value), whole=True)} at the study's own prices",
        size=14,
        colour=QUIET,
        anchor="middle",
    )
    columns = (Column("Price", False), Column("A family, at its low"), Column("A family, at its high"), Column("Apart"))
    table = Table("tornado-table", "Cost a family offered it, at the ends of each price's range", columns, tuple(rows))
    alt = "Level bars, the widest on top: how far the cost a family moves over each price's range."
    words = (
        "One price at a time goes from its low to its high, and all others stay. Prices without a range are not drawn."
    )
    return Figure(
        "tornado", "What each price does to the cost a family", drawing.svg("tornado", alt, words), alt, (words,), table
    )


def caseloads(found: pl.DataFrame, fine: pl.DataFrame, data: Table) -> Figure:
    """Cost a family by caseload, a line for each share of practitioners who leave; `fine` draws the lines between."""
    loads, values = sorted(set(fine["caseload"])), fine["value"]
    ys = ticks(0, max(values))
    axes = Axes((loads[0], loads[-1]), (0, ys[-1]), right=WIDTH - 150)
    drawing = Drawing(WIDTH, 388)
    axes.draw(
        drawing,
        "Families for each practitioner",
        [(load, f"{load:g}") for load in sorted(set(found["caseload"]))],
        [(y, printing.pounds(_pence(y), whole=True)) for y in ys],
    )
    heights: list[float] = []
    for place, (leave, own) in enumerate(
        fine.sort("attrition", descending=True).group_by("attrition", maintain_order=True)
    ):
        line = own.sort("caseload").select("caseload", "value").rows()
        drawing.curve([axes.at(*point) for point in line], colour=ARM_COLOURS[1], dashes=_DASHES[place % len(_DASHES)])
        for x, y in found.filter(pl.col("attrition") == leave[0]).select("caseload", "value").iter_rows():
            drawing.dot(*axes.at(x, y), ARM_COLOURS[1], 4.5)
        end = axes.at(*line[-1])[1] + 5
        heights.append(max(end, heights[-1] + 17) if heights else end)
        drawing.words(axes.right + 12, heights[-1], f"{printing.share(float(str(leave[0])))} leave", size=14)
    alt = "Curves that fall as the caseload grows, the highest where most practitioners leave."
    words = "The more families a practitioner works with, the further training and what is fixed are shared."
    return Figure(
        "caseload-curve", "Cost a family by caseload", drawing.svg("caseload-curve", alt, words), alt, (words,), data
    )


def _named(drawing: Drawing, left: float, options: tuple[str, str]) -> None:
    """What each line is, above the curves."""
    signs = ((_BAND, 13, ""), (ARM_COLOURS[0], 2.5, _DASHES[1]), (ARM_COLOURS[1], 2.5, _DASHES[0]))
    for name, (colour, width, dashes) in zip(("Frontier", *options), signs, strict=True):
        drawing.line(left, 22, left + 36, 22, colour=colour, width=width, dashes=dashes)
        drawing.words(left + 44, 27, name, size=14)
        left += 76 + 8 * len(name)


def _chances(threshold: float, at: pl.DataFrame, ledger: Ledger) -> tuple[Inline, ...]:
    id_, (first, second) = f"worth.at.{threshold:g}", at["probability"].to_list()
    return (
        ledger.money(f"{id_}.threshold", threshold, whole=True),
        *(
            ledger.put(f"{id_}.{name}", value, printing.share(value))
            for name, value in (("control", first), ("probability", second), ("frontier", at["frontier"][0]))
        ),
    )


def _unbroken(best: pl.DataFrame) -> list[list[tuple[float, float]]]:
    """The frontier's points in stretches of one option: between two options it jumps."""
    runs: list[tuple[str, list[tuple[float, float]]]] = []
    for threshold, option, probability in best.select("threshold", "option", "probability").iter_rows():
        if not runs or runs[-1][0] != option:
            runs.append((option, []))
        runs[-1][1].append((threshold, probability))
    return [points for _, points in runs]


def _pence(pounds: float) -> Fraction:
    return Fraction(pounds) * 100
