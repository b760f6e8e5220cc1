"""One answer from several completed data sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf, isfinite, sqrt

import numpy as np

from attunement.impact.asked import is_number, said, share
from attunement.impact.curves import normal_p, t_p, t_reach
from attunement.impact.edge import Floats
from attunement.impact.errors import ImpactError
from attunement.impact.estimate import Estimate


def pool(estimates: Sequence[Estimate], *, complete_df: float | None = None, level: float = 0.95) -> Estimate:
    """Rubin's rules for the same quantity from m >= 2 completed sets, with Barnard and Rubin's degrees of freedom.

    `complete_df` is what a set without any missing value would have (n - p over all families); without it, the
    estimates' own df where they have one, else Rubin's df of 1987. `extras`: within, between, total (variances),
    fmi (the share of information missing), riv (relative increase of variance), m. ImpactError for fewer than two
    sets, a set without a value or a standard error, or sets of different quantities.
    Sources: Rubin 1987, Multiple Imputation, eqs. 3.1.2-3.1.10; Barnard and Rubin 1999, Biometrika 86:948, eq. 3.
    """
    if not isinstance(estimates, Iterable) or isinstance(estimates, str):
        raise ImpactError(f"pool takes a list of estimates, not {said(estimates)}.")
    sets = list(estimates)
    if not all(isinstance(one, Estimate) for one in sets):
        raise ImpactError("pool takes estimates, such as the effect of a fit to each completed set.")
    if len(sets) < 2:
        raise ImpactError(f"pool needs two completed sets or more, not {len(sets)}.")
    share(level)
    if len({(one.term, one.estimand) for one in sets}) > 1:
        raise ImpactError("pool takes estimates of one term and one estimand: these are several.")
    if any(one.value is None or one.se is None or not isfinite(one.value) or not isfinite(one.se) for one in sets):
        raise ImpactError("pool needs a value and a standard error from every completed set.")
    if complete_df is None:
        own = [one.df for one in sets if one.df is not None]
        complete_df = min(own) if own else inf
    if not ((isinstance(complete_df, float) and complete_df == inf) or (is_number(complete_df) and complete_df > 0)):
        raise ImpactError(f"complete_df is a positive number, not {said(complete_df)}.")
    values = np.array([one.value for one in sets], dtype=np.float64)
    variances = np.array([one.se for one in sets], dtype=np.float64) ** 2
    return rubin(values, variances, complete_df, sets[0], level)


def rubin(values: Floats, variances: Floats, complete_df: float, like: Estimate, level: float = 0.95) -> Estimate:
    """The same from `values` and `variances` (m,), under the name and counts of `like`."""
    m = values.size
    value, within = float(values.mean()), float(variances.mean())
    between = float(values.var(ddof=1))
    added = (1 + 1 / m) * between
    total = within + added
    df = _barnard_rubin(added / total if total > 0 else 0.0, m, complete_df)
    se = sqrt(total)
    reach = t_reach(df, level) * se if isfinite(df) else t_reach(1e15, level) * se
    p = None if se == 0 else t_p(value / se, df) if isfinite(df) else normal_p(value / se)
    riv = added / within if within > 0 else inf
    fmi = (riv + 2 / (df + 3)) / (riv + 1) if isfinite(riv) else 1.0
    extras = {"within": within, "between": between, "total": total, "fmi": fmi, "riv": riv, "m": float(m)}
    limits = "" if level == 0.95 else f", {100 * level:g} % limits"
    method = f"{like.method}; pooled over {m} completed sets by Rubin's rules, Barnard-Rubin degrees of freedom{limits}"
    return replace(
        like, value=value, se=se, df=df if isfinite(df) else None, low=value - reach, high=value + reach, p=p,
        method=method, extras=extras,
    )  # fmt: skip


def _barnard_rubin(share: float, m: int, complete_df: float) -> float:
    """`share` is (1 + 1/m)B/T."""
    old = (m - 1) / share**2 if share**2 > 0 else inf
    if not isfinite(complete_df):
        return old
    observed = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
    if observed == 0:
        return old
    return 1 / (1 / old + 1 / observed)
