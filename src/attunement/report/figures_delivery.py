"""The figures of delivery: the logic model with counts, the funnel, time to start, supervision, sites, swimmers."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from attunement.report import printing
from attunement.report.drawing import ARM_COLOURS, INK, QUIET, RULE, Drawing, wrap
from attunement.report.ledger import Ledger
from attunement.report.model import Column, Figure, Inline, Table

_WIDTH = 780.0
_COLOURS = {"held": ARM_COLOURS[1], "not_attended": ARM_COLOURS[0]}


@dataclass(frozen=True)
class Bar:
    """One count to be drawn: under an id, in words; `group` for those drawn side by side."""

    id: str
    words: str
    n: int
    group: str = ""


def bars(id_: str, title: str, counted: list[Bar], alt: str, words: str, ledger: Ledger) -> Figure:
    """Level bars, one under another; a hidden count has none, and says so."""
    left, row, most = 300.0, 30.0, max([1, *(ledger.shown(one.id, one.n) or 0 for one in counted)])
    drawing = Drawing(_WIDTH, row * len(counted) + 10)
    for place, one in enumerate(counted):
        y, shown = row * place + 5, ledger.shown(one.id, one.n) or 0
        length = (_WIDTH - left - 80) * shown / most
        drawing.words(left - 10, y + 18, one.words, size=14, anchor="end")
        drawing.bar(left, y + 3, max(length, 1), row - 10, ARM_COLOURS[1])
        drawing.words(left + max(length, 1) + 8, y + 18, ledger.text(one.id, one.n), size=14)
    rows = tuple((one.words, ledger.count(one.id, one.n)) for one in counted)
    table = Table(f"{id_}-table", title, (Column("Step", False), Column("Count")), rows)
    return Figure(id_, title, drawing.svg(id_, alt, words), alt, (words,), table)


def chain(id_: str, title: str, stages: list[tuple[str, list[Bar]]], alt: str, words: str, ledger: Ledger) -> Figure:
    """The logic model: a column a stage, a box a node with its count, read from left to right."""
    width, gap, high = (_WIDTH - 24 * (len(stages) - 1)) / len(stages), 24.0, 62.0
    drawing = Drawing(_WIDTH, 40 + (high + 12) * max(len(nodes) for _, nodes in stages))
    for place, (stage, nodes) in enumerate(stages):
        x = place * (width + gap)
        drawing.words(x + width / 2, 20, stage.capitalize(), size=14, bold=True, anchor="middle")
        for number, one in enumerate(nodes):
            y = 34 + number * (high + 12)
            drawing.box(x, y, width, high)
            for line, text in enumerate(wrap(one.words, width - 12, 12)[:2]):
                drawing.words(x + width / 2, y + 18 + 15 * line, text, size=12, anchor="middle")
            drawing.words(x + width / 2, y + 53, ledger.text(one.id, one.n), size=15, bold=True, anchor="middle")
        if place:
            drawing.arrow(x - gap + 2, 34 + high / 2, x - 2, 34 + high / 2)
    rows = tuple((f"{stage.capitalize()}: {one.words}", ledger.count(one.id, one.n)) for stage, nodes in stages
                 for one in nodes)  # fmt: skip
    table = Table(f"{id_}-table", title, (Column("Stage", False), Column("Count")), rows)
    return Figure(id_, title, drawing.svg(id_, alt, words), alt, (words,), table)


def heat(id_: str, title: str, cells: dict[tuple[str, str], float | None], alt: str, words: str,
         ledger: Ledger) -> Figure:  # fmt: skip
    """Rows by columns; a darker cell is a larger share, printed in it too. None is a share that may not be shown."""
    down, across = (list(dict.fromkeys(key[place] for key in cells)) for place in (0, 1))
    left, row, step = 130.0, 34.0, min(70.0, (_WIDTH - 130.0) / max(len(across), 1))
    drawing = Drawing(_WIDTH, 30 + row * len(down))
    for place, month in enumerate(across):
        drawing.words(left + step * (place + 0.5), 18, month, size=10, colour=QUIET, anchor="middle")
    for line, name in enumerate(down):
        drawing.words(left - 8, 30 + row * line + 21, name, size=13, anchor="end")
        for place, month in enumerate(across):
            share = cells.get((name, month))
            fill = "#f3f1ea" if share is None else _shade(min(share, 1.0))
            drawing.bar(left + step * place + 1, 30 + row * line + 1, step - 2, row - 2, fill)
            dark = share is not None and share > 0.55
            text = printing.HIDDEN if share is None and (name, month) in cells else "" if share is None else f"{share:.0%}"
            drawing.words(left + step * (place + 0.5), 30 + row * line + 21, text, size=11, anchor="middle",
                          colour="#ffffff" if dark else INK)  # fmt: skip
    rows = tuple((name, *(_cell(id_, cells, (name, month), ledger) for month in across)) for name in down)
    table = Table(f"{id_}-table", title, (Column("Site", False), *(Column(month) for month in across)), rows)
    return Figure(id_, title, drawing.svg(id_, alt, words), alt, (words,), table)


def _cell(id_: str, cells: dict[tuple[str, str], float | None], key: tuple[str, str], ledger: Ledger) -> Inline:
    if key not in cells:
        return "none booked"
    share, own = cells[key], ".".join(key).replace(" ", "_")
    return ledger.put(f"{id_}.{own}", share, printing.HIDDEN if share is None else printing.share(share))


def _shade(share: float) -> str:
    """From paper to the programme's colour."""
    pale, full = (234, 242, 241), (11, 106, 110)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(pale, full, strict=True))


def steps(id_: str, title: str, curve: pl.DataFrame, last: float, alt: str, words: str, ledger: Ledger) -> Figure:
    """A step curve of `days` and `share`, from none at day 0 to `last`."""
    left, right, top, base = 60.0, _WIDTH - 20, 16.0, 230.0
    drawing = Drawing(_WIDTH, 276)

    def at(day: float, share: float) -> tuple[float, float]:
        return left + (right - left) * day / max(last, 1), base - (base - top) * share

    for share in (0.0, 0.5, 1.0):
        drawing.line(left, at(0, share)[1], right, at(0, share)[1], colour=RULE, width=1)
        drawing.words(left - 8, at(0, share)[1] + 5, f"{share:.0%}", size=12, colour=QUIET, anchor="end")
    x, y = at(0, 0)
    for day, share in curve.select("days", "share").iter_rows():
        x2, y2 = at(day, share)
        drawing.line(x, y, x2, y, colour=ARM_COLOURS[1], width=2.5)
        drawing.line(x2, y, x2, y2, colour=ARM_COLOURS[1], width=2.5)
        x, y = x2, y2
    drawing.line(x, y, right, y, colour=ARM_COLOURS[1], width=2.5)
    drawing.words((left + right) / 2, base + 36, f"Days from allocation (0 to {last:.0f})", size=13, colour=QUIET,
                  anchor="middle")  # fmt: skip
    rows = tuple((ledger.put(f"{id_}.{place}.day", day, f"{day:g}"), ledger.put(f"{id_}.{place}", share,
                  printing.share(share))) for place, (day, share) in
                 enumerate(curve.select("days", "share").iter_rows()))  # fmt: skip
    table = Table(f"{id_}-table", title, (Column("Day", False), Column("Started by then")), rows)
    return Figure(id_, title, drawing.svg(id_, alt, words), alt, (words,), table)


def swimmers(id_: str, title: str, rows: pl.DataFrame, alt: str, words: str, ledger: Ledger) -> Figure:
    """A lane a family (a number of order, no code): a mark a session on its day, and a line to the last day known."""
    lanes = rows["family"].max() or 0
    assert isinstance(lanes, int)
    high = max(5.0, min(14.0, 600 / max(lanes, 1)))
    last = round(1.2 * max([1, *rows["day"].drop_nulls()]))  # longer lanes end at the edge
    drawing = Drawing(_WIDTH, 40 + high * lanes)
    for lane, end in rows.group_by("family").agg(pl.col("end").first()).sort("family").iter_rows():
        y = 8 + high * (lane - 0.5)
        drawing.line(30, y, 30 + (_WIDTH - 50) * min(max(0, end or 0), last) / last, y, colour=RULE, width=2)
    for lane, day, state in rows.select("family", "day", "state").drop_nulls().iter_rows():
        x, y = 30 + (_WIDTH - 50) * max(0, day) / last, 8 + high * (lane - 0.5)
        mark = drawing.dot if state == "held" else drawing.square
        mark(x, y, _COLOURS.get(state, QUIET), high * 0.28)
    drawing.words(_WIDTH / 2, 30 + high * lanes, f"Days from allocation (0 to {last})", size=13, colour=QUIET,
                  anchor="middle")  # fmt: skip
    counts = rows.group_by("state").len().drop_nulls().sort("state")
    data = tuple((state.replace("_", " ").capitalize(), ledger.put(f"{id_}.{state}", n, str(n)))
                 for state, n in counts.iter_rows())  # fmt: skip
    table = Table(f"{id_}-table", title, (Column("Sessions that were", False), Column("Number")), data)
    return Figure(id_, title, drawing.svg(id_, alt, words), alt, (words,), table)
