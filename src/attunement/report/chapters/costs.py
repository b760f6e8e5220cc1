"""What it cost: start-up apart from running, a family offered, started, completed, and the staff's hours."""

from __future__ import annotations

from attunement.cost import Costed, Costing, Delivered, costing, delivered, staff_time
from attunement.report import printing
from attunement.report.chapters.delivery import WITHHELD
from attunement.report.chapters.projected import projected
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


def cost_chapter(material: Material, costs: Costing | None, counted: Delivered | None, ledger: Ledger) -> Section:
    """`counted`: the families as they were counted; `costs` may be those of rounded counts."""
    if counted is None:
        return Section("cost", "What it cost", (WITHHELD,))
    if costs is None:
        return Section("cost", "What it cost", (HIDDEN,))
    years = ", ".join(str(year) for year in costs.price_years)
    text = (
        "Quantities are what was delivered, multiplied by the study's unit costs, in prices of {years}. Costs of "
        "families that never started are included. This is the programme's cost, without usual care."
    )
    blocks: list[Block] = [Paragraph(ledger.woven(text, years=ledger.put("cost.price_years", None, years)))]
    if len(costs.price_years) > 1:
        blocks.append(Notice("caution", "Prices of different years", ("They are added as they stand.",)))
    titles = {category.code: category.title for category in material.study.costs}
    lines = [_lines(costs, *phase, titles, ledger) for phase in PHASES]
    tables = [_per_family(costs, counted, ledger), *lines, _hours(costs, titles, ledger)]
    return Section("cost", "What it cost", (*blocks, *tables, *projected(material.study, costs, ledger)))


def _per_family(costs: Costing, counted: Delivered, ledger: Ledger) -> Table:
    counts = {"offered": counted.offered, "started": counted.started, "completed": counted.completed}
    rows: list[tuple[Inline, ...]] = []
    for code, title in FAMILIES:
        parts = [ledger.money(f"cost.per_family_{code}.{phase}", costs.per_family(code, phase)) for phase, _ in PHASES]  # type: ignore[arg-type]
        all_ = ledger.money(f"cost.per_family_{code}.total", costs.per_family(code))  # type: ignore[arg-type]
        rows.append((title, ledger.count(f"cost.families_{code}", counts[code]), *parts, all_))
    totals = [ledger.money(f"cost.{phase}", costs.total(phase)) for phase, _ in PHASES]  # type: ignore[arg-type]
    rows.append(("The whole programme", "", *totals, ledger.money("cost.total", costs.total())))
    columns = (
        Column("Cost of", False),
        Column("Families"),
        *(Column(title) for _, title in PHASES),
        Column("Together"),
    )
    return Table("cost-per-family", "Cost of the programme and of a family", columns, tuple(rows))


def _lines(costs: Costing, phase: str, title: str, titles: dict[str, str], ledger: Ledger) -> Table:
    rows = tuple(
        (
            titles[line.resource.code],
            PER[line.resource.unit],
            ledger.put(f"cost.{line.resource.code}.quantity", float(line.quantity), _quantity(line)),
            ledger.money(f"cost.{line.resource.code}.unit", line.unit),
            ledger.money(f"cost.{line.resource.code}", line.cost),
        )
        for line in costs.lines
        if line.resource.phase == phase
    )
    columns = (Column("Resource", False), Column("Per", False), Column("Quantity"), Column("Unit cost"), Column("Cost"))
    return Table(f"cost-{phase.replace('_', '-')}", f"{title} costs", columns, rows)


def _hours(costs: Costing, titles: dict[str, str], ledger: Ledger) -> Table:
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


def _quantity(line: Costed) -> str:
    return printing.decimal(float(line.quantity), 1 if line.resource.unit == "hour" else 0)
