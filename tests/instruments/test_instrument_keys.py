"""The shipped keys say what the reference says, carry no words, and a key that cannot be right is refused."""

import re
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from attunement.instruments import Alert, Band, InstrumentError, Rule, Transform, load, slugs
from attunement.instruments.reading import SHIPPED_KEYS

SEVEN = ("bpses", "gad7", "kpcs", "mors_sf", "phq9", "swemwbs", "who5")
DEMO = ("demo_efficacy", "demo_invasion", "demo_safety", "demo_warmth", "support_received")
ITEMS = {"mors_sf": (14, 0, 5), "kpcs": (15, 0, 3), "bpses": (5, 1, 5), "phq9": (9, 0, 3), "gad7": (7, 0, 3)}
ITEMS |= {"who5": (5, 0, 5), "swemwbs": (7, 1, 5)}
ITEMS |= {"demo_warmth": (7, 0, 5), "demo_invasion": (7, 0, 5), "demo_efficacy": (6, 1, 5),
          "support_received": (4, 0, 4)}


def test_twelve_instruments_are_shipped():
    assert slugs() == tuple(sorted(SEVEN + DEMO))


@pytest.mark.parametrize("slug", ITEMS)
def test_each_key_has_its_items_and_range(slug):
    key = load(slug)
    assert (len(key.items), key.items[0].low, key.items[0].high) == ITEMS[slug]
    assert {(item.low, item.high) for item in key.items} == {ITEMS[slug][1:]}


def test_which_items_and_alerts_are_out_of_the_ordinary():
    assert [item.number for item in load("kpcs").items if item.na] == [1, 9]
    assert [item.number for item in load("mors_sf").items_of("warmth")] == [1, 3, 4, 6, 8, 11, 13]
    assert load("phq9").alerts == (Alert(item=9, above=0, kind="self_harm"),)
    assert {slug for slug in slugs() if load(slug).alerts} == {"phq9", "demo_safety"}
    assert str(load("phq9").scale("total").rule).startswith("up to 2 missing")
    assert {str(load(slug).scales[0].rule) for slug in slugs() if slug != "phq9"} == {"complete answers only"}


@pytest.mark.parametrize("slug", SEVEN)
def test_a_published_measure_has_open_facts_with_sources(slug):
    key = load(slug)
    assert key.validated and key.open_facts
    assert all(fact.text and fact.source and fact.mark in "KC" for fact in key.facts)
    assert set(key.open_facts) < set(key.facts)


@pytest.mark.parametrize("slug", DEMO)
def test_a_demonstration_scale_says_that_it_is_not_validated(slug):
    assert not load(slug).validated
    assert any("not validated" in fact.text for fact in load(slug).facts)


@pytest.mark.parametrize("slug", ITEMS)
def test_an_item_in_a_key_file_is_a_number_and_no_word(slug):
    lines = re.findall(r"^  \{ number.*$", (SHIPPED_KEYS / f"{slug}.key.toml").read_text(), flags=re.M)
    assert len(lines) == ITEMS[slug][0]
    for line in lines:
        pattern = r'  \{ number = \d+, scale = "\w+", low = \d, high = \d(, na = true, na_counts = 2)? \},'
        assert re.fullmatch(pattern, line), line


def test_a_key_cannot_be_changed_in_place():
    with pytest.raises(FrozenInstanceError):
        load("phq9").version = "2"


def broken(slug, **change):
    return lambda: replace(load(slug), **change)


PHQ, WHO, KPCS = load("phq9"), load("who5"), load("kpcs")
TOTAL, RAW, PERCENT = PHQ.scales[0], WHO.scales[0], WHO.scales[1]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (broken("phq9", items=PHQ.items[1:]), "numbered from 1"),
        (broken("phq9", items=()), "numbered from 1"),
        (broken("phq9", scales=()), "at least one scale"),
        (broken("phq9", scales=(TOTAL, TOTAL)), "no name twice"),
        (broken("phq9", alerts=(Alert(item=10, above=0),)), "item 10, which does not exist"),
        (broken("phq9", items=(replace(PHQ.items[0], low=3), *PHQ.items[1:])), "item 1: low must be less"),
        (broken("phq9", items=(replace(PHQ.items[0], scale="sum"), *PHQ.items[1:])), "item 1 counts towards 'sum'"),
        (broken("kpcs", items=(replace(KPCS.items[0], na_counts=None), *KPCS.items[1:])), "item 1: na and na_counts"),
        (broken("kpcs", items=(replace(KPCS.items[0], na_counts=4), *KPCS.items[1:])), "within the range"),
        (broken("phq9", scales=(replace(TOTAL, rule=Rule(9)),)), "at least one of its 9 items"),
        (broken("phq9", scales=(replace(TOTAL, bands=(Band("a", 0, 5), Band("b", 5, 9))),)), "share no score"),
        (broken("phq9", scales=(replace(TOTAL, bands=(Band("a", 5, 0),)),)), "from low to high"),
        (broken("phq9", scales=(TOTAL, replace(TOTAL, name="other"))), "scale other has no items"),
        (broken("who5", scales=(RAW, replace(PERCENT, transform=Transform("sum", 4)))), "made from 'sum'"),
        (broken("who5", scales=(RAW, replace(PERCENT, transform=Transform("raw")))), "either times or a table"),
        (broken("who5", scales=(RAW, replace(PERCENT, rule=Rule(1)))), "missing rule stands at raw"),
        (broken("who5", scales=(RAW, replace(PERCENT, transform=Transform("raw", table=(1.0,))))), "1 values for 26"),
        (broken("swemwbs", scales=(replace(RAW, rule=Rule(1)), load("swemwbs").scales[1])), "may not be prorated"),
    ],
)
def test_a_key_that_cannot_be_right_is_refused_by_name(make, says):
    with pytest.raises(InstrumentError, match=says):
        make()


@pytest.mark.parametrize("slug", ["unknown", "../phq9", "PHQ9", "", "phq9.key", None, 9])
def test_an_unknown_instrument_is_refused(slug):
    with pytest.raises(InstrumentError, match=r"no instrument"):
        load(slug)
    with pytest.raises(InstrumentError, match="has no scale 'sum'"):
        load("phq9").scale("sum")


def own_key(folder: Path, text: str, name="ours.key.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


OURS = (SHIPPED_KEYS / "demo_warmth.key.toml").read_text().replace('slug = "demo_warmth"', 'slug = "ours"')


def test_a_study_may_add_a_key_and_may_change_it_while_we_run(tmp_path):
    folder = own_key(tmp_path, OURS)
    assert load("ours", [folder]).version == "1"
    assert "ours" in slugs([folder]) and "ours" not in slugs()
    own_key(tmp_path, OURS.replace('version = "1"', 'version = "1.1"'))
    assert load("ours", [folder]).version == "1.1"


def test_a_study_may_not_replace_a_shipped_key(tmp_path):
    folder = own_key(tmp_path, OURS, name="phq9.key.toml")
    with pytest.raises(InstrumentError, match="a second key"):
        load("phq9", [folder])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("slug = 1 2\n", "ours.key.toml cannot be read.*line 1"),
        (OURS.replace("low = 0", 'low = "0"', 1), "items.0.low: .*integer"),
        (OURS.replace("high = 5", "hihg = 5", 1), "items.0.hihg: no field"),
        (OURS.replace("validated = false", "validated = 0"), "validated"),
        (OURS.replace('mark = "K"', 'mark = "sure"', 1), "mark: .*'K' or 'C'"),
        (OURS.replace('slug = "ours"', 'slug = "theirs"'), "slug is 'theirs'"),
        (OURS.replace("number = 2", "number = 3"), "numbered from 1"),
        ("", "Field required"),
    ],
)
def test_a_faulty_key_file_is_named_with_the_place(tmp_path, text, says):
    with pytest.raises(InstrumentError, match=says) as caught:
        load("ours", [own_key(tmp_path, text)])
    assert "ours.key.toml" in str(caught.value) and "\n" not in str(caught.value)
