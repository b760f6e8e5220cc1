"""The one error of this package that a practitioner reads."""


class FilmError(ValueError):
    """One plain sentence for the person who chose the file or marked the clip."""
