"""Where a file may be put, for whatever is written beside its place and then renamed."""

from __future__ import annotations

from pathlib import Path


def check_place(path: Path, error: type[ValueError]) -> None:
    """Renaming onto a device or a pipe would put an end to it. Raises `error` for all but a file, old or new."""
    if "\0" in str(path) or not path.name or (path.exists() and not path.is_file()):
        raise error(f"{str(path)!r} is no file that can be written: name a new one, or an ordinary one.")
