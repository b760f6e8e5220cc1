"""From a snapshot to the report: the document model, the CONSORT flow, figures, HTML, CSV and JSON."""

from attunement.process import CountsDoNotAddUp
from attunement.report.building import Built, build
from attunement.report.comparing import compare, differing_numbers
from attunement.report.errors import ReportError
from attunement.report.merging import Merged, merge
from attunement.report.provenance import provenance
from attunement.report.security import Start, security_start
from attunement.report.snapshot import Meta, Snapshot, seal_manifest, write_part

__all__ = ["Built", "CountsDoNotAddUp", "Merged", "Meta", "ReportError", "Snapshot", "Start", "build", "compare",
           "differing_numbers", "merge", "provenance", "seal_manifest", "security_start", "write_part"]  # fmt: skip
