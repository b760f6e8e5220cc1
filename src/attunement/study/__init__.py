"""The study file: the one place that defines a study."""

from attunement.study.reading import Reading, StudyError, load, read
from attunement.study.schema import Study

__all__ = ["Reading", "Study", "StudyError", "load", "read"]
