"""Two reports held against each other: number by number, and in their prose line by line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lxml import html

from attunement.report.errors import ReportError

_LINES = ".//h1 | .//h2 | .//h3 | .//h4 | .//p[not(@class='watermark' or @class='stamp')] | .//li | .//tr"
_LONGEST = 200


def compare(before: Path | str, after: Path | str) -> tuple[str, ...]:
    """What changed from the report in folder `before` to that in `after`, one line each: numbers by id, then prose.

    A watermark is no change. ReportError for a folder that holds no report.
    """
    numbers = differing_numbers(Path(before) / "results.json", Path(after) / "results.json")
    return numbers + tuple(_prose(Path(before) / "report.html", Path(after) / "report.html"))


def differing_numbers(before: Path | str, after: Path | str, *, further: bool = False) -> tuple[str, ...]:
    """One line a result whose id, value or printed text is not the same in both results.json; `further`: ids that only
    `after` has are no difference. ReportError for a file that is no results.json."""
    old, new = _numbers(Path(before)), _numbers(Path(after))
    found = []
    for id_ in sorted(old.keys() | new.keys()):
        if id_ not in new:
            found.append(f"{id_}: it is gone; it was {old[id_]['text']}")
        elif id_ not in old:
            found += [] if further else [f"{id_}: it is new: {new[id_]['text']}"]
        elif old[id_] != new[id_]:
            found.append(f"{id_}: it was {old[id_]['text']}, it is {new[id_]['text']}")
    return tuple(found)


def _numbers(path: Path) -> Mapping[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))["numbers"]
        return {str(id_): {"value": one["value"], "text": str(one["text"])} for id_, one in told.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ReportError(f"{path.name} in {path.parent.name} is not the results of a report.") from None


def _prose(before: Path, after: Path) -> Iterator[str]:
    for line in difflib.unified_diff(_lines(before), _lines(after), lineterm="", n=0):
        if line.startswith(("---", "+++", "@@")):
            continue
        words = line[1:] if len(line) <= _LONGEST else f"{line[1:_LONGEST]}…"
        yield f"{'taken out' if line[0] == '-' else 'put in'}: {words}"


def _lines(path: Path) -> list[str]:
    """The words of a report's page, a heading, paragraph or table row a line, with their numbers as printed."""
    try:
        root = html.fromstring(path.read_bytes())
    except OSError:
        raise ReportError(f"There is no report in {path.parent.name}.") from None
    cells = (" | ".join("".join(cell.itertext()) for cell in one) if one.tag == "tr" else "".join(one.itertext())
             for one in root.xpath(_LINES))  # fmt: skip
    return [line for line in (" ".join(text.split()) for text in cells) if line]
