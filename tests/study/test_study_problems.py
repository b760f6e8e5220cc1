"""General rules, each shown on a small sound study that is spoilt in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Bench

INTAKE = 'code = "intake"\nwhat = "intake"'
SECOND = '[[calendar]]\ncode = "second"\nwhat = "intake"\ntext = "In March."\nsource = "web"\nstart = 2024-03-01\n'
RANDOMISATION = (
    '[[calendar]]\ncode = "draws"\nwhat = "randomisation"\ntext = "Draws."\nsource = "web"\nstart = 2023-12-01\n'
)
FIRST_REPORT = "[[reports]]\n"
BOOKS = 'unit_cost_pence = 500'
WORTH = '[cost_analysis]\nthresholds = [0, 50]\nsource = "nobody"\n\n[[estimands]]'
PROBLEMS = [
    (BOOKS, f"{BOOKS}\nlow_pence = 400", "books has one end of a range: give low_pence and high_pence, or neither."),
    (BOOKS, f"{BOOKS}\nlow_pence = 600\nhigh_pence = 700", "The unit cost of books, 500 pence, does not lie between its"),
    ("[[estimands]]", WORTH.replace("[0, 50]", "[50, 0]"), "The thresholds must rise, and each stand once."),
    ("[[estimands]]", WORTH.replace("[0, 50]", "[]"), "no threshold is named"),
    ("[[estimands]]", WORTH.replace("[0, 50]", "[0, 0]"), "The thresholds must rise, and each stand once."),
    (
        "[[estimands]]",
        WORTH.replace("source", 'effect = "warmth"\nsource'),
        "warmth is no estimand of this study; there are main",
    ),
    (FIRST_REPORT, SECOND + FIRST_REPORT, "start of intake contradict each other: intake says 1 January 2024"),
    (FIRST_REPORT, SECOND + FIRST_REPORT, "intake and second are both adopted"),
    (FIRST_REPORT, RANDOMISATION + FIRST_REPORT, "Randomisation may start before intake"),
    ("end = 2024-06-30", "end = 2024-06-30\nadopted = false", "No statement about intake is adopted"),
    ("end = 2024-06-30\n", "", "adopts no end of intake"),
    ("end = 2024-09-30\n", "", "delivery has neither a start nor an end"),
    ("end = 2024-06-30", "end = 2023-06-30", "ends on 30 June 2023, before it starts"),
    (
        "due = 2024-12-31",
        "due = 2024-10-29",
        "allocated on 30 June 2024 are not yet known then. Yet the report is marked complete.",
    ),
    (
        "due = 2024-12-31",
        "due = 2024-10-29",
        "lacks an early one marked incomplete and a complete one due on 30 October 2024",
    ),
    ("end = 2024-09-30", "end = 2024-07-06", "families must be allocated by 29 June 2024"),
    (
        'measure = "recruited_share"',
        'measure = "follow_up_complete"',
        "first follow-up answers can come on 1 April 2024",
    ),
    ("green = 0.8", "green = 0.4", "green (0.4) must be above amber (0.5)"),
    ("target = 20", "target = 21", "about 20.5 of them in Reading: 1 family more than planned. The 5 are planned, not"),
    ("practitioners = 4", "practitioners = 3\nfamilies_is_ceiling = true", "a ceiling, so 4 practitioners are needed"),
    ("ratio = [1, 1]", "ratio = [1, 1, 1]", "The ratio has 3 parts for 2 arms"),
    ("ratio = [1, 1]", "ratio = [1, 0]", "1 or more"),
    ("ratio = [1, 1]", "ratio = [2, 1]", "a block of 4 cannot hold the ratio 2:1"),
    ('"blocks:4,6"', '"big_stik:3"', "is no allocation scheme"),
    ('["site"]', '["site", "notes"]', "notes is free text"),
    ('["site"]', '["site", "postcode"]', "postcode is not a stratum that is known"),
    ('["site"]', "[]", "families would not be allocated within sites"),
    ('["site"]', '["site", "site"]', "named twice"),
    ("receives_programme = true", "receives_programme = false", "no arm receives the programme"),
    ("receives_programme = false", "receives_programme = true", "every arm receives the programme"),
    (
        'instruments = ["demo_warmth"]',
        'instruments = ["demo_warmt"]',
        "no instrument demo_warmt. Did you mean demo_warmth?",
    ),
    ('instruments = ["demo_warmth"]', "instruments = []", "demo_warmth is not asked before allocation"),
    ('outcome = "demo_warmth"', 'outcome = "demo_efficacy"', "demo_efficacy is not asked at after"),
    ('outcome = "demo_warmth"', 'outcome = "demo_warmth.heat"', "demo_warmth has no scale heat"),
    ('time_point = "after"', 'time_point = "before"', "one after allocation, not before"),
    ('time_point = "after"', "", "one after allocation, not left out"),
    ('"ancova"', '"risk_difference"', "the records have no outcome demo_warmth"),
    ('role = "primary"', 'role = "secondary"', "here none is marked primary"),
    ('code = "coordinator"', 'code = "cordinator"', "no role cordinator. Did you mean coordinator?"),
    ("masked = false", "masked = true", "coordinator cannot do its work without knowing the arm"),
    ('code = "coordinator"', 'code = "trial_statistician"', "trial_statistician may know the arm here"),
    ('"contact", "surveys"', '"surveys"', "No required purpose stops contact"),
    ('"surveys", ', "", "Families are asked questionnaires, but no purpose"),
    ('kind = "meeting"', 'kind = "film"', "Families are filmed, but no purpose"),
    ('lawful_basis = "Consent"', 'lawful_basis = ""', "no lawful basis"),
    ("months = 24\n", "", "months stands with the kind age_under_months"),
]


def test_a_sound_study_has_no_problem(bench: Bench) -> None:
    assert bench.problems() == []


@pytest.mark.parametrize(("old", "new", "told"), PROBLEMS)
def test_each_rule_finds_its_fault(bench: Bench, old: str, new: str, told: str) -> None:
    problems = bench.problems((old, new))
    assert any(told in problem for problem in problems), problems


@pytest.mark.parametrize(("due", "sound"), [("2024-10-30", True), ("2024-10-29", False)])
def test_a_report_on_the_day_the_last_data_are_in_is_in_time(bench: Bench, due: str, sound: bool) -> None:
    assert (bench.problems(("due = 2024-12-31", f"due = {due}")) == []) is sound


def test_a_problem_stands_at_its_line(bench: Bench) -> None:
    finding = next(found for found in bench.check(("ratio = [1, 1]", "ratio = [1, 1, 1]")) if "3 parts" in found.text)
    assert finding.line == bench.line("ratio")
    assert finding.file == str(bench.path)


def test_strata_that_the_target_cannot_fill(bench: Bench) -> None:
    languages = "".join(f'[[languages]]\ncode = "x{index}"\nname = "L"\nmade_up = true\n\n' for index in range(9))
    problems = bench.problems(
        ("[[design_labels]]", languages + "[[design_labels]]"), ('["site"]', '["site", "language"]')
    )
    assert "North has about 2.0 families a stratum" in problems[0]


def test_an_instrument_with_open_facts_lists_them(bench: Bench) -> None:
    notes = [
        found.text
        for found in bench.check(('instruments = ["demo_warmth"]', 'instruments = ["demo_warmth", "mors_sf"]'))
    ]
    assert any("about mors_sf must be confirmed" in note and "each item is coded 0 to 5" in note for note in notes)


def test_one_scale_of_several_must_be_named(bench: Bench) -> None:
    several = ('instruments = ["demo_warmth"]', 'instruments = ["mors_sf"]')
    assert any('"mors_sf.warmth"' in text for text in bench.problems(several, several, ('"demo_warmth"', '"mors_sf"')))
    assert bench.problems(several, several, ('"demo_warmth"', '"mors_sf.warmth"')) == []


def test_an_early_report_beside_a_final_one_is_no_problem(bench: Bench) -> None:
    early = '[[reports]]\ncode = "early"\ntitle = "Early"\ndue = 2024-09-01\ncomplete = false\n\n'
    assert bench.problems((FIRST_REPORT, early + FIRST_REPORT)) == []
    assert any("plans both" in found.text for found in bench.check((FIRST_REPORT, early + FIRST_REPORT)))


def test_a_threshold_a_point_is_said_to_be_nobodys_and_is_no_problem(bench: Bench) -> None:
    for table in (WORTH, WORTH.replace("source", 'effect = "main"\nsource')):
        assert bench.problems(("[[estimands]]", table)) == []
        told = [found.text for found in bench.check(("[[estimands]]", table))]
        assert any("No threshold is accepted for a point of demo_warmth" in text for text in told)
        asked = bench.study(("[[estimands]]", table)).cost_analysis
        assert asked is not None and asked.thresholds == (0, 50), "nought is a threshold too"
