"""Local-authority records: returns as authorities send them, our workbook there and back, histories, outcomes."""

from attunement.records.cells import safe_cell
from attunement.records.contract import to_histories
from attunement.records.errors import RecordsError
from attunement.records.findings import Finding, grouped
from attunement.records.histories import Histories, histories, together
from attunement.records.outcomes import derive
from attunement.records.reading import Return
from attunement.records.recognising import read
from attunement.records.returns import Returned

__all__ = [
    "Finding", "Histories", "RecordsError", "Return", "Returned", "derive", "grouped", "histories", "read", "safe_cell",
    "to_histories", "together",
]  # fmt: skip
