"""The command line: `attunement …`. A door only: each command reads its words and calls one function.

The commands of a package stand in the file of its name here: `add(commands)` adds its words."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from attunement import __version__


class Stop(Exception):
    """A command that cannot go on; its text is the one line that the person reads."""


def main(argv: Sequence[str] | None = None) -> int:
    options = _words().parse_args(argv)
    try:
        return options.run(options) or 0
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if not _is_ours(error):
            if os.environ.get("ATTUNEMENT_DEBUG"):
                raise
            error = Stop(f"an unforeseen fault ({type(error).__name__}). Set ATTUNEMENT_DEBUG=1 to see where.")
        print(f"attunement: {_sentence(error)}", file=sys.stderr)
        return 1


def _is_ours(error: Exception) -> bool:
    return isinstance(error, Stop) or type(error).__module__.startswith("attunement.") or isinstance(error, OSError)


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror and not type(error).__module__.startswith("attunement."):
        return f"{_in_one_line(str(error.filename or 'The system'))}: {error.strerror}."
    return str(error)


def _in_one_line(text: str) -> str:
    return text.replace("\n", "\\n").replace("\r", "\\r")


def _words() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="attunement", description="Run and evaluate relationship-based family programmes.")
    top.add_argument("--version", action="version", version=f"Attunement {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], int | None], words: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=words, description=words)
        made.set_defaults(run=run)
        return made

    new = command("new", _new, "start a real study in a data directory")
    new.add_argument("directory", type=Path)
    new.add_argument("--study", default="vig", help="a study file, or the name of one that ships with Attunement")
    new.add_argument("--address", default="http://localhost:8000", help="where people will reach it")
    new.add_argument("--owner", required=True, metavar="EMAIL", help="the system owner, who then invites the others")
    serve = command("serve", _serve, "serve the study of $ATTUNEMENT_DATA")
    _serving(serve)
    demo = command("demo", _demo, "rehearse the whole VIG programme, then serve it")
    _serving(demo)
    demo.add_argument("--families", type=_whole(1, 100_000), default=252)
    demo.add_argument("--fresh", action="store_true", help="start anew")
    demo.add_argument("--no-serve", action="store_true", help="stop when it is ready")
    demo.add_argument("--project", type=Path, default=None, help=argparse.SUPPRESS)
    rehearse = command("rehearse", _rehearse, "run a made-up programme with a known truth through the real actions")
    rehearse.add_argument("study")
    rehearse.add_argument("--families", type=_whole(1, 100_000), default=252)
    rehearse.add_argument("--seed", type=_whole(0, 2**63 - 1), default=1)
    rehearse.add_argument("--effect", type=_number, default=0.3, metavar="D", help="true standardised effect")
    rehearse.add_argument("--to", type=Path, required=True)
    command("snapshot", _snapshot, "freeze what is known today").add_argument(
        "--by", required=True, metavar="EMAIL", help="the trial manager who takes it")
    command("verify", _verify, "check that no entry of the audit trail was changed, removed or put in")
    study = command("study", _check, "check and compare study files")
    studies = study.add_subparsers(metavar="COMMAND", required=True)
    check = studies.add_parser("check", help="findings in English, each with file and line")
    check.add_argument("file")
    check.add_argument("--strict", action="store_true", help="problems fail too")
    check.set_defaults(run=_check)
    diff = studies.add_parser("diff", help="what differs between two study files, in English")
    diff.add_argument("before")
    diff.add_argument("after")
    diff.set_defaults(run=_diff)
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")):
        importlib.import_module(f"{__name__}.{name}").add(commands)
    return top


def _serving(words: argparse.ArgumentParser) -> None:
    words.add_argument("--port", type=_whole(1, 65_535), default=None)
    words.add_argument("--host", default="127.0.0.1")
    words.add_argument("--workers", type=_whole(1, 64), default=1)


def _whole(low: int, high: int) -> Callable[[str], int]:
    def whole(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
        return int(text)

    return whole


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not -5 <= value <= 5:
        raise argparse.ArgumentTypeError(f"{text!r} does not lie between -5 and 5")
    return value


def _check(options: argparse.Namespace) -> int:
    from attunement import study

    found = study.check(options.file)
    print("\n".join(study.report_lines(found)) if found else f"{options.file}: nothing to mend.")
    errors = any(finding.level == "error" for finding in found)
    problems = any(finding.level == "problem" for finding in found)
    return 1 if errors or (options.strict and problems) else 0


def _diff(options: argparse.Namespace) -> int:
    from attunement import study

    print("\n".join(study.diff(study.load(options.before), study.load(options.after))) or "The two say the same.")
    return 0


def _new(options: argparse.Namespace) -> int:
    from attunement.web import opening

    for line in opening.new_study(options.directory, options.study, options.address, options.owner):
        print(line)
    return 0


def _serve(options: argparse.Namespace) -> int:
    from attunement.web import opening, serving

    opening.reopen()
    serving.serve(options.host, options.port, options.workers)
    return 0


def _demo(options: argparse.Namespace) -> int:
    from attunement.web import demonstration, serving

    project = options.project or Path.cwd()
    for line in demonstration.prepare(project, options.families, fresh=options.fresh, port=options.port):
        print(line, flush=True)
    if not options.no_serve:
        serving.serve(options.host, options.port or demonstration.PORT, options.workers)
    return 0


def _rehearse(options: argparse.Namespace) -> int:
    from attunement.web import opening

    for line in opening.rehearse(options.study, families=options.families, seed=options.seed, effect=options.effect,
                                 to=options.to):
        print(line)
    return 0


def _snapshot(options: argparse.Namespace) -> int:
    from attunement.web import opening

    opening.reopen()
    print(opening.snapshot(options.by))
    return 0


def _verify(_options: argparse.Namespace) -> int:
    from attunement.web import opening

    opening.reopen()
    sentence, whole = opening.verified()
    print(sentence)
    return 0 if whole else 1
