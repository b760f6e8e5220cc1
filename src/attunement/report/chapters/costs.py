"""What it cost: start-up apart from running, a family offered, started, completed, and the staff's hours."""

from __future__ import annotations

from fractions import Fraction

from attunement.cost import Costing, Delivered, Line, costing, delivered, staff_time
from attunement.report import printing
from attunement.report.chapters.delivery import WITHHELD
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Block, Column, Inline, Notice, Paragraph, Section, Table

PHASES = (("start_up", "Start-up"), ("running", "Running"))
HIDDEN = Notice("withheld", "Hidden", ("So few families are behind the costs that they would tell how many.",))
PER = {
    "programme": "programme",
    "practitioner": "practitioner trained",
    "family": "family started",
    "session": "session held",
    "hour": "hour",
}
FAMILIES = (
    ("offered", "A family offered it"),
    ("started", "A family that started"),
    ("completed", "A family that completed"),
)


def costed(material: Material) -> Costing | None:
    """The programme's costing; None where delivery is withheld."""
    had = material.deliveries
    if had is None:
        return None
    hourly = tuple(category.code for category in material.study.costs if category.per == "hour")
    staff = staff_time(had.sessions, had.supervision, had.staff_time, categories=hourly)
    return costing(material.study, delivered(had.programme, had.sessions, had.practitioners, staff))


def cost_chapter(costs: Costing | None, counted: Delivered | None, ledger: Ledger) -> Section:
    """`counted`: the families as they were counted; `costs` may be those of rounded counts."""
    if counted is None:
        return Section("cost", "What it cost", (WITHHELD,))
    if costs is None:
        return Section("cost", "What it cost", (HIDDEN,))
    years = ", ".join(str(year) for year in costs.price_years)
    text = (
        f"Quantities are what was delivered, multiplied by the study's unit costs, in prices of {years}. Costs of "
        "families that never started are included. This is the programme's cost, without usual care."
    )
    blocks: list[Block] = [Paragraph((text,))]
    if len(costs.price_years) > 1:
        blocks.append(Notice("caution", "Prices of different years", ("They are added as they stand.",)))
    lines = [_lines(costs, *phase, ledger) for phase in PHASES]
    tables = [_per_family(costs, counted, ledger), *lines, _hours(costs, ledger)]
    return Section("cost", "What it cost", (*blocks, *tables))


def _per_family(costs: Costing, counted: Delivered, ledger: Ledger) -> Table:
    counts = {"offered": counted.offered, "started": counted.started, "completed": counted.completed}
    rows: list[tuple[Inline, ...]] = []
    for code, title in FAMILIES:
        parts = [ledger.pence(f"cost.per_family_{code}.{phase}", costs.per_family(code, phase)) for phase, _ in PHASES]  # type: ignore[arg-type]
        all_ = ledger.pence(f"cost.per_family_{code}.total", costs.per_family(code))  # type: ignore[arg-type]
        rows.append((title, ledger.count(f"cost.families_{code}", counts[code]), *parts, all_))
    totals = [ledger.pence(f"cost.{phase}", costs.total(phase)) for phase, _ in PHASES]  # type: ignore[arg-type]
    rows.append(("The whole programme", "", *totals, ledger.pence("cost.total", costs.total())))
    columns = (
        Column("Cost of", False),
        Column("Families"),
        *(Column(title) for _, title in PHASES),
        Column("Together"),
    )
    return Table("cost-per-family", "Cost of the programme and of a family", columns, tuple(rows))


def _lines(costs: Costing, phase: str, title: str, ledger: Ledger) -> Table:
    rows = tuple(
        (
            line.title,
            PER[line.per],
            ledger.put(f"cost.{line.code}.quantity", float(line.quantity), _quantity(line)),
            ledger.pence(f"cost.{line.code}.unit", Fraction(line.unit_pence)),
            ledger.pence(f"cost.{line.code}", line.cost),
        )
        for line in costs.lines
        if line.phase == phase
    )
    columns = (Column("Resource", False), Column("Per", False), Column("Quantity"), Column("Unit cost"), Column("Cost"))
    return Table(f"cost-{phase.replace('_', '-')}", f"{title} costs", columns, rows)


def _hours(costs: Costing, ledger: Ledger) -> Table:
    titles = {line.code: line.title for line in costs.lines}
    rows: list[tuple[Inline, ...]] = [
        (
            time.title,
            ledger.put(f"hours.{time.what}", time.minutes / 60, printing.decimal(time.minutes / 60, 1)),
            titles.get(time.category or "", "not costed"),
        )
        for time in costs.delivered.staff
    ]
    columns = (Column("Spent on", False), Column("Hours"), Column("Costed as", False))
    return Table("staff-hours", "Hours of staff", columns, tuple(rows))


def _quantity(line: Line) -> str:
    return printing.decimal(float(line.quantity), 1 if line.per == "hour" else 0)
