"""A study file names a scheme; what is no scheme is refused in a sentence."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attunement.allocation import (
    AllocationError,
    BigStick,
    Complete,
    EfronCoin,
    MaximalProcedure,
    PermutedBlocks,
    WeiUrn,
    describe,
    names,
    parse,
)

NAMED = [
    ("complete", Complete()),
    ("blocks:4,6,8", PermutedBlocks((4, 6, 8))),
    ("big_stick:3", BigStick(3)),
    ("efron:2/3", EfronCoin(2 / 3)),
    ("efron:0.65", EfronCoin(0.65)),
    ("wei:0,1", WeiUrn(0, 1)),
    ("maximal:3", MaximalProcedure(3, 60)),
]


@pytest.mark.parametrize(("text", "scheme"), NAMED)
def test_each_name_gives_its_scheme_and_back(text, scheme):
    assert parse(text, (1, 1), n=60) == scheme
    assert parse(scheme.spec, scheme.ratio, n=60) == scheme
    assert scheme.arms == 2


@pytest.mark.parametrize("text", [*names(), "efron:1", "efron:.7"])
def test_every_name_that_is_listed_can_be_parsed_and_described(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "places.csv").write_text("stratum,arm\nA,x\nA,y\n")
    scheme = parse(text, (1, 1), n=20, factors={"help": ("little", "much")})
    assert text.startswith("efron") or scheme.spec.partition(":")[0] == text.partition(":")[0]
    sentence = describe(scheme)
    assert sentence[0].isupper() and sentence.endswith(".")


@pytest.mark.parametrize("ratio", [(1, 2), (2, 1, 1), (3, 2, 1)])
def test_unequal_ratios_and_more_arms_are_held_by_two_schemes(ratio):
    assert parse("complete", ratio).arms == len(ratio)
    assert parse(f"blocks:{2 * sum(ratio)}", ratio).ratio == ratio
    with pytest.raises(AllocationError, match="1:1 only"):
        parse("big_stick:3", ratio)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no allocation scheme"),
        ("blocks", "no allocation scheme"),
        ("complete:", "no allocation scheme"),
        ("minimise", "no allocation scheme"),
        ("blocks:", "whole numbers"),
        ("blocks:4;6", "whole numbers"),
        ("blocks:-4", "whole numbers"),
        ("blocks:3", "cannot hold the ratio 1:1"),
        ("blocks:0", "cannot hold"),
        ("blocks:4,4", "twice"),
        ("big_stick:0", "at least, not 0"),
        ("big_stick:2,3", "one whole number"),
        ("efron:0.4", "from 1/2 to 1"),
        ("efron:1/0", "a chance"),
        ("efron:nan", "a chance"),
        ("wei:1", "2 whole numbers"),
        ("wei:0,0", "not both 0"),
        ("maximal:3", "beforehand"),
    ],
)
def test_what_is_no_scheme_is_refused_in_a_sentence(text, says):
    with pytest.raises(AllocationError, match=says):
        parse(text, (1, 1))


@pytest.mark.parametrize("ratio", [(), (1,), (0, 1), (-1, 2)])
def test_a_ratio_that_is_none_is_refused(ratio):
    with pytest.raises(AllocationError, match="two arms or more"):
        parse("complete", ratio)


@given(st.text(max_size=20))
def test_no_text_does_anything_but_parse_or_be_refused(text):
    for start in ("", "blocks:", "efron:", "wei:", "maximal:"):
        with contextlib.suppress(AllocationError):
            parse(start + text, (1, 1), n=10)


def test_a_block_of_two_is_never_offered_without_saying_so():
    assert "easily foreseen" in describe(parse("blocks:2,4"))
    assert "easily foreseen" not in describe(parse("blocks:4,6"))


def test_maximal_needs_a_place_to_give():
    with pytest.raises(AllocationError, match="how many places"):
        parse("maximal:3", (1, 1), n=0)
