"""A rehearsal's returns lie there as files, and what is read from them is what is true, family by family."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from attunement import study
from attunement.cli import main
from attunement.records import derive, histories, read, to_histories, workbook
from attunement.records.made_up import History, make_history
from attunement.rehearsal.cases import Returned
from attunement.rehearsal.laid_out import TRUE_OUTCOMES, lay_out, true_outcomes
from attunement.rehearsal.returns import _changed, _transferred, filled, known_on
from attunement.rehearsal.statutory import by_cohort
from tests.records.outcome_oracle import Child as Oracle

VIG = study.load("vig")
START, TAKEN = date(2021, 9, 6), date(2022, 5, 30)
END = date(2022, 3, 6)


@pytest.fixture(scope="module")
def children():
    """Histories of every kind that a rehearsal makes."""
    random, made = np.random.default_rng(4), []
    for n in range(40):
        past = make_history(f"T-{n:03d}", allocated_on=START, window_end=END, worse=0.6, random=random)
        if n % 5 == 1:
            past = _changed(past, ("removed", "died", "moved")[n // 5 % 3], START + timedelta(40 + n))
        if n % 10 == 2:
            past = _transferred(past, START + timedelta(50 + n))
        if n % 10 == 3:
            past = History(past.trial_number, "no record")
        made.append((known_on(past, TAKEN), START - timedelta(60 + n), START))
    return made


def outcomes(found):
    ids = found.children["trial_id"]
    randomised = pl.DataFrame({"trial_id": ids, "t0": [START] * len(ids), "extract_date": [TAKEN] * len(ids)})
    return derive(found.children, found.episodes, found.events, randomised).drop("evidence").sort("trial_id")


def asked(children):
    import io

    blank = io.BytesIO()
    rows = [workbook.Row(past.trial_number, START, END) for past, _born, _day in children]
    workbook.template(blank, site="x", study="y", children=rows)
    return blank.getvalue()


def test_what_is_said_to_be_true_is_what_the_slow_simulator_finds(children):
    found = {row["trial_id"]: row for row in true_outcomes(children, TAKEN, VIG).to_dicts()}
    events = {"section 47": "s47", "conference": "icpc"}
    for past, _born, day in children:
        blank = {"end_code": None, "legal_status": None, "transfer_in": None}
        rows = [blank | {"kind": "referral", "start": a, "end": b, "end_code": c} for a, b, c in past.referrals]
        rows += [blank | {"kind": f"{kind.lower()}_plan", "start": a, "end": b} for kind, a, b, _moved in past.plans]
        rows += [blank | {"kind": "care", "start": a, "end": b, "legal_status": c, "end_code": d}
                 for a, b, c, d in past.care]  # fmt: skip
        held = [{"kind": events[what], "date": a} for what, a, _end in past.assessments if what in events]
        child = {"answer": past.answer.replace(" ", "_"), "death_date": past.died_on}
        for name, value in Oracle(child, rows, held, day, TAKEN).outcomes().items():
            assert found[past.trial_number][name] == value, (past.trial_number, name)
    assert len({row["state"] for row in found.values()}) >= 4


def test_both_ways_of_filling_our_workbook_give_the_truth(children, tmp_path):
    truth = true_outcomes(children, TAKEN, VIG)
    for name, content in (("filled", filled(asked(children), children, TAKEN)), ("cut", by_cohort(children, TAKEN))):
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(content)
        with path.open("rb") as file:
            known = {past.trial_number: day for past, _born, day in children}
            returned = workbook.read(file, known=known, today=TAKEN)
        assert returned.ok
        assert outcomes(histories(returned)).equals(truth), name
        assert outcomes(to_histories(read(path))).equals(truth), name


@pytest.mark.parametrize("care", [("header.csv", "episodes.csv"), ("ssda903.xml",)])
def test_the_laid_out_files_give_the_truth_by_the_command_line(children, tmp_path, care, capsys):
    """But for what only an analyst can say: who moved away, or is not known at all."""
    lay_out(tmp_path, {"A": Returned(TAKEN, tuple(children), b"the workbook")}, VIG)
    place, target = tmp_path / "A", tmp_path / "cut.xlsx"
    files = [str(place / name) for name in ("cin.xml", *care)]
    assert main(["records", "cohort", *files, "--sheet", str(place / "sheet.csv"), "--to", str(target),
                 "--extract", TAKEN.isoformat()]) == 0  # fmt: skip
    truth = pl.read_csv(tmp_path / TRUE_OUTCOMES)
    cut = pl.DataFrame(outcomes(to_histories(read(target)))).with_columns(pl.col(pl.Date).cast(pl.String))
    said = {past.trial_number for past, _born, _day in children if past.answer in ("found", "died", "transferred")}
    rows = {row["trial_id"]: row for row in cut.to_dicts()}
    for row in truth.filter(pl.col("state").is_in(["complete", "died", "transferred"])).drop("site").to_dicts():
        assert row["trial_id"] in said and rows[row["trial_id"]] == row
    assert (place / "workbook.xlsx").read_bytes() == b"the workbook"
    assert "child" in capsys.readouterr().out
