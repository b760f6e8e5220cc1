"""The one error of this package."""


class RecordsError(ValueError):
    """One plain sentence for the person who sent a return: the file cannot be used at all, or a call makes no sense."""
