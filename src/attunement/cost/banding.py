"""Cost bands of two funders, as dated data: a file each in `bands`, with version, source and the day it was read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from importlib import resources

from attunement.cost.errors import CostError
from attunement.cost.resources import Number, exact


@dataclass(frozen=True)
class Band:
    """The band of a cost: its rank from 1 (cheapest), in words, and whose scale of which version it is."""

    scheme: str
    version: str
    source: str
    read_on: date
    unit: str
    rank: int
    words: str


def schemes() -> list[str]:
    """The scales there are, by name."""
    return sorted(file.name.removesuffix(".toml") for file in _folder().iterdir() if file.name.endswith(".toml"))


def band(cost: Number, scheme: str) -> Band:
    """The band of `cost` (pounds per the scheme's unit). CostError: no such scheme, or a cost below zero."""
    if scheme not in schemes():
        raise CostError(f"There is no scale of cost bands called '{scheme}'; there are {', '.join(schemes())}.")
    data = tomllib.loads((_folder() / f"{scheme}.toml").read_text(encoding="utf-8"))
    amount = exact(cost, "A cost")
    for row in data["bands"]:
        if "below" in row and amount >= Fraction(row["below"]):
            continue
        if "up_to" in row and amount > Fraction(row["up_to"]):
            continue
        return Band(data["name"], data["version"], data["source"], data["read_on"], data["unit"], row["rank"],
                    row["words"])
    raise CostError(f"The scale '{scheme}' has no band for {float(amount):g}.")


def _folder() -> resources.abc.Traversable:
    return resources.files("attunement.cost") / "bands"
