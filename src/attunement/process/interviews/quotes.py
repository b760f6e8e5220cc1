"""The quote bank: words that a report may show, once somebody has cleared them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, get_args

from attunement.process.errors import ProcessError
from attunement.process.interviews.coding import Coding, Project

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
