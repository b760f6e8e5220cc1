"""The page that walks a rehearsal through the engine runs, and shows what comes out.

`ATTUNEMENT_WRITE_PAGE=1` writes what comes out into the page: read the difference line by line.
"""

import contextlib
import io
import os
import re
from pathlib import Path
from typing import Any

import pytest

from attunement import impact
from attunement.impact import figures

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "impact.md"
CELL = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.M | re.S)


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def ran(code: str, names: dict[str, Any]) -> str:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(compile(code, PAGE.name, "exec"), names)
    return shown.getvalue()


def test_each_cell_prints_what_stands_under_it(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("POLARS_FMT_TABLE_HIDE_DATAFRAME_SHAPE_INFORMATION", "1")
    names: dict[str, Any] = {}
    found = CELL.sub(lambda cell: f"```python\n{cell[1]}```\n\n```text\n{ran(cell[1], names)}```\n", page)
    if os.environ.get("ATTUNEMENT_WRITE_PAGE"):
        PAGE.write_text(found, encoding="utf-8")
    assert found == page


def test_the_page_uses_every_public_function_and_figure(page: str) -> None:
    code = "".join(cell[1] for cell in CELL.finditer(page))
    functions = [name for name in impact.__all__ if name[0].islower()] + ["Design"]
    assert [name for name in functions if f"impact.{name}(" not in code] == []
    assert [name for name in figures.__all__ if name[0].islower() and f"figures.{name}(" not in code] == []
