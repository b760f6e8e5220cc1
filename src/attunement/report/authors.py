"""The authors' own texts: what no data can say, from a TOML file, with every number of the results by its id."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any

from attunement.process import ProcessError
from attunement.process.interviews import QuoteBank, Told
from attunement.report.errors import ReportError
from attunement.report.model import Inline, Number, Spoken

FREE = {"registration": "Registration", "authors": "Authors", "funder": "Funder", "independence":
        "Independence of evaluator and developer", "interests": "Interests", "need": "The need",
        "other_care": "Usual care", "questions": "Research questions", "involvement": "How parents and others took part",
        "ethics": "Ethics", "data_protection": "Data protection", "team": "The team", "changes": "Changes after the start",
        "harms": "How harms were looked for", "allocation": "Allocation and who knew of it",
        "missing_data": "Missing data", "process_methods": "Process evaluation: methods",
        "cost_methods": "Cost evaluation: methods", "references": "References", "access": "Data, code, plans"}  # fmt: skip
"""Slots of background and method: facts, dates and references may have digits."""
HELD = {"plain_summary": "In short", "key_findings": "Key findings", "integration": "What the parts say together",
        "discussion": "Discussion", "limitations": "Limitations", "generalising": "To whom it applies",
        "readiness": "Readiness for others", "next": "What comes next", "harms_found": "Harms found",
        "cost_consequences": "Costs beside consequences"}  # fmt: skip
"""Slots about results: a number stands there by its id in braces, and no digit is typed."""
TABLES = ("texts", "families", "tidier", "checklists", "security", "interviews", "events", "joint", "people")


@dataclass(frozen=True)
class Authors:
    """`texts`: slot → words. `families`: language → the words of the page for families. `tidier`: arm → item → words.
    `checklists` as `checklist.read` takes them. `security`: threats judged and the rating awarded. `interviews`: which
    dimensions interviews and documents speak to, besides the themes of `told`. `events`: what happened around the
    programme (`on`, `event`, perhaps `site`). `joint`: a dimension or outcome → `results` (words → id), `themes`, `quotes`
    and what they say `together`. `people`: name → `organisation` and `part`. `quotes`: the bank that `{quote:<id>}` in a
    text takes its words from. `told`: what the interviews brought; None where none were handed in.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    families: Mapping[str, str] = field(default_factory=dict)
    tidier: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    checklists: Mapping[str, Any] = field(default_factory=dict)
    security: Mapping[str, Any] = field(default_factory=dict)
    interviews: Mapping[str, list[str]] = field(default_factory=dict)
    events: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    joint: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    people: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    quotes: QuoteBank = field(default_factory=QuoteBank)
    told: Told | None = None

    def title(self, slot: str) -> str:
        return (FREE | HELD)[slot]


def read(path: Path | str | None) -> Authors:
    """The authors' file. ReportError: not TOML, a table or slot that is not known, a digit typed among results."""
    if path is None:
        return Authors()
    try:
        told = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReportError(f"There is no authors' file {path}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as fault:
        raise ReportError(f"{path} cannot be read as TOML: {str(fault).splitlines()[0]}.") from None
    name = Path(path).name
    for table, inside in told.items():
        if table not in TABLES or not isinstance(inside, dict):
            raise ReportError(f"{name}: there is no table '{table}'; there are {', '.join(TABLES)}.")
    made = Authors(**told)
    for slot, text in made.texts.items():
        if slot not in FREE | HELD:
            raise ReportError(f"{name}: there is no text '{slot}'; there are {', '.join(sorted(FREE | HELD))}.")
        _held(name, slot, text, digits=slot in FREE)
    for language, text in made.families.items():
        _held(name, f"families.{language}", text, digits=False)
    for arm, items in made.tidier.items():
        if not isinstance(items, dict) or not all(isinstance(words, str) for words in items.values()):
            raise ReportError(f"{name}: 'tidier.{arm}' is a table of items, each with its words.")
    for kind, dimensions in made.interviews.items():
        if not isinstance(dimensions, list) or not all(isinstance(one, str) for one in dimensions):
            raise ReportError(f"{name}: 'interviews.{kind}' is a list of dimensions.")
    _held_tables(name, made)
    return made


def _held_tables(name: str, made: Authors) -> None:
    """Events, the joint display and people, each with what it must have and nothing else."""
    for code, event in made.events.items():
        day, told = (event.get("on"), {**event, "on": ""}) if isinstance(event, dict) else (None, {})
        if type(day) is not date or not _words(told, {"on", "event", "site"}) or not told.get("event"):
            raise ReportError(f"{name}: 'events.{code}' has a day (on), what happened (event) and perhaps a site.")
    kinds = {"results": dict, "themes": list, "quotes": list, "together": str}
    for about, joined in made.joint.items():
        if not isinstance(joined, dict) or not all(key in kinds and isinstance(told, kinds[key])
                                                   for key, told in joined.items()):  # fmt: skip
            raise ReportError(f"{name}: 'joint.{about}' has results (words and id), themes, quotes, together.")
        _held(name, f"joint.{about}", joined.get("together", ""), digits=False)
        if "{" in joined.get("together", ""):
            raise ReportError(f"{name}: 'joint.{about}' has its numbers under results; together takes words alone.")
    for who, own in made.people.items():
        if not isinstance(own, dict) or set(own) != {"organisation", "part"} or not _words(own, set(own)):
            raise ReportError(f"{name}: 'people' has a name, and with it organisation and part: see '{who}'.")


def _words(told: Mapping[str, Any], allowed: set[str]) -> bool:
    return set(told) <= allowed and all(isinstance(one, str) for one in told.values())


def paragraphs(text: str, results: Mapping[str, Any], quotes: QuoteBank) -> Iterator[tuple[Inline, ...]]:
    """The paragraphs of a text (blank lines between), with its numbers and quotes. ReportError for an id that is no
    result, and for a quote that is not in the bank or not cleared.
    """
    for paragraph in text.strip().split("\n\n"):
        parts: list[Inline] = []
        for words, name, rest, _ in Formatter().parse(" ".join(paragraph.split())):
            parts += [words] if words else []
            if name == "quote":
                parts.append(spoken(rest or "", quotes))
                continue
            id_ = f"{name}:{rest}" if rest else name  # a result's id may have a colon
            if id_ is not None and id_ not in results:
                raise ReportError(f"The authors' text asks for the number '{id_}', which has no result.")
            parts += [Number(id_)] if id_ else []
        yield tuple(parts)


def spoken(id_: str, quotes: QuoteBank) -> Spoken:
    """A cleared quote of the bank. ReportError for one that is not there or not cleared."""
    try:
        found = quotes.get(id_)
    except ProcessError as fault:
        raise ReportError(f"The authors' text asks for a quote. {fault}") from None
    return Spoken(found.id, found.words, found.speaker)


def _held(name: str, slot: str, text: Any, *, digits: bool) -> None:
    if not isinstance(text, str):
        raise ReportError(f"{name}: '{slot}' is no text: put it between quotation marks.")
    try:
        words = "".join(words for words, *_ in Formatter().parse(text))
    except (ValueError, TypeError, IndexError):
        raise ReportError(f"{name}: '{slot}' has a brace without its other half. Write {{id}} for a number.") from None
    typed = next((word for word in words.split() if any(map(str.isdigit, word))), None)
    if typed and not digits:
        raise ReportError(f"{name}: '{slot}' has a number typed by hand, “{typed}”. Write its result's id in braces.")
