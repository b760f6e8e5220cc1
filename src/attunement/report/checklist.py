"""Reporting guidelines as data: each item names the chapter that answers it, or says why it does not apply."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from attunement.report.errors import ReportError
from attunement.report.model import Column, Document, Paragraph, Section, Table

NAMES = ("consort_2025", "consort_spi", "cheers_2022")


@dataclass(frozen=True)
class Item:
    """`section`: the id of the chapter that answers it. `reason`: why it does not apply, or where else it stands."""

    number: int
    code: str
    name: str
    section: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Checklist:
    """A guideline's items in order, under names of our own."""

    code: str
    title: str
    items: tuple[Item, ...]

    def empty(self, document: Document) -> tuple[Item, ...]:
        """The items that neither a chapter of the document nor a reason answers."""
        there = {block.id for block in document.blocks() if isinstance(block, Section)}
        return tuple(item for item in self.items if item.section not in there and not item.reason.strip())

    def table(self, document: Document) -> Table:
        """Item by item where it is answered; an empty row says so."""
        titles = {block.id: block.title for block in document.blocks() if isinstance(block, Section)}
        rows = tuple(
            (f"{item.number}. {item.name}", titles.get(item.section) or item.reason or "not yet") for item in self.items
        )
        return Table(f"checklist-{self.code}", self.title, (Column("Item", False), Column("Where", False)), rows)


@cache
def load(code: str) -> Checklist:
    """A checklist that ships with Attunement, by its name in `NAMES`."""
    if code not in NAMES:
        raise ReportError(f"There is no checklist '{code}'; there are {', '.join(NAMES)}.")
    told = tomllib.loads((Path(__file__).parent / "checklists" / f"{code}.toml").read_text(encoding="utf-8"))
    return Checklist(code, told["title"], tuple(Item(**item) for item in told["items"]))


def read(path: Path | str | None = None) -> tuple[Checklist, ...]:
    """All checklists, with the authors' own answers from a TOML file: a table a checklist, in it an entry an item.

    `[consort_2025]` `registration = {reason = "In the protocol, section 2."}` or `{section = "people"}`. ReportError
    for a checklist, an item or an answer that is unknown.
    """
    return answered(tuple(load(code) for code in NAMES), _answers(path), str(path))


def answered(all_: tuple[Checklist, ...], told: Mapping[str, Any], source: str) -> tuple[Checklist, ...]:
    """The lists with answers as `read` takes them; `source` is named in a refusal."""
    lists = {one.code: one for one in all_}
    for code, answers in told.items():
        if code not in lists:
            raise ReportError(f"{source}: there is no checklist '{code}'; there are {', '.join(NAMES)}.")
        if not isinstance(answers, dict):
            raise ReportError(f"{source}: there is no checklist '{code}' as a table of items, each with section or reason.")
        known = {item.code for item in lists[code].items}
        for item, answer in answers.items():
            if item not in known:
                raise ReportError(f"{source}: {code} has no item '{item}'.")
            if not isinstance(answer, dict) or len(answer) != 1 or not _holds(answer):
                raise ReportError(f"{source}: '{item}' of {code} needs one of section and reason, as text.")
        items = (replace(item, **({"section": "", "reason": ""} | answers[item.code])) if item.code in answers else item
                 for item in lists[code].items)  # fmt: skip
        lists[code] = replace(lists[code], items=tuple(items))
    return tuple(lists.values())


def attached(document: Document, lists: tuple[Checklist, ...]) -> Document:
    """The document with the checklists at the end of its last chapter."""
    *others, last = document.sections
    tables = tuple(one.table(document) for one in lists)
    text = "Short names of our own; the published guidelines say what each item asks for."
    blocks = (*last.blocks, Paragraph((text,), "note"), *tables)
    return replace(document, sections=(*others, replace(last, blocks=blocks)))


def hold_final(document: Document, lists: tuple[Checklist, ...]) -> None:
    """ReportError while a row of a checklist is empty; it names each."""
    wanting = [f"{one.title} {', '.join(f'{item.number} ({item.code})' for item in one.empty(document))}"
               for one in lists if one.empty(document)]  # fmt: skip
    if wanting:
        raise ReportError(f"The report cannot be final while rows of a checklist are empty: {'; '.join(wanting)}.")


def _holds(answer: Mapping[str, Any]) -> bool:
    return set(answer) <= {"section", "reason"} and all(isinstance(text, str) and text.strip() for text in answer.values())


def _answers(path: Path | str | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReportError(f"There is no checklist file {path}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as fault:
        raise ReportError(f"{path} cannot be read as TOML: {str(fault).splitlines()[0]}.") from None
