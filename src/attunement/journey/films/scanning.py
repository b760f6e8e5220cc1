"""Films are looked through for malware where clamd runs. Where it does not, the page on films' keeping says so."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import struct
from collections.abc import Iterator
from typing import BinaryIO

from attunement.journey.trail.errors import Refused

# Debian's clamd takes 25 MB at a time: films go to it in windows that overlap, so that nothing hides at a border.
_WINDOW, _OVERLAP = 16 * 1024 * 1024, 64 * 1024
SOCKETS = ("/run/clamav/clamd.ctl", "/var/run/clamav/clamd.ctl", "/run/clamd.scan/clamd.sock", "/tmp/clamd.socket")
_BLOCK = 64 * 1024
_WAIT = 60
log = logging.getLogger(__name__)


def address() -> str | None:
    """The socket of a clamd that answers; None when none does."""
    for path in [given for given in [os.environ.get("ATTUNEMENT_CLAMD", "")] if given] or SOCKETS:
        with contextlib.suppress(OSError), _reached(path) as clamd:
            clamd.sendall(b"zPING\0")
            if clamd.recv(16).startswith(b"PONG"):
                return path
    return None


def clean(film: BinaryIO) -> None:
    """Refused when clamd finds something. Where clamd does not finish the film passes, as all do where there is none."""
    path = address()
    if path is None:
        return
    for window in _windows(film):
        try:
            with _reached(path) as clamd:
                said = _asked(clamd, window)
        except OSError as error:
            log.warning("clamd did not finish: %s", error.strerror)
            return
        if said.endswith("FOUND"):
            raise Refused("The scanner for harmful files found something in this file, so it is not kept. Film again, or "
                          "ask whoever looks after your device.")
        if not said.endswith("OK"):
            log.warning("clamd did not look through a film: %s", said[:100])
            return


def _windows(film: BinaryIO) -> Iterator[bytes]:
    """All of a film, from where it stands, each window beginning with the end of the one before."""
    window, fresh = bytearray(), 0
    while block := film.read(_BLOCK):
        window += block
        fresh += len(block)
        if len(window) >= _WINDOW:
            yield bytes(window)
            del window[:-_OVERLAP]
            fresh = 0
    if fresh:
        yield bytes(window)


def _reached(path: str) -> socket.socket:
    clamd = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    clamd.settimeout(_WAIT)
    try:
        clamd.connect(path)
    except OSError:
        clamd.close()
        raise
    return clamd


def _asked(clamd: socket.socket, content: bytes) -> str:
    clamd.sendall(b"zINSTREAM\0")
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it hangs up when it has had enough
        for start in range(0, len(content), _BLOCK):
            block = content[start : start + _BLOCK]
            clamd.sendall(struct.pack(">I", len(block)) + block)
        clamd.sendall(struct.pack(">I", 0))
    said = b""
    while not said.endswith(b"\0") and (more := clamd.recv(1024)):
        said += more
    return said.rstrip(b"\0\n").decode(errors="replace")
