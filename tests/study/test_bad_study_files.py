"""A file that cannot be used: one line each, with the place, what is there and what is expected."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from attunement.study import StudyError, check, load, read, read_text, report_lines

if TYPE_CHECKING:
    from conftest import Bench


def only_line(bench: Bench) -> str:
    with pytest.raises(StudyError) as caught:
        load(bench.path)
    lines = str(caught.value).splitlines()
    assert lines == report_lines(check(bench.path))
    assert len(lines) == 1, lines
    place, _, told = lines[0].partition(": error: ")
    assert place.startswith(f"{bench.path}:")
    return f"{place.removeprefix(f'{bench.path}:')}: {told}"


@pytest.mark.parametrize(
    ("old", "new", "start", "told"),
    [
        (
            "target = 20\n",
            "targett = 20\ntarget = 20\n",
            "targett",
            "sites[1].targett is not a key of a study file here. Did you mean target?",
        ),
        ("on = 2024-03-01", "on = 2024-02-31", "on =", "this cannot be read as TOML"),
        (
            "on = 2024-03-01",
            'on = "2024-03-01"',
            "on =",
            'review_point.on is "2024-03-01", and must be a bare date such as 2022-03-31.',
        ),
        (
            "on = 2024-03-01",
            "on = 2024-03-01T00:00:00",
            "on =",
            "review_point.on is 2024-03-01 00:00:00, and must be a bare date such as 2022-03-31.",
        ),
        (
            "on = 2024-03-01",
            "on = 0024-03-01",
            "on =",
            "review_point.on is 0024-03-01, and must be at least 1990-01-01.",
        ),
        (
            "target = 20",
            'target = "20"',
            "target",
            'sites[1].target is "20", and must be a whole number without quotation marks.',
        ),
        (
            "target = 20",
            "target = 20.5",
            "target",
            "sites[1].target is 20.5, and must be a whole number without quotation marks.",
        ),
        (
            "unit_cost_pence = 500",
            "unit_cost_pence = 500\nlow_pence = -1",
            "low_pence",
            "costs[1].low_pence is -1, and must be at least 0.",
        ),
        (
            "[[estimands]]",
            '[cost_analysis]\nthresholds = [0, "20"]\nsource = "x"\n\n[[estimands]]',
            "thresholds",
            'cost_analysis.thresholds[2] is "20", and must be a whole number without quotation marks.',
        ),
        ("target = 20", "target = 0", "target", "sites[1].target is 0, and must be above 0."),
        ("ratio = [1, 1]", "ratio = 1", "ratio", "allocation.ratio is 1, and must be a list in square brackets."),
        (
            "receives_programme = true",
            'receives_programme = "yes"',
            "receives",
            'arms[1].receives_programme is "yes", and must be true or false, without quotation marks.',
        ),
        (
            'kind = "meeting"',
            'kind = "meting"',
            'kind = "meting"',
            'sessions[1].kind is "meting", and must be meeting, film, review or closing. Did you mean meeting?',
        ),
        (
            'code = "reading"',
            'code = "Reading"',
            'code = "Reading"',
            'arms[1].code is "Reading", and must be small letters, digits and underscores, a letter first.',
        ),
        ('programme = "Reading together"\n', "", "# A", "programme is missing."),
        ("months = 120\n", "", "[[retention]]", "retention[1].months is missing."),
        ("green = 0.8", "green = nan", "green", "review_point.criteria[1].green is nan, and must be a plain number."),
        ('slug = "small"', 'slug = "small', "slug", "this cannot be read as TOML"),
        ('code = "S"', 'code = "N"', None, 'sites: the code "N" is used twice.'),
        (
            'title.en = "Before"',
            'title.cy = "Cyn"\ntitle.en = "Before"',
            "title.cy",
            'time_points[1].title has "cy", which must be en.',
        ),
        ('title.en = "Before"', 'title.en = " "', 'title.en = " "', "time_points[1].title has no text in en."),
        (
            'slug = "small"',
            'slug = "small"\ntimezone = "Europe/Lundon"',
            "timezone",
            '"Europe/Lundon" is not a timezone; one is "Europe/London".',
        ),
    ],
)
def test_each_fault_is_one_line_at_its_place(bench: Bench, old: str, new: str, start: str | None, told: str) -> None:
    bench.write((old, new))
    line = only_line(bench)
    assert told in line
    if start:
        assert line.startswith(f"{bench.line(start)}: ")


def test_several_faults_are_told_at_once_in_the_order_of_the_file(bench: Bench) -> None:
    bench.write(("target = 20", "target = -1"), ("months = 120", "mnths = 120"))
    found = check(bench.path)
    assert [finding.level for finding in found] == ["error"] * 3
    assert [finding.line for finding in found] == sorted(finding.line for finding in found)


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        (b"", 1, "slug is missing"),
        (b"\x00\x01\x02", 1, "cannot be read as TOML"),
        ("slug = 1".encode("utf-16"), 1, "not UTF-8"),
        (b'slug = "a"\ntitle = "caf\xe9"', 2, "not UTF-8"),
        (b"a = " + b"[" * 5000, 1, "too deep"),
        (b"a = " + b"1" * 5000, 1, "too long"),
        (b"# filled up\n" * 200_000, 1, "over 2 MB"),
        (b"slug = 1\nslug = 2\n", 2, "cannot be read as TOML"),
    ],
)
def test_what_is_no_study_file_at_all(bench: Bench, content: bytes, line: int, told: str) -> None:
    bench.path.write_bytes(content)
    finding = check(bench.path)[0]
    assert told in finding.text
    assert (finding.level, finding.line) == ("error", line)
    with pytest.raises(StudyError):
        load(bench.path)


@pytest.mark.parametrize("name", ["nowhere.toml", "no/such/study.toml", "x" * 5000, "nul\x00", ".", ""])
def test_missing_files_are_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudyError, match="there is no such file"):
        load(name)


def test_a_shipped_name_with_a_slip_is_suggested() -> None:
    with pytest.raises(StudyError, match=r"Did you mean vig\?"):
        load("vgi")


def test_a_folder_stands_for_its_study_and_a_byte_order_mark_is_no_fault(bench: Bench) -> None:
    bench.write(("# A", "\ufeff# A"))
    assert read(bench.path.parent).study.slug == "small"


def test_a_shipped_name_wins_over_a_folder_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vig").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load("vig").slug == "vig"


def test_a_text_at_hand_is_read_like_a_file(bench: Bench) -> None:
    text = bench.write().read_text(encoding="utf-8")
    assert read_text(text).study == read(bench.path).study
    with pytest.raises(StudyError, match=r"^upload:1: error: this cannot be read as TOML"):
        read_text("[", "upload")
