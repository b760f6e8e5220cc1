"""Opening a zip that a stranger made: names, number and size are checked, and real bytes are counted."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from attunement.process.errors import ProcessError

MEMBERS, UNPACKED, RATIO = 10_000, 1_000_000_000, 200
"""At most so many members, bytes in all, and bytes a byte of the packed file."""
SMALL = 1_000_000
"""The ratio counts from here: a few repeated lines pack well and do no harm."""
_BIT = 1 << 16


def unzip(path: Path, wanted: tuple[str, ...]) -> Mapping[str, bytes]:
    """The members whose names end in one of `wanted`, in memory: nothing is ever written.

    Sizes in a zip's header may lie, so bytes are counted while they are read. ProcessError: no zip, a name that
    points outside, a link, a name twice, too many members, too many bytes.
    """
    try:
        packed = path.stat().st_size
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _names(path, members)
            found, read = {}, 0
            for member in members:
                if member.is_dir() or not member.filename.lower().endswith(wanted):
                    continue
                pieces = []
                with archive.open(member) as stream:
                    while piece := stream.read(_BIT):
                        read += len(piece)
                        if read > UNPACKED or (read > SMALL and read > RATIO * packed):
                            raise ProcessError(f"{path.name} unpacks to more than it may: {member.filename} was not read.")
                        pieces.append(piece)
                found[member.filename] = b"".join(pieces)
            return found
    except OSError as fault:
        raise ProcessError(f"{path.name} cannot be read: {fault.strerror or 'it is damaged'}.") from None
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, ValueError, NotImplementedError, RuntimeError) as fault:
        if isinstance(fault, ProcessError):
            raise
        raise ProcessError(f"{path.name} is no whole zip file that can be read.") from None
    except Exception as fault:
        if type(fault).__module__ not in ("zlib", "lzma", "_lzma", "bz2"):
            raise
        raise ProcessError(f"{path.name} is damaged: it cannot be unpacked.") from None


def _names(path: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MEMBERS:
        raise ProcessError(f"{path.name} has {len(members):,} members, and {MEMBERS:,} are the most that are read.")
    if sum(member.file_size for member in members) > UNPACKED:
        raise ProcessError(f"{path.name} says that it unpacks to more than {UNPACKED:,} bytes.")
    seen: set[str] = set()
    for member in members:
        name = member.filename
        place = PurePosixPath(name.replace("\\", "/"))
        if place.is_absolute() or ".." in place.parts or ":" in name or "\0" in member.orig_filename:
            raise ProcessError(f"{path.name} has a member that points outside it: {name!r}.")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ProcessError(f"{path.name} has a link in it: {name!r}.")
        if name.casefold() in seen:
            raise ProcessError(f"{path.name} has two members called {name!r}.")
        seen.add(name.casefold())
