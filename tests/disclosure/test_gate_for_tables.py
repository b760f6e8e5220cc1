"""A table of counts leaves with as little hidden as keeps its small cells from being found out."""

import numpy as np
import polars as pl
import pytest

from attunement.disclosure import DisclosureError, as_published, audit, protect, shipped
from tests.disclosure.attacker import Attacker
from tests.disclosure.random_tables import PROFILES, released, tables


def counts(*rows, names=("site", "arm")):
    return pl.DataFrame([dict(zip((*names, "n"), row, strict=True)) for row in rows])


def crossed(array, totals=True):
    """A table of sites by arms from a list of lists."""
    cells = np.array(array)
    if totals:
        cells = np.vstack([cells, cells.sum(axis=0)])
        cells = np.hstack([cells, cells.sum(axis=1)[:, None]])
    rows, columns = cells.shape

    def name(kind, place, last):
        return "Total" if totals and place == last - 1 else f"{kind}{place}"

    return counts(*((name("s", i, rows), name("a", j, columns), int(n)) for (i, j), n in np.ndenumerate(cells)))


def shown(release):
    return release.table["n"].to_list()


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("round-5", [0, 0, 0, 5, 5, 5, 5, 5, 10, 10, 10]),
        ("suppress-5", [0, None, None, None, None, 5, 6, 7, 8, 9, 10]),
        ("dfe", [0, None, None, None, None, None, 6, 7, 8, 9, 10]),
        ("tre-10", [None] * 10 + [10]),
    ],
)
def test_each_profile_hides_and_shows_by_its_rule(profile, expected):
    table = pl.DataFrame({"site": [f"s{n}" for n in range(11)], "n": range(11)})
    assert shown(protect(table, profile)) == expected


def test_a_released_table_keeps_its_rows_columns_and_types():
    table = counts(("b", "x", 7), ("a", "Total", 12), ("a", "x", 3), ("a", "y", 9)).cast({"n": pl.UInt32})
    release = protect(table, "suppress-5")
    assert release.table.drop("n").equals(table.drop("n"))
    assert release.table.schema == table.schema
    assert release.hidden.rows() == [("a", "x", 3, "small"), ("a", "y", 9, "protects another cell")]
    assert release.hidden.columns == ["site", "arm", "n", "reason"]
    assert "reason" not in release.table.columns


def test_the_only_small_part_of_a_total_takes_another_part_with_it():
    release = protect(counts(("a", "x", 3), ("a", "y", 20), ("a", "z", 40), ("a", "Total", 63)), "suppress-5")
    assert shown(release) == [None, None, 40, 63]
    assert release.hidden["reason"].to_list() == ["small", "protects another cell"]
    assert not audit(release)


def test_without_a_total_nothing_more_is_hidden():
    release = protect(crossed([[3, 20], [40, 1]], totals=False), "suppress-5")
    assert shown(release) == [None, 20, 40, None]


def test_large_counts_leave_as_they_are():
    table = crossed([[30, 20, 11], [40, 10, 17]])
    for profile in ("suppress-5", "dfe", "tre-10"):
        assert shown(protect(table, profile)) == table["n"].to_list()
    assert None not in shown(protect(table))


def test_rounded_counts_that_pin_a_small_one_down_are_hidden_in_part():
    table = counts(("a", "w", 2), ("a", "x", 2), ("a", "y", 2), ("a", "z", 2), ("a", "Total", 8))
    rounded = as_published(table, table.with_columns(n=pl.Series([0, 0, 0, 0, 10])), "round-5")
    assert [(each.low, each.high) for each in audit(rounded)] == [(2, 2)] * 4
    release = protect(table)
    assert shown(release).count(None) == 1
    assert not audit(release)


def test_a_total_is_rounded_from_the_true_total():
    assert shown(protect(counts(("a", "x", 7), ("a", "y", 7), ("a", "Total", 14)))) == [5, 5, 15]


def test_a_table_that_shares_a_margin_cannot_undo_an_earlier_one():
    first = protect(counts(("a", "x", 3), ("a", "y", 20), ("a", "z", 40), ("a", "Total", 63)), "suppress-5")
    again = counts(("a", "y", 20), ("b", "y", 9))
    second = protect(again, "suppress-5", released=[first])
    assert shown(second) == [None, 9]
    assert second.hidden["reason"].to_list() == ["hidden in an earlier release"]
    careless = as_published(again, again, "suppress-5")
    assert [each.cell for each in audit([first, careless])] == ["arm x, site a"]


def test_totals_that_no_table_shows_are_reckoned_with():
    first = protect(counts(("a", "x", 11), ("a", "y", 12)), "suppress-5")
    by_outcome = pl.DataFrame({"site": ["a"] * 3, "closed": ["no", "yes", "not known"], "n": [10, 10, 3]})
    second = protect(by_outcome, "suppress-5", released=first)
    assert shown(second).count(None) == 2
    assert not audit([first, second])


def test_what_a_table_leaves_of_a_total_is_a_cell_too():
    total = protect(pl.DataFrame({"site": ["a"], "n": [20]}), "suppress-5")
    part = protect(pl.DataFrame({"site": ["a"], "arm": ["x"], "n": [18]}), "suppress-5", released=total)
    assert shown(part) == [None]
    careless = as_published(part.counts, part.counts, "suppress-5")
    assert [each.cell for each in audit([total, careless])] == ["the rest of site a"]


def test_the_same_table_leaves_the_same_way_twice():
    table = crossed([[3, 20, 9], [4, 1, 17], [12, 8, 2]])
    first = protect(table, "suppress-5")
    assert shown(protect(table, "suppress-5", released=first)) == shown(first)


def test_what_was_given_away_before_is_said_and_not_mended():
    bare = counts(("a", "x", 3), ("a", "y", 20), ("a", "Total", 23))
    earlier = as_published(bare, bare.with_columns(n=pl.Series([None, 20, 23])), "suppress-5")
    later = protect(counts(("a", "Total", 23), ("b", "Total", 9)), "suppress-5", released=earlier)
    assert shown(later) == [23, 9]
    assert [each.cell for each in audit([earlier, later])] == ["arm x, site a"]


def test_names_and_kinds_of_dimensions_do_not_matter():
    table = pl.DataFrame({"n": [3, 20, 40, 63], "row": [1, 2, 3, None], "index": ["x"] * 4})
    table = table.with_columns(row=pl.col("row").cast(pl.String).fill_null("Total").cast(pl.Categorical))
    release = protect(table, "suppress-5")
    assert shown(release) == [None, None, 40, 63]
    assert release.table.columns == ["n", "row", "index"]


def test_one_number_and_an_empty_table_pass_too():
    assert shown(protect(pl.DataFrame({"n": [3]}), "dfe")) == [None]
    assert shown(protect(pl.DataFrame({"n": [33]}))) == [35]
    nothing = pl.DataFrame(schema={"site": pl.String, "n": pl.Int64})
    assert protect(nothing).table.equals(nothing)


@pytest.mark.parametrize("profile", PROFILES)
def test_random_tables_and_overlapping_pairs_expose_nothing(profile):
    chance = np.random.default_rng(22)
    for _ in range(10):
        found = released(tables(chance, profile), profile)
        assert audit(found) == ()
        assert Attacker([(each.counts, each.table, profile) for each in found]).exposed() == []


def test_hiding_small_cells_alone_would_be_found_out():
    """The attack has teeth: without further cells hidden, it finds most small cells, and the audit the same ones."""
    chance, small, open_ = np.random.default_rng(5), 0, 0
    for _ in range(20):
        table = crossed(chance.poisson(6, (5, 4)))
        bare = as_published(table, table.with_columns(n=pl.when(~pl.col("n").is_between(1, 4)).then("n")), "suppress-5")
        attacked = Attacker([(bare.counts, bare.table, "suppress-5")]).exposed()
        assert len(audit(bare)) == len(attacked)
        small, open_ = small + bare.hidden.height, open_ + len(attacked)
    assert open_ > small / 2


def test_the_gate_hides_few_cells_more_than_small_ones():
    chance, small, further = np.random.default_rng(6), 0, 0
    for _ in range(15):
        reasons = protect(crossed(chance.poisson(6, (6, 5))), "suppress-5").hidden["reason"]
        small, further = small + (reasons == "small").sum(), further + (reasons != "small").sum()
    assert further <= small


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pl.DataFrame({"site": ["a"]}), "needs a column n"),
        (pl.DataFrame({"site": ["a"], "n": [None]}), "whole number"),
        (pl.DataFrame({"site": ["a"], "n": [-1]}), "whole number"),
        (pl.DataFrame({"site": ["a"], "n": [2.5]}), "whole number"),
        (pl.DataFrame({"site": ["a"], "n": ["2"]}), "whole number"),
        (pl.DataFrame({"site": [None], "n": [2]}), "no value"),
        (pl.DataFrame({"site": ["a", "a"], "n": [2, 3]}), "twice"),
        (counts(("a", "x", 3), ("a", "y", 4), ("a", "Total", 8)), "do not add up"),
        (counts(("a", "x", 3), ("a", "Total", 2)), "do not add up"),
        (pl.DataFrame({"reason": ["a"], "n": [2]}), "called reason"),
    ],
)
def test_tables_that_make_no_sense_are_refused_without_their_counts(table, said):
    with pytest.raises(DisclosureError, match=said) as refused:
        protect(table)
    assert not any(character.isdigit() and character != "0" for character in str(refused.value))


def test_a_cell_cannot_change_between_releases():
    first = protect(counts(("a", "x", 30)))
    with pytest.raises(DisclosureError, match="another count"):
        protect(counts(("a", "x", 31)), released=[first])


def test_unknown_profiles_and_false_publications_are_refused():
    with pytest.raises(DisclosureError, match=", ".join(shipped())):
        protect(counts(("a", "x", 30)), "round-3")
    table = counts(("a", "x", 30), ("a", "y", 6))
    with pytest.raises(DisclosureError, match="not what the profile"):
        as_published(table, table.with_columns(n=pl.lit(31)), "dfe")
    with pytest.raises(DisclosureError, match="in their order"):
        as_published(table, table.reverse(), "dfe")
