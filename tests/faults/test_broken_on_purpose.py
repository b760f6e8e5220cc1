"""A share of what `make faults` does to allocation, and that its check of order can fail."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faults.real_time_order import Done, faults, out_of_order
from tests.servers import postgres_programs

INTERVALS = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9), st.integers(0, 6)).map(
    lambda each: (each[0], each[1], each[1] + each[2])), max_size=5)


@pytest.mark.parametrize("words", [
    ("share", "1"),
    pytest.param(("allocation_kills", "20", "postgresql"), marks=[
        pytest.mark.postgres, pytest.mark.skipif(postgres_programs() is None, reason="PostgreSQL is not installed")]),
], ids=["sqlite", "postgresql"])
def test_killed_cut_off_and_without_room_nothing_acknowledged_is_lost(words: tuple[str, ...]):
    module, *rest = words
    done = subprocess.run([sys.executable, "-m", f"tests.faults.{module}", *rest], text=True, capture_output=True,
                          cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stdout + done.stderr


@given(INTERVALS)
@settings(max_examples=200, deadline=None)
def test_the_order_check_agrees_with_trying_every_order(intervals):
    def possible(order) -> bool:
        ranks = [rank for rank, _began, _ended in order]
        starts = [max(began for _rank, began, _ended in order[:number + 1]) for number in range(len(order))]
        return ranks == sorted(ranks) and all(start <= each[2] for start, each in zip(starts, order, strict=True))

    assert (out_of_order(intervals) is None) == any(map(possible, permutations(intervals)))


HISTORY = [Done("press", "A", "A001", 1, 0, 10), Done("press", "A", "A002", 2, 5, 20), Done("count", "A", "", 2, 21, 22),
           Done("press", "A", "A001", 1, 30, 31), Done("late", "A", "A002", 0, 25, 26)]


def test_a_history_in_order_passes_and_each_kind_of_disorder_is_told():
    assert not faults(HISTORY)
    first, second, count, again, late = HISTORY
    assert "gap" in faults([first, replace(second, result=3), again])[0]
    assert "real time" in faults([replace(first, began=21, ended=25), replace(again, began=26), second, late])[0]
    assert "real time" in faults([first, second, replace(count, result=1)])[0]
    assert "another family" in faults([first, replace(second, result=1)])[0]
    assert "before anybody" in faults([first, replace(second, began=30, ended=40), late])[0]
