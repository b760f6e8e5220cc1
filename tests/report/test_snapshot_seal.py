"""A snapshot is the same bytes for the same rows, and is opened only when every hash holds."""

import hashlib
import json
import random
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from attunement.report import Meta, ReportError, Snapshot, build, seal_manifest, write_part
from attunement.report.contract import COLUMNS

META = Meta("1", date(2023, 2, 28), "attunement test", ("A",))


def staff_time(*minutes: int) -> pl.DataFrame:
    rows = [{"practitioner": "P1", "category": "editing", "on": date(2021, 9, 1), "minutes": n} for n in minutes]
    return pl.DataFrame(rows, schema=COLUMNS["delivery/staff_time"])


@pytest.fixture
def own(released: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(released, tmp_path / "own"))


def refused(folder: Path, **wanted: Path) -> str:
    with pytest.raises(ReportError) as fault:
        Snapshot.open(folder, **wanted)
    text = str(fault.value)
    assert "\n" not in text
    return text


def test_the_same_rows_are_the_same_bytes_in_any_order_and_chunking(tmp_path: Path) -> None:
    one = write_part(tmp_path / "a", "delivery/staff_time", staff_time(5, 3, 9))
    parts = pl.concat([staff_time(9), staff_time(5), staff_time(3)], rechunk=False)
    other = write_part(tmp_path / "b", "delivery/staff_time", parts)
    assert one.read_bytes() == other.read_bytes()
    assert pl.read_parquet(one)["minutes"].to_list() == [3, 5, 9]


def test_two_seals_of_the_same_files_are_the_same(released: Path, snapshot: Callable[..., Path]) -> None:
    again = snapshot()
    for name in ("manifest.json", "manifest.sha256", "blind/families.parquet"):
        assert (again / name).read_bytes() == (released / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "frame", "sentence"),
    [
        ("blind/friends", staff_time(), "A snapshot has no file called blind/friends."),
        ("delivery/staff_time", staff_time().drop("on"), "delivery/staff_time: the column 'on' is wanting."),
        (
            "delivery/staff_time",
            staff_time().with_columns(carer=pl.lit("a name")),
            "delivery/staff_time: the column 'carer' does not belong there.",
        ),
    ],
)
def test_a_part_is_held_to_the_contract(tmp_path: Path, name: str, frame: pl.DataFrame, sentence: str) -> None:
    with pytest.raises(ReportError) as fault:
        write_part(tmp_path, name, frame)
    assert str(fault.value) == sentence
    assert list(tmp_path.iterdir()) == []


def test_a_value_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="delivery/staff_time: conversion"):
        write_part(tmp_path, "delivery/staff_time", staff_time(1).with_columns(minutes=pl.lit("an hour")))


def test_outcomes_may_have_further_columns_and_no_other_file(tmp_path: Path) -> None:
    frame = pl.DataFrame({"trial_number": ["A"], "extract_on": [None], "status": ["found"], "cp_days": [3.0]})
    assert pl.read_parquet(write_part(tmp_path, "blind/outcomes", frame)).schema["cp_days"] == pl.Int64


def test_sessions_may_have_what_was_noted_of_visits_or_be_without(tmp_path: Path) -> None:
    bare = pl.DataFrame(schema=dict(COLUMNS["delivery/sessions"]))
    assert "rating" not in pl.read_parquet(write_part(tmp_path, "delivery/sessions", bare)).columns
    noted = bare.with_columns(place=pl.lit("home"), rating=pl.lit(3))
    assert pl.read_parquet(write_part(tmp_path, "delivery/sessions", noted)).schema["rating"] == pl.Int64
    with pytest.raises(ReportError, match="delivery/sessions: the column 'mood' does not belong there"):
        write_part(tmp_path, "delivery/sessions", noted.with_columns(mood=pl.lit(1)))


def test_a_whole_snapshot_opens(released: Path) -> None:
    snapshot = Snapshot.open(released)
    assert snapshot.study.slug == "vig"
    assert snapshot.manifest.meta.known_on == date(2023, 2, 28)
    assert snapshot.has("delivery") and snapshot.has("arm_key")
    assert snapshot.frame("blind/families").collect().height == 41


def test_a_changed_byte_is_refused(own: Path) -> None:
    path = own / "blind/scores.parquet"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    assert refused(own) == "The snapshot was changed after it was sealed: blind/scores.parquet does not have its hash."


def test_two_hundred_random_edits_of_any_file_are_refused_before_anything_is_written(own: Path, tmp_path: Path) -> None:
    chance = random.Random(20)
    paths = sorted(path for path in own.rglob("*") if path.is_file())
    assert {"arms.parquet", "manifest.json", "manifest.sha256", "study.toml"} <= {path.name for path in paths}
    for turn in range(200):
        path = paths[turn % len(paths)]
        before = path.read_bytes()
        place, kind = chance.randrange(len(before)), turn // len(paths) % 3
        after = (before[:place] + bytes([before[place] ^ chance.randrange(1, 256)]) + before[place + 1:],
                 before[:place] + before[place + 1:], before[:place] + b"\n" + before[place:])[kind]  # fmt: skip
        path.write_bytes(after)
        with pytest.raises(ReportError) as fault:
            build(own, tmp_path / "out")
        assert "\n" not in str(fault.value), (path, place)
        assert not (tmp_path / "out").exists()
        path.write_bytes(before)
    assert Snapshot.open(own)


@pytest.mark.parametrize("name", ["notes.txt", "blind/extra.parquet", "delivery/.hidden"])
def test_an_extra_file_is_refused(own: Path, name: str) -> None:
    (own / name).write_text("more")
    assert refused(own) == f"The snapshot holds a file that its manifest does not list: {name}."


@pytest.mark.parametrize("name", ["blind/answers.parquet", "delivery/sessions.parquet", "study.toml"])
def test_a_missing_file_is_refused(own: Path, name: str) -> None:
    (own / name).unlink()
    assert refused(own) == f"The snapshot lacks a file that its manifest lists: {name}."


def test_a_link_is_refused(own: Path, tmp_path: Path) -> None:
    (own / "blind/scores.parquet").rename(tmp_path / "elsewhere")
    (own / "blind/scores.parquet").symlink_to(tmp_path / "elsewhere")
    assert refused(own) == "The snapshot holds a link in place of a file: blind/scores.parquet."


def test_a_changed_manifest_is_refused(own: Path) -> None:
    path = own / "manifest.json"
    path.write_text(path.read_text().replace("2023-02-28", "2024-02-28"))
    assert refused(own) == "The manifest was changed after the snapshot was sealed: it does not have its hash."


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sha256"])
def test_a_folder_without_a_manifest_is_no_snapshot(own: Path, name: str) -> None:
    (own / name).unlink()
    assert refused(own) == f"{own} is no snapshot: it has no {name}."


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere") == f"There is no snapshot folder {tmp_path / 'nowhere'}."


@pytest.mark.parametrize(
    "change",
    [{"format": "other/9"}, {"known_on": "yesterday"}, {"known_on": None}, {"parts": []}, {"sites": None}, "nothing"],
)
def test_a_manifest_that_says_nonsense_is_refused_in_one_line(own: Path, change: object) -> None:
    path = own / "manifest.json"
    stated = json.loads(path.read_text())
    path.write_text(json.dumps(stated | change if isinstance(change, dict) else change))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (own / "manifest.sha256").write_text(f"{digest}  manifest.json\n")
    assert refused(own)


def test_whole_parts_may_be_withheld_but_not_the_blind_one(own: Path) -> None:
    shutil.rmtree(own / "delivery")
    shutil.rmtree(own / "arm_key")
    snapshot = Snapshot.open(own)
    assert not snapshot.has("delivery/sessions") and not snapshot.has("arm_key")
    with pytest.raises(ReportError, match="delivery/sessions is not in this snapshot: it is withheld"):
        snapshot.frame("delivery/sessions")
    shutil.rmtree(own / "blind")
    assert "The snapshot lacks a file" in refused(own)


def test_a_key_kept_elsewhere_must_be_the_sealed_one(own: Path, tmp_path: Path) -> None:
    shutil.move(own / "arm_key/arms.parquet", tmp_path / "key.parquet")
    (own / "arm_key").rmdir()
    assert Snapshot.open(own, arm_key=tmp_path / "key.parquet").has("arm_key")
    assert "not the one that was sealed" in refused(own, arm_key=own / "study.toml")
    assert "There is no arm key" in refused(own, arm_key=tmp_path / "none")


def test_a_key_can_be_sealed_by_its_hash_alone(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text("")
    stated = json.loads(seal_manifest(tmp_path, Meta("1", META.known_on, "x", (), key_sha256="ab" * 32)).read_text())
    assert stated["parts"]["arm_key"] == {"arm_key/arms.parquet": "ab" * 32}
    (tmp_path / "arm_key").mkdir()
    (tmp_path / "arm_key/arms.parquet").write_text("another")
    with pytest.raises(ReportError, match="not the one whose hash was given"):
        seal_manifest(tmp_path, Meta("1", META.known_on, "x", (), key_sha256="ab" * 32))


def test_sealed_rubbish_is_refused_in_one_line(own: Path) -> None:
    (own / "blind/scores.parquet").write_text("not a table")
    seal_manifest(own, META)
    assert refused(own).startswith("blind/scores.parquet cannot be read")


def test_a_sealed_file_of_other_columns_is_refused(own: Path) -> None:
    pl.DataFrame({"family": ["A"]}).write_parquet(own / "blind/scores.parquet")
    seal_manifest(own, META)
    assert refused(own) == "blind/scores.parquet: the column 'trial_number' is wanting or of another kind."


def test_a_sealed_study_file_that_cannot_be_used_is_refused(own: Path) -> None:
    (own / "study.toml").write_text("slug = 3")
    seal_manifest(own, META)
    assert refused(own).startswith("The study file in the snapshot cannot be used")


def test_nothing_may_have_happened_after_the_cut(own: Path) -> None:
    seal_manifest(own, Meta("1", date(2022, 1, 1), "attunement test", ("A",)))
    assert "after the cut, 2022-01-01" in refused(own)
