"""How the programme was carried out: its chain with counts, figures, one TIDieR form an arm, and what is covered."""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from attunement import process
from attunement.report.authors import Authors
from attunement.report.chapters.delivery import WITHHELD
from attunement.report.errors import ReportError
from attunement.report.figures_delivery import Bar, bars, chain, heat, steps, swimmers
from attunement.report.ledger import Ledger
from attunement.report.material import Deliveries, Material
from attunement.report.model import Block, Column, Figure, Paragraph, Section, Table

_SAME = {"referred": "flow.referred", "allocated": "flow.allocated", "offered": "cost.families_offered",
         "started": "cost.families_started", "completed": "cost.families_completed"}  # fmt: skip
"""Steps that other chapters count too: one count, one id."""
CLOSED = ("In an open report no family and no practitioner is drawn by itself: the swimmer plot and the curve of time to "
          "start stand in the report with true counts, for those who run the trial.")  # fmt: skip


def implementation_chapter(material: Material, authors: Authors, ledger: Ledger) -> Section:
    title = "How it was carried out"
    if material.deliveries is None:
        return Section("implementation", title, (WITHHELD,))
    had = material.deliveries
    blocks: list[Block] = [_logic(material, ledger), _funnel(material, ledger), _sites(material, had, ledger),
                           *_supervision(material, had, ledger)]  # fmt: skip
    blocks += [Paragraph((CLOSED,), "note")] if ledger.gate is not None else _open(material, ledger)
    forms = _tidier(material, authors, ledger)
    return Section("implementation", title, (*blocks, *forms, _covered(material, authors, ledger)))


def _logic(material: Material, ledger: Ledger) -> Figure:
    rows = process.logic_model(material.snapshot)
    same = {"families offered": "cost.families_offered", "families who completed": "cost.families_completed"}
    stages = [(str(stage[0]), [Bar(same.get(node, f"logic.{node.replace(' ', '_')}"), _node(material, node), n)
                               for node, n in own.select("node", "count").iter_rows()])
              for stage, own in rows.group_by("stage", maintain_order=True)]  # fmt: skip
    words = ("What went in, what was done, what came of it, and in how many families each outcome is known. A count of an "
             "outcome is no effect.")  # fmt: skip
    return chain("logic-model", "The programme's chain, with counts", stages,
                 "Boxes in four columns: inputs, activities, outputs, outcomes.", words, ledger)  # fmt: skip


def _node(material: Material, node: str) -> str:
    instrument, _, scale = node.partition(".")
    return f"{instrument.replace('_', ' ')}: {scale}".capitalize() if scale else node.capitalize()


def _funnel(material: Material, ledger: Ledger) -> Figure:
    counted = [Bar(_SAME.get(step, f"funnel.{step.replace(' ', '_')}"), step.capitalize(), n)
               for step, n in process.funnel(material.snapshot).iter_rows()]  # fmt: skip
    for one, other in pairwise(counted):
        if other.n <= one.n and one.id != other.id:
            ledger.adds_up(one.id, other.id)
    words = "Each bar is a part of the one above it. Offered are the families of the programme's group."
    return bars("funnel", "From referral to the closing session", counted,
                "Bars that grow shorter from families referred to families who completed.", words, ledger)  # fmt: skip


def _sites(material: Material, had: Deliveries, ledger: Ledger) -> Figure:
    held = had.sessions.filter(pl.col("state") == "held")
    closed = held.filter(pl.col("kind") == "closing")
    sets = {"offered": set(had.programme["family"]), "started": set(held["family"]), "completed": set(closed["family"])}
    counted = []
    for site in material.study.sites:
        here = set(had.programme.filter(pl.col("site") == site.code)["family"])
        counted += [Bar(f"site.{site.code}.{step}", f"{site.name}: {step}", len(here & own)) for step, own in sets.items()]
        ledger.adds_up(f"site.{site.code}.offered", f"site.{site.code}.started")
        ledger.adds_up(f"site.{site.code}.started", f"site.{site.code}.completed")
    for step in sets:
        ledger.adds_up(f"cost.families_{step}", *(f"site.{site.code}.{step}" for site in material.study.sites))
    return bars("site-multiples", "Offered, started and completed, by site", counted,
                "Three bars a site: families offered the programme, started, completed.",
                "The same three counts for every site.", ledger)  # fmt: skip


def _supervision(material: Material, had: Deliveries, ledger: Ledger) -> list[Figure]:
    rows = process.heat_map(material.snapshot)
    if not rows.height:
        return []
    people = {site: group["practitioner"].n_unique() for (site,), group in had.practitioners.group_by("site")}
    cells = {(str(site), f"{month:%b %y}"): share if ledger.enough(people.get(site, 0)) else None
             for site, month, share in rows.select("site", "month", "share").iter_rows()}  # fmt: skip
    words = "Minutes of supervision held, of minutes booked. A site with few practitioners is hidden in an open report."
    alt = "A grid of shares, a row a site, a column a month; a darker cell is a larger share."
    return [heat("supervision-map", "Supervision held, by site and month", cells, alt, words, ledger)]


def _open(material: Material, ledger: Ledger) -> list[Block]:
    """What shows families one by one: only in the report with true counts."""
    curve, rows = process.time_to_start(material.snapshot), process.swimmer(material.snapshot)
    found: list[Block] = []
    if curve.height:
        last = 1.2 * float(curve["days"][-1])
        found.append(steps("time-to-start", "Days from allocation to the first session", curve, last,
                           "A curve that climbs by steps: the share of families that had started by each day.",
                           "Kaplan-Meier: families that have not started stay in until they withdraw or the data end.",
                           ledger))  # fmt: skip
    if rows.height:
        found.append(swimmers("swimmer", "Sessions of each family, day by day", rows,
                              "A line a family with a mark for each session that was due: round where it was held.",
                              "Families are in order of how long they are known, without their numbers.", ledger))
    return found


def _tidier(material: Material, authors: Authors, ledger: Ledger) -> list[Table]:
    """One form an arm. With a gate what happened is told by the tables above, from counts that may leave."""
    try:
        forms = process.tidier(material.snapshot, authors.tidier)
    except process.ProcessError as fault:
        raise ReportError(f"The authors' file: {fault}") from None
    tables = []
    for (arm,), own in forms.group_by("arm", maintain_order=True):
        rows = tuple((f"{number}. {item}", planned, _happened(actual, ledger)) for number, item, planned, actual in
                     own.select("number", "item", "planned", "actual").iter_rows())  # fmt: skip
        columns = (Column("Item", False), Column("Planned", False), Column("As it was", False))
        tables.append(Table(f"tidier-{arm}", f"What was offered: {material.arm_name(str(arm))}", columns, rows))
    return tables


def _happened(actual: str | None, ledger: Ledger) -> str:
    if actual is None:
        return "not told by data"
    return actual if ledger.gate is None else "see the tables of delivery"


def _covered(material: Material, authors: Authors, ledger: Ledger) -> Table:
    document = authors.interviews.get("document")
    unknown = {"interview": not _asked(authors), "document": document is None}
    try:
        matrix = process.coverage(material.indicators, interview=_themes(authors), document=document or ())
    except process.ProcessError as fault:
        raise ReportError(f"The authors' file: {fault}") from None
    rows = tuple((row["dimension"].capitalize(), *("none handed in" if unknown.get(kind) else
                  ledger.put(f"coverage.{row['dimension'].replace(' ', '_')}.{kind}", row[kind], str(row[kind]))
                  for kind in ("quantitative", "interview", "document")),
                  row["warning"] or "covered") for row in matrix.iter_rows(named=True))  # fmt: skip
    columns = (Column("Dimension", False), Column("Indicators"), Column("Interview themes"), Column("Documents"),
               Column("State", False))  # fmt: skip
    return Table("coverage-table", "What is known of each dimension, and from where", columns, rows)


def _asked(authors: Authors) -> bool:
    return authors.told is not None or "interview" in authors.interviews


def _themes(authors: Authors) -> list[str]:
    """The dimension of each theme that has passages of its own, and those that the authors add."""
    told = [one.dimension for one in (authors.told.themes if authors.told else ()) if one.own and one.dimension]
    return told + list(authors.interviews.get("interview", ()))
