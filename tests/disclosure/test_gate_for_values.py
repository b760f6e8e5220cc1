"""What is not a count passes the gate too: means, shares, curves, the register and the manifest."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attunement.disclosure import (
    DisclosureError,
    counts_behind,
    keep,
    manifest,
    protect,
    protect_share,
    protect_steps,
    protect_values,
    released,
    table_sha256,
)

SCORES = [float(n) for n in range(1, 41)]
ON = date(2024, 5, 1)


@pytest.mark.parametrize(("profile", "needed"), [("round-5", 5), ("suppress-5", 5), ("dfe", 6), ("tre-10", 10)])
def test_a_mean_needs_enough_families(profile, needed):
    assert protect_values(SCORES[: needed - 1], profile).mean is None
    assert protect_values(SCORES[:needed], profile).mean == pytest.approx(np.mean(SCORES[:needed]))


def test_no_least_or_greatest_value_is_given_and_a_quartile_needs_families_on_both_sides():
    found = protect_values([*SCORES, None, float("nan")], "tre-10")
    assert not {"min", "max"} & {name for name in dir(found) if not name.startswith("_")}
    assert (found.n, found.quartiles) == (40, (10.75, 20.5, 30.25))
    assert protect_values(SCORES[:39], "tre-10").quartiles == (None, 20.0, None)
    assert protect_values(SCORES[:19], "tre-10").quartiles == (None, None, None)
    assert found.sd == pytest.approx(np.std(SCORES, ddof=1))


def test_a_mean_of_yes_and_no_gives_no_hidden_count_back():
    assert protect_values([1.0] * 3 + [0.0] * 97, "suppress-5").mean is None
    assert protect_values([1.0] * 97 + [0.0] * 3, "suppress-5").mean is None
    assert protect_values([1.0] * 3 + [0.0] * 97).mean == 0.05
    assert protect_values([1.0] * 30 + [0.0] * 70, "suppress-5").mean == 0.3


def test_one_value_that_all_share_is_not_given():
    assert protect_values([7.0] * 30).mean is None


def test_values_that_are_none_at_all_are_refused_or_empty():
    assert protect_values([]).mean is None
    for wrong in (["a lot"], [float("inf")]):
        with pytest.raises(DisclosureError, match="numbers"):
            protect_values(wrong)


def test_shares_come_from_rounded_counts_or_not_at_all():
    assert protect_share(13, 61) == 25.0
    assert protect_share(13, 61, "suppress-5") == 21.3
    assert protect_share(3, 61, "suppress-5") is protect_share(58, 61, "suppress-5") is None
    assert protect_share(2, 2) is protect_share(0, 0) is None
    assert protect_share(0, 61, "suppress-5") == 0
    for part, whole in ((-1, 4), (5, 4)):
        with pytest.raises(DisclosureError):
            protect_share(part, whole)


@given(st.integers(0, 400), st.integers(1, 400), st.integers(0, 2))
def test_the_count_is_among_those_that_a_percentage_can_stand_for(part, whole, places):
    part = min(part, whole)
    assert part in counts_behind(round(100 * part / whole, places), whole, places=places)


def test_a_percentage_of_a_small_whole_gives_its_count_back():
    assert list(counts_behind(4.9, 61)) == [3]
    assert len(counts_behind(5, 4000, places=0)) == 41


@given(st.integers(0, 250), st.integers(1, 250))
def test_a_rounded_share_leaves_more_than_one_count_possible(part, whole):
    part = min(part, whole)
    share = protect_share(part, whole)
    shown = (whole + 2) // 5 * 5
    same = {n for w in range(max(0, shown - 2), shown + 3) for n in range(w + 1) if protect_share(n, w) == share}
    assert share is None or len(same) >= 3


def curve(*rows):
    return pl.DataFrame(rows, schema={"time": pl.Int64, "at_risk": pl.Int64, "events": pl.Int64}, orient="row")


def test_a_curve_shows_no_single_family_and_no_thin_end():
    at_risk = 40
    rows = []
    for day in range(40):
        rows.append((day, at_risk, 1))
        at_risk -= 1
    steps = protect_steps(curve(*rows))
    assert steps["time"].to_list() == [4, 9, 14, 19, 24, 29, 34]
    assert steps["survival"].to_list() == pytest.approx([35 / 40, 30 / 40, 25 / 40, 20 / 40, 15 / 40, 10 / 40, 5 / 40])
    assert protect_steps(curve(*rows), "tre-10")["time"].to_list() == [9, 19, 29]


def test_a_curve_of_few_families_has_no_step():
    assert protect_steps(curve((3, 8, 2), (5, 6, 2))).is_empty()
    assert protect_steps(curve()).is_empty()


def test_curves_that_make_no_sense_are_refused():
    for wrong in (curve((1, 3, 4)), curve((1, 9, -1)), curve((1, 9, 1), (1, 8, 1)), curve((1, None, 1)),
                  pl.DataFrame({"time": [1]})):  # fmt: skip
        with pytest.raises(DisclosureError, match="curve needs"):
            protect_steps(wrong)


@pytest.fixture
def release():
    table = pl.DataFrame({"site": ["a", "b", "c", "Total"], "n": [3, 20, 40, 63]}, schema_overrides={"n": pl.UInt32})
    return protect(table, "suppress-5")


def test_a_manifest_names_tables_profile_and_who_approved_and_no_count(release):
    found = manifest({"recruitment": release}, approved_by="R. Patel", approved_on=ON)
    assert found == {
        "approved_by": "R. Patel",
        "approved_on": "2024-05-01",
        "tables": {"recruitment": {"profile": "suppress-5", "rows": 4, "sha256": table_sha256(release.table)}},
    }
    with pytest.raises(DisclosureError, match="name of the person"):
        manifest({}, approved_by=" ", approved_on=ON)


def test_no_manifest_for_tables_that_expose_a_cell_together(release):
    one = protect(pl.DataFrame({"site": ["a"], "arm": ["x"], "n": [40]}), "suppress-5")
    all_ = protect(pl.DataFrame({"site": ["a"], "n": [42]}), "suppress-5")
    with pytest.raises(DisclosureError, match="found out"):
        manifest({"one": one, "all": all_}, approved_by="R. Patel", approved_on=ON)


def test_the_register_gives_every_release_back_and_forgets_none(release, tmp_path):
    path = tmp_path / "register.json"
    keep(path, [release])
    (again,) = released(path)
    assert again.table["n"].to_list() == release.table["n"].to_list()
    assert again.profile == release.profile
    later = protect(pl.DataFrame({"site": ["a", "d"], "n": [3, 9]}), "suppress-5", released=released(path))
    keep(path, [release, later])
    assert len(released(path)) == 2
    with pytest.raises(DisclosureError, match="take nothing away"):
        keep(path, [later])
    assert len(released(path)) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["register.json"]


@pytest.mark.parametrize(("old", "new"), [('"shown"', '"seen"'), ("63", "64"), ("register 1", "register 9"), ("{", "")])
def test_a_register_that_was_changed_is_refused(release, tmp_path, old, new):
    path = tmp_path / "register.json"
    keep(path, [release])
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(DisclosureError, match="not a register"):
        released(path)
