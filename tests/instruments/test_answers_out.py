"""The same answers read back from CSV, SPSS, Stata and R: values, labels and what is missing agree."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import polars as pl
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attunement.instruments import InstrumentError
from attunement.instruments.answers import NO_NUMBER, Column, write

COLUMNS = [
    Column("family", "Trial number"),
    Column("started_at", "First answer"),
    Column("warmth_1", 'Łagodność = "=1+1"', {0: "Never", 1: "Zawsze, é", **NO_NUMBER}),
    Column("minutes", "Minutes"),
]
SCHEMA = {"family": pl.String, "started_at": pl.Datetime("us", "UTC"), "warmth_1": pl.Int64, "minutes": pl.Int64}
NOON = datetime(2021, 7, 5, 12, tzinfo=UTC)


def read_r(path) -> dict[str, list]:
    """The vectors of the script, without R."""
    text = path.read_text(encoding="utf-8")
    found = {}
    for name, kind, inside in re.findall(r"^  (\w+) = as\.(\w+)\(c\((.*)\)\),$", text, re.M):
        parts = re.findall(r'NA|"(?:[^"\\]|\\.)*"|-?\d+L', inside)
        found[name] = [
            None if part == "NA" else part[1:-1] if kind == "character" else int(part[:-1]) for part in parts
        ]
    return found


def four(folder) -> dict[str, dict[str, list]]:
    def plain(frame, lost_text: bool) -> dict[str, list]:
        rows = {name: list(frame[name]) for name in frame.columns}
        return {
            name: [
                int(value)
                if isinstance(value, float)
                else (value or None)
                if lost_text and isinstance(value, str)
                else value
                for value in values
            ]
            for name, values in rows.items()
        }

    sav, _about = pyreadstat.read_sav(folder / "answers.sav", user_missing=True, output_format="polars")
    dta, _about = pyreadstat.read_dta(folder / "answers.dta", output_format="polars")
    csv = pl.read_csv(
        folder / "answers.csv", schema_overrides={"family": pl.String, "warmth_1": pl.Int64, "minutes": pl.Int64}
    )
    return {
        "csv": plain(csv, True),
        "sav": plain(sav, True),
        "dta": plain(dta, True),
        "r": {
            name: [value or None if isinstance(value, str) else value for value in values]
            for name, values in read_r(folder / "answers.R").items()
        },
    }


ROW = st.tuples(
    st.sampled_from(["A001", "B120", "D9"]),
    st.none() | st.just(NOON),
    st.none() | st.sampled_from([0, 1, -8, -9]),
    st.none() | st.integers(0, 600),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROW, min_size=1, max_size=8))
def test_all_four_agree(tmp_path, rows):
    table = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    write(table, COLUMNS, tmp_path)
    wanted = {
        "family": [row[0] for row in rows],
        "started_at": [row[1] and "2021-07-05T12:00:00Z" for row in rows],
        "warmth_1": [row[2] for row in rows],
        "minutes": [row[3] for row in rows],
    }
    for name, found in four(tmp_path).items():
        assert found == wanted, name


def test_labels_and_missing_codes_are_in_every_file(tmp_path):
    write(pl.DataFrame([("A001", NOON, -9, 3)], schema=SCHEMA, orient="row"), COLUMNS, tmp_path)
    for reader, name in ((pyreadstat.read_sav, "answers.sav"), (pyreadstat.read_dta, "answers.dta")):
        _rows, about = reader(tmp_path / name, output_format="polars")
        assert about.column_names_to_labels["warmth_1"] == COLUMNS[2].label
        assert {int(code): words for code, words in about.variable_value_labels["warmth_1"].items()} == COLUMNS[
            2
        ].values
    text = (tmp_path / "answers.R").read_text()
    assert '"Passed over" = -9L' in text and 'attr(answers$warmth_1, "label")' in text
    hidden, _about = pyreadstat.read_sav(tmp_path / "answers.sav", output_format="polars")
    assert list(hidden["warmth_1"]) == [None]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "answers.R",
        "answers.csv",
        "answers.dta",
        "answers.sav",
        "labels.csv",
    ]


@pytest.mark.parametrize(
    "columns", [COLUMNS[:3], [Column("Bad name", "x"), *COLUMNS[1:]], [Column("a" * 32, "x"), *COLUMNS[1:]]]
)
def test_names_that_no_program_takes_are_refused_and_nothing_is_written(tmp_path, columns):
    with pytest.raises(InstrumentError):
        write(pl.DataFrame([("A001", NOON, 1, 3)], schema=SCHEMA, orient="row"), columns, tmp_path / "to")
    assert not (tmp_path / "to").exists()
