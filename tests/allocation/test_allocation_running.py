"""A stratum followed place by place gives the arms that drawing from the whole history gives."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attunement.allocation import AllocationError, FromList, Minimisation, Running, Source, describe, parse

FACTORS = {"site": ("A", "B"), "help": ("little", "some", "much")}
SPECS = ["complete", "blocks:4", "blocks:4,6,8", "big_stick:2", "efron:2/3", "wei:0,1", "maximal:3"]
LIST = "stratum,arm,place\nA,usual,9\nB,usual,1\nA,vig,1\nA,usual,2\n"


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SPECS), st.binary(min_size=32, max_size=48), st.text(max_size=5))
def test_running_is_drawing(spec, seed, label):
    scheme, source = parse(spec, n=40), Source(seed, label)
    running, history = Running(scheme, source), []
    for _ in range(40):
        history.append(scheme.draw(history, source))
        assert running.next() == history[-1]
    assert running.places == 40


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["complete", "blocks:6,12"]), st.sampled_from([(1, 2, 3), (2, 2, 2), (5, 1)]), st.text(max_size=5))
def test_running_is_drawing_for_any_ratio(spec, ratio, label):
    scheme, source = parse(spec, ratio), Source(bytes(48), label)
    running, history = Running(scheme, source), []
    for _ in range(30):
        history.append(scheme.draw(history, source))
        assert running.next() == history[-1]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["range", "variance", "sd"]), st.sampled_from([(1, 1), (2, 1), (1, 2, 3)]), st.data())
def test_running_minimisation_is_drawing(measure, ratio, data):
    weights = {"site": Fraction(1, 3), "help": 2}
    scheme, source = Minimisation(FACTORS, weights, measure, 0.8, ratio), Source(bytes(48), "all")
    running, before = Running(scheme, source), []
    for _ in range(12):
        family = {factor: data.draw(st.sampled_from(levels)) for factor, levels in FACTORS.items()}
        assert running.next(family) == scheme.draw(before, family, source)
        before.append((family, scheme.draw(before, family, source)))


def test_a_history_that_was_drawn_before_can_be_put_in():
    scheme, source = parse("blocks:4,6"), Source(bytes(48), "A")
    history = []
    for _ in range(20):
        history.append(scheme.draw(history, source))
    running = Running(scheme, source)
    for arm in history[:9]:
        running.put(arm)
    assert [running.next() for _ in range(11)] == history[9:]
    with pytest.raises(AllocationError, match="see block"):
        for _ in range(20):
            running.put(0)


@pytest.fixture
def places(tmp_path):
    (tmp_path / "list.csv").write_text(LIST)
    return tmp_path / "list.csv"


def test_a_list_is_used_in_the_order_of_its_rows_whatever_number_they_bear(places):
    found, source = FromList(places), Source(bytes(48), "A")
    assert found.arms == 2 and found.rows == {"A": (0, 1, 0), "B": (0,)}
    mine = found.within("A")
    assert [mine.draw((0, 1, 0)[:place], source) for place in range(3)] == [0, 1, 0]
    running = Running(mine, source)
    assert [running.next() for _ in range(3)] == [0, 1, 0]
    for used_up in (running.next, lambda: mine.draw((0, 1, 0), source)):
        with pytest.raises(AllocationError, match="all 3 places"):
            used_up()
    assert "3 for A, 1 for B" in describe(found)


def test_a_list_is_bound_to_its_rows_and_has_the_study_s_arms(places):
    studys = FromList(places, ("vig", "usual"), strata=("A", "B"), least=1)
    assert studys.rows["A"] == (1, 0, 1)
    assert studys.name != FromList(places).name
    assert FromList.of(studys.rows, ("vig", "usual")) == studys
    assert parse(f"list:{places}", arms=("vig", "usual")) == studys


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "row 1: the header"),
        ("arm,arm\nx,y", "row 1: the header"),
        ("stratum;arm\nA;x", "row 1: the header"),
        ("stratum,arm", "no rows"),
        ("stratum,arm\nA,vig\nA,other", "row 3: 'other' is no arm"),
        ("stratum,arm\nA,vig\nC,usual", "row 3: 'C' is no stratum"),
        ("stratum,arm\nA,vig,1", "row 2: it has 3 cells"),
        ("stratum,arm\nA,", "row 2: the arm is empty"),
        ("stratum,arm\n ,vig", "row 2: the stratum is empty"),
        ("stratum,arm\nA,vig\nA,usual", "B has 0 rows and needs 1"),
        ('stratum,arm\n"A,vig', "row 2: this is no CSV"),
        ("stratum,arm\nA,v\0ig", "no CSV file"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_list_with_a_fault_is_refused_whole_naming_the_row(tmp_path, text, said):
    path = tmp_path / "list.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(AllocationError, match=said):
        FromList(path, ("vig", "usual"), strata=("A", "B"), least=1)


def test_a_list_that_is_not_there_or_names_one_arm_is_refused(tmp_path, places):
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(AllocationError, match="cannot be opened"):
            FromList(path)
    with pytest.raises(AllocationError, match="several strata"):
        FromList(places).draw([], Source(bytes(48), "A"))
    with pytest.raises(AllocationError, match="no place for C"):
        FromList(places).within("C")
    places.write_text("arm\nvig\nvig\n")
    with pytest.raises(AllocationError, match="every row names vig"):
        FromList(places)


def test_streams_do_not_move_between_versions_of_the_software():
    """Arms drawn by the first version of this software: a log of then must verify now."""
    kept = json.loads((Path(__file__).parents[1] / "data" / "allocation" / "drawn.json").read_text())
    for spec, arms in kept["two_arm"].items():
        running = Running(parse(spec, n=60), Source(bytes(range(48)), "1:A"))
        assert [running.next() for _ in arms] == arms
