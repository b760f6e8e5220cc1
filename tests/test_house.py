"""The house's budgets and habits, kept by a walk over the source."""

from __future__ import annotations

import ast
import re
import statistics
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "attunement"
FILES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "helpers", "common", "core", "services", "managers"}


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def lines_of_code(path: Path) -> int:
    """Without docstrings, comments and blank lines: what sources and units take up is not held against a file."""
    text = path.read_text(encoding="utf-8")
    said: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node):
            said |= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return sum(1 for number, line in enumerate(text.splitlines(), 1)
               if number not in said and line.strip() and not line.strip().startswith("#"))


def test_files_are_small():
    assert not [str(path) for path in FILES if lines(path) > 500]
    written = [path for path in FILES if path.name != "__init__.py"]
    assert statistics.median(lines_of_code(path) for path in written) <= 70
    assert statistics.median(lines(path) for path in written) <= 90


def test_functions_are_short():
    long = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or 0) - node.lineno + 1
                if size > 80:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {size}")
    assert not long


def test_no_drawer_is_called_utils():
    assert not [str(path) for path in SOURCE.rglob("*") if path.stem in FORBIDDEN_NAMES]


def actions() -> list[tuple[str, ast.FunctionDef]]:
    found = []
    for path in sorted(SOURCE.glob("journey/*/actions.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and any(
                    isinstance(mark, ast.Name) and mark.id == "action" for mark in node.decorator_list):
                found.append((f"{path.parent.name}.{node.name}", node))
    return found


@pytest.mark.parametrize(("name", "node"), actions(), ids=[name for name, _node in actions()])
def test_an_action_is_keyword_only_and_names_its_actor(name, node):
    assert not node.args.args and not node.args.posonlyargs
    assert "by" in {argument.arg for argument in node.args.kwonlyargs}


def test_views_do_not_write():
    """A view calls actions: it neither saves nor deletes nor creates a row itself."""
    writes = re.compile(r"\.(save|delete|create|update|bulk_create|update_or_create|get_or_create)\(")
    found = [f"{path.parent.name}: {line.strip()}" for path in SOURCE.glob("journey/*/views.py")
             for line in path.read_text(encoding="utf-8").splitlines() if writes.search(line)]
    assert not found


def test_no_study_constant_stands_in_the_code():
    """The VIG study is a file. No code knows its name, its arms, its sites or its numbers."""
    words = re.compile(r"\bvig\b|usual_care|\bVIG\b")
    allowed = {SOURCE / "cli" / "__init__.py", SOURCE / "web" / "demonstration.py",
               SOURCE / "report" / "chapters" / "implementation.py",
               SOURCE / "report" / "chapters" / "other_care.py",
               SOURCE / "process" / "__init__.py", SOURCE / "process" / "usual_care.py"}  # the field's word, no arm
    found = [f"{path.relative_to(SOURCE)}:{number}: {line.strip()}" for path in FILES if path not in allowed
             for number, line in enumerate(_code_lines(path), 1) if words.search(line)]
    assert not found


def _code_lines(path: Path) -> list[str]:
    """A file's lines without docstrings and comments."""
    text = path.read_text(encoding="utf-8")
    rows = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                rows[number] = ""
    return [row.split("#")[0] for row in rows]


def test_locks_hold_no_address_and_every_requirement_a_hash():
    for name in ("requirements.lock", "build.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert len(re.findall(r"^[\w.-]+==", text, re.M)) <= text.count("--hash=sha256:")
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")


def test_every_dependency_has_its_decision():
    named = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [re.split(r"[\[<>=!~ ]", text)[0] for text in
              [*named["dependencies"], *(text for texts in named["optional-dependencies"].values() for text in texts)]]
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert not [name for name in wanted if name.lower() not in written.lower()]


def test_nothing_points_outside_the_project():
    """No path of one machine, no registry's host, in any file that is kept."""
    import subprocess

    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    host = re.compile("/ro" + r"ot/|/wo" + r"rk/|\.\./sha" + r"red|files\.pythonho" + r"sted|registry\.npm" + "js")
    found = []
    for name in listed:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".sh", ".html", ".js", ".scss", ".lock", ".json", ""} and path.is_file():
            found += [name for line in path.read_text(encoding="utf-8", errors="ignore").splitlines() if host.search(line)]
    assert not sorted(set(found))


def test_every_row_of_the_journey_keeps_its_study_version():
    """Directly, or through the row it belongs to."""
    from django.apps import apps

    through = {"Answer": "questionnaire", "Score": "questionnaire", "ChildOutcome": "extract", "Release": "snapshot",
               "Step": "lock", "Edition": "lock",
               "Contact": "family", "Viewing": "film", "Stratum": "scheme", "Link": "family"}
    apart = {"Entry", "StudyVersion", "Message", "Person", "Site", "Holding", "Invitation", "SwitchedOff"}
    for model in apps.get_models():
        if model.__module__.startswith("attunement.journey.") and model.__name__ not in apart:
            names = {field.name for field in model._meta.get_fields()}
            if model.__name__ in through:
                assert through[model.__name__] in names
            elif not model._meta.auto_created:
                assert "study_version" in names, model.__name__
