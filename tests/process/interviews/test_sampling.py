"""Whom to interview: only who agreed, quotas first, the same draw for everybody."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attunement.process import ProcessError
from attunement.process.interviews import (
    Codebook,
    Coding,
    Project,
    Quota,
    Source,
    achieved,
    draw,
    sampling_frame,
    told_of,
)
from attunement.report.snapshot import Snapshot
from tests.report.conftest import EARLY, write_snapshot

FRAME = pl.DataFrame({"family": [f"F{n:02}" for n in range(20)], "site": ["A", "B"] * 10, "arm": ["x"] * 15 + ["y"] * 5,
                      "completer": ["yes"] * 18 + ["no"] * 2, "language": ["en"] * 20, "stage": ["closed"] * 20})
QUOTAS = (Quota("completer", "no", 2), Quota("arm", "y", 3), Quota("site", "A", 4), Quota("language", "en-xr", 1))


@pytest.fixture(scope="module")
def early(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return Snapshot.open(write_snapshot(tmp_path_factory.mktemp("early") / "snapshot", known_on=EARLY, key=True))


def test_the_frame_holds_those_who_agreed_and_how_far_they_are(early: Snapshot) -> None:
    families = early.frame("arm_key/arms").collect().sort("family")
    agreed = families["family"].to_list()
    frame = sampling_frame(early, agreed)
    assert set(frame["family"]) < set(agreed), "a family that withdrew is not asked"
    assert set(frame.filter(pl.col("arm") == "usual_care")["stage"]) == {"usual care"}
    assert {"closed", "not started"} <= set(frame["stage"])
    assert sampling_frame(early, agreed[:3]).height <= 3
    with pytest.raises(ProcessError, match="was not allocated"):
        sampling_frame(early, ["nobody"])


def test_a_sample_is_drawn_before_delivery_ends(tmp_path: Path) -> None:
    def closed(programme: Any) -> None:
        gone = {row["trial_number"] for row in programme.rows["delivery/sessions"] if row["state"] != "held"}
        keep = {row["trial_number"] for row in programme.rows["delivery/sessions"]} - gone
        for row in programme.rows["arm_key/arms"]:
            row["arm"] = "vig" if row["family"] in keep else "usual_care"

    snapshot = Snapshot.open(write_snapshot(tmp_path / "snapshot", change=closed))
    with pytest.raises(ProcessError, match="before delivery ends"):
        sampling_frame(snapshot, [])


def test_quotas_are_met_as_far_as_the_frame_allows() -> None:
    drawn = draw(FRAME, QUOTAS, size=6, seed=7)
    assert drawn.quotas["short"].to_list() == [0, 0, 0, 1], "nobody speaks the other language"
    assert drawn.chosen.height == 6 and drawn.reserve.height == 14
    assert drawn.quotas["in_frame"].to_list() == [2, 5, 10, 0]


@settings(deadline=None)
@given(st.integers(1, 20), st.integers(0, 2**31), st.integers(0, 2**31))
def test_the_same_seed_draws_the_same_from_rows_in_any_order(size: int, seed: int, shuffle: int) -> None:
    drawn = draw(FRAME, QUOTAS, size=size, seed=seed)
    again = draw(FRAME.sample(fraction=1, shuffle=True, seed=shuffle), QUOTAS, size=size, seed=seed)
    assert drawn.chosen.equals(again.chosen) and drawn.reserve.equals(again.reserve)
    assert set(drawn.chosen["family"]) | set(drawn.reserve["family"]) == set(FRAME["family"])


def test_planned_and_achieved_stand_side_by_side() -> None:
    drawn = draw(FRAME, QUOTAS, size=6, seed=7)
    done = drawn.chosen["family"].to_list()[:2]
    table = achieved(drawn, done)
    assert table.columns == ["column", "level", "least", "chosen", "interviewed"]
    assert max(table["interviewed"]) <= 2
    with pytest.raises(ProcessError, match="no consent"):
        achieved(drawn, ["F99"])


@pytest.mark.parametrize(("make", "sentence"), [
    (lambda: Quota("age", "1", 1), "not on 'age'"),
    (lambda: Quota("site", "A", -1), "0 or more"),
    (lambda: draw(FRAME, QUOTAS, size=21, seed=1), "21 interviews"),
    (lambda: draw(FRAME, QUOTAS, size=0, seed=1), "0 interviews"),
    (lambda: draw(FRAME.with_columns(arm=pl.lit(None, dtype=pl.String)), QUOTAS, size=1, seed=1), "no quota on arm"),
])  # fmt: skip
def test_what_cannot_be_drawn(make: Any, sentence: str) -> None:
    with pytest.raises(ProcessError, match=sentence):
        make()


def test_what_is_told_counts_families_passages_and_quotas() -> None:
    why: dict[str, Any] = {"by": "C1", "on": EARLY, "why": "made up for the test"}
    book = Codebook().add("Top", dimension="reach", **why)
    book = book.add("Below", parent=book.codes[0].guid, **why).add("Unused", **why)
    below = book.codes[1].guid
    drawn = draw(FRAME, QUOTAS, size=6, seed=7)
    first, second = drawn.chosen["family"][:2]
    texts = (Source("T1", first, "It helped.", consent="1"), Source("T2", second, "It helped.", "session_note", "1"))
    codings = tuple(Coding(source, 0, 9, below, coder) for source in ("T1", "T2") for coder in ("C1", "C2"))
    told = told_of(Project("P", book, texts, codings), drawn)
    assert (told.planned, told.interviewed, told.texts, told.codebook) == (6, 1, 2, book.version)
    assert [(one.path, one.dimension, one.families, one.passages, one.own) for one in told.themes] == [
        ("Top", "reach", 2, 2, 0), ("Top / Below", "reach", 2, 2, 2)], "two coders, one passage"  # fmt: skip
    assert [one.least for one in told.quotas] == [2, 3, 4, 1] and told.quotas[0].interviewed <= 1
    strange = (Source("T3", "F99", "No.", consent="1"),)
    with pytest.raises(ProcessError, match="no consent"):
        told_of(Project("P", book, strange), drawn)
    assert told_of(Project("P", book, strange)).quotas == ()
