"""Each number is held against all that left before: at other states of the data, and in tables and by name."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from attunement.disclosure import DisclosureError, audit, keep, manifest, manifests, protect, protect_named, released
from tests.disclosure.attacker import Attacker
from tests.disclosure.random_tables import PROFILES, over_time

FLOW = {"all": 60, "here": 33, "there": 27}
SUMS = [("all", ("here", "there"))]
ON = date(2022, 8, 31)


def by_site(first, second):
    return pl.DataFrame({"site": ["a", "b", "Total"], "n": [first, second, first + second]})


def test_a_count_that_has_grown_by_a_few_is_hidden_until_it_has_grown_by_more():
    first = protect(by_site(20, 31), "suppress-5", cut="2021-09")
    second = protect(by_site(22, 39), "suppress-5", [first], cut="2021-10")
    assert second.table["n"].to_list()[0] is None
    assert second.table["n"].to_list().count(None) == 2, "the total less the other would give it"
    third = protect(by_site(26, 47), "suppress-5", [first, second], cut="2021-11")
    assert third.table["n"].to_list() == [26, 47, 73]
    assert not audit([first, second, third])


def test_without_a_look_at_what_left_before_the_audit_finds_the_newcomers():
    first, second = (protect(by_site(n, 31), "suppress-5", cut=cut) for n, cut in ((20, "1"), (22, "2")))
    assert {each.cell for each in audit([first, second])} >= {"the rest of site a"}


@pytest.mark.parametrize("profile", PROFILES)
def test_random_programmes_that_grow_expose_nothing_between_cuts(profile):
    chance = np.random.default_rng(8)
    for _ in range(4):
        found = over_time(chance, profile)
        assert audit(found) == ()
        assert not Attacker([(each.counts, each.table, profile, each.cut) for each in found]).exposed()


def test_rounded_counts_may_leave_month_after_month():
    left = []
    for month, n in enumerate((20, 21, 21, 23, 24, 26)):
        left.append(protect(by_site(n, 31), "round-5", left, cut=f"2021-{month}"))
    assert not any(None in each.table["n"].to_list() for each in left)
    assert not audit(left)


def test_named_counts_are_held_against_an_earlier_cut_too():
    first = protect_named(FLOW, SUMS, "suppress-5", cut="1")
    grown = {"all": 62, "here": 35, "there": 27}
    second = protect_named(grown, SUMS, "suppress-5", released=[first], cut="2")
    assert second.shown["here"] is None and second.shown["all"] is None
    assert not audit([first, second])


def test_what_left_leaves_the_same_way_again_also_after_later_releases():
    first = protect_named(FLOW | {"few": 3, "most": 57}, [*SUMS, ("all", ("few", "most"))], "suppress-5", cut="1")
    second = protect_named({"all": 80}, (), "suppress-5", released=[first], cut="2")
    again = protect_named(first.counts, first.sums, "suppress-5", released=[first, second], cut="1")
    assert again == first
    with pytest.raises(DisclosureError, match="another count"):
        protect_named({"all": 61}, released=[first], cut="1")


def test_tables_and_named_counts_stand_in_one_register_with_their_manifests(tmp_path):
    path = tmp_path / "register.json"
    table, flow = protect(by_site(20, 3), "dfe", cut="1"), protect_named(FLOW, SUMS, "round-5", cut="1")
    told = manifest({"sites": table, "flow": flow}, approved_by="R. Patel", approved_on=ON, files={"a.html": "0" * 64})
    keep(path, [table, flow], [told])
    assert list(manifests(path)) == [told] and told["files"] == {"a.html": "0" * 64}
    again = released(path)
    assert again[0].table.equals(table.table) and again[0].cut == "1" and again[1] == flow
    keep(path, again, [told])
    with pytest.raises(DisclosureError, match="take nothing away"):
        keep(path, again)


@pytest.mark.parametrize(("old", "new"), [('"here": 33', '"here": 99'), ('"here": 35', '"here": 30'), ('"all"', '"al"')])
def test_a_named_count_that_was_changed_in_the_register_is_refused(tmp_path, old, new):
    path = tmp_path / "register.json"
    keep(path, [protect_named(FLOW, SUMS, given_away=["all"], cut="1")])
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(DisclosureError, match="changed by hand"):
        released(path)


def test_a_folder_that_is_not_there_is_said_in_a_sentence(tmp_path):
    with pytest.raises(DisclosureError, match="check the folder"):
        keep(tmp_path / "nowhere" / "register.json", [protect_named(FLOW)])
