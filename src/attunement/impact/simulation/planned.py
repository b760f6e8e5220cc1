"""A trial as it is planned: what is simulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import scipy
from numpy.typing import NDArray

from attunement.allocation import AllocationError, Minimisation, Scheme, parse
from attunement.impact.asked import is_number, names, option, said, whole
from attunement.impact.edge import Floats
from attunement.impact.errors import ImpactError

Whole = NDArray[np.int64]
CONTINUOUS, BINARY = "continuous", "binary"
ANALYSES = {
    "partially_nested": "Nested, Satterthwaite",
    "partially_nested_kenward_roger": "Nested, Kenward-Roger",
    "partially_nested_by_rule": "Nested, Kenward-Roger at zero variance, else Satterthwaite",
    "ancova": "ANCOVA, practitioners ignored",
}


@dataclass(frozen=True)
class Design:
    """A two-arm trial with families allocated 1:1 within sites, and practitioners in arm 1 only.

    Sites are as equal as can be; the practitioners are spread over the sites, and the families of arm 1 go to those
    of their site in turn. `baseline_correlation` is that of baseline and outcome; `dropout` the share whose outcome is
    lost, at random. The outcome's SD in the control arm is 1, and the practitioner variance is ADDED to it in arm 1:
    it equals `icc`. `effect` is in control SDs; for a binary outcome it is the difference of the two risks, where
    `control_risk` is that of arm 0 and the continuous outcome is latent. `scheme` is written as in a study file, such
    as "blocks:4". `analyses`: names of ANALYSES.
    """

    families: int
    sites: int = 4
    practitioners: int = 20
    icc: float = 0.05
    baseline_correlation: float = 0.6
    dropout: float = 0.25
    effect: float = 0.0
    outcome: str = CONTINUOUS
    scheme: str | Scheme = "blocks:4"
    analyses: Sequence[str] = ("partially_nested",)
    control_risk: float = field(default=0.3, kw_only=True)

    def __post_init__(self) -> None:
        asked = [self.analyses] if isinstance(self.analyses, str) else self.analyses
        object.__setattr__(self, "analyses", tuple(names(asked, "analyses")))
        for name in ("families", "sites", "practitioners"):
            object.__setattr__(self, name, whole(getattr(self, name), name, 1))
        for name, low, high in _RANGES:
            share = getattr(self, name)
            if not is_number(share) or not low <= share < high:
                raise ImpactError(f"{name} is a number from {low} to below {high}, not {said(share)}.")
        self._check_words()

    def _check_words(self) -> None:
        unknown = [name for name in self.analyses if name not in ANALYSES]
        if unknown or not self.analyses:
            raise ImpactError(f"analyses are {', '.join(ANALYSES)}, not '{unknown[0] if unknown else 'none'}'.")
        option(self.outcome, (CONTINUOUS, BINARY), "outcome")
        if not isinstance(self.scheme, str | Scheme):
            raise ImpactError(f"scheme is written as in a study file, such as 'blocks:4', not {said(self.scheme)}.")
        if self.families < 2 * self.sites + 6:
            raise ImpactError(f"{self.families} families in {self.sites} sites are too few to fit the model.")
        if self.practitioners < 2:
            raise ImpactError("One practitioner's own effect cannot be told from the programme's: plan two at least.")
        if self.outcome == BINARY and not 0 < self.control_risk + self.effect < 1:
            raise ImpactError("control_risk and control_risk + effect are both between 0 and 1.")
        try:
            _ = self.rule
        except AllocationError as fault:
            raise ImpactError(f"scheme: {fault}.") from fault

    @property
    def rule(self) -> Scheme:
        """The scheme as an object."""
        made = self.scheme if isinstance(self.scheme, Scheme) else parse(self.scheme, n=-(-self.families // self.sites))
        if isinstance(made, Minimisation):
            raise AllocationError("minimisation looks at factors that a design does not have")
        return made

    @cached_property
    def site(self) -> Whole:
        """The site of each family, in order of arrival within site (families,)."""
        return np.repeat(np.arange(self.sites), [len(part) for part in np.array_split(range(self.families), self.sites)])

    @cached_property
    def staff(self) -> tuple[Whole, Whole]:
        """For each site, where its practitioners begin in the list of all, and how many they are."""
        if self.practitioners < self.sites:
            return np.arange(self.sites) % self.practitioners, np.ones(self.sites, dtype=np.int64)
        counts = np.array([len(part) for part in np.array_split(range(self.practitioners), self.sites)])
        return np.concatenate([[0], np.cumsum(counts)[:-1]]), counts

    @property
    def cuts(self) -> Floats:
        """For a binary outcome, the latent score above which it is 1, in arm 0 and arm 1; empty for a continuous one."""
        if self.outcome == CONTINUOUS:
            return np.empty(0)
        spread = np.sqrt([1.0, 1.0 + self.icc])
        return np.asarray(spread * scipy.special.ndtri(1 - self.control_risk - np.array([0.0, self.effect])))


_RANGES = (
    ("icc", 0, 100),
    ("baseline_correlation", -1, 1),
    ("dropout", 0, 0.9),
    ("effect", -10, 10),
    ("control_risk", 0.001, 1),
)
