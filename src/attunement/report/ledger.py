"""Where every number that the report prints is written down, once, under an id."""

from __future__ import annotations

from fractions import Fraction

from attunement.cost import whole_pence
from attunement.report import printing
from attunement.report.errors import ReportError
from attunement.report.model import Number, Result


class Ledger:
    """Collects results while chapters are written; each method returns the Number to print."""

    def __init__(self) -> None:
        self.results: dict[str, Result] = {}

    def put(self, id_: str, value: int | float | None, text: str) -> Number:
        """Write a result down. The same id twice must mean the same result."""
        result = Result(id_, value, text)
        if self.results.setdefault(id_, result) != result:
            raise ReportError(f"Two different results have the id '{id_}'.")
        return Number(id_)

    def count(self, id_: str, n: int) -> Number:
        return self.put(id_, n, printing.whole(n))

    def decimal(self, id_: str, value: float | None, places: int = 2) -> Number:
        return self.put(id_, value, printing.decimal(value, places))

    def share(self, id_: str, value: float | None) -> Number:
        return self.put(id_, value, printing.share(value))

    def probability(self, id_: str, p: float | None) -> Number:
        return self.put(id_, p, printing.probability(p))

    def pence(self, id_: str, exact: Fraction | None) -> Number:
        """Money; the result's value is in whole pence."""
        return self.put(id_, None if exact is None else whole_pence(exact), printing.pounds(exact))
