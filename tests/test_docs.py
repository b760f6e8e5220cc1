"""Docs that fail when they drift: paths, commands, names, roles, layers and settings are held to the code."""

from __future__ import annotations

import importlib
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from attunement import cli
from attunement.journey.people.roles import ROLES
from attunement.web.place import Place

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "attunement"
README, MAP, GLOSSARY = ROOT / "README.md", ROOT / "docs" / "map.md", ROOT / "GLOSSARY.md"
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PAGES, PICTURES = ROOT / "docs" / "pages.md", ROOT / "docs" / "screenshots"
DOCS = [README, MAP, PAGES, GLOSSARY, *DECISIONS]
BASES = (ROOT, SOURCE, SOURCE / "journey")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path) -> list[str]:
    return re.findall(r"^```\n(.*?)^```$", text(path), re.M | re.S)


def quoted(path: Path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```\n.*?^```$", "", text(path), flags=re.M | re.S))


def rows(path: Path, heading: str) -> list[list[str]]:
    """The lines of the first table whose head starts with `heading`, without its head."""
    table = re.search(rf"^\| {re.escape(heading)} \|.*\n\|[ -|]+\n((?:\|.*\n)+)", text(path), re.M)
    assert table, f"{name_of(path)} has no table that starts with {heading}"
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[1].splitlines()]


@pytest.mark.parametrize("doc", DOCS, ids=name_of)
def test_every_path_that_a_page_names_exists(doc):
    named = [token for token in quoted(doc) if re.fullmatch(r"[.\w][\w./-]*/[\w./-]*", token)]
    assert not [token for token in named
                if not token.startswith("DIR/") and not any((base / token).exists() for base in BASES)]


@pytest.mark.parametrize("doc", DOCS, ids=name_of)
def test_every_link_leads_somewhere(doc):
    links = re.findall(r"(?<!!)\[[^\]]+\]\(([^)]+)\)", text(doc))
    assert not [link for link in links if not (doc.parent / link.split("#")[0]).exists()]


def test_the_pictures_of_the_readme_are_there():
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text(README))
    assert len(pictures) == 3
    assert not [picture for picture in pictures if not (ROOT / picture).is_file()]


def test_the_ten_pages_are_shown_with_their_pictures_that_the_walk_takes():
    shown = re.findall(r"!\[([^\]]{30,})\]\(screenshots/(\w+)\.png\)", text(PAGES))
    names = [name for _seen, name in shown]
    assert len(set(names)) == 10 == text(PAGES).count("\n## ")
    assert sorted(names) == sorted(path.stem for path in PICTURES.iterdir())
    taken = re.findall(r"walk\.picture\(\"(\w+)\"\)", text(ROOT / "tests" / "browser" / "test_one_family.py"))
    assert sorted(taken) == sorted(names)
    assert not [name for name in names if (PICTURES / f"{name}.png").stat().st_size > 120_000]


COMMANDS = [line for doc in (README, MAP) for block in blocks(doc) for line in block.splitlines()
            if re.search(r"(^|\s|/)attunement\s", line)]
MENTIONS = sorted({token for doc in DOCS for token in quoted(doc) if re.match(r"attunement \w", token)})


def words_of(line: str) -> list[str]:
    words = shlex.split(line)
    return words[next(at for at, word in enumerate(words) if word.split("/")[-1] == "attunement") + 1:]


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_line_parses(line):
    assert cli._words().parse_args(words_of(line)).run


@pytest.mark.parametrize("line", MENTIONS)
def test_every_command_that_is_mentioned_exists(line, capsys):
    with pytest.raises(SystemExit) as end:
        cli._words().parse_args([*words_of(line), "--help"])
    assert end.value.code == 0


def test_every_command_is_in_the_readme():
    known = re.search(r"^positional arguments:\n.*?\n\n", cli._words().format_help(), re.M | re.S)
    assert known
    written = " ".join(COMMANDS + MENTIONS)
    assert not [name for name in re.findall(r"^    (\w+)", known[0], re.M) if f"attunement {name}" not in written]


@pytest.mark.parametrize("name", [token for token in quoted(MAP) if re.fullmatch(r"[a-z_]+(\.[A-Za-z_]+)+", token)
                                  and token.split(".")[-1] not in {"py", "toml", "md", "lock"}])
def test_every_function_on_the_map_exists(name):
    parts, found = name.split("."), None
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(["attunement", *parts[:length]]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        break
    assert found is not None


def test_the_map_shows_every_room():
    rooms = [path.parent for path in (*SOURCE.glob("*/__init__.py"), *SOURCE.glob("journey/*/__init__.py"))]
    wanted = {f"`{room.relative_to(SOURCE).as_posix()}/`" for room in rooms if room.name != "journey"}
    assert {row[0] for row in rows(MAP, "room")} == wanted


def test_the_layers_on_the_map_are_those_that_are_checked():
    checked = ["\n".join(contract["layers"]) for contract in PYPROJECT["tool"]["importlinter"]["contracts"]
               if contract["type"] == "layers"]
    assert [layers for layers in checked if layers not in {block.strip() for block in blocks(MAP)}] == []


def test_the_map_lists_every_role_as_the_table_has_it():
    shown = [tuple(row) for row in rows(MAP, "role")]
    assert shown == [(role.title, f"`{code}`", "everywhere" if role.everywhere else "own site")
                     for code, role in ROLES.items()]


def test_every_role_has_its_page_of_the_handbook_and_it_fits_one_screen():
    pages = {path.stem: text(path) for path in (ROOT / "docs" / "handbook").glob("*.md")}
    assert set(pages) == set(ROLES)
    assert all(page.startswith(f"# {ROLES[code].title}\n") and len(page.split()) <= 220 for code, page in pages.items())


def test_make_and_the_pages_name_the_same_targets():
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.M))
    named = {target for doc in DOCS for target in re.findall(r"`make ([a-z]+)`", text(doc))}
    assert named == targets


def test_make_knows_every_option_of_the_readme():
    options = set(re.findall(r"`([A-Z]+)=\w*`", text(README)))
    assert options == set(re.findall(r"\$\((?:filter 0,\$\(|if \$\()?([A-Z]+)\)", MAKEFILE)) - {"BIN", "CURDIR"}


def test_the_readme_lists_every_deployment_setting():
    listed = {name for row in rows(README, "setting") for name in re.findall(r"`(\w+)`", row[0])}
    assert listed == set(Place.__dataclass_fields__) - {"root"}


def test_the_glossary_is_in_alphabetical_order():
    words = re.findall(r"^\*\*(.+?)\*\*: \S", text(GLOSSARY), re.M)
    assert len(words) == len(set(words)) > 50
    assert words == sorted(words, key=str.casefold)
    assert len(words) == len(re.findall(r"^\*\*", text(GLOSSARY), re.M))


@pytest.mark.parametrize("doc", DECISIONS, ids=name_of)
def test_a_decision_is_short_dated_and_says_what_it_beat(doc):
    written = text(doc)
    assert written.startswith(f"# {doc.name[:4]} ")
    assert re.search(r"^\d{4}-\d{2}-\d{2} · accepted$", written, re.M)
    assert "**Context.**" in written and "**Decision.**" in written and "**Consequences.**" in written
    assert "**Instead of.**" in written or "| instead of |" in written
    assert len(written.splitlines()) <= 25 or doc == DECISIONS[0]


def test_decisions_are_numbered_without_a_gap():
    assert [doc.name[:4] for doc in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]
