"""The one error of this package."""


class DisclosureError(ValueError):
    """One plain sentence: a table that makes no sense, or an unknown profile. It never quotes a count."""
