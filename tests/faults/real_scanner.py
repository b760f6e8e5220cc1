"""Films before a real clamd, with a signature of our own: `python -m tests.faults.real_scanner`.

clamd comes from Debian (`clamav-daemon`); it needs no network and no other signatures for this.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MARK = b"attunement-own-test-signature-and-no-virus-41c7"
MB = 1024 * 1024


def configured(folder: Path) -> Path:
    (folder / "signatures").mkdir()
    (folder / "signatures" / "own.ndb").write_text(f"Attunement.Test:0:*:{MARK.hex()}\n")
    file = folder / "clamd.conf"
    # Debian's own limit on what is sent at a time.
    file.write_text(f"LocalSocket {folder}/clamd.ctl\nDatabaseDirectory {folder}/signatures\nForeground yes\n"
                    "StreamMaxLength 25M\n")
    return file


def refused(content: bytes) -> bool:
    from attunement.journey.films import scanning
    from attunement.journey.trail.errors import Refused

    try:
        scanning.clean(io.BytesIO(content))
    except Refused:
        return True
    return False


def tried() -> list[str]:
    """What the scanner did otherwise than it should."""
    from attunement.film.made_up import make_film

    film, long = io.BytesIO(), random.Random(1).randbytes(MB) * 40
    make_film(film, seconds=2, seed=1, width=160, height=128)
    small = film.getvalue()
    cases = {"a film": (small, False), "a film with the mark": (small[:5000] + MARK + small[5000:], True),
             "nothing": (b"", False), "40 MB": (long, False)}
    for place in (0, 16 * MB - 20, 16 * MB, 30 * MB, 40 * MB):
        cases[f"40 MB with the mark at byte {place}"] = (long[:place] + MARK + long[place:], True)
    return [f"{name} was {'passed' if wanted else 'refused'}" for name, (content, wanted) in cases.items()
            if refused(content) is not wanted]


def main() -> int:
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        print("clamd is not installed (Debian: clamav-daemon), so films were not tried before it.")
        return 0
    from attunement.journey.films import scanning

    with tempfile.TemporaryDirectory(prefix="attunement-clamd-") as name:
        folder = Path(name)
        os.environ["ATTUNEMENT_CLAMD"] = str(folder / "clamd.ctl")
        clamd = subprocess.Popen([program, f"--config-file={configured(folder)}"], stdout=subprocess.DEVNULL)
        try:
            for _try in range(300):
                if scanning.address() or clamd.poll() is not None:
                    break
                time.sleep(0.2)
            faults = tried() if scanning.address() else ["clamd did not start"]
        finally:
            clamd.terminate()
            clamd.wait()
    print("\n".join(faults) or "9 films before a real clamd: what bears the mark was refused, wherever it lies.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
