"""The peers that ours is measured beside, and where they are found; one that is not there is said to be not installed.

Python's stand in the venv that $ATTUNEMENT_PEERS names (smartcut; WeasyPrint, page-validation, outloud), or beside us.
R and its packages come from Debian's own archive by apt with `make bench PEERS=1 ONLY="impact estimators"`. Nothing here
is a part of Attunement, and nothing of it is needed to run or to test it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

PACKAGES = ("r-base-core", "r-cran-lme4", "r-cran-lmertest", "r-cran-pbkrtest", "r-cran-mice")
MISSING = "peer not installed"


@cache
def rscript() -> str | None:
    """Where Rscript is; installed first where PEERS=1 asks for it. None where there is none."""
    if os.environ.get("PEERS") == "1":
        _install()
    return shutil.which("Rscript")


def _install() -> None:
    apt = shutil.which("apt-get")
    if apt is None:
        print("R is installed from Debian's archive by apt-get, and there is none here.", file=sys.stderr)
        return
    asked = [] if os.geteuid() == 0 else ["sudo", "-n"]
    quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    for words in (["-qq", "update"], ["-qq", "install", "-y", "--no-install-recommends", *PACKAGES]):
        try:
            done = subprocess.run([*asked, apt, *words], check=False, **quiet).returncode == 0  # type: ignore[call-overload]
        except FileNotFoundError:
            done = False
        if not done:
            print(f"R could not be installed: apt-get {words[1]} failed. It needs root's rights, or sudo.", file=sys.stderr)
            return


def python() -> str:
    """The Python that has the peers of its kind: $ATTUNEMENT_PEERS (a venv), or this one."""
    own = os.environ.get("ATTUNEMENT_PEERS")
    return str(Path(own) / "bin" / "python") if own else sys.executable


def asked(script: str, *words: str) -> str | None:
    """What a script prints in that Python; None where it fails, as where the peer is not installed."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    try:
        done = subprocess.run([python(), "-c", script, *words], capture_output=True, text=True, check=False, env=clean)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
