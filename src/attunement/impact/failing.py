"""A fit that cannot be had is a result with a flag and a reason: raised deep inside, answered at the public door."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from attunement.impact.estimate import Estimate, Fit
from attunement.impact.flags import Flag, Flagged

P = ParamSpec("P")
F = TypeVar("F", bound=Fit)


class Unfit(Exception):
    """No estimate exists for these data; `reason` is a clause without a full stop."""

    def __init__(self, flag: Flag, reason: str, by_arm: tuple[int, int] = (0, 0), missing: int = 0) -> None:
        super().__init__(reason)
        self.flag, self.reason, self.by_arm, self.missing = flag, reason, by_arm, missing


def answers_failure(function: Callable[P, Fit]) -> Callable[P, Fit]:
    """Turns `Unfit` into a Fit whose effect is None, under the arm's (or else the outcome's) name."""

    @wraps(function)
    def answered(*args: P.args, **asked: P.kwargs) -> Fit:
        try:
            return function(*args, **asked)
        except Unfit as fault:
            term = str(asked.get("arm") or asked.get("outcome") or function.__name__)
            return failed(fault, term=term, estimand=str(asked.get("outcome", "")), method=function.__name__)

    return answered


def failed(fault: Unfit, *, term: str, estimand: str, method: str) -> Fit:
    """The result that says why there is none."""
    effect = Estimate(term, estimand, None, method=method, n=sum(fault.by_arm), n_by_arm=fault.by_arm)
    return Fit(effect, (effect,), diagnostics={"missing": fault.missing}, flagged=(Flagged(fault.flag, fault.reason),))
