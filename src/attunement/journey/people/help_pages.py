"""The handbook: a page for each role, of headings, paragraphs and lists, kept as text beside this file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PAGES = Path(__file__).parent / "handbook"


@dataclass(frozen=True)
class Block:
    """`kind`: title, heading, paragraph or list. `lines`: one, or a list's items."""

    kind: str
    lines: tuple[str, ...]


def of_role(code: str) -> list[Block]:
    """A role's page in blocks. Nothing else of Markdown is read, and templates escape the text."""
    return [_block(text) for text in (PAGES / f"{code}.md").read_text(encoding="utf-8").split("\n\n") if text.strip()]


def _block(text: str) -> Block:
    lines = text.strip().splitlines()
    if all(line.startswith("- ") for line in lines):
        return Block("list", tuple(line[2:] for line in lines))
    for mark, kind in (("# ", "title"), ("## ", "heading")):
        if lines[0].startswith(mark):
            return Block(kind, (lines[0].removeprefix(mark),))
    return Block("paragraph", (" ".join(lines),))
