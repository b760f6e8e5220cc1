"""The quote bank: words that a report may show, once somebody has cleared them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

from attunement.process.errors import ProcessError
from attunement.process.interviews.coding import Coding, Project
from attunement.process.interviews.refi import put

Clearance = Literal["proposed", "cleared", "refused", "withdrawn"]
ALLOWED: dict[Clearance, tuple[Clearance, ...]] = {
    "proposed": ("cleared", "refused", "withdrawn"),
    "cleared": ("withdrawn",),
    "refused": ("withdrawn",),
    "withdrawn": (),
}
"""Which state may follow which: what the person took back never comes again."""


@dataclass(frozen=True)
class Quote:
    """A passage by id, its words, whose they are (a label such as "a mother, site B"), and whether it may be shown."""

    id: str
    source: str
    words: str
    speaker: str
    clearance: Clearance = "proposed"
    by: str = ""
    on: date | None = None


@dataclass(frozen=True)
class QuoteBank:
    quotes: tuple[Quote, ...] = ()

    def propose(self, project: Project, coding: Coding, *, speaker: str) -> QuoteBank:
        """With a passage of the project, not yet cleared. ProcessError: it is there already, or no speaker."""
        if any(quote.id == coding.id for quote in self.quotes):
            raise ProcessError("That passage is in the quote bank already.")
        if not speaker.strip():
            raise ProcessError("A quote says who speaks, without a name: say 'a parent, site B'.")
        quote = Quote(coding.id, coding.source, project.text(coding), speaker)
        return replace(self, quotes=(*self.quotes, quote))

    def decide(self, id_: str, clearance: Clearance, *, by: str, on: date) -> QuoteBank:
        """With a quote cleared, refused or withdrawn. ProcessError: that may not follow its state."""
        quote = self._find(id_)
        if clearance not in get_args(Clearance) or clearance not in ALLOWED[quote.clearance]:
            raise ProcessError(f"A quote that is {quote.clearance} cannot become {clearance}.")
        if not by.strip():
            raise ProcessError("Say who decides on a quote.")
        new = replace(quote, clearance=clearance, by=by, on=on)
        return replace(self, quotes=tuple(new if one.id == id_ else one for one in self.quotes))

    def withdraw_source(self, source: str, *, by: str, on: date) -> QuoteBank:
        """With every quote of a source withdrawn: its speaker took consent back."""
        bank = self
        for quote in self.quotes:
            if quote.source == source and quote.clearance != "withdrawn":
                bank = bank.decide(quote.id, "withdrawn", by=by, on=on)
        return bank

    def get(self, id_: str) -> Quote:
        """The quote for a report. ProcessError unless it is cleared."""
        quote = self._find(id_)
        if quote.clearance != "cleared":
            raise ProcessError(f"The quote {id_} is {quote.clearance}, not cleared: no report may show it.")
        return quote

    def _find(self, id_: str) -> Quote:
        found = next((quote for quote in self.quotes if quote.id == id_), None)
        if found is None:
            raise ProcessError(f"The quote bank has no quote {id_}.")
        return found


def write_quotes(bank: QuoteBank, path: Path | str) -> Path:
    """Write the bank as a .json file, whole or not at all; `read_quotes` gives it back."""
    told = {"quotes": [asdict(quote) for quote in bank.quotes]}
    return put(Path(path), ".json", (json.dumps(told, ensure_ascii=False, indent=1, default=str) + "\n").encode())


def read_quotes(path: Path | str) -> QuoteBank:
    """A bank from its file. ProcessError: no such file, no such JSON, a state that is none, an id twice."""
    file = Path(path)
    try:
        made = QuoteBank(tuple(_quote(one) for one in json.loads(file.read_text(encoding="utf-8"))["quotes"]))
    except OSError as fault:
        raise ProcessError(f"{file.name} cannot be read: {fault.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ProcessError(f"{file.name} is no file of quotes, as a quote bank is written.") from None
    if len({quote.id for quote in made.quotes}) != len(made.quotes):
        raise ProcessError(f"{file.name} has two quotes of the same id.")
    return made


def _quote(told: Any) -> Quote:
    made = Quote(**told | {"on": date.fromisoformat(told["on"]) if told.get("on") else None})
    words = (made.id, made.source, made.words, made.speaker, made.by)
    if made.clearance not in get_args(Clearance) or not all(isinstance(one, str) for one in words):
        raise ValueError
    return made
