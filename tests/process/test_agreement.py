"""Agreement statistics, held to the reference at 1e-9."""

from typing import Any

import pytest

from attunement import process
from attunement.process import ProcessError
from tests.cost.reference import ORACLE

WANTED = ORACLE["agreement"]


def test_kappa_plain_and_weighted() -> None:
    for case in WANTED["kappa"]:
        found = process.kappa(case["table"])
        assert found.value == pytest.approx(case["kappa"], abs=1e-9)
        assert "se" not in case or found.se == pytest.approx(case["se"], abs=1e-9)
    table = WANTED["kappa"][1]["table"]
    for weights in ("linear", "quadratic"):
        assert process.kappa(table, weights).value == pytest.approx(WANTED["kappa"][1][weights], abs=1e-9)


def test_kappa_of_ratings_is_that_of_their_table() -> None:
    first = ["a"] * 25 + ["b"] * 25 + ["a", None]
    second = ["a"] * 20 + ["b"] * 5 + ["a"] * 10 + ["b"] * 15 + [None, "b"]
    found = process.kappa_of(first, second)
    assert (found.value, found.n) == (pytest.approx(0.4), 50)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_krippendorff_s_alpha_at_every_level(level: Any) -> None:
    ratings = WANTED["krippendorff"]["coders_by_units"]
    assert process.alpha(ratings, level).value == pytest.approx(WANTED["krippendorff"][level], abs=1e-9)
    assert process.alpha([row[::-1] for row in ratings[::-1]], level).value == pytest.approx(
        WANTED["krippendorff"][level], abs=1e-9)


def test_fleiss_kappa() -> None:
    found = process.fleiss(WANTED["fleiss"]["subjects_by_categories"])
    assert found.value == pytest.approx(WANTED["fleiss"]["kappa"], abs=1e-9)


def test_constant_ratings_are_undefined_and_never_one_or_nought() -> None:
    for found in (process.kappa([[9, 0], [0, 0]]), process.alpha([[1, 1], [1, 1]]), process.fleiss([[3, 0], [3, 0]]),
                  process.alpha([[1, None], [None, 1]])):  # fmt: skip
        assert found.value is None and found.note


@pytest.mark.parametrize(("make", "sentence"), [
    (lambda: process.kappa([[1, 2, 3], [1, 2, 3]]), "as many rows"),
    (lambda: process.kappa([[1], [1, 2]]), "the same length"),
    (lambda: process.kappa([[1, -2], [1, 2]]), "none below zero"),
    (lambda: process.kappa([[0, 0], [0, 0]]), "at least one above"),
    (lambda: process.kappa_of([1], [1, 2]), "1 and 2 units"),
    (lambda: process.fleiss([[1, 2], [2, 2]]), "the same number"),
    (lambda: process.alpha([[1, 2], [1]]), "an entry for every unit"),
    (lambda: process.alpha([["a", "b"], ["b", "b"]], "interval"), "wants numbers"),
    (lambda: process.alpha([[-1, 2], [1, 2]], "ratio"), "0 or more"),
    (lambda: process.alpha([[1, 2], [1, 2]], "mean"), "not 'mean'"),
])  # fmt: skip
def test_what_has_no_agreement(make: Any, sentence: str) -> None:
    with pytest.raises(ProcessError, match=sentence):
        make()
