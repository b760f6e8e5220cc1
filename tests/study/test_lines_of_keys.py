"""The line scanner against `tomllib`: every key path that it sees gets a line on which that key stands."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attunement.study import read
from attunement.study.lines import line_numbers

BARE = st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True)
AWKWARD = st.text(st.sampled_from("ab .#[]{}=,\"'\\é\t\n"), max_size=5)
SCALARS = st.sampled_from(
    [
        "1",
        "-2_000",
        "0.5",
        "inf",
        "true",
        "2021-03-01",
        "2021-03-01 10:00:00",
        "07:32:00",
        '""',
        "''",
        '"a # b"',
        '"[x]"',
        "'it = {1}'",
        '"q\\"]}"',
        "'back\\'",
        '"""\n[no]\nkey = 1\n"""',
        "'''\n# no\n[[x]]'''",
        '"""a\\\n  b"""',
        '""""quoted""""',
        "''''quoted''''",
        '"""""two"""',
        '"""\\"""x"""',
        "''''''",
        '""""""',
        '"""a""b"""""',
        "'''c'''''",
    ]
)


@st.composite
def keys(draw: st.DrawFn) -> str:
    key = draw(BARE | AWKWARD)
    if re.fullmatch(r"[A-Za-z0-9_-]+", key) and draw(st.booleans()):
        return key
    literal = "'" not in key and not re.search(r"[\n]", key) and draw(st.booleans())
    return f"'{key}'" if literal else json.dumps(key, ensure_ascii=draw(st.booleans()))


def gaps(draw: st.DrawFn, *, lines: bool) -> str:
    return draw(st.sampled_from(["", " ", "\t", "\n", " # [c] = \"'\n", "\r\n  "] if lines else ["", " ", "\t"]))


@st.composite
def values(draw: st.DrawFn, depth: int = 2) -> str:
    kind = draw(st.sampled_from(["scalar", "scalar", "array", "table"])) if depth else "scalar"
    if kind == "scalar":
        return draw(SCALARS)
    if kind == "array":
        parts = draw(st.lists(values(depth - 1), max_size=3))
        inside = ",".join(f"{gaps(draw, lines=True)}{part}{gaps(draw, lines=True)}" for part in parts)
        return f"[{inside}{',' if parts and draw(st.booleans()) else ''}{gaps(draw, lines=True)}]"
    pairs = [draw(pairs_of(depth - 1)) for _ in range(draw(st.integers(0, 3)))]
    return f"{{{', '.join(pairs)}}}"


@st.composite
def pairs_of(draw: st.DrawFn, depth: int = 2) -> str:
    dot = f"{gaps(draw, lines=False)}.{gaps(draw, lines=False)}"
    key = dot.join(draw(st.lists(keys(), min_size=1, max_size=3)))
    return f"{key}{gaps(draw, lines=False)}={gaps(draw, lines=False)}{draw(values(depth))}"


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Texts that `tomllib` reads: lines that it refuses after those before are left out."""
    text = ""
    for _ in range(draw(st.integers(0, 9))):
        dotted = ".".join(draw(st.lists(keys(), min_size=1, max_size=3)))
        blank = gaps(draw, lines=False)
        line = draw(
            st.sampled_from([f"[{blank}{dotted}{blank}]", f"[[{dotted}]]", "", "# [note] = 1", draw(pairs_of())])
        )
        end = draw(st.sampled_from(["\n", "\r\n", " # last\n", "\n\n"]))
        try:
            tomllib.loads(text + line + end)
        except tomllib.TOMLDecodeError:
            continue
        text += line + end
    return text.rstrip() if draw(st.booleans()) else text


def places(value: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        inner = [((*place, key), part) for key, part in value.items()]
    elif isinstance(value, list):
        inner = [((*place, index), part) for index, part in enumerate(value)]
    else:
        return []
    return [found for key, part in inner for found in [key, *places(part, key)]]


def stands_on(line: str, key: str) -> bool:
    written = {key, json.dumps(key)[1:-1], json.dumps(key, ensure_ascii=False)[1:-1]}
    return any(form in line for form in written)


@settings(max_examples=150, deadline=None)
@given(documents())
def test_every_key_that_tomllib_sees_has_a_line_on_which_it_stands(text: str) -> None:
    lines, found = text.split("\n"), line_numbers(text)
    expected = places(tomllib.loads(text))
    assert set(found) == set(expected)
    for place in expected:
        if isinstance(place[-1], str):
            assert stands_on(lines[found[place] - 1], place[-1]), (place, found[place])
        else:
            assert 1 <= found[place] <= len(lines)


@pytest.mark.parametrize(
    ("text", "place", "line"),
    [
        ("a = 1\n\n[b]\nc = 2", ("b", "c"), 4),
        ("[[s]]\nx = 1\n[[s]]\nx = 2", ("s", 1, "x"), 4),
        ("[[s]]\n[s.t]\nx = 1\n[[s]]\n[s.t]\nx = 2", ("s", 1, "t", "x"), 6),
        ("[[s]]\n[[s.t]]\n[[s.t]]\nx = 1\n[[s]]\n[[s.t]]\nx = 2", ("s", 1, "t", 0, "x"), 7),
        ("a = [\n  1,\n  # two\n  2,\n]\nb = 3", ("a", 1), 4),
        ('a = """\nb = 1\n"""\nb = 2', ("b",), 4),
        ("a = { b = 1, c.d = [\n 2 ] }", ("a", "c", "d", 0), 2),
        ("[a.b]\nx = 1\n\n[a]\ny = 2", ("a",), 4),
    ],
)
def test_places_by_hand(text: str, place: tuple[str | int, ...], line: int) -> None:
    assert line_numbers(text)[place] == line


def test_every_key_of_the_shipped_study_has_its_own_line() -> None:
    reading = read("vig")
    lines = reading.text.split("\n")
    for place in places(tomllib.loads(reading.text)):
        if isinstance(place[-1], str):
            assert place[-1] in lines[reading.lines[place] - 1]
    assert lines[reading.line_of("sites", 2, "target") - 1] == "target = 63"
    assert reading.line_of("sites", 2, "no_such_key") == reading.line_of("sites", 2)
