"""The report's tables besides flow, baseline and effects: each told from the snapshot, from authors or from interviews."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from attunement import process, report
from attunement.cli import main
from attunement.process.interviews import QuotaMet, Quote, QuoteBank, Theme, Told, read_told, write_quotes, write_told
from attunement.report import Built, Meta, ReportError, Snapshot, seal_manifest, write_part
from attunement.report.authors import read
from attunement.report.building import write
from attunement.report.linting import typed_digits
from attunement.report.material import gather
from tests.report.conftest import FINAL, Programme, build, write_snapshot
from tests.report.test_chapters import chapter, table

FILM, TALK = "11111111-1111-5111-8111-111111111111", "22222222-2222-5222-8222-222222222222"
TOLD = Told(8, 7, 9, 4, (QuotaMet("site", "A", 3, 4, 3), QuotaMet("arm", "vig", 4, 4, 4)),
            (Theme(TALK, "Talk", "quality", 6, 7, 0), Theme(FILM, "Talk / The film", "quality", 5, 7, 7)))  # fmt: skip
AUTHORS = """
[events.rules]
on = 2021-09-01
site = "B"
event = "Rules against infection came back."
[people."A. Writer"]
organisation = "A university"
part = "Analysis"
[joint.quality]
results = {"Time held" = "process.supervision_minutes_held_of_booked"}
themes = ["Talk / The film"]
quotes = ["q1"]
together = "Both say the same."
[joint.cost]
results = {"Families offered" = "cost.families_offered"}
[interviews]
document = ["reach"]
"""
BANK = QuoteBank((Quote("q1", "t1", "It was 3 times better.", "a parent", "cleared", "C1", date(2022, 9, 1)),))
ADAPTED = {5: ("shorter", "carer"), 11: ("split", "safety"), 12: ("no_film", "other"), 17: ("shorter", "technical"),
           23: ("split", None)}  # fmt: skip
SILENT = ("B009", "D003")
Write = Callable[..., Path]


def helped(made: Programme) -> None:
    """Answers to the schedule of usual care after four months: number 3 of everybody, number 4 of one in usual care."""
    arms = {row["family"]: row["arm"] for row in made.rows["arm_key/arms"]}
    control = min(family for family, arm in arms.items() if arm == "usual_care")
    for row in made.rows["blind/families"]:
        if row.get("allocated_on") and row["family"] not in SILENT:
            for item, value in ((1, 0), (2, int(row["family"] < "C")), (3, 2), (4, int(row["family"] == control))):
                made.add("blind/answers", trial_number=row["trial_number"], time_point="four_months",
                         instrument="support_received", item=item, value=value)  # fmt: skip


def noted(folder: Path) -> Path:
    """The same snapshot, with what practitioners tapped of each visit."""
    sessions = pl.read_parquet(folder / "delivery/sessions.parquet")
    held = [row["state"] == "held" for row in sessions.iter_rows(named=True)]
    places = [sum(held[:place]) if one else None for place, one in enumerate(held)]
    changed = [ADAPTED.get(place, (None, None)) if place is not None else (None, None) for place in places]
    rated = [None if place is None or place % 5 == 0 else 1 + place % 4 for place in places]
    kinds, reasons = (pl.Series(list(one), dtype=pl.String) for one in zip(*changed, strict=True))
    more = sessions.with_columns(pl.Series("rating", rated, pl.Int64), adaptation=kinds, adaptation_why=reasons)
    write_part(folder, "delivery/sessions", more)
    families = pl.read_parquet(folder / "blind/families.parquet")
    numbers = families["family"].str.slice(1).cast(pl.Int64)
    write_part(folder, "blind/families", families.with_columns(own_worker_trained=numbers % 10 == 7))
    seal_manifest(folder, Meta("1", FINAL, "attunement test", ("A", "B", "C", "D"), True))
    return folder


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return noted(write_snapshot(tmp_path_factory.mktemp("full") / "snapshot", change=helped))


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The authors' texts, the quotes and what interviews brought, as files."""
    folder = tmp_path_factory.mktemp("beside")
    (folder / "authors.toml").write_text(AUTHORS, encoding="utf-8")
    return {"authors": folder / "authors.toml", "quotes": write_quotes(BANK, folder / "quotes.json"),
            "interviews": write_told(TOLD, folder / "interviews.json")}  # fmt: skip


@pytest.fixture(scope="module")
def whole(full: Path, beside: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(full, tmp_path_factory.mktemp("tables") / "report", pdf=True, word=True, **beside)


@pytest.fixture(scope="module")
def gated(full: Path, beside: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Built:
    return report.build(full, tmp_path_factory.mktemp("gated") / "report", **beside)


def numbers(built: Built) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(built.results_json.read_text())["numbers"]
    return found


def test_attrition_is_what_the_flow_leaves_over_in_each_group(whole: Built) -> None:
    flow, rows = numbers(whole), table(whole, "attrition-table")
    for arm, place in (("vig", 0), ("usual_care", 1)):
        allocated, known = (flow[f"flow.{arm}.{step}"]["value"] for step in ("allocated", "followed_up"))
        share = f"{100 * (allocated - known) / allocated:.1f}%"
        assert rows["Questionnaire after allocation"][place] == f"{allocated - known} of {allocated} ({share})"
    analysed = sum(flow[f"flow.{arm}.analysed"]["value"] for arm in ("vig", "usual_care"))
    assert rows["Main analysis"][2].startswith(f"{33 - analysed} of 33")


def test_caseload_is_told_by_site_and_never_of_one_practitioner(full: Path, whole: Built) -> None:
    pairs = Snapshot.open(full).frame("delivery/assignments").select("practitioner", "trial_number").collect().unique()
    rows = table(whole, "caseload-table")
    assert rows["All sites"][:2] == [str(pairs["practitioner"].n_unique()), str(pairs.height)]
    assert sum(int(rows[f"Authority {site}"][1]) for site in "ABCD") == pairs.height
    assert not any("P0" in cell for row in rows.values() for cell in row)


def test_ratings_are_told_with_silence_beside_them(full: Path, whole: Built) -> None:
    held = Snapshot.open(full).frame("delivery/sessions").filter(pl.col("state") == "held").collect()
    told, rows = Counter(held["rating"]), table(whole, "responses-table")
    for level, word in enumerate(("Not helpful", "A little", "Helpful", "Very helpful"), start=1):
        assert rows[word][0] == str(told[level])
    assert (rows["No rating"][0], rows["Sessions held"][0]) == (str(told[None]), str(held.height))
    own = held.filter(pl.col("number") == 1)["rating"].drop_nulls()
    assert table(whole, "responses-by-session")["Initial meeting"][:2] == [f"{sum(own) / len(own):.2f}", str(own.len())]


def test_changes_are_told_by_kind_and_reason_agreed_and_forced(whole: Built) -> None:
    rows = table(whole, "adaptations-table")
    assert rows["Changed, of sessions held"][1] == "5"
    assert rows["Shorter, of changes"][:3] == ["40.0%", "2", "5"]
    assert rows["Forced, of changes with a reason"][:4] == ["66.7%", "2", "3", "2"], "another reason is neither"
    assert rows["Of a kind agreed with the developer"][1:3] == ["4", "5"]
    assert rows["Because: safety"][1:4] == ["1", "4", "1"]


def test_other_care_is_told_by_group_and_contamination_of_usual_care_alone(full: Path, whole: Built) -> None:
    rows = table(whole, "other-care-table")
    counts = [numbers(whole)[f"flow.{arm}.allocated"]["value"] for arm in ("vig", "usual_care")]
    answered = [n - int(silent) for n, silent in zip(counts, rows["Did not answer"], strict=False)]
    assert sum(answered) == 31
    assert rows["Group or course for parents"][:2] == [f"{n} of {n} (100.0%)" for n in answered]
    assert rows["Social worker or family worker"][1] == f"0 of {answered[1]} (0.0%)"
    arms = dict(Snapshot.open(full).frame("arm_key/arms").select("family", "arm").collect().iter_rows())
    control = sorted(family for family, arm in arms.items() if arm == "usual_care" and family not in SILENT)
    trained = {family for family in control if int(family[1:]) % 10 == 7}
    spoilt = table(whole, "contamination-table")
    assert trained and control[0] not in trained
    elsewhere = spoilt["Had a part of it elsewhere, of families in usual care asked"]
    assert elsewhere[1:3] == [str(len(trained) + 1), str(len(control))]
    assert spoilt["Had a session of the programme, of families in usual care"][1] == "0"


def test_what_a_study_does_not_ask_is_said_and_does_not_vanish(released: Path, snapshot: Write, tmp_path: Path) -> None:
    words = chapter(build(released, tmp_path / "plain"), "experience")
    assert "asked for no rating" in words and "does not mean that nothing was changed" in words
    assert "The authors name no event" in words
    other = snapshot()
    text = (other / "study.toml").read_text(encoding="utf-8")
    (other / "study.toml").write_text(text.replace(', "support_received"]', "]"), encoding="utf-8")
    seal_manifest(other, Meta("1", FINAL, "attunement test", ("A",), True))
    built = build(other, tmp_path / "unasked")
    assert "asks families no schedule of usual care" in chapter(built, "experience")
    assert "No interviews were handed to this report" in chapter(built, "interviews")
    assert table(built, "coverage-table")["Quality"][1:3] == ["none handed in", "none handed in"]


def test_events_stand_on_the_time_line_with_the_families_under_way(full: Path, whole: Built) -> None:
    days = {"on": [date(2021, 9, 1)] * 2, "site": ["B", None], "event": ["here", "there"]}
    found = process.context(Snapshot.open(full), pl.DataFrame(days))
    assert 0 < found["waiting"][0] < found["waiting"][1], "of one site and of all"
    row = table(whole, "context-table")["1 September 2021"]
    assert row[:3] == ["Authority B", "Rules against infection came back.", str(found["waiting"][0])]
    assert "30 September 2021" in table(whole, "context-table"), "the review point is an event too"


def test_effect_sizes_show_what_they_are_made_of(whole: Built) -> None:
    warmth = table(whole, "effect-size-inputs")["Warmth"]
    difference, sd, g = (float(warmth[place].replace("\N{MINUS SIGN}", "-")) for place in (0, 1, 4))
    n = int(warmth[2]) + int(warmth[3])
    assert g == pytest.approx(difference / sd * (1 - 3 / (4 * (n - 2) - 1)), abs=0.01)
    assert warmth[4] == table(whole, "forest-table")["Warmth (higher is better)"][0]


def test_the_effect_in_those_who_took_part_is_larger_and_labelled(whole: Built, gated: Built) -> None:
    rows, found = table(whole, "compliers-table"), numbers(whole)
    started = float(rows["At least one session"][0])
    assert started > float(found["effect.warmth.ancova.value"]["text"]) > 0
    words = chapter(whole, "primary")
    assert "(post hoc)" in words and "the registered plan does not ask for it" in words
    shown = numbers(gated)
    part, of = (shown[f"process.started_of_offered.{end}"]["value"] for end in ("numerator", "denominator"))
    plain = round(shown["effect.warmth.ancova.value"]["value"], 2)
    assert shown["effect.warmth.compliers.started"]["value"] == pytest.approx(plain * of / part), "no more than is printed"


def test_methods_of_each_dimension_and_the_team_are_told(whole: Built) -> None:
    rows = table(whole, "process-methods-table")
    assert [name.lower() for name in rows] == list(process.DIMENSIONS)
    assert rows["Quality"][1].endswith("interviews") and "interviews" not in rows["Reach"][1]
    assert table(whole, "people-table") == {"A. Writer": ["A university", "Analysis", "", ""]}
    assert table(whole, "team-table")["Trial statistician"][1] == "Kept from knowing"


def test_interviews_are_held_against_what_was_planned(whole: Built) -> None:
    rows = table(whole, "interviews-table")
    assert rows["All families"][:3] == ["8", "8", "7"]
    assert rows["Site: Authority A"][:3] == ["3", "4", "3"] and rows["Group: VIG"][2] == "4"
    assert table(whole, "themes-table")["Talk / The film"][:3] == ["Quality", "5", "7"]
    assert TOLD.sha256 == json.loads(whole.results_json.read_text())["interviews_sha256"]
    assert TOLD.sha256 in whole.html.read_text()


def test_coverage_counts_the_themes_spoken_of(whole: Built) -> None:
    rows = table(whole, "coverage-table")
    assert rows["Quality"][1] == "1", "one that only groups others is none"
    assert (rows["Reach"][1], rows["Reach"][2], rows["Quality"][2]) == ("0", "1", "0")


def test_numbers_and_words_stand_side_by_side(whole: Built) -> None:
    page = whole.html.read_text().split("Numbers and words side by side")[1].split("</table>")[0]
    quality = page.split("Quality</th>")
    assert "Time held" in quality[1] and "Talk / The film" in quality[1] and "Both say the same." in quality[1]
    assert "“It was 3 times better.” (a parent)" in quality[2] and "Talk</td>" not in page
    assert 'data-result="cost.families_offered"' in page and "Nothing told" in page


def test_all_of_it_passes_the_gate_and_comes_twice_the_same(
    full: Path, gated: Built, beside: dict[str, Any], tmp_path: Path
) -> None:
    again = report.build(full, tmp_path / "again", **beside)
    assert again.html.read_bytes() == gated.html.read_bytes()
    shown = numbers(gated)
    assert (shown["interviews.held"]["value"], shown["interviews.planned"]["value"]) == (5, 10)
    assert shown["theme.111111111111.passages"]["value"] == 5 and shown["interviews.site.A.held"]["text"] in ("5", "hidden")
    authors = replace(read(beside["authors"]), quotes=BANK, told=TOLD)
    document, _ = write(gather(Snapshot.open(full)), not_for_publication=True, authors=authors)
    assert typed_digits(document) == []


@pytest.mark.parametrize(("text", "said"), [
    ('[events.a]\non = "2021-09-01"\nevent = "x"', "has a day"), ("[events.a]\non = 2021-09-01", "has a day"),
    ('[events.a]\non = 2021-09-01\nevent = "x"\nsite = "Z"', "site 'Z'"),
    ('[joint.reach]\nresults = ["a"]', "words and id"),
    ('[joint.reach]\nresults = {"A" = "no.such"}', "no.such"), ('[joint.reach]\nthemes = ["Nothing"]', "'Nothing'"),
    ('[joint.reach]\nquotes = ["q9"]', "no quote q9"), ('[joint.reach]\ntogether = "Of 30"', "typed by hand"),
    ('[joint.reach]\ntogether = "{flow.allocated}"', "words alone"), ('[people.x]\npart = "y"', "organisation and part"),
    ('[people]\nx = "y"', "organisation and part"), ('[joint]\nreach = "x"', "words and id"),
])  # fmt: skip
def test_what_authors_cannot_mean_is_refused_in_a_line(full: Path, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "authors.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ReportError, match=said) as fault:
        write(gather(Snapshot.open(full)), not_for_publication=True, authors=read(tmp_path / "authors.toml"))
    assert "\n" not in str(fault.value)


def test_a_file_of_interviews_comes_back_as_it_went_and_a_bad_one_is_refused(
    full: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_told(TOLD, tmp_path / "told.json")
    assert read_told(file) == TOLD
    good = json.loads(file.read_text())
    bad = ["", "[]", "{}", json.dumps(good | {"planned": -1}), json.dumps(good | {"planned": True}),
           json.dumps(good | {"more": 1}), json.dumps(good | {"themes": good["themes"] * 2}),
           json.dumps(good | {"themes": [{**good["themes"][0], "dimension": "luck"}]}),
           json.dumps(good | {"quotas": [{"column": "site"}]})]  # fmt: skip
    for text in bad:
        file.write_text(text)
        assert main(["report", str(full), "--to", str(tmp_path / "out"), "--interviews", str(file)]) == 1
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and "Traceback" not in said
    assert main(["report", str(full), "--to", str(tmp_path / "out"), "--interviews", str(tmp_path / "none.json")]) == 1
    assert not (tmp_path / "out").exists()
