"""The study file: the one place that defines a study."""

from attunement.study.checks import check
from attunement.study.diff import diff
from attunement.study.findings import Finding, StudyError, report_lines
from attunement.study.reading import Reading, load, read, read_text
from attunement.study.schema import Study

__all__ = ["Finding", "Reading", "Study", "StudyError", "check", "diff", "load", "read", "read_text", "report_lines"]
