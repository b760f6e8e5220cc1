"""`attunement film probe|prepare|cut|reel|still`: films on a practitioner's own machine."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    film = commands.add_parser("film", help="look into films, and cut clips from them to the frame")
    films = film.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], int | None], words: str,
                *files: str) -> argparse.ArgumentParser:
        made = films.add_parser(name, help=words, description=words)
        made.set_defaults(run=run)
        for file in files:
            made.add_argument(file.lower(), type=Path, metavar=file)
        made.add_argument("--json", action="store_true", help="say what was done as JSON")
        return made

    command("probe", _probe, "say what a film holds, or why it cannot be used", "FILE")
    command("prepare", _prepare, "make a film's working copy, whose frame n shows from n/30 s", "IN", "OUT")
    cut = command("cut", _cut, "write frames of a working copy as a film of their own; nothing else is in it", "IN", "OUT")
    cut.add_argument("--first", required=True, metavar="N", help="the first frame shown, counted from 0")
    cut.add_argument("--last", required=True, metavar="M", help="the last frame shown")
    reel = command("reel", _reel, "write clips one after another as one film", "IN", "OUT")
    reel.add_argument("--clip", action="append", required=True, metavar="[FILE:]FIRST-LAST", dest="clips",
                      help="a clip's frames, both shown, of IN or of FILE; once for each clip, in order")
    still = command("still", _still, "write one frame as a picture (.png or .jpg)", "IN", "OUT")
    still.add_argument("--frame", required=True, metavar="N", help="the frame, counted from 0")


def _probe(options: argparse.Namespace) -> int:
    from attunement.film import probe

    found = probe(options.file)
    if options.json:
        return _say({name: str(value) if isinstance(value, Fraction) else value for name, value in asdict(found).items()})
    kind = f"{found.video_codec}{f', {found.hdr.upper()}' if found.hdr else ''}"
    rate = f"{float(found.rate):.4g} a second{', at a varying rate' if found.variable_rate else ''}"
    lines = [f"{options.file}: {found.seconds:.2f} s, {found.size:,} bytes, {found.container}",
             f"pictures: {kind}, {found.bits} bit, {found.width} by {found.height}, turned {found.rotation} degrees, "
             f"{found.frames}, {rate}",
             f"sound: {found.audio_codec or 'none'}", *found.notes]
    print("\n".join(lines))
    return 0


def _prepare(options: argparse.Namespace) -> int:
    from attunement.film import prepare

    _must_differ([options.__dict__["in"]], options.out)
    with _progress("Preparing") as told:
        made = prepare(options.__dict__["in"], options.out, told=told)
    if options.json:
        facts = {name: getattr(made, name) for name in ("frames", "seconds", "width", "height", "sound", "start", "notes")}
        return _say(facts | {"map": {"times": made.times.tolist(), "frames": made.shown_from.tolist()}})
    print("\n".join([f"{options.out}: {made.frames} frames, {made.width} by {made.height}, "
                     f"{'with' if made.sound else 'without'} sound", *made.notes]))
    return 0


def _cut(options: argparse.Namespace) -> int:
    from attunement.film import cut

    source = options.__dict__["in"]
    _must_differ([source], options.out)
    return _done(options, cut(source, options.out, first=_frame(options.first), last=_frame(options.last)))


def _reel(options: argparse.Namespace) -> int:
    from attunement.film import Part, reel

    parts = []
    for words in options.clips:
        file, _, marks = words.rpartition(":")
        first, dash, last = marks.partition("-")
        if not dash:
            _stop(f"{words!r} is no clip; please write its first and last frame, for example 120-330.")
        parts.append(Part(Path(file) if file else options.__dict__["in"], _frame(first), _frame(last)))
    _must_differ([Path(str(part.source)) for part in parts], options.out)
    return _done(options, reel(parts, options.out))


def _done(options: argparse.Namespace, made: Any) -> int:
    if options.json:
        return _say(asdict(made) | {"seconds": made.seconds})
    how = f"{made.copied} copied bit for bit, {made.encoded} encoded again" if made.doubt is None else (
        f"all encoded again. {made.doubt}")
    print(f"{options.out}: {made.frames} frames ({made.seconds:.2f} s), {how}")
    return 0


def _still(options: argparse.Namespace) -> int:
    from attunement.film import still

    source = options.__dict__["in"]
    _must_differ([source], options.out)
    frame = _frame(options.frame)
    width, height = still(source, options.out, frame=frame)
    if options.json:
        return _say({"frame": frame, "width": width, "height": height})
    print(f"{options.out}: frame {frame}, {width} by {height}")
    return 0


def _say(facts: dict[str, Any]) -> int:
    print(json.dumps(facts, indent=None if "map" in facts else 2))
    return 0


def _frame(words: str) -> int:
    if not (words.removeprefix("-").isascii() and words.removeprefix("-").isdigit() and len(words) < 12):
        _stop(f"{words!r} is no frame; frames are whole numbers counted from 0.")
    return int(words)


def _must_differ(sources: Sequence[Path], out: Path) -> None:
    for source in sources:
        if out.exists() and source.exists() and out.samefile(source):
            _stop(f"{out} is the film itself, which is never written over; please give another name.")


def _stop(sentence: str) -> None:
    from attunement.cli import Stop

    raise Stop(sentence)


@contextmanager
def _progress(words: str) -> Iterator[Callable[[float], None] | None]:
    """A bar on a terminal, told how much of the work is done, from 0 to 1."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=1.0)
        yield lambda share: bar.update(task, completed=share)
