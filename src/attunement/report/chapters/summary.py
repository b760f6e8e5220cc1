"""The whole report in a few plain sentences."""

from __future__ import annotations

from attunement.cost import Costing, Delivered
from attunement.process import Flow
from attunement.report.consort import follow_up_point
from attunement.report.effects import Answer
from attunement.report.estimates import sentence
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Inline, Notice, Paragraph, Section
from attunement.report.notices import DUMMY


def summary_chapter(
    material: Material, found: Flow, answers: tuple[Answer, ...], costs: Costing | None, had: Delivered | None,
    ledger: Ledger,
) -> Section:
    blocks: list[Paragraph | Notice] = [Paragraph((material.study.summary.strip(),), "lead"), _people(found, ledger)]
    blocks.append(_answered(material, found, ledger))
    main = next(answer for answer in answers if answer.estimand.role == "primary")
    said: tuple[Inline, ...] = ("Main result. ", *sentence(main, material, ledger))
    if material.dummy:
        said = (*said, f" {DUMMY}.")
    blocks.append(Paragraph(said))
    if costs is None or had is None:
        text = "What was delivered and what it cost are withheld from this report."
        return Section("summary", "In plain English", (*blocks, Paragraph((text,))))
    return Section("summary", "In plain English", (*blocks, _delivered(material, costs, had, ledger)))


def _people(found: Flow, ledger: Ledger) -> Paragraph:
    parts: list[Inline] = [
        "Local authorities referred ", ledger.count("flow.referred", found.referred), " families. ",
        ledger.count("flow.allocated", found.allocated), " took part, and a computer placed them at random: ",
    ]  # fmt: skip
    for place, arm in enumerate(found.arms):
        parts += [
            " and " if place else "",
            ledger.count(f"flow.{arm.arm}.allocated", arm.allocated),
            f" to {arm.title}",
        ]
    return Paragraph((*parts, "."))


def _answered(material: Material, found: Flow, ledger: Ledger) -> Paragraph:
    months = follow_up_point(material).months_after or 0
    parts: list[Inline] = [ledger.figure("study.follow_up_months_after", months), " months later, "]
    for place, arm in enumerate(found.arms):
        parts += [
            " and " if place else "",
            ledger.count(f"flow.{arm.arm}.followed_up", arm.followed_up), " of ",
            ledger.count(f"flow.{arm.arm}.allocated", arm.allocated), f" {arm.title} families",
        ]  # fmt: skip
    parts.append(" had answered the questions again")
    waiting = sum(arm.not_yet_known for arm in found.arms)
    if waiting:
        parts += ["; for ", ledger.count("flow.not_yet_known", waiting), " the time to answer is not over yet"]
    return Paragraph((*parts, "."))


def _delivered(material: Material, costs: Costing, had: Delivered, ledger: Ledger) -> Paragraph:
    return Paragraph(
        (
            "Of ", ledger.count("cost.families_offered", had.offered), " families offered ", material.study.programme,
            ", ", ledger.count("cost.families_started", had.started), " had a first session and ",
            ledger.count("cost.families_completed", had.completed), " the closing one. The programme cost ",
            ledger.money("cost.per_family_offered.running", costs.per_family("offered", "running")),
            " to run and ",
            ledger.money("cost.per_family_offered.start_up", costs.per_family("offered", "start_up")),
            " to start up, for each family offered it.",
        )
    )  # fmt: skip
