"""Files that are written: beside their place first and then renamed, so that there is never half a film."""

from __future__ import annotations

import io
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from attunement.film.errors import FilmError
from attunement.film.sealing import Sealing
from attunement.places import check_place

Target = str | Path | BinaryIO | Sealing


@contextmanager
def landing(target: Target) -> Iterator[Any]:
    """A seekable file to write and read again. What it holds reaches `target` only when the block ends well.

    For a path it lies beside it, under a name of its own; for an open file it lies in memory, so that no clear byte
    of a film comes on a disk by this. A `Sealing` is written directly, sealed as it comes, and finished.
    """
    if isinstance(target, Sealing):
        yield target
        target.finish()
        return
    if not isinstance(target, str | Path):
        with io.BytesIO() as made:
            yield made
            made.seek(0)
            shutil.copyfileobj(made, target)
        return
    path = Path(target)
    if path.is_dir():
        raise FilmError(f"{path} is a folder; please give the name of a file.")
    check_place(path, FilmError)
    if not path.parent.is_dir():
        raise FilmError(f"There is no folder {path.parent}; please make it first.")
    partial = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        with open(partial, "w+b") as file:
            yield file
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
