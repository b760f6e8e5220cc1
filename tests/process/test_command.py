"""`attunement process`: indicators on the screen or as a file, and one line for what is wrong."""

from pathlib import Path

import polars as pl
import pytest

from attunement.cli import main
from tests.report.conftest import write_snapshot


def test_indicators_are_printed_or_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = str(write_snapshot(tmp_path / "snapshot"))
    assert main(["process", snapshot]) == 0
    told = capsys.readouterr().out
    assert "sessions_a_family" in told and "missing" in told and " of 40" in told
    assert main(["process", snapshot, "--csv", str(tmp_path / "rows.csv")]) == 0
    rows = pl.read_csv(tmp_path / "rows.csv")
    assert {"indicator", "value", "numerator", "denominator", "missing", "cut"} <= set(rows.columns) and rows.height > 20
    for words in (["nowhere"], [snapshot, "--csv", str(tmp_path / "no" / "rows.csv")], [snapshot, "--csv", str(tmp_path)],
                  [snapshot, "--arm-key", "nowhere"]):  # fmt: skip
        capsys.readouterr()
        assert main(["process", *words]) == 1 and capsys.readouterr().err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.csv", "snapshot"]
