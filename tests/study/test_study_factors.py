"""A study may allocate by factors of its own: strata, minimisation, a list."""

from __future__ import annotations

from fractions import Fraction

import pytest

from attunement.allocation import Minimisation, PermutedBlocks
from attunement.study import StudyError, diff
from attunement.study.amendments import for_later_families
from attunement.study.strata import levels, most_places, rule, strata
from tests.study.conftest import Bench

SITE = 'strata = ["site"]'
HELP = 'factors = [{ code = "help", title = "Help so far", levels = ["little", "much"] }]'
BLOCKS = 'scheme = "blocks:4,6"'


def by(*codes: str, more: str = HELP) -> tuple[str, str]:
    return SITE, f"strata = [{', '.join(f'{code!r}' for code in codes)}]\n{more}"


def minimised(*, scheme: str = "minimisation:range,4/5", names: str = '{ code = "site" }, { code = "help", weight = 0.5 }'):
    return (BLOCKS, f'scheme = "{scheme}"'), by(more=f"{HELP}\nminimise = [{names}]")


def test_strata_go_beyond_the_site(bench: Bench) -> None:
    study = bench.study(by("site", "help"))
    assert strata(study) == ["N/little", "N/much", "S/little", "S/much"]
    assert levels(study)["help"] == ("little", "much")
    assert strata(bench.study()) == ["N", "S"]
    assert most_places(study) == 20 and most_places(bench.study(by("help"))) == 40
    assert bench.problems(by("site", "help")) == []


def test_minimisation_has_its_factors_and_weights_from_the_study_file(bench: Bench) -> None:
    found = rule(bench.study(*minimised()), 40)
    assert found == Minimisation({"site": ("N", "S"), "help": ("little", "much")}, {"site": 1, "help": 0.5})
    assert isinstance(found, Minimisation) and found.p == Fraction(4, 5)
    assert bench.problems(*minimised()) == []


def test_a_list_is_uploaded_and_never_lies_beside_the_study_file(bench: Bench) -> None:
    assert rule(bench.study((BLOCKS, 'scheme = "list"')), 20) is None
    assert bench.problems((BLOCKS, 'scheme = "list"')) == []
    assert any("lies open" in text for text in bench.problems((BLOCKS, 'scheme = "list:places.csv"')))
    assert isinstance(rule(bench.study(), 20), PermutedBlocks)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([by("site", "hepl")], "hepl is not a stratum that is known"),
        ([by("site", "notes")], "notes is free text, which is never a stratum"),
        ([by("site", "site")], "named twice"),
        ([by("help")], "site is not a stratum"),
        ([by("site", more='factors = [{ code = "notes", title = "N", levels = ["a", "b"] }]')], "notes cannot be a factor"),
        ([by("site", more='factors = [{ code = "site", title = "N", levels = ["a", "b"] }]')], "site cannot be a factor"),
        ([by("site", more='factors = [{ code = "x", title = "N", levels = ["a", "a"] }]')], "has a level twice"),
        ([by("site", more='minimise = [{ code = "language" }]')], "is not minimisation"),
        (minimised(names='{ code = "name" }'), "name is free text, which is never a factor of minimisation"),
        (minimised(names='{ code = "hlep" }'), "hlep is not a factor of minimisation that is known"),
        (minimised(names='{ code = "help" }'), "site is not a stratum"),
        (minimised(scheme="minimisation:mean,0.8"), "should be a measure"),
        (minimised(scheme="minimisation:range,1"), "most arms can be foreseen"),
        ([(BLOCKS, 'scheme = "minimisation:range,0.8"')], "one factor or more"),
        ([(BLOCKS, 'scheme = "blocks:2,4"')], "its last place is easily foreseen"),
    ],
)
def test_what_cannot_be_allocated_by_is_said(bench: Bench, changes: list[tuple[str, str]], said: str) -> None:
    assert any(said in text for text in bench.problems(*changes)), bench.problems(*changes)


def test_more_strata_than_can_be_filled_are_told_with_the_numbers(bench: Bench) -> None:
    many = 'factors = [{ code = "help", title = "H", levels = ["a", "b", "c", "d", "e", "f"] }]'
    (problem,) = bench.problems(by("site", "help", more=many))
    assert "split by 6 levels of help, North has about 3.3 families a stratum and South has about 3.3" in problem
    assert "at least 4 are wanted" in problem


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('factors = [{ code = "help", title = "H", levels = ["one"] }]', "a list of at least 2"),
        ('factors = [{ code = "help", title = "H", levels = ["one", "Two words"] }]', "small letters"),
        ('minimise = [{ code = "site", weight = 0 }]', "above 0"),
    ],
)
def test_a_malformed_factor_is_refused_with_its_place(bench: Bench, more: str, said: str) -> None:
    with pytest.raises(StudyError, match=said):
        bench.study(by("site", more=more))


def test_an_amendment_of_the_factors_holds_for_later_families(bench: Bench) -> None:
    before, after = bench.study(*minimised()), bench.study(*minimised(names='{ code = "site", weight = 2 }'))
    told = for_later_families(before, after, allocated=True)
    assert told[0].startswith("The weights of minimisation go from site 1 and help 0.5 to site 2 for later families")
    assert any("minimised factor" in sentence for sentence in diff(before, after))
