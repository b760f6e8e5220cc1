"""How often a cut is exact, ours beside `smartcut` (PyPI) and the ffmpeg command (Debian), on the same copies.

smartcut is asked in the Python that has it: $ATTUNEMENT_PEERS (a venv), or this one. No process's start is counted for it.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av
from rich.table import Table

from attunement.film import FilmError, cut
from benches import peers
from tests.film import cuts

CUTS = 60
SMARTCUT = """
import sys, time
from fractions import Fraction
from smartcut.cut_video import smart_cut
from smartcut.media_container import MediaContainer
from smartcut.misc_data import AudioExportInfo, AudioExportSettings
began = time.process_time()
source, target, first, last = sys.argv[1:]
film = MediaContainer(source)
sound = AudioExportInfo(output_tracks=[AudioExportSettings(codec="passthru")] * len(film.audio_tracks))
smart_cut(film, [(Fraction(int(first), 30), Fraction(int(last) + 1, 30))], target, audio_export_info=sound)
print("CPU", time.process_time() - began)
"""


def rows(shown: Table) -> None:
    """One row each: the share of random cuts whose pictures, edit list ignored, are exactly those asked for; and of those
    whose sound is right to the sample too, with nothing from outside the marks in the file."""
    for name, cutter in (("attunement", ours), ("smartcut (PyPI)", smartcut()), ("ffmpeg -c copy (Debian)", ffmpeg("copy")),
                         ("ffmpeg -c:v libx264 (Debian)", ffmpeg("libx264"))):
        what, measured = f"Cuts of {CUTS} that are exact to the frame, {name}", peers.MISSING
        if cutter:
            exact, whole, seconds = share(cutter)
            measured = f"{exact}; sound too, and no byte more {whole}; {seconds / CUTS:.3f} CPU s a cut"
        shown.add_row(what, measured, f"{CUTS} of {CUTS}" if cutter is ours else "")


# Writes a cut, and says what it cost in CPU seconds.
Cutter = Callable[[Path, Path, int, int], float]


def share(cutter: Cutter) -> tuple[int, int, float]:
    exact, whole, seconds = 0, 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(CUTS):
            name = cuts.NAMES[number % len(cuts.NAMES)]
            source, target = Path(folder, f"{name}.mp4"), Path(folder, "out.mp4")
            source.write_bytes(cuts.copy(name))
            first, last = cuts.marks(name, number)
            target.unlink(missing_ok=True)
            try:
                seconds += cutter(source, target, first, last)
                found = cuts.faults(name, first, last, target.read_bytes())
            except (FilmError, OSError, subprocess.SubprocessError, av.error.FFmpegError, IndexError, ValueError):
                continue
            exact += not {"its pictures", "how many packets it has"} & set(found)
            whole += not found
    return exact, whole, seconds


def ours(source: Path, target: Path, first: int, last: int) -> float:
    began = time.process_time()
    cut(source, target, first=first, last=last)
    return time.process_time() - began


def smartcut() -> Cutter | None:
    """The peer's own way to cut by frames, from its module; None when it is not installed."""
    if peers.asked("import smartcut.cut_video") is None:
        return None

    def run(source: Path, target: Path, first: int, last: int) -> float:
        said = peers.asked(SMARTCUT, str(source), str(target), str(first), str(last))
        if said is None:
            raise ValueError("smartcut ended with an error")
        return float(said.rpartition("CPU ")[2])

    return run


def ffmpeg(codec: str) -> Cutter | None:
    program = shutil.which("ffmpeg")
    if program is None:
        return None

    def run(source: Path, target: Path, first: int, last: int) -> float:
        start, length = f"{first / 30:.6f}", f"{(last - first + 1) / 30:.6f}"
        how = ["-c", "copy"] if codec == "copy" else ["-c:v", codec]
        words = [program, "-v", "error", "-ss", start, "-i", str(source), "-t", length, *how, str(target)]
        before = _children()
        subprocess.run(words, check=True, timeout=120)
        return _children() - before

    return run


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
