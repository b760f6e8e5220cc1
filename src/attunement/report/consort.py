"""The CONSORT flow: counted, held to add up, drawn and tabulated."""

from __future__ import annotations

import polars as pl

from attunement.process import CountsDoNotAddUp, Flow, flow, questionnaire_states
from attunement.process.flow import ArmFlow
from attunement.report.drawing import ARM_COLOURS, Drawing, wrap
from attunement.report.effects import analysed
from attunement.report.errors import ReportError
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Column, Figure, Inline, Table
from attunement.study.schema import Estimand, TimePoint

__all__ = ["CountsDoNotAddUp", "consort", "count", "follow_up_point", "primary"]

_SIZE, _LINE, _PAD = 14.0, 20.0, 12.0
_WIDTH, _GAP = 780.0, 26.0
Step = tuple[str, list[tuple[str, str, int | None]]]
"""A box: its heading, and lines of (id, words, count)."""
Line = tuple[str, str]


def primary(material: Material) -> Estimand:
    for estimand in material.study.estimands:
        if estimand.role == "primary":
            return estimand
    raise ReportError("The study file names no primary estimand, so there is no primary analysis.")


def follow_up_point(material: Material) -> TimePoint:
    """The time point of the primary outcome; for an outcome from the records, the last questionnaire."""
    later = [point for point in material.study.time_points if point.months_after is not None]
    named = [point for point in later if point.code == primary(material).time_point]
    if not later:
        raise ReportError("The study asks nothing after allocation, so there is nothing to report.")
    return (named or later)[-1]


def count(material: Material, records: pl.DataFrame) -> Flow:
    """The flow's counts. Raises CountsDoNotAddUp."""
    states = questionnaire_states(
        material.families,
        material.scores,
        study=material.study,
        time_point=follow_up_point(material).code,
        known_on=material.known_on,
    )
    estimand = primary(material)
    entered = sorted(analysed(material, estimand, records))
    participants = (
        material.placed.select("family", "arm")
        .join(states.rename({"state": "follow_up"}), on="family", how="left", maintain_order="left")
        .join(records.rename({"state": "record"}), on="family", how="left", maintain_order="left")
        .with_columns(received=_received(material), analysed=pl.col("family").is_in(entered))
    )
    return flow(
        material.families,
        participants,
        study=material.study,
        further_children=material.children - material.families.height,
        questionnaire=estimand.analysis == "ancova",
    )


def consort(found: Flow, point: str, material: Material, ledger: Ledger) -> Figure:
    """The flow as a figure with its table; each number gets the id that the table prints."""
    _relate(found, ledger)
    total = " under a made-up arm key" if material.dummy else ""
    referred = ledger.text("flow.referred", found.referred)
    allocated = ledger.text("flow.allocated", found.allocated)
    alt = f"Flow of {referred} families referred, {allocated} allocated{total}, to analysis."
    arms = "; ".join(f"{arm.title}: {_told(arm, ledger)}" for arm in found.arms)
    out = ledger.text("flow.excluded", sum(count.n for count in found.excluded))
    description = f"{referred} families were referred. {out} were not allocated. {allocated} were: {arms}."
    return Figure(
        id="flow",
        title="From referral to analysis",
        svg=_draw(found, point, material.arms.programme, ledger).svg("flow", alt, description),
        alt=alt,
        description=(description,),
        data=_table(found, point, ledger),
    )


def _told(arm: ArmFlow, ledger: Ledger) -> str:
    counts = (("allocated", arm.allocated), ("followed_up", arm.followed_up), ("not_yet_known", arm.not_yet_known),
              ("analysed", arm.analysed))  # fmt: skip
    return ", ".join(f"{ledger.text(f'flow.{arm.arm}.{code}', n)} {code.replace('_', ' ')}" for code, n in counts)


def _relate(found: Flow, ledger: Ledger) -> None:
    """What adds up to what, as `process.flow` has held it."""
    ledger.adds_up("flow.excluded", *(f"flow.excluded.{line.code}" for line in found.excluded))
    ledger.adds_up("flow.referred", "flow.excluded", "flow.allocated")
    ledger.adds_up("flow.allocated", *(f"flow.{arm.arm}.allocated" for arm in found.arms))
    ledger.adds_up("flow.not_yet_known", *(f"flow.{arm.arm}.not_yet_known" for arm in found.arms))
    for arm in found.arms:
        own = f"flow.{arm.arm}"
        ledger.adds_up(f"{own}.allocated", f"{own}.received", f"{own}.not_received")
        lost = (f"{own}.lost:{line.code}" for line in arm.lost)
        ledger.adds_up(f"{own}.allocated", f"{own}.followed_up", f"{own}.not_yet_known", *lost)
        ledger.adds_up(f"{own}.allocated", *(f"{own}.record:{line.code}" for line in arm.records))
        if arm.score_missing is not None:
            ledger.adds_up(f"{own}.followed_up", f"{own}.analysed", f"{own}.score_missing")


def _received(material: Material) -> pl.Expr:
    if material.deliveries is None:
        return pl.lit(None, dtype=pl.Boolean)
    held = material.deliveries.sessions.filter(pl.col("state") == "held")["family"]
    return pl.col("family").is_in(held.unique().implode())


def _steps(arm: ArmFlow, point: str) -> list[Step]:
    received: list[tuple[str, str, int | None]] = [
        ("allocated", "Allocated", arm.allocated),
        ("received", "Had a session", arm.received),
        ("not_received", "Had none", None if arm.received is None else arm.allocated - arm.received),
    ]
    follow: list[tuple[str, str, int | None]] = [
        ("followed_up", "Followed up", arm.followed_up),
        *((f"lost:{line.code}", line.title, line.n) for line in arm.lost),
        ("not_yet_known", "Not yet known", arm.not_yet_known),
    ]
    final: list[tuple[str, str, int | None]] = [("analysed", "Analysed", arm.analysed)]
    if arm.score_missing is not None:
        final.append(("score_missing", "Followed up, score missing", arm.score_missing))
    records: list[tuple[str, str, int | None]] = [(f"record:{c.code}", c.title, c.n) for c in arm.records]
    boxes = [(arm.title, received), (point, follow), ("Authority's records", records), ("Primary analysis", final)]
    return [(title, [(f"flow.{arm.arm}.{code}", words, n) for code, words, n in lines]) for title, lines in boxes]


def _table(found: Flow, point: str, ledger: Ledger) -> Table:
    def row(step: str, id_: str, n: int | None) -> tuple[Inline, ...]:
        return (step, "withheld" if n is None else ledger.count(id_, n))

    rows = [row("Referred", "flow.referred", found.referred)]
    rows += [row(f"Not allocated: {line.title}", f"flow.excluded.{line.code}", line.n) for line in found.excluded]
    rows.append(row("Allocated", "flow.allocated", found.allocated))
    for arm in found.arms:
        for heading, lines in _steps(arm, point):
            prefix = arm.title if heading == arm.title else f"{arm.title}, {heading[0].lower()}{heading[1:]}"
            rows += [row(f"{prefix}: {words}", id_, n) for id_, words, n in lines]
    return Table("flow-table", "Families from referral to analysis", (Column("Step", False), Column("Families")),
                 tuple(rows))  # fmt: skip


def _draw(found: Flow, point: str, programme: str, ledger: Ledger) -> Drawing:
    drawing = Drawing(_WIDTH, 0)
    half = (_WIDTH - _GAP) / 2
    out: list[Line] = [("Not allocated", ledger.text("flow.excluded", sum(line.n for line in found.excluded)))]
    out += [(line.title.rstrip("."), ledger.text(f"flow.excluded.{line.code}", line.n)) for line in found.excluded]
    side = _height(out, half)
    middle, left = 1 + side / 2, half - 40
    _boxed(drawing, half + _GAP - 1, 1, half, side, out)
    _boxed(drawing, 1, middle - 22, left, 44, [("Referred", ledger.text("flow.referred", found.referred))])
    drawing.arrow(1 + left, middle, half + _GAP - 1, middle)
    y = side + 36
    drawing.arrow(1 + left / 2, middle + 22, 1 + left / 2, y)
    _boxed(drawing, 1, y, _WIDTH - 2, 44, [("Allocated at random", ledger.text("flow.allocated", found.allocated))])
    colours = [ARM_COLOURS[arm.arm == programme] for arm in found.arms]
    drawing.height = _stacks(drawing, [_steps(arm, point) for arm in found.arms], colours, y + 44, ledger) + 1
    return drawing


def _stacks(drawing: Drawing, stacks: list[list[Step]], colours: list[str], y: float, ledger: Ledger) -> float:
    """The arms side by side, box under box, from `y`; returns the lower end."""
    width = (_WIDTH - 2 - _GAP * (len(stacks) - 1)) / len(stacks)
    for step, row in enumerate(zip(*stacks, strict=True)):
        boxes: list[list[Line]] = [
            [(heading, ""), *((words, "withheld" if n is None else ledger.text(id_, n)) for id_, words, n in lines)]
            for heading, lines in row
        ]
        tallest = max(_height(box, width) for box in boxes)
        for place, box in enumerate(boxes):
            x = 1 + place * (width + _GAP)
            drawing.arrow(x + width / 2, y, x + width / 2, y + 34)
            _boxed(drawing, x, y + 34, width, tallest, box)
            if step == 0:
                drawing.bar(x, y + 40, 5, tallest - 12, colours[place])
        y += 34 + tallest
    return y


def _wrapped(box: list[Line], width: float) -> list[tuple[str, str, bool]]:
    """The box's lines as drawn: words, count beside the last of them, whether in bold."""
    drawn = []
    for place, (words, n) in enumerate(box):
        parts = wrap(words, width - 2 * _PAD - 60, _SIZE)
        drawn += [(part, n if part is parts[-1] else "", place == 0) for part in parts]
    return drawn


def _height(box: list[Line], width: float) -> float:
    return len(_wrapped(box, width)) * _LINE + 2 * _PAD - 4


def _boxed(drawing: Drawing, x: float, y: float, width: float, height: float, box: list[Line]) -> None:
    drawing.box(x, y, width, height)
    first = y + _PAD + 13 if len(box) > 1 else y + height / 2 + 5
    for place, (words, n, bold) in enumerate(_wrapped(box, width)):
        drawing.words(x + _PAD, first + place * _LINE, words, size=_SIZE, bold=bold)
        drawing.words(x + width - _PAD, first + place * _LINE, n, size=_SIZE, bold=bold, anchor="end")
