"""Counts of a text or a figure pass the gate by name, with the sums that hang them together."""

import pytest

from attunement.disclosure import DisclosureError, protect_counts

FLOW = {"referred": 63, "excluded": 23, "age": 3, "plan": 20, "allocated": 40}
SUMS = [("referred", ("excluded", "allocated")), ("excluded", ("age", "plan"))]


def test_without_sums_each_count_follows_the_rule_alone():
    assert protect_counts(FLOW) == {"referred": 65, "excluded": 25, "age": 5, "plan": 20, "allocated": 40}
    assert protect_counts(FLOW, profile="suppress-5") == FLOW | {"age": None}


def test_what_gives_a_hidden_count_away_is_hidden_too():
    shown = protect_counts(FLOW, SUMS, "suppress-5")
    assert shown["age"] is None and list(shown.values()).count(None) == 2


def test_parts_that_fall_short_leave_a_rest_that_nobody_may_find_out():
    assert protect_counts({"all": 40, "yes": 37}, [("all", ("yes",))], "suppress-5")["yes"] is None
    assert protect_counts({"all": 40, "yes": 30}, [("all", ("yes",))], "suppress-5") == {"all": 40, "yes": 30}


def test_two_names_of_one_number_are_hidden_or_shown_together():
    names = {"allocated": 18, "offered": 18, "started": 15, "never": 3}
    sums = [("allocated", ("offered",)), ("allocated", ("started", "never"))]
    shown = protect_counts(names, sums, "suppress-5")
    assert shown["never"] is None
    assert shown["started"] is None or shown["allocated"] is shown["offered"] is None


def test_what_is_given_away_leaves_as_it_is_and_is_reckoned_with():
    cells = dict.fromkeys("wxyz", 2) | {"all": 8}
    sums = [("all", tuple("wxyz"))]
    assert protect_counts(cells, given_away=["all"])["all"] == 8
    assert list(protect_counts(cells, sums, given_away=["all"]).values()).count(None) == 1
    hidden = protect_counts(FLOW, SUMS, "suppress-5", given_away=["excluded", "plan", "referred"])
    assert hidden["age"] is None, "what cannot be mended is still hidden"


def test_counts_that_make_no_sense_are_refused():
    with pytest.raises(DisclosureError, match="below zero"):
        protect_counts({"a": -1})
    with pytest.raises(DisclosureError, match="more than it"):
        protect_counts({"a": 1, "b": 2}, [("a", ("b",))])
