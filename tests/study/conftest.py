"""A small sound study that each test spoils in one place, and the shipped one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from attunement.study import Finding, Study, check, read

SMALL = (Path(__file__).parents[1] / "data/study/small.toml").read_text(encoding="utf-8")


class Bench:
    """Writes the small study with changes, and reads or checks it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "study.toml"

    def write(self, *changes: tuple[str, str], text: str = SMALL) -> Path:
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        self.path.write_text(text, encoding="utf-8")
        return self.path

    def study(self, *changes: tuple[str, str]) -> Study:
        return read(self.write(*changes)).study

    def check(self, *changes: tuple[str, str]) -> list[Finding]:
        return check(self.write(*changes))

    def problems(self, *changes: tuple[str, str]) -> list[str]:
        return [finding.text for finding in self.check(*changes) if finding.level == "problem"]

    def line(self, start: str) -> int:
        """The first line that starts so, counted from 1."""
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return next(number for number, line in enumerate(lines, 1) if line.startswith(start))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture(scope="session")
def vig() -> Study:
    return read("vig").study


@pytest.fixture(scope="session")
def vig_findings() -> list[Finding]:
    return check("vig")


@pytest.fixture(scope="session")
def saying(vig_findings: list[Finding]) -> Callable[..., Finding]:
    """The one finding on VIG that holds all these words."""

    def find(*words: str) -> Finding:
        found = [finding for finding in vig_findings if all(word in finding.text for word in words)]
        assert len(found) == 1, [finding.text for finding in found or vig_findings]
        return found[0]

    return find
