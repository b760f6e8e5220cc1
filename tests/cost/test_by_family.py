"""What each family cost: its own use, and an even share of the rest; together the programme's cost, exactly."""

from dataclasses import replace
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attunement.cost import CostError, Costing, by_family, costing, delivered, staff_time
from tests.cost.test_costing import HOURLY, LOGGED, OFFERED, PEOPLE, SESSIONS, SUPERVISION, VIG

EVERYBODY = ["A", "B", "C", "D", "E"]
"""D and E are of the other group."""


def made(sessions: pl.DataFrame = SESSIONS, offered: pl.DataFrame = OFFERED) -> Costing:
    staff = staff_time(sessions, SUPERVISION, LOGGED, categories=HOURLY)
    return costing(VIG, delivered(offered, sessions, PEOPLE, staff))


def test_a_family_bears_what_it_used_and_an_even_share_of_the_rest() -> None:
    found = {one.family: one for one in by_family(made(), SESSIONS, families=EVERYBODY, offered=["A", "B", "C"])}
    assert found["A"].own == Fraction(36) * (50 + 30 + 10 + 40 + 30) / 60 + 2 * Fraction("6.50") + 12
    assert found["B"].own == Fraction(36) * 55 / 60 + Fraction("6.50") + 12
    assert found["C"].own == Fraction(36) * 20 / 60, "nobody was in: the journey alone, and no materials"
    assert found["A"].share == found["B"].share == found["C"].share > 0
    assert found["D"].cost == found["E"].cost == 0
    assert sum(one.cost for one in found.values()) == made().total()


def test_a_family_of_the_other_group_bears_its_own_sessions_and_no_share() -> None:
    crossed = SESSIONS.with_columns(family=pl.col("family").replace("B", "D"))
    found = {one.family: one for one in by_family(made(crossed), crossed, families=EVERYBODY, offered=["A", "B", "C"])}
    assert (found["D"].own, found["D"].share) == (Fraction(36) * 55 / 60 + Fraction("6.50"), 0)
    assert found["B"].own == 0
    assert sum(one.cost for one in found.values()) == made(crossed).total()


visits = st.tuples(st.sampled_from([*EVERYBODY, "elsewhere"]), st.sampled_from(["held", "not_attended", "planned"]),
                   *[st.none() | st.integers(0, 500)] * 3)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(visits, max_size=30), st.integers(1, 5))
def test_the_families_costs_add_up_whatever_was_delivered(rows: list[tuple[object, ...]], offered: int) -> None:
    kinds = dict(SESSIONS.schema)
    names = ("family", "state", "minutes", "travel_minutes", "preparation_minutes")
    sessions = pl.DataFrame([dict(zip(names, row, strict=True)) for row in rows], schema=kinds)
    own = EVERYBODY[:offered]
    costs = made(sessions, pl.DataFrame({"family": own}))
    found = by_family(costs, sessions, families=EVERYBODY, offered=own)
    assert sum((one.cost for one in found), Fraction(0)) == costs.total()


def test_with_the_counts_shown_the_mean_family_is_theirs_and_nobody_who_used_nothing_pays() -> None:
    true = made()
    shown = costing(VIG, replace(true.delivered, offered=5, started=5, completed=0, sessions=5))
    found = by_family(true, SESSIONS, families=EVERYBODY, offered=["A", "B", "C"], shown=shown)
    assert sum((one.cost for one in found), Fraction(0)) / 3 == shown.per_family("offered")
    used = Fraction(36) * 235 / 60 + 5 * Fraction("6.50") + 5 * 12
    assert sum((one.own for one in found), Fraction(0)) / 3 == used / 5, "what they used is that of the counts shown too"
    assert [one.cost for one in found[3:]] == [0, 0]
    plain = by_family(true, SESSIONS, families=EVERYBODY, offered=["A", "B", "C"])
    assert len({one.own / other.own for one, other in zip(found[:3], plain[:3], strict=True)}) == 1


@pytest.mark.parametrize(("offered", "said"), [([], "No family was offered"), (["A", "Z"], "not among those")])
def test_nobody_offered_or_nobody_listed_is_refused(offered: list[str], said: str) -> None:
    with pytest.raises(CostError, match=said):
        by_family(made(), SESSIONS, families=EVERYBODY, offered=offered)
