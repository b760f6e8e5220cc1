"""From snapshot to folder: right numbers, honest banners, same bytes, and nothing half-written."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from attunement.impact import ancova
from attunement.process import one_a_family
from attunement.report import Built, CountsDoNotAddUp, ReportError, Snapshot
from attunement.report.arms import arm_key
from tests.report.conftest import build

EARLY = date(2022, 1, 31)
Write = Callable[..., Path]


def results(built: Built) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(built.results_json.read_text())
    return found


def hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def whole(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(released, tmp_path_factory.mktemp("whole") / "report")


def test_the_primary_estimate_is_the_ancova_where_practitioners_do_not_differ(whole: Built, released: Path) -> None:
    estimate = next(e for e in results(whole)["estimates"] if e["role"] == "primary")
    scores = pl.read_parquet(released / "blind/scores.parquet").filter(pl.col("scale") == "warmth")
    at = {
        point: scores.filter(time_point=point).select("trial_number", "value") for point in ("baseline", "four_months")
    }
    families = pl.read_parquet(released / "blind/families.parquet").filter("index_child")
    rows = (
        families.join(pl.read_parquet(released / "arm_key/arms.parquet"), on="family")
        .join(at["four_months"], on="trial_number", how="left")
        .join(at["baseline"].rename({"value": "baseline"}), on="trial_number", how="left")
        .with_columns(treated=pl.col("arm") == "vig")
    )
    fit = ancova(rows, outcome="value", arm="treated", covariates=["baseline"], site="site").effect
    for field in ("value", "se", "df", "low", "high", "p", "n"):
        assert estimate[field] == pytest.approx(getattr(fit, field), rel=1e-11), field
    assert estimate["n_by_arm"] == {"usual_care": fit.n_by_arm[0], "vig": fit.n_by_arm[1]}
    assert estimate["low"] < 5 < estimate["high"], "the made-up effect is 5 points"


def test_every_estimate_is_an_object_with_its_numbers(whole: Built) -> None:
    estimates = results(whole)["estimates"]
    assert [e["role"] for e in estimates].count("primary") == 1
    for estimate in estimates:
        assert {"value", "se", "df", "low", "high", "p", "n", "n_by_arm", "role"} <= set(estimate)
        assert estimate["low"] < estimate["value"] < estimate["high"]
    assert {e["id"]: e["df"] is None for e in estimates}["cp_plan"], "a risk difference has no degrees of freedom"


def test_the_flow_is_counted_from_the_rows(whole: Built, released: Path) -> None:
    counts = results(whole)["counts"]
    families = one_a_family(pl.read_parquet(released / "blind/families.parquet"))
    arms = Counter(pl.read_parquet(released / "arm_key/arms.parquet")["arm"])
    assert counts["flow.referred"] == families.height == 40
    assert counts["flow.allocated"] == families["allocated_on"].count()
    assert (counts["flow.vig.allocated"], counts["flow.usual_care.allocated"]) == (arms["vig"], arms["usual_care"])
    assert counts["flow.excluded.ineligible:infant_under_12_months"] == 1
    assert counts["flow.excluded.ineligible:focal_parent"] == 0
    assert counts["flow.vig.lost:died"] + counts["flow.usual_care.lost:died"] == 1
    assert counts["flow.vig.score_missing"] + counts["flow.usual_care.score_missing"] == 1
    assert counts["flow.usual_care.received"] == 0
    assert counts["flow.further_children"] == 1


def test_delivery_and_cost_are_of_the_released_arm(whole: Built, released: Path) -> None:
    numbers = results(whole)["numbers"]
    sessions = pl.read_parquet(released / "delivery/sessions.parquet")
    vig = results(whole)["counts"]["flow.vig.allocated"]
    assert numbers["cost.families_offered"]["value"] == vig
    assert numbers["process.sessions_a_family"]["value"] == pytest.approx((sessions["state"] == "held").sum() / vig)
    assert numbers["cost.total"]["value"] == numbers["cost.start_up"]["value"] + numbers["cost.running"]["value"]
    assert numbers["cost.start_up"]["value"] == 5 * (37500 + 64000 + 80000 + 88000 + 42000) + 1800000
    assert numbers["cost.per_family_offered.start_up"]["text"].startswith("£")


def test_what_the_page_prints_is_in_the_results(whole: Built) -> None:
    page, numbers = whole.html.read_text(), results(whole)["numbers"]
    assert f'data-result="effect.warmth.value">{numbers["effect.warmth.value"]["text"]}</span>' in page
    assert numbers["effect.warmth.value"]["value"] == results(whole)["estimates"][0]["value"]


def test_the_same_snapshot_gives_the_same_bytes(whole: Built, released: Path, tmp_path: Path) -> None:
    build(released, tmp_path / "deeper" / "again")
    assert hashes(whole.html.parent) == hashes(tmp_path / "deeper" / "again")


def test_a_report_may_be_made_over_an_earlier_one(released: Path, snapshot: Write, tmp_path: Path) -> None:
    build(snapshot(key=False, delivery=False), tmp_path / "out")
    build(released, tmp_path / "out")
    assert not (tmp_path / "out" / "earlier").exists()
    assert results(Built(tmp_path, tmp_path / "out/results.json", ()))["arm_key"] == "released"


def test_a_final_report_on_a_released_key_has_no_such_banner(whole: Built) -> None:
    page, found = whole.html.read_text(), results(whole)
    assert "DUMMY" not in page and "INCOMPLETE" not in page
    assert (found["arm_key"], found["incomplete"], found["withheld"], found["demonstration"]) == (
        "released",
        False,
        [],
        True,
    )
    assert page.count("DEMONSTRATION") == 1 + 22


def test_a_real_study_is_no_demonstration(snapshot: Write, tmp_path: Path) -> None:
    assert "DEMONSTRATION" not in build(snapshot(demonstration=False), tmp_path / "out").html.read_text()


def test_without_the_key_a_dummy_is_said_everywhere(snapshot: Write, tmp_path: Path) -> None:
    built = build(snapshot(key=False, delivery=False), tmp_path / "out")
    page = built.html.read_text()
    assert results(built)["arm_key"] == "dummy"
    assert results(built)["withheld"] == ["delivery"]
    stamp = "DEMONSTRATION · DUMMY ARM KEY: the numbers by arm mean nothing · NOT FOR PUBLICATION"
    assert page.count(f'<p class="stamp">{stamp}</p>') == 22
    assert page.count("<strong>Withheld.</strong>") == 5
    assert results(built)["counts"].get("flow.vig.received") is None


def test_a_dummy_key_is_balanced_at_each_site_and_knows_no_arm(snapshot: Write) -> None:
    """It is drawn from the blind files, so it is the same whatever the arms are and whatever is withheld."""

    def swap(programme: Any) -> None:
        for row in programme.rows["arm_key/arms"]:
            row["arm"] = {"vig": "usual_care", "usual_care": "vig"}[row["arm"]]

    folders = [snapshot(key=False), snapshot(key=False, delivery=False), snapshot(key=False, change=swap)]
    keys = []
    for folder in folders:
        opened = Snapshot.open(folder)
        families = one_a_family(opened.frame("blind/families").collect())
        keys.append(arm_key(opened, families))
    assert keys[0] == keys[1] == keys[2]
    assert keys[0].state == "dummy"
    for site in "ABCD":
        arms = Counter(arm for family, arm in keys[0].arm_of.items() if family.startswith(site))
        assert abs(arms["vig"] - arms["usual_care"]) <= 1


def test_the_blind_report_is_the_same_bytes_whatever_the_arms_are(snapshot: Write, tmp_path: Path) -> None:
    """Apart from the snapshot's own hash and those of withheld files, which say nothing about any family."""

    def swap(programme: Any) -> None:
        for row in programme.rows["arm_key/arms"]:
            row["arm"] = {"vig": "usual_care", "usual_care": "vig"}[row["arm"]]

    pages = []
    for place, change in enumerate((None, swap)):
        built = build(snapshot(key=False, delivery=False, change=change), tmp_path / str(place))
        found = results(built)
        found.pop("snapshot_sha256")
        pages.append((found, built.html.read_text().split('<section id="about"')[0]))
    assert pages[0] == pages[1]


def test_an_early_cut_says_not_yet_known_and_never_none(snapshot: Write, tmp_path: Path) -> None:
    built = build(snapshot(known_on=EARLY, key=False), tmp_path / "out")
    found, page = results(built), built.html.read_text()
    assert found["incomplete"] is True
    assert found["not_yet_known"]["records"] == found["counts"]["flow.allocated"] == 33
    assert found["not_yet_known"]["four_months"] > 0
    assert "INCOMPLETE: data cut 31 January 2022" in page
    states = {k: v for k, v in found["counts"].items() if ".record:" in k and not k.endswith("not_yet_known")}
    assert set(states.values()) == {0}
    estimate = next(e for e in found["estimates"] if e["id"] == "cp_plan")
    assert (estimate["value"], estimate["p"], estimate["n"]) == (None, None, None)
    assert estimate["note"] == "No estimate: the outcome is not yet known for any family of one arm."


def test_counts_that_do_not_add_up_stop_the_report(snapshot: Write, tmp_path: Path) -> None:
    folder = snapshot(change=lambda programme: programme.rows["arm_key/arms"].pop())
    with pytest.raises(CountsDoNotAddUp, match="differ in 1 families"):
        build(folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_arm_that_the_study_lacks_is_refused(snapshot: Write, tmp_path: Path) -> None:
    folder = snapshot(change=lambda programme: programme.rows["arm_key/arms"][0].update(arm="placebo"))
    with pytest.raises(ReportError, match="the arm 'placebo'"):
        build(folder, tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "row", "sentence"),
    [
        ("blind/families", {"family": None}, "blind/families.parquet: the column 'family' is empty in a row."),
        ("blind/families", {"site": "Z"}, "A family has the site 'Z', which the study does not have."),
        ("blind/outcomes", {"entered_care": 7}, "The outcome 'entered_care' holds other values than 0 and 1."),
        ("delivery/sessions", {"trial_number": "Z9"}, "The trial number Z9 belongs to no family referred."),
        ("delivery/sessions", {"minutes": -4}, "Delivery has minutes below zero."),
    ],
)
def test_a_row_that_cannot_be_right_stops_the_report(
    snapshot: Write, tmp_path: Path, name: str, row: dict[str, Any], sentence: str
) -> None:
    folder = snapshot(change=lambda programme: programme.rows[name][0].update(row))
    with pytest.raises(ValueError, match=re.escape(sentence)) as fault:
        build(folder, tmp_path / "out")
    assert str(fault.value) == sentence
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["blind/scores", "blind/outcomes"])
def test_the_same_row_twice_is_refused(snapshot: Write, tmp_path: Path, name: str) -> None:
    folder = snapshot(change=lambda programme: programme.rows[name].append(programme.rows[name][0]))
    with pytest.raises(ReportError, match=rf"{name} holds the same trial number.* twice"):
        build(folder, tmp_path / "out")


def test_a_refused_snapshot_leaves_an_earlier_report_as_it_was(released: Path, snapshot: Write, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(released, out)
    before, beside = hashes(out), sorted(tmp_path.iterdir())
    folder = snapshot()
    (folder / "more.txt").write_text("x")
    with pytest.raises(ReportError):
        build(folder, out)
    assert hashes(out) == before
    assert sorted(path for path in tmp_path.iterdir() if path != folder) == beside


def test_a_failure_while_writing_leaves_nothing(
    released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="no space"):
        build(released, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_report_comes_back_when_it_cannot_be_replaced(
    released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    build(released, out)
    before, rename = hashes(out), Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.name == "report":
            raise OSError("not today")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="not today"):
        build(released, out)
    assert hashes(out) == before
    assert list(tmp_path.iterdir()) == [out]


def test_other_peoples_folders_are_not_written_over(released: Path, tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_text("x")
    with pytest.raises(ReportError, match="holds something else than a report"):
        build(released, tmp_path)
    with pytest.raises(ReportError, match="is not a folder"):
        build(released, tmp_path / "holiday.jpg")
    with pytest.raises(ReportError, match="cannot be put into the snapshot itself"):
        build(released, released / "report")
    (tmp_path / "empty").mkdir()
    assert build(released, tmp_path / "empty").html.exists()


def test_one_family_and_none_still_make_a_report(snapshot: Write, tmp_path: Path) -> None:
    for families in (0, 1):
        built = build(snapshot(families=families), tmp_path / f"out{families}")
        assert results(built)["estimates"][0]["value"] is None
        assert results(built)["counts"]["flow.referred"] == families
