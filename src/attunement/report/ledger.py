"""Where every number that the report prints is written down, once, under an id, as far as the gate lets it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from string import Formatter

from attunement.cost import whole_pence
from attunement.disclosure import DisclosureError, Named, Profile, Published, audit, protect_named
from attunement.report import printing
from attunement.report.errors import ReportError
from attunement.report.model import Inline, Number, Result


@dataclass(frozen=True)
class Gate:
    """What of each count may be published under a profile: the count, rounded or not, or None.

    `withheld`: numbers of families that a model would give away, so near to what left earlier that it stays back.
    """

    profile: Profile
    shown: Mapping[str, int | None]
    named: Named
    withheld: frozenset[str] = frozenset()


class Ledger:
    """Collects results while chapters are written; each method returns the Number to print.

    Without a gate every number stands as it is, and the ledger learns which counts there are and how they hang
    together. `gate` decides from that what may leave; with it the same chapters are written again.
    """

    def __init__(self, gate: Gate | None = None) -> None:
        self.results: dict[str, Result] = {}
        self.gate = gate
        self.counts: dict[str, int] = {}
        self.sums: list[tuple[str, tuple[str, ...]]] = []
        self.given_away: set[str] = set()

    def decide(self, profile: Profile, released: Sequence[Published] = (), cut: str = "") -> Gate:
        """What may leave of the counts seen, given what was `released` before. ReportError for counts that contradict
        one another.
        """
        sums = [(whole, parts) for whole, parts in self.sums if self.counts.keys() >= {whole, *parts}]
        told = {id_ for id_ in self.given_away if id_ in self.counts}
        withheld = {id_ for id_ in told if _too_near(id_, self.counts[id_], released, profile, cut)}

        def made(back: set[str]) -> Named:
            return protect_named(self.counts, sums, profile, given_away=told - back, released=released, cut=cut)

        try:
            named, before = made(withheld), {each.cell for each in audit(released)}
            for id_ in sorted(told - withheld, reverse=True):
                if all(each.cell in before for each in audit([*released, named])):
                    break
                withheld.add(id_)
                named = made(withheld)
        except DisclosureError as fault:
            raise ReportError(f"The report's counts cannot pass the disclosure gate. {fault}") from None
        return Gate(profile, named.shown, named, frozenset(withheld))

    def shown(self, id_: str, n: int) -> int | None:
        """The count as it may be published; None where it is hidden. The same id must mean the same count."""
        if self.counts.setdefault(id_, n) != n:
            raise ReportError(f"Two different results have the id '{id_}'.")
        return n if self.gate is None else self.gate.shown[id_]

    def adds_up(self, whole: str, *parts: str) -> None:
        """Counts by id: the parts are some or all of the whole. Ids that nothing prints are left out of account."""
        self.sums.append((whole, parts))

    def enough(self, n: int) -> bool:
        """Do `n` families suffice for a mean or a model?"""
        return self.gate is None or n >= self.gate.profile.contributors

    def ratio(self, part: int | None, whole: int | None, true: float | None) -> float | None:
        """A share or a mean a family: the `true` one, or with a gate that of the counts shown."""
        if self.gate is None:
            return true
        return None if part is None or not whole else part / whole

    def put(self, id_: str, value: int | float | None, text: str) -> Number:
        """Write a result down. The same id twice must mean the same result."""
        result = Result(id_, value, text)
        if self.results.setdefault(id_, result) != result:
            raise ReportError(f"Two different results have the id '{id_}'.")
        return Number(id_)

    def figure(self, id_: str, value: int) -> Number:
        """A number of the study file or the calendar, which tells of no family."""
        return self.put(id_, value, str(value))

    def woven(self, template: str, **numbers: Inline) -> tuple[Inline, ...]:
        """A sentence with results in it: "{n} families" with `n` a Number."""
        parts: list[Inline] = []
        for words, name, _, _ in Formatter().parse(template):
            parts += [words] if words else []
            parts += [numbers[name]] if name else []
        return tuple(parts)

    def said(self, parts: tuple[Inline, ...]) -> str:
        """A sentence as it is printed."""
        return "".join(self.results[part.id].text if isinstance(part, Number) else part for part in parts)

    def text(self, id_: str, n: int) -> str:
        """A count's text, for drawings and descriptions."""
        return printing.count(self.shown(id_, n))

    def count(self, id_: str, n: int) -> Number:
        shown = self.shown(id_, n)
        return self.put(id_, shown, printing.count(shown))

    def of(self, id_: str, part: int, whole_id: str, whole: int, words: str = "{part} ({share})") -> Number:
        """A part of a whole, such as "12 of 40 (30.0%)"; the result's value is the part."""
        self.adds_up(whole_id, id_)
        shown, all_ = self.shown(id_, part), self.shown(whole_id, whole)
        if shown is None or all_ is None:
            return self.put(id_, None, printing.HIDDEN)
        share = printing.share(self.ratio(shown, all_, part / whole if whole else None))
        return self.put(id_, shown, words.format(part=shown, whole=all_, share=share))

    def mean(self, id_: str, value: float | None, n: int, sd: float | None = None, words: str = "{mean}") -> Number:
        """A mean of `n` values; hidden where too few families are behind it. With a gate it has one decimal: more would
        tell of how many whole numbers it is the mean.
        """
        if not self.enough(n):
            return self.put(id_, None, printing.HIDDEN)
        places = 2 if self.gate is None else 1
        text = words.format(mean=printing.decimal(value, places), sd=printing.decimal(sd, places))
        return self.put(id_, self.coarse(value), text)

    def coarse(self, value: float | None) -> float | None:
        """A mean as the results file holds it: with a gate no finer than it is printed."""
        return value if value is None or self.gate is None else round(value, 1)

    def decimal(self, id_: str, value: float | None, places: int = 2) -> Number:
        return self.put(id_, value, printing.decimal(value, places))

    def probability(self, id_: str, p: float | None) -> Number:
        return self.put(id_, p, printing.probability(p))

    def money(self, id_: str, exact: Fraction | float | None, *, whole: bool = False) -> Number:
        """Money, given in pounds; the result's value is in whole pence. `whole`: printed in pounds, for what is
        estimated; with a gate the value is no finer.
        """
        pence = None if exact is None else Fraction(exact) * 100
        value = None if pence is None else whole_pence(pence)
        if whole and pence is not None and self.gate is not None:
            value = 100 * whole_pence(pence / 100)
        return self.put(id_, value, printing.pounds(pence, whole=whole))


def _too_near(id_: str, n: int, released: Sequence[Published], profile: Profile, cut: str) -> bool:
    """Would a second result of nearly the same families tell of those few? What left at this cut leaves again."""
    earlier = [each for each in released if isinstance(each, Named)]
    for each in earlier:
        if each.cut == cut and id_ in each.counts:
            return id_ not in each.given_away
    before = [each.counts[id_] for each in earlier if id_ in each.given_away]
    return any(0 < abs(n - other) < profile.contributors for other in before)
