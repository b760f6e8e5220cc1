"""The CSV files of our set as they come down, and may go up: together in one zip."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import PurePath

from attunement.records.errors import RecordsError

LARGEST_UNPACKED = 50 * 1024 * 1024
MOST_FILES = 40
_DAMAGED = "The zip file is damaged; please pack the CSV files of our set anew and send it again."


def unzipped(content: bytes) -> list[tuple[str, bytes]] | None:
    """The CSV files in a zip, by name without its folder; None where it is none, or holds anything else.

    RecordsError, one sentence, for a zip that cannot be unpacked or holds too much. What a system adds by itself
    (names that begin with a dot or two underlines) is left.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = [one for one in archive.infolist() if not one.is_dir() and not _added(one.filename)]
            if not inside or any(PurePath(one.filename).suffix.lower() != ".csv" for one in inside):
                return None
            if len(inside) > MOST_FILES:
                raise RecordsError("The zip file holds far more files than our set has.")
            files, room = [], LARGEST_UNPACKED
            for one in inside:
                with archive.open(one) as file:
                    part = file.read(room + 1)
                room -= len(part)
                if room < 0:
                    raise RecordsError(f"The zip file unpacks to more than {LARGEST_UNPACKED >> 20} MB.")
                files.append((PurePath(one.filename.replace("\\", "/")).name, part))
            return files
    except RecordsError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError):
        if b".csv" not in content.lower():
            return None
        raise RecordsError(_DAMAGED) from None


def _added(name: str) -> bool:
    return any(part.startswith((".", "__")) for part in PurePath(name.replace("\\", "/")).parts)
