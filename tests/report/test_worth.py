"""What it was worth: consequences first, cost and effect as the engine says, and a ratio only where there is one."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attunement import process
from attunement.cost import joint
from attunement.report import Snapshot
from attunement.report.building import write
from attunement.report.chapters.costs import cost_chapter, costed
from attunement.report.chapters.worth import NO_THRESHOLD, worth_chapter
from attunement.report.effects import answers, scale_rows
from attunement.report.errors import ReportError
from attunement.report.ledger import Ledger
from attunement.report.linting import typed_digits
from attunement.report.material import Material, gather
from attunement.report.model import Document, Figure, Section, Table
from attunement.report.outputs import as_text
from attunement.report.trial_costs import family_costs
from tests.report.conftest import VIG

Write = Callable[..., Path]
Alone = Callable[[Material], tuple[Document, dict[str, Any]]]


@pytest.fixture(scope="module")
def material(released: Path) -> Material:
    return gather(Snapshot.open(released))


@pytest.fixture(scope="module")
def written(material: Material) -> tuple[Document, dict[str, Any]]:
    return write(material, not_for_publication=True)


@pytest.fixture(scope="module")
def gated(material: Material) -> tuple[Document, dict[str, Any]]:
    return write(material)


def blocks(document: Document, name: str = "worth") -> list[Any]:
    (section,) = (one for one in document.sections if one.id == name)
    assert isinstance(section, Section)
    return list(section.blocks)


def words(document: Document, name: str = "worth") -> str:
    parts = (getattr(block, "parts", getattr(block, "text", ())) for block in blocks(document, name))
    return " ".join("".join(map(document.said, own)) for own in parts)


@pytest.fixture(scope="module")
def alone(material: Material) -> Alone:
    """The chapter by itself, with true counts, of a study that asks otherwise."""
    records = process.records_states(material.families, material.outcomes, study=VIG, known_on=material.known_on)
    found, costs = answers(material, records), costed(material)

    def made(asked: Material) -> tuple[Document, dict[str, Any]]:
        ledger = Ledger()
        section = worth_chapter(asked, found, records, costs, costs, ledger)
        document = Document("x", "x", "en-GB", (), (section,), ledger.results)
        return document, {"numbers": {id_: {"value": one.value, "text": one.text} for id_, one in ledger.results.items()}}

    return made


def asking(material: Material, **changed: Any) -> Material:
    """The same material, of a study that asks otherwise."""
    return replace(material, study=material.study.model_copy(update=changed))


def of(material: Material, effect: str) -> Material:
    assert VIG.cost_analysis is not None
    return asking(material, cost_analysis=VIG.cost_analysis.model_copy(update={"effect": effect}))


def value(found: tuple[Document, dict[str, Any]], id_: str) -> Any:
    return found[1]["numbers"][id_]["value"]


def test_costs_and_consequences_come_first_and_nobody_is_said_to_accept_a_threshold(written: Any) -> None:
    document, _ = written
    here = blocks(document)
    assert [block.id for block in here if isinstance(block, Table | Figure)] == [
        "consequences-table", "joint-table", "plane", "decision-table", "acceptability", "worth-beside-table",
    ]  # fmt: skip
    assert here[2] is NO_THRESHOLD and "no accepted threshold for a point on a parenting scale" in words(document)
    assert "Usual care itself is not costed" in words(document)
    rows = [row[0] for row in here[1].rows]
    assert rows[:4] == ["Cost: what a family used itself", "Cost: its even share of the rest", "Cost of a family",
                        "Warmth (higher is better)"] and len(rows) == 3 + len(VIG.estimands)  # fmt: skip
    assert typed_digits(document) == []


def test_the_mean_family_costs_what_the_cost_chapter_says_and_usual_care_nothing(written: Any, gated: Any) -> None:
    for found in (written, gated):
        told = value(found, "cost.per_family_offered.total")
        assert value(found, "consequence.cost.mean_1") == pytest.approx(told, abs=50)
        assert value(found, "consequence.cost.mean_0") == 0
        parts = [value(found, f"consequence.{part}.mean_1") for part in ("own", "share", "cost")]
        assert parts[0] + parts[1] == pytest.approx(parts[2], abs=101)
    assert value(gated, "consequence.cost.mean_1") != value(written, "consequence.cost.mean_1")
    assert all(value(gated, f"consequence.{part}.mean_1") % 100 == 0 for part in ("own", "share", "cost")), "whole pounds"


def test_cost_and_effect_are_the_engines_own_on_the_families_known(written: Any, material: Material) -> None:
    costs = family_costs(material, costed(material), None)
    scores = scale_rows(material, next(one for one in VIG.estimands if one.role == "primary"))
    rows = costs.join(scores.select("family", "outcome", "baseline"), on="family").drop_nulls(["outcome", "baseline"])
    own = joint(rows, cost="cost", effect="outcome", arm="treated", covariates_cost=["site"],
                covariates_effect=["baseline", "site"])  # fmt: skip
    assert value(written, "worth.complete.cost") == round(100 * own.cost.value)
    assert value(written, "worth.complete.effect.low") == pytest.approx(own.effect.low)
    assert value(written, "worth.cost.low") < value(written, "worth.complete.cost") < value(written, "worth.cost.high")


def test_at_each_threshold_net_benefit_chance_and_certainty_hang_together(written: Any) -> None:
    document, _ = written
    cost, effect = value(written, "worth.cost") / 100, value(written, "worth.effect")
    asked = VIG.cost_analysis
    assert asked is not None and asked.thresholds[0] == 0
    for threshold in asked.thresholds:
        at = f"worth.at.{threshold}"
        benefit = value(written, f"{at}.inmb") / 100
        assert benefit == pytest.approx(threshold * effect - cost, abs=0.02)
        chance = value(written, f"{at}.probability")
        assert chance + value(written, f"{at}.control") == pytest.approx(1)
        assert value(written, f"{at}.frontier") == (chance if benefit > 0 else value(written, f"{at}.control"))
        assert value(written, f"{at}.evpi") >= 0
    (curve,) = (block for block in blocks(document) if isinstance(block, Figure) and block.id == "acceptability")
    assert "the rule of Fenwick, Claxton and Sculpher" in str(curve.data.note[0])


@pytest.mark.parametrize(("effect", "label", "said"), [
    ("cp_plan", "none: denominator near zero", "The interval of the effect holds zero: the denominator is near zero"),
    ("invasion", "none: dominated", "VIG cost more and did worse: it is dominated"),
])  # fmt: skip
def test_no_ratio_is_printed_where_the_quadrant_has_none(
    alone: Alone, material: Material, written: Any, effect: str, label: str, said: str
) -> None:
    found = alone(of(material, effect))
    assert found[1]["numbers"]["worth.ratio"] == {"value": None, "text": label}
    assert json.loads(as_text(found[1]))["numbers"]["worth.ratio"]["value"] is None
    assert said in words(found[0]) and "for each" not in words(found[0])
    adjusted = value(written, f"effect.{effect}.value")
    assert (adjusted > 0) is (value(found, "worth.effect") < 0), "of both, less is better: more of it is no gain"
    assert "turned so that more is better" in words(found[0])


def test_a_ratio_is_cost_over_effect(written: Any) -> None:
    ratio = value(written, "worth.ratio")
    assert ratio == pytest.approx(value(written, "worth.cost") / value(written, "worth.effect"), abs=1)
    assert "VIG was more costly and more effective: £" in words(written[0])


def test_without_the_table_there_are_consequences_and_nothing_else(alone: Alone, material: Material) -> None:
    found = alone(asking(material, cost_analysis=None))
    assert [block.id for block in blocks(found[0]) if isinstance(block, Table | Figure)] == ["consequences-table"]
    assert not [id_ for id_ in found[1]["numbers"] if id_.startswith(("worth.", "plane."))]


@pytest.mark.parametrize(("thresholds", "shown"), [
    ((), ["joint-table", "plane", "worth-beside-table"]),
    ((0,), ["joint-table", "plane", "decision-table", "worth-beside-table"]),
    ((90, 0, 90), ["joint-table", "plane", "decision-table", "acceptability", "worth-beside-table"]),
])  # fmt: skip
def test_nought_alone_is_a_choice_without_a_curve(alone: Alone, material: Material, thresholds: Any, shown: Any) -> None:
    assert VIG.cost_analysis is not None
    found = alone(asking(material, cost_analysis=VIG.cost_analysis.model_copy(update={"thresholds": thresholds})))
    assert [block.id for block in blocks(found[0]) if isinstance(block, Table | Figure)][1:] == shown


def test_an_effect_from_the_records_stands_only_with_true_counts(material: Material) -> None:
    found = write(of(material, "cp_plan"))
    assert "stands in the report with true counts" in words(found[0])
    assert not [id_ for id_ in found[1]["numbers"] if id_.startswith("worth.")]


def test_an_effect_that_the_study_does_not_estimate_is_refused(alone: Alone, material: Material) -> None:
    with pytest.raises(ReportError, match="together with 'colour', which is none of its estimands"):
        alone(of(material, "colour"))


def test_shares_beside_costs_are_those_of_the_counts_shown(gated: Any) -> None:
    arms = {one["id"]: one for one in gated[1]["estimates"]}["cp_plan"]["arms"]
    assert value(gated, "consequence.cp_plan.mean_1") == pytest.approx(arms["vig"]["mean"])
    assert value(gated, "consequence.warmth.mean_1") == round(value(gated, "consequence.warmth.mean_1"), 1)


def test_a_few_dear_families_of_the_other_group_hide_the_costs(snapshot: Write) -> None:
    def crossed(programme: Any) -> None:
        other = next(row["family"] for row in programme.rows["arm_key/arms"] if row["arm"] == "usual_care")
        for row in programme.rows["delivery/sessions"][:8]:
            row["trial_number"] = other

    found = write(gather(Snapshot.open(snapshot(change=crossed))))
    assert value(found, "consequence.cost.mean_0") is None
    assert found[1]["numbers"]["consequence.cost.mean_1"]["text"] == "hidden"
    assert not [id_ for id_ in found[1]["numbers"] if id_.startswith("worth.")]


def test_the_tornado_is_there_for_prices_with_a_range_only(written: Any, material: Material) -> None:
    ranged = [one.code for one in VIG.costs if one.low_pence is not None]
    drawn = {id_.split(".")[1] for id_ in written[1]["numbers"] if id_.startswith("tornado.")}
    assert drawn == set(ranged)
    base = value(written, "cost.per_family_offered.total")
    assert all(value(written, f"tornado.{code}.low") <= base <= value(written, f"tornado.{code}.high") for code in ranged)
    (figure,) = (one for one in blocks(written[0], "cost") if isinstance(one, Figure) and one.id == "tornado")
    swings = [value(written, row[3].id) for row in figure.data.rows]  # type: ignore[union-attr]
    assert swings == sorted(swings, reverse=True)
    flat = tuple(one.model_copy(update={"low_pence": None, "high_pence": None}) for one in VIG.costs)
    own = asking(material, costs=flat)
    plain = cost_chapter(own, costed(own), costed(material).delivered, Ledger())
    assert not [one for one in plain.blocks if getattr(one, "id", "") == "tornado"]


def test_a_roll_out_has_the_caseload_planned(written: Any) -> None:
    assert value(written, "cost.roll_out.caseload") == VIG.delivery.families_per_practitioner
    assert value(written, "cost.trial.family") == value(written, "cost.per_family_offered.total")
    assert value(written, "cost.roll_out.family") == value(written, "cost.caseload.6.0")


def test_a_made_up_key_is_said_beside_what_was_found(snapshot: Write) -> None:
    blind = gather(Snapshot.open(snapshot(key=False)))
    found = write(blind, not_for_publication=True)
    assert "DUMMY ARM KEY" in words(found[0])
    dummy = [value(found, f"consequence.cost.mean_{arm}") for arm in (0, 1)]
    assert min(dummy) > 0, "families of the programme are in both made-up groups"
    open_ = write(blind)
    assert open_[1]["numbers"]["consequence.cost.mean_1"]["text"] == "hidden"
    assert any("the groups are made up" in str(getattr(block, "text", "")) for block in blocks(open_[0]))


def test_before_anybody_is_offered_the_programme_nothing_is_said_a_family(snapshot: Write) -> None:
    found = write(gather(Snapshot.open(snapshot(families=0))), not_for_publication=True)
    assert words(found[0]) == "No family has been offered the programme yet, so nothing can be said a family."
