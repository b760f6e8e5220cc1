"""The report's estimates are those of the impact engine, with what stands beside them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attunement.impact import Plan, plan_of, run
from attunement.report import Snapshot
from attunement.report.building import make
from attunement.report.material import gather

Write = Callable[..., Path]


def made(snapshot: Path, **more: Any) -> tuple[dict[str, Any], str]:
    files = make(gather(Snapshot.open(snapshot)), **{"not_for_publication": True} | more)
    return json.loads(files["results.json"]), files["report.html"]


def test_each_estimate_is_the_engines_own(released: Path) -> None:
    opened = Snapshot.open(released)
    key = opened.frame("arm_key/arms").select("family", "arm").collect()
    engine = {one.estimand.code: one for one in run(plan_of(opened.study), opened, arm=key).answers}
    for estimate in made(released)[0]["estimates"]:
        if estimate["estimand"]["analysis"] == "ancova":
            effect = engine[estimate["id"]].fit.effect
            for name in ("value", "se", "df", "low", "high", "p"):
                assert estimate[name] == pytest.approx(getattr(effect, name), rel=1e-11), name
            assert estimate["method"].startswith("partially nested mixed model")


def test_kenward_roger_stands_beside_where_practitioners_do_not_differ(released: Path) -> None:
    found, page = made(released)
    beside = {estimate["id"]: estimate["beside"] for estimate in found["estimates"]}
    assert {"ancova", "cr2", "randomisation", "kenward_roger"} == set(beside["warmth"])
    assert "kenward_roger" not in beside["efficacy"]
    assert "Kenward-Roger degrees of freedom" in page
    assert found["numbers"]["effect.warmth.kenward_roger.value"]["value"] == beside["warmth"]["kenward_roger"]["value"]


def test_where_delivery_is_withheld_each_family_stands_alone_and_the_flag_says_so(snapshot: Write) -> None:
    estimate = made(snapshot(delivery=False))[0]["estimates"][0]
    assert estimate["value"] is not None
    assert any("have no practitioner; each counts as its own" in flag for flag in estimate["flags"])


def test_with_one_practitioner_the_analysis_beside_stands_in_and_says_so(snapshot: Write) -> None:
    def alone(programme: Any) -> None:
        for row in programme.rows["delivery/assignments"]:
            row["practitioner"] = "P00"

    found, page = made(snapshot(change=alone))
    estimate = found["estimates"][0]
    assert estimate["value"] is not None
    assert estimate["note"].startswith("The planned model could not be fitted, so the analysis beside it stands here: ")
    assert "The planned model could not be fitted" in page


def test_what_the_plan_lacks_is_labelled_post_hoc(released: Path) -> None:
    planned = Plan(plan_of(Snapshot.open(released).study).estimands[:2])
    found, page = made(released, plan=planned)
    assert [estimate["post_hoc"] for estimate in found["estimates"]] == [False, False, True, True, True]
    assert "Efficacy (post hoc)" in page
    assert "Warmth (post hoc)" not in page


def test_what_leaves_says_no_number_in_a_flag_or_a_reason(snapshot: Write) -> None:
    found, page = made(snapshot(delivery=False), not_for_publication=False)
    flags = " ".join(flag for estimate in found["estimates"] for flag in estimate["flags"])
    assert "those who run the trial know how many" in flags
    assert not any(map(str.isdigit, flags))
    assert "have no practitioner" not in page
