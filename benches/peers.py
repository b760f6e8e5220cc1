"""The peer that the estimators are measured beside: R with its packages, from Debian's own archive when asked.

`make bench PEERS=1 ONLY="impact estimators"` installs them by apt; without it a peer that is not there is said to be not
installed. Nothing here is a part of Attunement, and nothing of it is needed to run or to test it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache

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
