"""The one error of this package."""


class ReportError(ValueError):
    """A snapshot that cannot be trusted, or a report that cannot be made; one sentence."""
