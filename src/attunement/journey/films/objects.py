"""Where sealed objects lie: files in the data directory, or a bucket that a setting names. Neither sees a clear byte."""

from __future__ import annotations

import io
import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from attunement.journey.trail.errors import Refused

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SEALED = ".sealed"
_AHEAD = 1024 * 1024


class Objects(Protocol):
    """Sealed objects by name. Whatever fails is an OSError."""

    def put(self, name: str, path: Path) -> None:
        """Takes the file in `path`, which is on the disk, and removes it there; an object of that name is replaced."""

    def open(self, name: str) -> BinaryIO: ...

    def names(self, prefix: str) -> list[str]: ...

    def remove(self, name: str) -> None: ...


def write_through(folder: Path) -> None:
    """Makes what was created, renamed or removed in a folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Local:
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, path: Path) -> None:
        path.replace(self.folder / name)
        write_through(self.folder)

    def open(self, name: str) -> BinaryIO:
        return open(self.folder / name, "rb", buffering=0)  # type: ignore[return-value]

    def names(self, prefix: str) -> list[str]:
        return sorted(path.name for path in self.folder.glob(f"{prefix}*"))

    def remove(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)
        write_through(self.folder)


class Bucket:
    """A bucket of an S3-compatible store: s3://KEY:SECRET@BUCKET/PREFIX?endpoint=https://host&region=name."""

    def __init__(self, address: str) -> None:
        try:
            from storages.backends.s3 import S3Storage
        except ImportError:
            raise Refused("Films in a bucket need the extra package: pip install 'attunement[s3]'. Tell the system "
                          "owner.") from None
        parts, query = urlsplit(address), parse_qs(urlsplit(address).query)
        self._prefix = parts.path.strip("/")
        options: dict[str, Any] = {"bucket_name": parts.hostname, "file_overwrite": True, "default_acl": None,
                                   "endpoint_url": query.get("endpoint", [None])[0],
                                   "region_name": query.get("region", [None])[0]}
        if parts.username:
            options |= {"access_key": unquote(parts.username), "secret_key": unquote(parts.password or "")}
        self._storage, self._called = S3Storage(**options), options["bucket_name"]

    @property
    def _bucket(self) -> Any:
        """Of this thread: the client's objects are not to be shared."""
        return self._storage.connection.Bucket(self._called)

    def _name(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def put(self, name: str, path: Path) -> None:
        with _as_os_error():
            self._bucket.upload_file(str(path), self._name(name))
        path.unlink()
        write_through(path.parent)

    def open(self, name: str) -> BinaryIO:
        with _as_os_error():
            kept = self._bucket.Object(self._name(name))
            return Ranged(kept, kept.content_length)  # type: ignore[return-value]

    def names(self, prefix: str) -> list[str]:
        with _as_os_error():
            found = self._bucket.objects.filter(Prefix=self._name(prefix))
            return sorted(kept.key.removeprefix(f"{self._prefix}/") for kept in found)

    def remove(self, name: str) -> None:
        with _as_os_error():
            self._bucket.Object(self._name(name)).delete()


class _as_os_error:  # noqa: N801 - reads as a block
    """What the store's client raises, as the one kind of error that callers know. Its words may hold an address."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _at: object) -> None:
        if kind is not None and kind.__module__.split(".")[0] in ("botocore", "boto3", "s3transfer"):
            raise OSError(5, "the store of films does not answer as it should") from None


class Ranged(io.RawIOBase):
    """An object of a bucket, read by ranges, a megabyte ahead at a time."""

    def __init__(self, kept: Any, size: int) -> None:
        super().__init__()
        self._kept, self._size, self._at = kept, size, 0
        self._held, self._held_from = b"", 0

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        with memoryview(buffer).cast("B") as into:
            wanted, done = min(into.nbytes, max(0, self._size - self._at)), 0
            while done < wanted:
                offset = self._at + done - self._held_from
                if not 0 <= offset < len(self._held):
                    self._fetch(self._at + done, wanted - done)
                    continue
                step = min(wanted - done, len(self._held) - offset)
                into[done : done + step] = self._held[offset : offset + step]
                done += step
        self._at += done
        return done

    def _fetch(self, first: int, wanted: int) -> None:
        last = min(self._size, first + max(wanted, _AHEAD)) - 1
        with _as_os_error():
            self._held = self._kept.get(Range=f"bytes={first}-{last}")["Body"].read()
        self._held_from = first
        if not self._held:
            raise OSError(5, "the store of films does not answer as it should")

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


def objects() -> Objects:
    """The store that the deployment names; files in the data directory otherwise."""
    if settings.PLACE.films:
        return _bucket(settings.PLACE.films)
    return Local(settings.PLACE.folder("films"))


@lru_cache(maxsize=4)
def _bucket(address: str) -> Bucket:
    return Bucket(address)


def remove_quietly(name: str) -> None:
    with suppress(OSError):
        objects().remove(name)
