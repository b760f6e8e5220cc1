"""Rehearsed programmes as a trial of cost and effect: each family's exact cost, its scores, and the truth of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from attunement import allocation, cost, instruments, study
from attunement.impact import impute
from attunement.rehearsal import Truth, rehearse
from attunement.rehearsal.scales import scales_of
from tests.rehearsal.notebook import Notebook

VIG = study.load("vig")
WARMTH = instruments.load("demo_warmth")
POINTS_A_SD = scales_of(WARMTH, Truth().reliability)[0].sd
"""What one standard deviation of the control arm's warmth is in points, as the rehearsal makes it."""


class Allocating(Notebook):
    """A notebook that draws each family's arm by the study's own scheme, within its site."""

    def __init__(self, seed: int) -> None:
        super().__init__(VIG)
        self._scheme = allocation.parse(VIG.allocation.scheme, VIG.allocation.ratio)
        self._seed, self.drawn = seed.to_bytes(32, "big"), {}

    def _allocate(self, *, family):
        self.allocated[family] = self.now.date()
        history = self.drawn.setdefault(family[0], {})
        history[family] = self._scheme.draw(list(history.values()), allocation.Source(self._seed, family[0]))
        return VIG.arms[history[family]].code

    def _due(self, site):
        """Nobody: the authorities' returns are not looked at here, and cost most of the time."""
        return []


@dataclass(frozen=True)
class Rehearsed:
    """`data`: family, site, arm (1: programme), before, after, own, cost (pounds). `total`: the exact cost of it all,
    `summed` that of all families; `share` is what each family of the programme bears of what is told by no family.
    """

    data: pl.DataFrame
    total: Fraction
    summed: Fraction
    share: float

    @property
    def own(self) -> pl.Series:
        """What each family of the programme used itself."""
        return self.data.filter(pl.col("arm") == 1)["own"]


@dataclass(frozen=True)
class Held:
    """Of one programme: do the limits of cost, effect and net benefit at the true ratio hold the truth, and does the
    acceptability curve there lie within .025 and .975?"""

    cost: bool
    effect: bool
    net_benefit: bool
    curve: bool


def programme(seed: int, effect: float, families: int) -> Rehearsed:
    """One programme from a known truth, its families' answers scored and their costs counted from what was done."""
    notes = Allocating(seed)
    rehearse(VIG, notes, families=families, seed=seed, truth=Truth(effect=effect, films=0))
    data, given = _scored(notes), _costing(notes)
    offered = data.filter(pl.col("arm") == 1)["family"].to_list()
    made, sessions = given
    found = cost.by_family(made, sessions, families=data["family"].to_list(), offered=offered)
    money = {name: [float(getattr(one, name)) for one in found] for name in ("own", "cost")}
    return Rehearsed(data.with_columns(pl.Series(name, values) for name, values in money.items()), made.total(),
                     sum((one.cost for one in found), Fraction(0)), float(max(one.share for one in found)))


def joined(one: Rehearsed) -> cost.Joint:
    """Cost and effect together, as the report takes them: missing outcomes imputed by arm."""
    filled = one.data.with_columns(pl.col("before").fill_null(pl.col("before").mean()))
    sets = impute(filled, outcome="after", arm="arm", covariates=["before", "cost"], site="site", m=20, seed=1,
                  family="family")
    return cost.joint(filled, cost="cost", effect="after", arm="arm", covariates_cost=["site"],
                      covariates_effect=["before", "site"], imputed=sets)


def holds(programmes: Sequence[Rehearsed], effect: float) -> list[Held]:
    """Each programme held against the truth: the effect put in, and the cost that a family is expected to have, which is
    what families use on average over all these programmes, with its own programme's share of the rest."""
    used = float(pl.concat([one.own for one in programmes]).mean())
    found = []
    for one in programmes:
        together, better, dearer = joined(one), effect * POINTS_A_SD, used + one.share
        at = cost.decision(together, [dearer / better]).choices[1]
        found.append(Held(together.cost.low <= dearer <= together.cost.high,
                          together.effect.low <= better <= together.effect.high, at.low <= 0 <= at.high,
                          0.025 <= at.probability <= 0.975))
    return found


def _scored(notes: Allocating) -> pl.DataFrame:
    given: dict[tuple[str, str], dict[int, int]] = {}
    for call in notes.told("answer"):
        if call["given"].instrument == WARMTH.slug and call["given"].text != "skip":
            given.setdefault((call["family"], call["time_point"]), {})[call["given"].item] = int(call["given"].text)
    totals = {place: sum(item.low + item.high - told[item.number] if item.direction != "forward" else told[item.number]
                         for item in WARMTH.items)
              for place, told in given.items() if len(told) == len(WARMTH.items)}
    rows = [(family, site, float(VIG.arms[arm].receives_programme), totals.get((family, "baseline")),
             totals.get((family, "four_months"))) for site, arms in notes.drawn.items() for family, arm in arms.items()]
    return pl.DataFrame(rows, orient="row", schema={"family": pl.String, "site": pl.String, "arm": pl.Float64,
                                                    "before": pl.Float64, "after": pl.Float64})


def _costing(notes: Allocating) -> tuple[cost.Costing, pl.DataFrame]:
    last = {(call["family"], call["number"]): call for call in notes.told("record_session")}
    ends = len(VIG.delivery.sessions)
    rows = []
    for (family, number), call in last.items():
        spent = call["minutes"]
        rows.append((family, "closing" if number == ends else "other", call["state"],
                     *((spent.session, spent.travel, spent.preparation) if spent else (None, None, None))))
    minutes = ("minutes", "travel_minutes", "preparation_minutes")
    sessions = pl.DataFrame(rows, orient="row", schema=dict.fromkeys(("family", "kind", "state"), pl.String)
                            | dict.fromkeys(minutes, pl.Int64))
    supervision = pl.DataFrame({"minutes_held": [call["minutes"] for call in notes.told("hold_supervision")]},
                               schema={"minutes_held": pl.Int64})
    logged = pl.DataFrame([(call["category"], call["minutes"]) for call in notes.told("log_time")], orient="row",
                          schema={"category": pl.String, "minutes": pl.Int64})
    people = sorted({call["practitioner"] for call in notes.told("log_time", "assign", "hand_over")})
    staff = cost.staff_time(sessions, supervision, logged,
                            categories=tuple(one.code for one in VIG.costs if one.per == "hour"))
    offered = pl.DataFrame({"family": [family for arms in notes.drawn.values() for family, arm in arms.items()
                                       if VIG.arms[arm].receives_programme]})
    trained = pl.DataFrame({"practitioner": people, "trained_on": ["yes"] * len(people)})
    return cost.costing(VIG, cost.delivered(offered, sessions, trained, staff)), sessions
