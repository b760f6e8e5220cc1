"""The lock certificate: what was promised when a scheme was locked, for others to keep."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from importlib import resources
from typing import Any

from attunement.allocation.errors import AllocationError

_TEXTS = ("study", "scheme", "description", "commitment", "public_key", "software", "locked_at", "set_up_by", "locked_by")


@dataclass(frozen=True)
class LockCertificate:
    """What two people locked, and when. It gives away neither seed nor salt, but it does name the scheme.

    scheme: as the study file writes it. description: the scheme in English. places: stratum -> places planned.
    commitment and public_key: 64 hexadecimal figures each. locked_at: ISO 8601 with its offset from UTC.
    assessment: the figures of `assess(...).to_dict()` for the largest stratum; empty where there are none.
    """

    study: str
    version: int
    scheme: str
    description: str
    ratio: tuple[int, ...]
    arms: tuple[str, ...]
    places: Mapping[str, int]
    commitment: str
    public_key: str
    software: str
    locked_at: str
    set_up_by: str
    locked_by: str
    assessment: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not all(isinstance(getattr(self, name), str) for name in _TEXTS) or not isinstance(self.version, int):
            raise AllocationError("a lock certificate has a text or a number of the wrong kind")
        for name in ("commitment", "public_key"):
            figures = getattr(self, name)
            if len(figures) != 64 or not set(figures) <= set("0123456789abcdef"):
                raise AllocationError(f"the {name.replace('_', ' ')} of a lock certificate is 64 hexadecimal figures")
        if self.moment.tzinfo is None:
            raise AllocationError("the time of a lock certificate needs its offset, as in 2021-07-01T09:00:00+01:00")
        for name in ("ratio", "arms"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if len(self.ratio) != len(self.arms) or not self.places:
            raise AllocationError("a lock certificate names each arm with its part of the ratio, and every stratum")

    @property
    def moment(self) -> datetime:
        """When it was locked. Raises AllocationError."""
        try:
            return datetime.fromisoformat(self.locked_at)
        except ValueError:
            raise AllocationError(f"{self.locked_at!r} is no time, as in 2021-07-01T09:00:00+01:00") from None

    def to_json(self) -> str:
        """The certificate for a program; `attunement allocation verify LOG --key` takes it."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> LockCertificate:
        """What `to_json` wrote. Raises AllocationError."""
        try:
            told = json.loads(text)
            return cls(**{each.name: told[each.name] for each in fields(cls)})
        except AllocationError:
            raise
        except (ValueError, TypeError, KeyError, RecursionError):
            raise AllocationError("this is no lock certificate: one is JSON with study, scheme, commitment …") from None


def certificate_pdf(certificate: LockCertificate) -> bytes:
    """The certificate on paper: PDF/UA-1, the same bytes for the same certificate."""
    import typst

    template = resources.files("attunement.allocation").joinpath("certificate.typ").read_bytes()
    told = {**asdict(certificate), "locked_at": certificate.moment.strftime("%d %B %Y, %H:%M:%S %z").lstrip("0")}
    told["figures"] = figures_of(certificate.assessment, certificate.ratio)
    made = typst.compile(template, format="pdf", pdf_standards=["ua-1"], ignore_system_fonts=True,
                         timestamp=int(certificate.moment.timestamp()),
                         sys_inputs={"certificate": json.dumps(told, ensure_ascii=False)})
    return bytes(made)


_SAID = {
    "n": "Places assessed in a stratum",
    "guess": "Share guessed right by whoever names the arm that is behind",
    "deterministic": "Share of places that are certain beforehand",
    "balance": "Share of places after which the arms are level",
    "sd": "Standard deviation of the difference between arms at the end",
    "mean_abs": "Mean size of that difference",
    "max_abs": "Largest size of that difference",
    "worst_margin": "Mean of the largest within a level of a factor",
    "runs": "Made-up trials that these figures are from",
}
_OFF_ITS_SHARE = {
    "guess": "Share guessed right by whoever names the arm furthest below its share",
    "balance": "Share of places after which every arm is at its share",
    "sd": "Standard deviation of an arm's distance from its share at the end",
    "mean_abs": "Mean of that distance",
    "max_abs": "Largest such distance",
}
"""What is said otherwise of unequal ratios, and of three arms and more."""


def figures_of(assessment: Mapping[str, Any], ratio: Sequence[int]) -> list[list[str]]:
    """What the paper says of each figure, and the figure with its standard error where it has one."""
    said = _SAID if len(ratio) == 2 and len(set(ratio)) == 1 else _SAID | _OFF_ITS_SHARE
    if assessment.get("worst_margin") is not None:
        said = said | {"guess": "Share guessed right by whoever knows every family so far"}
    return [[words, _written(assessment[name]) + _error(assessment.get(f"{name}_mc_error"))]
            for name, words in said.items() if assessment.get(name) is not None]


def _written(figure: Any) -> str:
    return f"{figure:.4f}" if isinstance(figure, float) else str(figure)


def _error(figure: float | None) -> str:
    """A figure from made-up trials with its standard error."""
    return "" if figure is None else f" (standard error {figure:.4f})"
