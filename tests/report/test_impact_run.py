"""The engine from snapshot to results: a dry run first, the key by one logged argument, what is not planned marked."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from attunement.cli import main
from attunement.impact import ImpactError, Plan, plan_of, run
from attunement.impact.results_page import page
from attunement.report import Snapshot

Write = Callable[..., Path]


@pytest.fixture(scope="module")
def opened(released: Path) -> Snapshot:
    return Snapshot.open(released)


def key(snapshot: Snapshot) -> pl.DataFrame:
    return snapshot.frame("arm_key/arms").select("family", "arm").collect()


def test_a_dry_run_needs_no_key_and_says_so(opened: Snapshot) -> None:
    results = run(plan_of(opened.study), opened, replicates=200)
    assert results.dummy
    assert [answer.estimand.code for answer in results.answers] == [one.code for one in opened.study.estimands]
    assert results == run(plan_of(opened.study), opened, replicates=200)
    assert "dry run on dummy arms" in results.log[0]


def test_the_real_key_is_logged_by_its_hash_and_no_arm(opened: Snapshot, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="attunement.impact"):
        results = run(plan_of(opened.study), opened, arm=key(opened), replicates=200)
    assert not results.dummy
    assert "the arm key entered, SHA-256" in caplog.text
    assert not any(family in caplog.text for family in key(opened)["family"])
    main = results.answers[0].fit
    assert "partially nested" in main.effect.method
    assert main.effect.n > 0
    as_mapping = dict(key(opened).iter_rows())
    assert run(plan_of(opened.study), opened, arm=as_mapping, replicates=200) == results


def test_an_estimand_outside_the_plan_is_post_hoc(opened: Snapshot) -> None:
    fewer = Plan(plan_of(opened.study).estimands[:2])
    results = run(fewer, opened, replicates=50)
    assert [answer.post_hoc for answer in results.answers[:3]] == [False, False, True]
    table = results.table()
    assert set(table.filter("post_hoc")["estimand"]) == {one.code for one in opened.study.estimands[2:]}
    assert page(results).count("post hoc") == len(opened.study.estimands) - 2
    assert fewer.sha256 != plan_of(opened.study).sha256


def test_every_number_has_one_id_and_every_answer_five_attributes(opened: Snapshot) -> None:
    results = run(plan_of(opened.study), opened, arm=key(opened), replicates=50)
    plain = json.loads(json.dumps(results.to_dict(), allow_nan=False))
    ids = [number["id"] for number in plain["numbers"]]
    assert len(ids) == len(set(ids))
    assert {mark for mark in re.findall(r'<td id="([^"]+)"', page(results))} <= set(ids)
    values = {number["value"] for number in plain["numbers"]}
    assert {v for answer in plain["answers"] for v in _numbers_in(answer["main"])} <= values | {1.0}
    assert set(plain["answers"][0]["estimand"]) == {"population", "treatment", "variable", "intercurrent", "summary"}


def _numbers_in(value: Any) -> Iterator[float]:
    """Every number of plain values but the diagonal of a covariance, which is a squared standard error."""
    if isinstance(value, dict):
        yield from (found for name, one in value.items() for found in _numbers_in(_below(one) if name == "vcov" else one))
    elif isinstance(value, list):
        yield from (found for one in value for found in _numbers_in(one))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def _below(matrix: list[list[float]] | None) -> list[list[float]]:
    return [row[:at] for at, row in enumerate(matrix or [])]


def test_a_key_that_does_not_fit_is_refused(opened: Snapshot) -> None:
    plan, arms = plan_of(opened.study), key(opened)
    for wrong, sentence in (
        (arms.head(3), "differ in"), (arms.rename({"arm": "a"}), "has the columns"),
        (arms.with_columns(arm=pl.lit("elsewhere")), "has the arm 'elsewhere'"),
    ):
        with pytest.raises(ImpactError, match=sentence):
            run(plan, opened, arm=wrong)


def test_the_command_writes_json_csv_and_a_page(released: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["impact", str(released), "--to", str(tmp_path / "out")]) == 0
    assert "Dry run on dummy arms" in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["results.csv", "results.html", "results.json"]
    assert "Dry run on dummy arms" in (tmp_path / "out" / "results.html").read_text()
    assert main(["impact", str(released), "--plan", "vig", "--to", str(tmp_path / "out")]) == 0
    assert main(["impact", str(released), "--plan", "no such study", "--to", str(tmp_path / "out")]) == 1
    assert main(["impact", str(tmp_path / "nowhere")]) == 1
    assert len(re.findall("no such study|nowhere", capsys.readouterr().err)) == 2
