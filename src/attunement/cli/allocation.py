"""`attunement allocation …`: how far a scheme can be guessed, and whether an opened log is whole."""

from __future__ import annotations

import argparse
import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attunement.allocation import Assessment, Minimisation, Scheme


def add(commands: Any) -> None:
    words = commands.add_parser("allocation", help="assess a scheme; try and verify an opened log")
    parts = words.add_subparsers(metavar="COMMAND", required=True)
    assess = parts.add_parser("assess", help="how far a scheme can be guessed, beside other schemes")
    assess.add_argument("study", nargs="?", help="a study file, or the name of one that ships with Attunement")
    assess.add_argument("--scheme", help="a scheme as a study file writes it, such as big_stick:3, in place of a study")
    assess.add_argument("--n", help="families of a stratum (default: the study's largest target, or 60)")
    assess.add_argument("--ratio", help="such as 1:1, the default, or 2:1 (with --scheme)")
    assess.add_argument("--factor", action="append", default=[], metavar="CODE=LEVEL,LEVEL[:WEIGHT]",
                        help="a factor of minimisation (with --scheme); may be given again (default: site=A,B,C,D)")
    assess.add_argument("--runs", default="2000", help="made-up trials where figures are simulated")
    assess.add_argument("--json", action="store_true", help="the figures for a program")
    assess.add_argument("--plot", type=Path, metavar="FILE.svg", help="a picture of the scheme beside the others")
    assess.set_defaults(run=_assess)
    example = parts.add_parser("example", help="write an opened, made-up log to try verification on")
    example.add_argument("--to", type=Path, required=True, metavar="LOG")
    example.set_defaults(run=_example)
    verify = parts.add_parser("verify", help="draw every arm of an opened log again, and check that nothing was changed")
    verify.add_argument("log", type=Path)
    verify.add_argument("--key", metavar="PUBLICKEY_OR_CERTIFICATE", help="the public key, or the lock certificate (JSON)")
    verify.add_argument("--checkpoint", action="append", default=[], metavar="FILE", nargs="+",
                        help="checkpoints that others hold; may be given again")
    verify.set_defaults(run=_verify)


def _assess(options: argparse.Namespace) -> int:
    from rich.console import Console

    from attunement.allocation import AllocationError, FromList, assess, describe
    from attunement.allocation.comparing import others, picture

    scheme, n = _chosen(options)
    if isinstance(scheme, FromList):
        said = f"{describe(scheme)} It is described, not assessed."
        print(json.dumps({"scheme": scheme.name, "described": said}) if options.json else said)
        return 0
    with Console(stderr=True).status("Assessing…"):
        own = assess(scheme, n, runs=_number("--runs", options.runs))
        beside = others(scheme, n) if options.study or options.plot or not options.json else []
    if options.plot:
        if options.plot.suffix.lower() != ".svg":
            raise AllocationError(f"{options.plot}: a picture is written as .svg")
        _write(options.plot, picture(own, beside).decode())
    if options.json:
        told: dict[str, Any] = own.to_dict() | ({"beside": [each.to_dict() for each in beside]} if options.study else {})
        print(json.dumps(told, indent=1))
        return 0
    print(describe(scheme), own.in_words, sep="\n")
    _show(own, beside)
    if options.plot:
        print(f"The picture: {options.plot}")
    return 0


def _chosen(options: argparse.Namespace) -> tuple[Scheme | Minimisation, int]:
    """The scheme that is asked about, and the places of a stratum."""
    from attunement.allocation import AllocationError, FromList, parse

    if bool(options.study) == bool(options.scheme):
        raise AllocationError("name a study, or a scheme with --scheme, and not both")
    if options.scheme:
        n = _number("--n", "60" if options.n is None else options.n)
        factors, weights = _factors(options.factor or ["site=A,B,C,D"])
        ratio = _ratio("1:1" if options.ratio is None else options.ratio)
        return parse(options.scheme, ratio, n=n, factors=factors, weights=weights), n
    for name in ("ratio", "factor"):
        if getattr(options, name):
            raise AllocationError(f"the {name} is the study's: --{name} goes with --scheme")
    from attunement import study
    from attunement.study.strata import most_places, rule

    found = study.load(options.study)
    n = most_places(found) if options.n is None else _number("--n", options.n)
    return rule(found, n) or FromList.of({}, [arm.code for arm in found.arms]), n


def _factors(told: list[str]) -> tuple[dict[str, list[str]], dict[str, Fraction]]:
    """Factor -> its levels, and factor -> its weight."""
    from attunement.allocation import AllocationError

    factors: dict[str, list[str]] = {}
    weights: dict[str, Fraction] = {}
    for text in told:
        code, _equals, rest = text.partition("=")
        levels, _colon, weight = rest.partition(":")
        known = code in factors
        factors[code] = levels.split(",")
        try:
            weights[code] = Fraction(weight or "1")
        except (ValueError, ZeroDivisionError):
            raise AllocationError(f"--factor {text!r} should end in a weight, as in site=A,B:2") from None
        if not code or known or not all(factors[code]):
            raise AllocationError(f"--factor {text!r} should be a factor that is named once and its levels, as in site=A,B")
    return factors, weights


def _ratio(text: str) -> tuple[int, ...]:
    from attunement.allocation import AllocationError

    parts = text.split(":")
    if not all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts):
        raise AllocationError(f"--ratio {text!r} should be whole numbers with colons between, as in 1:1")
    return tuple(int(part) for part in parts)


def _number(name: str, text: str) -> int:
    from attunement.allocation import AllocationError

    if not (text.isascii() and text.isdigit() and 0 < len(text) < 8 and int(text) > 0):
        raise AllocationError(f"{name} {text!r} should be a whole number from 1 on")
    return int(text)


def _write(path: Path, text: str) -> None:
    from attunement.allocation.chain import write_whole

    write_whole(path, [text])


def _show(own: Assessment, beside: list[Assessment]) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    shown = Table(title=f"A stratum of {own.n} families", title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0),
                  show_edge=False, pad_edge=False)
    shown.add_column("Scheme", no_wrap=True)
    for heading in ("guess", "deterministic", "balance", "sd", "mean_abs", "max_abs"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for found in [own, *beside]:
        figures = [f"{share:.3f}" for share in (found.guess, found.deterministic, found.balance)]
        figures += [f"{found.sd:.2f}", f"{found.mean_abs:.2f}", f"{found.max_abs:g}"]
        mine = found is own
        shown.add_row(f"{'▸ ' if mine else '  '}{found.scheme.partition(' ')[0]}", *figures, style="bold" if mine else "",
                      end_section=mine)
    Console().print(shown)
    errors = [f"{name.removesuffix('_mc_error')} {error:.4f}" for name, error in own.to_dict().items()
              if name.endswith("_mc_error") and error is not None]
    if errors:
        Console().print(f"Standard errors from the number of made-up trials: {', '.join(errors)}.", highlight=False)


def _example(options: argparse.Namespace) -> int:
    from attunement.allocation.example import write_example

    log, certificate, held = write_example(options.to)
    print(f"The log: {log}")
    print(f"Its lock certificate, with the public key: {certificate}")
    print(f"Its checkpoints, as others would hold them: {held}")
    print(f"Try: attunement allocation verify {log} --key {certificate} --checkpoint {held}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from rich.console import Console

    from attunement.allocation import verify

    with Console(stderr=True).status("Drawing every arm again…"):
        verdict = verify(options.log, options.key, [path for given in options.checkpoint for path in given])
    print(verdict.sentence)
    for note in verdict.notes if verdict.whole else ():
        print(note)
    return 0 if verdict.whole else 1
