"""Real servers for tests: Attunement itself, and a private PostgreSQL. On loopback or a socket, ended by their id."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

UNPRIVILEGED = ("postgres", "nobody")
# Who the made-up families are, in small letters: in no line that any test has logged.
PRIVATE = ("zebedee", "quill", "zuleika", "quartz", "07700 9", "077009", "+44770")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """A served study: `address`, the data directory, and the process that a test may kill."""

    address: str
    data: Path
    port: int
    process: subprocess.Popen[bytes]
    signed_in: dict[str, Any] = field(default_factory=dict)
    """Role -> what a browser keeps of its signing in, for the next one."""

    def kill(self) -> None:
        """As a power cut: the whole process group at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def restart(self, clock: str = "") -> None:
        """Starts it again where it was; `clock` moves a demonstration to another day."""
        if self.process.poll() is None:
            self.kill()
        self.process = _start(self.data, self.port, clock)
        _wait(self.address, self.process)


# Work of many threads, as a rehearsal leaves it behind in the process that then serves.
BUSY = "import polars; polars.DataFrame({'a': list(range(9999))}).group_by('a').len().sort('a'); "


def _start(data: Path, port: int, clock: str, busy: bool = False) -> subprocess.Popen[bytes]:
    environment = dict(os.environ, ATTUNEMENT_DATA=str(data), ATTUNEMENT_CLOCK=clock)
    for name in ("DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"):
        environment.pop(name, None)
    words = ["serve", "--port", str(port)]
    began = ["-c", f"{BUSY}from attunement.cli import main; main({words})"] if busy else ["-m", "attunement.cli", *words]
    return subprocess.Popen([sys.executable, *began], env=environment,
                            stdout=subprocess.DEVNULL, stderr=(data / "server.log").open("ab"), start_new_session=True)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _try in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            urllib.request.urlopen(f"{address}/accounts/login/", timeout=2)
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError("the server did not answer within 30 seconds")


@contextmanager
def served(data: Path, clock: str = "", *, busy: bool = False) -> Iterator[Served]:
    """Serves a data directory with `attunement serve` on a free port of loopback; `busy`: after other work."""
    port = free_port()
    server = Served(f"http://localhost:{port}", data, port, _start(data, port, clock, busy))
    try:
        _wait(server.address, server.process)
        yield server
    finally:
        if server.process.poll() is None:
            os.killpg(server.process.pid, signal.SIGTERM)
            try:
                server.process.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
    logged = (data / "server.log").read_text(encoding="utf-8", errors="replace").lower()
    assert not any(word in logged for word in PRIVATE), "the server's log tells who a family is"


def postgres_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def postgres() -> Iterator[str]:
    """A private PostgreSQL on a socket of its own; yields the URL setting. As an unprivileged user when root."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are not installed: apt-get install postgresql")
    home = Path(tempfile.mkdtemp(prefix="attunement-pg-"))
    user = _unprivileged()
    if user:
        shutil.chown(home, user)
    owner = user or pwd.getpwuid(os.geteuid()).pw_name

    def run(program: str, *rest: str) -> None:
        assert _as_owner(home, program, *rest) == 0, f"{program} did not do what it was asked"

    try:
        run("initdb", "-D", str(home / "data"), "--auth=trust", "--encoding=UTF8", "--no-sync", "-U", owner)
        options = f"-k {home} -c listen_addresses='' -c max_connections=80 -c fsync=off"
        run("pg_ctl", "-D", str(home / "data"), "-l", str(home / "log"), "-w", "-o", options, "start")
        try:
            run("createdb", "-h", str(home), "-U", owner, "study")
            yield f"postgresql://{owner}@/study?host={home}"
        finally:
            run("pg_ctl", "-D", str(home / "data"), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def postgres_again(url: str) -> bool:
    """With room again: waits for a PostgreSQL that is recovering, and starts one that has ended itself, as an operator
    does; true for such a one.
    """
    home = Path(url.partition("host=")[2])
    ended = _as_owner(home, "pg_ctl", "-D", str(home / "data"), "status") != 0
    if ended:
        _as_owner(home, "pg_ctl", "-D", str(home / "data"), "-l", str(home / "log"), "-w", "restart")
    for _time in range(600):
        if _as_owner(home, "pg_isready", "-h", str(home)) == 0:
            return ended
        time.sleep(0.05)
    raise AssertionError("PostgreSQL does not come back")


def _as_owner(home: Path, program: str, *rest: str) -> int:
    user, programs = _unprivileged(), postgres_programs()
    return subprocess.run([f"{programs}/{program}", *rest], user=user, cwd=home, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
                          extra_groups=[] if user else None).returncode


def _unprivileged() -> str | None:
    return next((name for name in UNPRIVILEGED if _exists(name)), None) if os.geteuid() == 0 else None


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
