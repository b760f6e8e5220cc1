"""No typed digits: in the prose of results every number comes from the ledger, by its id."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attunement.report.authors import FREE
from attunement.report.model import Block, Document, Figure, Notice, Paragraph, Section, Spoken, Table

_ALLOWED = re.compile(r"95% (confidence )?interval")
"""The level of the intervals, which the study file does not set."""


BESIDES = ("about", *(f"text-{slot}" for slot in FREE))
"""What the report was made from, and what authors write of background and method."""


def typed_digits(document: Document, *, said: tuple[str, ...] = (), besides: tuple[str, ...] = BESIDES) -> list[str]:
    """Each piece of prose with a number that is no result, with the chapter it stands in; empty when all is well.

    `said`: the study file's own words, in which digits may stand. `besides`: chapters that hold no results.
    """
    found = []
    for section in document.sections:
        if section.id not in besides:
            found += [f"{section.id}: {text.strip()}" for text in _prose(section, besides) if _bare(text, said)]
    return found


def _bare(text: str, said: tuple[str, ...]) -> bool:
    for known in sorted(said, key=len, reverse=True):
        text = text.replace(known, "")
    return any(map(str.isdigit, _ALLOWED.sub("", text)))


def _prose(block: Block, besides: tuple[str, ...]) -> Iterator[str]:
    if isinstance(block, Section):
        for inner in block.blocks if block.id not in besides else ():
            yield from _prose(inner, besides)
        return
    table = block.data if isinstance(block, Figure) else block
    parts = (
        *(block.parts if isinstance(block, Paragraph) else ()),
        *(block.text if isinstance(block, Notice) else ()),
        *(block.description if isinstance(block, Figure) else ()),
        *(table.note if isinstance(table, Table) else ()),
    )
    yield from (part for part in parts if isinstance(part, str) and not isinstance(part, Spoken))
