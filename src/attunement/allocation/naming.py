"""Schemes by name: reading them from a study file, listing them, and saying in English what one does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

from attunement.allocation.checking import shares
from attunement.allocation.errors import AllocationError
from attunement.allocation.lists import FromList
from attunement.allocation.minimising import MEASURES, Minimisation
from attunement.allocation.schemes import (
    EVEN,
    BigStick,
    Complete,
    EfronCoin,
    MaximalProcedure,
    PermutedBlocks,
    Scheme,
    WeiUrn,
)

_KNOWN = {
    "complete": "a coin for each family, whatever came before",
    "blocks:4,6,8": "blocks that are level at their end, of sizes drawn by chance",
    "big_stick:3": "a coin, until the arms differ by the limit; then the smaller arm",
    "efron:2/3": "a coin that leans towards the smaller arm",
    "wei:0,1": "an urn that leans towards the smaller arm, strongly at first and less and less",
    "maximal:3": "any sequence within the limit that ends level, all equally likely; needs the number of families",
    "minimisation:range,4/5": "a coin that leans to the arm that leaves the study's factors most level",
    "list:places.csv": "places drawn elsewhere, in the order of the list",
}
_UNEQUAL = ("complete", "blocks")


def names() -> Mapping[str, str]:
    """An example of each scheme as a study file writes it -> what it does, in English."""
    return MappingProxyType(_KNOWN)


def parse(
    text: str,
    ratio: Sequence[int] = EVEN,
    *,
    n: int | None = None,
    factors: Mapping[str, Sequence[str]] | None = None,
    weights: Mapping[str, Fraction | float | int] | None = None,
    arms: Sequence[str] = (),
) -> Scheme | Minimisation:
    """The scheme that a study file names.

    n: the places of a stratum, for `maximal` only. factors and weights: for minimisation only (factor -> its levels,
    factor -> its weight; 1 each when left out). arms: the arms' codes, for a list only. Raises AllocationError when the
    text is no scheme or the scheme cannot hold the ratio.
    """
    if not isinstance(text, str):
        raise AllocationError(f"a scheme is a text like {', '.join(_KNOWN)}, not {text!r}")
    kind, colon, rest = text.strip().partition(":")
    told = shares(ratio)
    if kind == "minimisation":
        return _minimisation(rest, told, factors, weights)
    if kind in ("list", "from_list") and colon:
        return _list(rest.strip(), told, arms)
    if kind not in _READERS or bool(colon) == (kind == "complete"):
        raise AllocationError(f"{text!r} is no allocation scheme: write one like {', '.join(_KNOWN)}")
    if kind not in _UNEQUAL and (len(told) != 2 or told[0] != told[1]):
        raise AllocationError(f"{kind} allocates two arms 1:1 only, not {':'.join(map(str, told))}")
    return _READERS[kind](rest, told, n)


def _minimisation(
    rest: str,
    ratio: tuple[int, ...],
    factors: Mapping[str, Sequence[str]] | None,
    weights: Mapping[str, Fraction | float | int] | None,
) -> Minimisation:
    measure, comma, p = rest.partition(",")
    if measure.strip() not in MEASURES or not comma:
        raise AllocationError(
            f"{rest!r} should be a measure ({', '.join(MEASURES)}) and a chance, as in minimisation:range,4/5"
        )
    if not factors:
        raise AllocationError("minimisation needs one factor or more, each with its levels and its weight")
    chance = _chance(p, "minimisation:range,4/5 or minimisation:range,0.8")
    return Minimisation(factors, weights or dict.fromkeys(factors, 1), measure.strip(), chance, ratio)


def _list(path: str, ratio: tuple[int, ...], arms: Sequence[str]) -> FromList:
    if not path:
        raise AllocationError("a list needs its file, as in list:places.csv")
    found = FromList(Path(path), tuple(arms))
    if found.arms != len(ratio):
        raise AllocationError(
            f"the list has {found.arms} arms, and the ratio {':'.join(map(str, ratio))} has {len(ratio)}"
        )
    return found


def _whole(rest: str, like: str, count: int | None = None) -> tuple[int, ...]:
    parts = rest.split(",")
    if not all(re.fullmatch(r"[0-9]{1,6}", part.strip()) for part in parts) or count not in (None, len(parts)):
        wanted = "one whole number" if count == 1 else f"{count or ''} whole numbers with commas between".strip()
        raise AllocationError(f"{rest!r} should be {wanted}, each below a million, as in {like}")
    return tuple(int(part) for part in parts)


def _chance(rest: str, like: str) -> Fraction:
    if not re.fullmatch(r"[0-9]{1,6}/0*[1-9][0-9]{0,5}|[01]|[01]?\.[0-9]{1,6}", rest.strip()):
        raise AllocationError(f"{rest!r} should be a chance, as in {like}")
    return Fraction(rest.strip())


def _maximal(rest: str, n: int | None) -> Scheme:
    if n is None:
        raise AllocationError("maximal needs the number of families of a stratum beforehand (n)")
    return MaximalProcedure(_whole(rest, "maximal:3", 1)[0], n)


_READERS: Mapping[str, Callable[[str, tuple[int, ...], int | None], Scheme]] = {
    "complete": lambda rest, ratio, n: Complete(ratio),
    "blocks": lambda rest, ratio, n: PermutedBlocks(_whole(rest, "blocks:4,6,8"), ratio),
    "big_stick": lambda rest, ratio, n: BigStick(*_whole(rest, "big_stick:3", 1)),
    "efron": lambda rest, ratio, n: EfronCoin(_chance(rest, "efron:2/3 or efron:0.65")),
    "wei": lambda rest, ratio, n: WeiUrn(*_whole(rest, "wei:0,1", 2)),
    "maximal": lambda rest, ratio, n: _maximal(rest, n),
}


def describe(scheme: Scheme | Minimisation) -> str:
    """What the scheme does, in a sentence or two for people who do not draw lots for a living."""
    match scheme:
        case Complete():
            return f"Each family by itself, with chances in the ratio {_ratio(scheme)}. The arms may drift apart."
        case PermutedBlocks(sizes=sizes):
            return _describe_blocks(scheme, sizes)
        case BigStick(limit=limit):
            return (
                f"A fair coin for each family, until one arm is {limit} ahead within the stratum: "
                "then the next family goes to the other arm for certain."
            )
        case EfronCoin(p=p):
            return f"A coin that falls on the smaller arm with chance {p}; a fair coin when the arms are level."
        case WeiUrn(alpha=alpha, beta=beta):
            return (
                f"An urn with {alpha} balls for each arm; every family allocated adds {beta} for the other arm. "
                "It leans towards the smaller arm, less and less as families come."
            )
        case MaximalProcedure(limit=limit, n=n):
            return (
                f"One of all sequences of {n} in which the arms never differ by more than {limit} and end as level as "
                f"can be, each equally likely. It cannot go on after {n} families in a stratum."
            )
        case Minimisation():
            return _describe_minimisation(scheme)
        case FromList(rows=rows):
            listed = ", ".join(f"{len(places)} for {stratum or 'all'}" for stratum, places in rows.items())
            many = listed or "it is uploaded before the lock"
            return f"Places drawn elsewhere and taken in the order of the list: {many}. How they were drawn is not known."
        case _:
            return f"The scheme {scheme.name}."


def _describe_minimisation(scheme: Minimisation) -> str:
    factors = ", ".join(f"{factor} (weight {weight})" for factor, weight in scheme.weights.items())
    text = (
        f"Each family leans, with chance {scheme.p}, to the arm that would leave these most level over all families so "
        f"far: {factors}. Imbalance is the {scheme.measure} over the arms; where arms tie, chance follows the ratio "
        f"{_ratio(scheme)}."
    )
    if scheme.p == 1:
        text += " With a chance of 1 whoever knows the families so far can foresee nearly every arm: choose less."
    return text


def _describe_blocks(scheme: Scheme, sizes: tuple[int, ...]) -> str:
    listed = " or ".join(map(str, sizes))
    chosen = f"of {listed}" if len(sizes) == 1 else f"of {listed}, each size drawn by chance"
    text = f"Families are allocated in blocks {chosen}; within each block the arms stand in the ratio {_ratio(scheme)}."
    if sum(scheme.ratio) in sizes and scheme.arms == 2:
        text += f" A block of {sum(scheme.ratio)} is so short that its last place is easily foreseen."
    return text


def _ratio(scheme: Scheme | Minimisation) -> str:
    return ":".join(map(str, scheme.ratio))
