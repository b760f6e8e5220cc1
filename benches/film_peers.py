"""How often a cut is exact, ours beside `smartcut` (PyPI) and the ffmpeg command (Debian), on the same copies."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
from rich.table import Table

from attunement.film import FilmError, cut
from tests.film import cuts, films

CUTS = 20


def rows(shown: Table) -> None:
    """One row each: the share of random cuts whose pictures, edit list ignored, are exactly those asked for."""
    for name, cutter in (("attunement", ours), ("smartcut (PyPI)", smartcut()), ("ffmpeg -c copy (Debian)", ffmpeg("copy")),
                         ("ffmpeg -c:v libx264 (Debian)", ffmpeg("libx264"))):
        what = f"Cuts of {CUTS} that are exact to the frame, {name}"
        shown.add_row(what, f"{share(cutter)} of {CUTS}" if cutter else "peer not installed",
                      f"{CUTS} of {CUTS}" if cutter is ours else "")


Cutter = Callable[[Path, Path, int, int], None]


def share(cutter: Cutter) -> int:
    exact = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(CUTS):
            name = cuts.NAMES[number % len(cuts.NAMES)]
            source, target = Path(folder, f"{name}.mp4"), Path(folder, "out.mp4")
            source.write_bytes(cuts.copy(name))
            first, last = cuts.marks(name, number)
            target.unlink(missing_ok=True)
            try:
                cutter(source, target, first, last)
                shown = films.numbers(target.read_bytes(), films.KINDS[name].turn)
            except (FilmError, OSError, subprocess.SubprocessError, av.error.FFmpegError, IndexError, ValueError):
                continue
            exact += shown == cuts.shown(name)[first : last + 1]
    return exact


def ours(source: Path, target: Path, first: int, last: int) -> None:
    cut(source, target, first=first, last=last)


def smartcut() -> Cutter | None:
    """The peer's own way to cut by frames, from its module; None when it is not installed."""
    try:
        from smartcut.cut_video import smart_cut
        from smartcut.media_container import MediaContainer
        from smartcut.misc_data import AudioExportInfo, AudioExportSettings
    except ImportError:
        return None

    def run(source: Path, target: Path, first: int, last: int) -> None:
        film = MediaContainer(str(source))
        sound = AudioExportInfo(output_tracks=[AudioExportSettings(codec="passthru")] * len(film.audio_tracks))
        smart_cut(film, [(Fraction(first, 30), Fraction(last + 1, 30))], str(target), audio_export_info=sound)

    return run


def ffmpeg(codec: str) -> Cutter | None:
    program = shutil.which("ffmpeg")
    if program is None:
        return None

    def run(source: Path, target: Path, first: int, last: int) -> None:
        start, length = f"{first / 30:.6f}", f"{(last - first + 1) / 30:.6f}"
        how = ["-c", "copy"] if codec == "copy" else ["-c:v", codec]
        words = [program, "-v", "error", "-ss", start, "-i", str(source), "-t", length, *how, str(target)]
        subprocess.run(words, check=True, timeout=120)

    return run


