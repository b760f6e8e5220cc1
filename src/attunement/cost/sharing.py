"""What each family cost: what it used itself, and an even share of what cannot be told by family. Exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from attunement.cost.categories import Costing
from attunement.cost.delivered import OWN_TIME
from attunement.cost.errors import CostError

OWN_MINUTES = ("minutes", "travel_minutes", "preparation_minutes")
OWN_STAFF = ("sessions", "travel", "preparation")
"""The same minutes as a costing counts them, under these names."""


@dataclass(frozen=True)
class FamilyCost:
    """A family's cost in pounds: its `own` sessions, travel, preparation and materials, and its `share` of the rest."""

    family: str
    own: Fraction
    share: Fraction

    @property
    def cost(self) -> Fraction:
        return self.own + self.share


def by_family(costs: Costing, sessions: pl.DataFrame, *, families: Sequence[str], offered: Sequence[str],
              shown: Costing | None = None) -> tuple[FamilyCost, ...]:  # fmt: skip
    """The cost of each of `families`, in their order; together they are the costing's total, to the last fraction.

    `sessions` has `family`, `kind`, `state` and minutes, as `delivered` takes it. Own: minutes of sessions with travel
    and preparation at the hourly price of a practitioner's time, each session held, and what is used by family once it
    has started. The rest (start-up, supervision, time logged apart, what is fixed) is shared evenly by those `offered`
    the programme; a family of another arm bears only what it used itself, as a rule nothing. `shown`: the same costing
    from counts as they may be published; own costs are then scaled and the rest is taken from it, so that the mean of a
    family offered is that of the counts shown. CostError: nobody was offered the programme, or somebody is not listed.
    """
    if not offered:
        raise CostError("No family was offered the programme, so there is no cost by family.")
    unlisted = sorted(set(offered) - set(families))
    if unlisted:
        raise CostError("A family offered the programme is not among those whose cost is asked for.")
    entitled, seen = set(offered), shown or costs
    if not seen.delivered.offered:
        raise CostError("Too few families were offered the programme for a cost by family.")
    own = _own(costs, sessions, entitled)
    true, told = own_total(costs) / len(entitled), own_total(seen) / seen.delivered.offered
    scale = told / true if true else Fraction(1)
    used = scale * sum((own.get(family, Fraction(0)) for family in families), Fraction(0)) / len(entitled)
    share = seen.total() / seen.delivered.offered - used
    return tuple(FamilyCost(family, scale * own.get(family, Fraction(0)), share if family in entitled else Fraction(0))
                 for family in families)  # fmt: skip


def own_total(costs: Costing) -> Fraction:
    """What all families together used themselves: minutes of sessions, sessions held, started families' materials."""
    minutes = sum(time.minutes for time in costs.delivered.staff if time.what in OWN_STAFF and time.category == OWN_TIME)
    return (_hourly(costs) * Fraction(minutes, 60) + _per(costs, "session") * costs.delivered.sessions
            + _per(costs, "family") * costs.delivered.started)  # fmt: skip


def _own(costs: Costing, sessions: pl.DataFrame, offered: set[str]) -> dict[str, Fraction]:
    hourly, a_session, a_family = _hourly(costs), _per(costs, "session"), _per(costs, "family")
    counted = sessions.group_by("family").agg(
        spent=pl.sum_horizontal(pl.col(name).fill_null(0).cast(pl.Int64).sum() for name in OWN_MINUTES),
        held=(pl.col("state") == "held").sum(),
    )
    return {family: hourly * Fraction(spent, 60) + a_session * held + (a_family if held and family in offered else 0)
            for family, spent, held in counted.iter_rows()}  # fmt: skip


def _hourly(costs: Costing) -> Fraction:
    """The price of an hour of a practitioner's own time; 0 where the study has none."""
    known = any(one.code == OWN_TIME and one.unit == "hour" for one in costs.prices.resources)
    return costs.prices.unit(OWN_TIME) if known else Fraction(0)


def _per(costs: Costing, unit: str) -> Fraction:
    return sum((costs.prices.unit(one.code) for one in costs.prices.resources if one.unit == unit), Fraction(0))
