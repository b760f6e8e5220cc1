"""A share of the spoilt films; all two thousand are tried, each in a process that is watched, by a bench of that name."""

import time

import pytest

from tests.film.mutants import mutant, tried


@pytest.mark.parametrize("seed", range(30))
def test_a_spoilt_film_is_used_or_refused_in_a_sentence(seed):
    before = time.process_time()
    for answer in tried(mutant(seed)):
        assert answer == "used" or (answer.endswith(".") and "\n" not in answer and "Error" not in answer)
    assert time.process_time() - before < 10
