"""Every return that authorities send is read, with findings, or refused in one sentence with its place."""

import csv
import json
import random
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from attunement.cli import main
from attunement.records import RecordsError, derive, read, to_histories, workbook
from attunement.records.findings import TIERS
from tests.records import planting

SAMPLES = Path(__file__).parent.parent / "data" / "records"
CENSUS = (SAMPLES / "CIN2rows.xml").read_bytes()
HEADER = (SAMPLES / "SSDA903_2020_header.csv").read_text()
NO_ROWS = dict.fromkeys(("children", "referrals", "assessments", "s47", "cin_plans", "cp_plans", "care_episodes"), 0)


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refused(path, **more):
    with pytest.raises(RecordsError) as caught:
        read(path, **more)
    sentence = str(caught.value)
    assert sentence.startswith(path.name) and "\n" not in sentence and sentence.endswith(".")
    return sentence


@pytest.mark.parametrize(
    ("name", "format", "year", "counts"),
    [
        ("CIN2rows.xml", "cin_census", 2023,
         {"children": 1, "referrals": 1, "assessments": 1, "s47": 1, "cin_plans": 1, "cp_plans": 2}),
        ("CIN_Census_2021.xml", "cin_census", 2023,
         {"children": 1, "referrals": 1, "assessments": 1, "s47": 1, "cin_plans": 1, "cp_plans": 1}),
        ("fake_CIN_data.xml", "cin_census", 2022, {"children": 332, "referrals": 402}),
        ("fake_903.xml", "ssda903", None, {"children": 253, "care_episodes": 459}),
        ("SSDA903_2020_header.csv", "ssda903", None, {"children": 5}),
        ("SSDA903_2020_episodes.csv", "ssda903", None, {"care_episodes": 5}),
        ("Annex_A_2024_Jan.xlsx", "annex_a", None,
         {"children": 37, "referrals": 6, "assessments": 5, "s47": 5, "cin_plans": 5, "cp_plans": 7, "care_episodes": 5}),
    ],
)  # fmt: skip
def test_every_sample_is_read_with_its_rows_counted(name, format, year, counts):
    found = read(SAMPLES / name)
    assert (found.format, found.year, found.counts) == (format, year, NO_ROWS | counts)
    assert all("source_line" in table.columns for table in found.tables.values())
    assert [TIERS.index(one.tier) for one in found.findings] == sorted(TIERS.index(one.tier) for one in found.findings)


def test_a_census_comes_typed_with_its_lines():
    plan = read(SAMPLES / "CIN2rows.xml").tables["cp_plans"].row(1, named=True)
    assert plan["source_line"] == 65
    assert (plan["start"], plan["end"], plan["category"]) == (date(2022, 2, 17), date(2023, 3, 14), "PHY")
    assert (plan["previous_plans"], plan["reviews"]) == (10, [date(2023, 2, 15)])


def test_the_oddities_of_a_sample_are_told_once_each():
    causes = {one.cause: one.row for one in read(SAMPLES / "CIN2rows.xml").findings}
    assert causes["stray_text"] == 18
    assert (causes["row_twice"], causes["year_and_reference_date"]) == (65, None)


def test_nothing_personal_of_the_samples_is_in_findings_or_tables():
    for path in SAMPLES.glob("*.[cx][sml][vls]*"):
        found = read(path)
        said = json.dumps(found.as_dict(), default=str)
        kept = " ".join(str(table.to_dicts()) for table in found.tables.values())
        for word in (
            "DfEX0000001",
            "A123456789123",
            "689661",
            "C25 1YT",
            "DUMMY",
            "TEST_COLUMN",
            "Hazlett",
            "PersonBirthDateX",
        ):
            assert word not in said
        for word in ("A123456789123", "C25 1YT", "*DUMMY*", "Hazlett", "Locality", "T28 2WB"):
            assert word not in kept


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (CENSUS[:1500], "line 39, column"),
        (CENSUS.replace(b"</CINdetails>", b"</CINdetail>"), "line 75, column 25: an element is closed by another name"),
        (b'<!DOCTYPE m [<!ENTITY a "JOSEPHINE">]>' + CENSUS, "line 1: a declaration"),
        (CENSUS.replace(b"A123456789123", b"&JOSEPHINE;"), "line 21: an entity"),
        (CENSUS.replace(b"<Children>", b"<Children>\n" + b"<a>" * 40 + b"</a>" * 40), "line 18: more than 32"),
        (b"<html><body/></html>", "expected a CIN census"),
        (b"<?xml version='1.0' encoding='utf-7'?><Message/>", "line 1: an encoding"),
        (CENSUS.replace(b"<Children>", b"<Children>" + b"<x>y</x>" * 1_200_000), "without the end of a child"),
    ],
)
def test_xml_that_cannot_be_read_is_refused_with_its_line_and_without_its_words(file, content, words):
    sentence = refused(file("r.xml", content))
    assert words in sentence and "JOSEPHINE" not in sentence and "CINdetail" not in sentence


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + CENSUS, CENSUS.replace(b"\n", b"\r\n"), CENSUS.decode().encode("utf-16"),
        CENSUS.replace(b"<Message>", b'<Message xmlns="urn:x">'), CENSUS.replace(b"LAchildID", b"LAChildID"),
        CENSUS.replace(b"<Message>", b'<x:Message xmlns:x="urn:x">').replace(b"</Message>", b"</x:Message>"),
        CENSUS.replace(b"Local Authority", "Café".encode("cp1252")),
        CENSUS.replace(b">2023-02-27<", b">2023-02-27T00:00:00<"),
    ],
)  # fmt: skip
def test_a_census_is_read_however_it_was_saved(file, content):
    found, plain = read(file("r.xml", content)), read(SAMPLES / "CIN2rows.xml")
    assert found.counts == plain.counts
    assert found.tables["referrals"].drop("source_line").equals(plain.tables["referrals"].drop("source_line"))


def test_lines_are_right_beyond_the_sixty_five_thousandth(file):
    far = CENSUS.replace(b"<Children>", b"<Children>" + b"\n" * 70_000)
    assert read(file("r.xml", far)).tables["cp_plans"]["source_line"].to_list() == [70_055, 70_065]


@pytest.mark.parametrize(
    "content",
    [
        HEADER.replace(",", ";"), HEADER.replace(",", "\t").encode("utf-16"),
        "A return\r\n\r\n" + HEADER.replace("\n", "\r\n"),
        HEADER.lower(), HEADER.replace("689661", "689661.0"), "\ufeff" + HEADER, HEADER.replace("11/07/2015", "2015-07-11"),
        HEADER.replace("11/07/2015", "42196"), HEADER.replace("WBRI", "White British").replace(",1,1", ",a) Male,1"),
    ],
)  # fmt: skip
def test_a_csv_file_is_read_however_it_was_saved(file, content):
    found, plain = read(file("r.csv", content)), read(SAMPLES / "SSDA903_2020_header.csv")
    assert found.tables["children"].drop("source_line").equals(plain.tables["children"].drop("source_line"))


def test_a_date_that_could_be_two_days_is_asked_about_never_guessed(file):
    path = file("r.csv", "CHILD,DECOM,RNE,LS,DEC,REC\n1,03/04/05,S,C2,,\n")
    found = read(path)
    assert found.tables["care_episodes"]["start"].to_list() == [None]
    assert [(one.cause, one.row, one.there) for one in found.findings] == [("ambiguous", 2, "03/04/05")]
    assert read(path, dates="dmy").tables["care_episodes"]["start"].to_list() == [date(2005, 4, 3)]
    assert read(path, dates="iso").tables["care_episodes"]["start"].to_list() == [date(2003, 4, 5)]
    mixed = CENSUS.replace(b"<CPPstartDate>2022-02-17", b"<CPPstartDate>02/03/2022")
    assert read(file("r.xml", mixed)).tables["cp_plans"]["start"].to_list() == [None, None]
    shown = mixed.replace(b"2022-10-06", b"26/10/2022")
    assert read(file("r.xml", shown)).tables["cp_plans"]["start"][0] == date(2022, 3, 2)


def test_codes_hold_in_their_years(file):
    late = CENSUS.replace(b"<Year>2023", b"<Year>2022").replace(b">RC1<", b">RC9<")
    assert "code_of_another_year" in {one.cause for one in read(file("r.xml", late)).findings}
    assert "code_of_another_year" not in {
        one.cause for one in read(file("s.xml", CENSUS.replace(b">RC1<", b">RC9<"))).findings
    }
    assert read(SAMPLES / "CIN2rows.xml").tables["children"]["sex"].to_list() == ["M"]


def test_local_spellings_are_mapped_by_a_table_and_never_guessed(file):
    path = SAMPLES / "Annex_A_2024_Jan.xlsx"
    assert ("need", "PSRMEM - Support with memory and cognition") in read(path).unmapped
    table = file("map.csv", "set,spelling,code\nneed,psrmem  support with memory & cognition,n9\n")
    assert "N9" not in read(path).tables["in_need"]["need"].to_list()
    assert "N9" in read(path, spellings=table).tables["in_need"]["need"].to_list()
    with pytest.raises(RecordsError, match="row 2"):
        read(path, spellings=file("bad.csv", "set,spelling,code\nneed,x,ZZ\n"))


def test_an_unknown_column_is_dropped_and_said_or_refused():
    path = SAMPLES / "SSDA903_2020_episodes.csv"
    assert [one.there for one in read(path).findings if one.cause == "unknown_column"] == [
        "a heading of 11 characters that no list has in column N"
    ]
    assert "column N" in refused(path, unknown="refuse")


def test_cells_beside_the_headings_and_ids_out_of_shape_are_told_at_their_row(file):
    slipped = HEADER.replace("249901,1,15/12/2015,UNKN,24234,,", "249901,1,15/12/2015,UNKN,24234,,,Josephine")
    assert [(one.row, one.there) for one in read(file("r.csv", slipped)).findings if one.cause == "too_many_cells"] == [
        (6, "a cell beside the last heading")
    ]
    late = CENSUS.replace(b"<Year>2023", b"<Year>2026").replace(b"DfEX0000001", b"DfEX-000001")
    found = read(file("r.xml", late)).findings
    assert [(one.row, one.there) for one in found if one.cause == "id_shape"] == [(18, "an id")]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("n.csv", b"CHILD,SEX,DOB,ETHNIC\n1,\0,2\n", "line 2"), ("e.csv", b"", "empty"),
        ("names.txt", b"Josephine Smith,SW1A 1AA\n", "line 1: headings"),
        ("s.csv", b"CHILD,DOB,SW_ID,SW_DECOM,SW_DEC,SW_REASON\n", "row 1: the headings of the SWEpisodes file"),
        ("i.csv", HEADER.split("\n", 1)[1].encode(), "line 1: headings"), ("z.xlsx", b"PK\3\4" + bytes(100), "damaged"),
        ("b.bin", bytes(range(256)) * 4, "line 1"),
    ],
)  # fmt: skip
def test_other_files_are_refused_with_their_place(file, name, content, words):
    sentence = refused(file(name, content))
    assert words in sentence and "Josephine" not in sentence


def test_a_rule_that_fails_ends_the_run(monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("attunement.records.between._twice", broken)
    with pytest.raises(ZeroDivisionError):
        _ = read(SAMPLES / "CIN2rows.xml").findings


OUTCOMES = [
    "status_t0",
    "status_t1",
    "escalated_any",
    "deescalated_any",
    "cin_to_cp",
    "cp_days",
    "s47_count",
    "icpc_count",
    "closed",
]


def outcomes(histories, key):
    ids = histories.children["trial_id"]
    asked = pl.DataFrame(
        {"trial_id": ids, "t0": [planting.START] * len(ids), "extract_date": [planting.TAKEN] * len(ids)}
    )
    found = derive(histories.children, histories.episodes.filter(pl.col("kind") != "care"), histories.events, asked)
    return {key[row["trial_id"]]: [row[name] for name in OUTCOMES] for row in found.to_dicts()}


def test_the_census_and_our_workbook_give_the_same_outcomes(file):
    made = planting.people()
    same = {one.history.trial_number: one.history.trial_number for one in made}
    by_id = {one.child_id: one.history.trial_number for one in made}
    census, own = (
        read(file(f"x{suffix}", content))
        for suffix, content in (planting.clean()["census"], planting.clean()["workbook"])
    )
    assert outcomes(to_histories(census), by_id) == outcomes(to_histories(own), same)


def test_the_later_return_holds_where_two_have_the_same_episode(file):
    later = CENSUS.replace(b"<ReferenceDate>2024", b"<ReferenceDate>2023")
    first = later.replace(b"2023-05-23T", b"2022-05-23T").replace(b"<CPPendDate>2023-03-14</CPPendDate>", b"")
    old, new = read(file("old.xml", first)), read(file("new.xml", later))
    for order in ([old, new], [new, old]):
        plans = to_histories(order).episodes.filter(pl.col("kind") == "cp_plan")
        assert plans["end"].to_list() == [date(2023, 3, 14)] * 2


def cohort(tmp_path, rows, *returns):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("trial_number,child_id,t0\n" + rows)
    return main(["records", "cohort", *map(str, returns), "--sheet", str(sheet), "--to", str(tmp_path / "out.xlsx")])


def test_the_cohort_workbook_holds_the_cohort_and_no_id(tmp_path, capsys):
    rows = "N-001A,DfEX0000001,2022-09-30\nN-002A,other,30/10/2022\nN-002A,legacy,30/10/2022\n"
    assert cohort(tmp_path, rows, SAMPLES / "CIN2rows.xml") == 0
    said = capsys.readouterr().out
    assert "1 of 2 children" in said and "DfEX" not in said and "(trial number N-001A)" in said
    found = read(tmp_path / "out.xlsx")
    assert found.counts == NO_ROWS | {"children": 2, "referrals": 1, "s47": 3, "cin_plans": 1, "cp_plans": 1}
    assert found.tables["children"]["answer"].to_list() == ["found", None]
    assert "DfEX" not in str([table.to_dicts() for table in found.tables.values()])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("N-1,7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069,2022-01-01\n", "row 2: a hash"),
        ("N-1,5,soon\n", "row 2: no day"), ("N-1,5,2022-01-01\nN-2,5,2022-01-01\n", "row 3: one child id with two"),
        ("N-1,5,2022-01-01\nN-1,6,2022-02-01\n", "row 3: a trial number with two days"), ("", "no rows"),
        ("N-1,,2022-01-01\n", "row 2"),
    ],
)  # fmt: skip
def test_a_sheet_that_cannot_hold_is_refused(tmp_path, capsys, rows, words):
    assert cohort(tmp_path, rows, SAMPLES / "CIN2rows.xml") == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out.xlsx").exists()


def test_the_command_prints_one_object(capsys):
    assert (
        main(["records", "read", str(SAMPLES / "CIN2rows.xml"), str(SAMPLES / "SSDA903_2020_header.csv"), "--json"])
        == 0
    )
    files = json.loads(capsys.readouterr().out)["files"]
    assert [sorted(one) for one in files] == [["counts", "file", "findings", "format", "year"]] * 2
    assert {"file", "sheet", "row", "trial_number", "there", "expected", "why", "who", "tier", "cause"} <= set(
        files[0]["findings"][0]
    )
    assert main(["records", "read", str(SAMPLES / "LICENCE.txt")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_our_workbook_comes_as_a_csv_set_too(tmp_path):
    folder = tmp_path / "set"
    workbook.template_set(
        folder, site="N", study="S", children=[workbook.Row("A-001a", date(2023, 8, 31), date(2024, 2, 29))]
    )
    for name, change in (("children", {"What the records show": "found"}), ("read_me", None)):
        path = folder / f"{name}.csv"
        rows = list(csv.reader(path.open(encoding="utf-8")))
        if change:
            rows[1][rows[0].index("What the records show")] = "found"
        else:
            next(row for row in rows if row[0] == "Date of extract")[1] = "2024-06-01"
        csv.writer(path.open("w", encoding="utf-8", newline="")).writerows(rows)
    with (folder / "plans.csv").open("a", encoding="utf-8") as file:
        file.write("A-001a,CP,01/09/2023,31/02/2024,no\n")
    found = read(folder)
    assert (found.format, found.counts["cp_plans"]) == ("workbook", 1)
    assert [(one.sheet, one.row, one.there) for one in found.findings] == [("Plans", 2, "31/02/2024")]


def test_spoilt_bytes_end_in_a_return_or_a_sentence(file):
    chance = random.Random(5)
    kinds = (".xml", ".csv", ".xlsx")
    sources = [path for path in sorted(SAMPLES.iterdir()) if path.suffix in kinds and path.stat().st_size < 40_000]
    for _ in range(120):
        source = chance.choice(sources)
        spoilt = bytearray(source.read_bytes())
        for _ in range(chance.randrange(1, 12)):
            at = chance.randrange(len(spoilt))
            put = bytes(chance.choice(b"<>/&\"',;\n0129AZaz\xff") for _ in range(chance.randrange(5)))
            spoilt[at : at + chance.randrange(3)] = put
        try:
            assert read(file(f"spoilt{source.suffix}", bytes(spoilt))).findings is not None
        except RecordsError as error:
            assert "\n" not in str(error)
