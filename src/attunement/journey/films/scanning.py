"""Films are looked through for malware where clamd runs. Where it does not, the page on films' keeping says so."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import struct
from typing import BinaryIO

from attunement.journey.trail.errors import Refused

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
    """Refused when clamd finds something. A film larger than clamd takes is passed, as is all where there is none."""
    path = address()
    if path is None:
        return
    try:
        with _reached(path) as clamd:
            said = _asked(clamd, film)
    except OSError as error:
        log.warning("clamd did not finish: %s", error.strerror)
        return
    if said.endswith("FOUND"):
        raise Refused("The scanner for harmful files found something in this file, so it is not kept. Film again, or "
                      "ask whoever looks after your device.")


def _reached(path: str) -> socket.socket:
    clamd = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    clamd.settimeout(_WAIT)
    try:
        clamd.connect(path)
    except OSError:
        clamd.close()
        raise
    return clamd


def _asked(clamd: socket.socket, film: BinaryIO) -> str:
    clamd.sendall(b"zINSTREAM\0")
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it hangs up when it has had enough
        while block := film.read(_BLOCK):
            clamd.sendall(struct.pack(">I", len(block)) + block)
        clamd.sendall(struct.pack(">I", 0))
    said = b""
    while not said.endswith(b"\0") and (more := clamd.recv(1024)):
        said += more
    return said.rstrip(b"\0\n").decode(errors="replace")
