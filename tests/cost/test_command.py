"""`attunement cost`: the figures of a snapshot on the terminal, and one line for what is wrong."""

from pathlib import Path

import pytest

from attunement import cli, cost
from tests.report.conftest import write_snapshot

DEMO = Path(cost.__file__).parent / "demo_prices.toml"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_snapshot(tmp_path_factory.mktemp("command") / "snapshot")


def test_cost_a_family_is_printed(snapshot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["cost", str(snapshot), "--prices", str(DEMO)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "Prices of 2021 in GBP. Sessions of unknown length: 0."
    assert len(told) == 10 and told[3].split() == ["offered", "total", "816.05", "families", "18"]


def test_what_is_wrong_is_one_line(snapshot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part = snapshot / "delivery" / "sessions.parquet"
    for place, prices in ((tmp_path, DEMO), (snapshot, tmp_path / "none.csv")):
        assert cli.main(["cost", str(place), "--prices", str(prices)]) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1
    whole = part.read_bytes()
    part.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert cli.main(["cost", str(snapshot), "--prices", str(DEMO)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    part.write_bytes(whole)
