"""Local-authority records: our workbook there and back, histories, and the outcomes that the study defines."""

from attunement.records.cells import safe_cell
from attunement.records.errors import RecordsError
from attunement.records.findings import Finding
from attunement.records.histories import Histories, histories, together
from attunement.records.outcomes import derive
from attunement.records.reading import Return

__all__ = ["Finding", "Histories", "RecordsError", "Return", "derive", "histories", "safe_cell", "together"]
