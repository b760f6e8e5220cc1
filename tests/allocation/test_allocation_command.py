"""`attunement allocation …` prints figures, pictures and verdicts, and refuses in one line."""

import json
import os
from pathlib import Path

import pytest

from attunement.cli import main

REFERENCE = json.loads((Path(__file__).parents[1] / "data" / "allocation" / "two_arm.json").read_text())
MINIMISED = '''scheme = "minimisation:range,4/5"
ratio = [1, 1]
strata = []
factors = [{ code = "help", title = "Help so far", levels = ["little", "much"] }]
minimise = [{ code = "site" }, { code = "help", weight = 2 }]'''


def run(capsys, *words):
    code = main(["allocation", *map(str, words)])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("row", REFERENCE["two_arm"], ids=lambda row: f"{row['scheme']}-{row['n']}")
def test_the_figures_come_as_json_with_the_names_of_the_reference(capsys, row):
    code, out, _ = run(capsys, "assess", "--scheme", row["scheme"], "--n", row["n"], "--json")
    told = json.loads(out)
    assert code == 0
    for name in ("guess", "deterministic", "balance", "sd", "mean_abs", "max_abs"):
        assert told[name] == pytest.approx(row[name], abs=1e-9)


def test_a_study_s_scheme_stands_beside_others(capsys, tmp_path):
    code, out, _ = run(capsys, "assess", "vig", "--plot", tmp_path / "seen.svg")
    assert code == 0
    assert "right 58 times in 100" in out and "▸ big_stick:3" in out and "blocks:4,6,8" in out
    assert (tmp_path / "seen.svg").read_text().lstrip().startswith("<?xml")
    _, out, _ = run(capsys, "assess", "vig", "--json")
    told = json.loads(out)
    assert told["n"] == 63 and told["guess"] == pytest.approx(0.57848324515)
    assert "complete 1:1" in [each["scheme"] for each in told["beside"]]


def test_minimisation_of_a_study_is_simulated_with_its_error(capsys, tmp_path):
    vig = (Path(__file__).parents[2] / "src/attunement/study/studies/vig/study.toml").read_text()
    old = 'scheme = "big_stick:3"\nratio = [1, 1]\nstrata = ["site"]'
    assert old in vig
    (tmp_path / "study.toml").write_text(vig.replace(old, MINIMISED))
    code, out, err = run(capsys, "assess", tmp_path, "--runs", 100, "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["runs"] == 100 and 0 < told["guess_mc_error"] < 0.01 and told["n"] == 252
    assert 0.6 < told["guess"] < 0.8


def test_minimisation_by_name_takes_its_factors_beside_it(capsys):
    code, out, _ = run(capsys, "assess", "--scheme", "minimisation:range,4/5", "--runs", 50, "--n", 20, "--json")
    assert code == 0 and json.loads(out)["scheme"].startswith('minimisation:range,4/5 [["site", ["A", "B", "C", "D"]')
    code, out, _ = run(capsys, "assess", "--scheme", "minimisation:sd,0.9", "--factor", "site=A,B:2",
                       "--factor", "age=young,old:1/2", "--runs", 50, "--n", 20, "--ratio", "1:2", "--json")
    assert code == 0 and '["age", ["young", "old"], "1/2"]] 1:2' in json.loads(out)["scheme"]


def test_three_arms_are_assessed_and_simulated_figures_print_their_standard_errors(capsys):
    code, out, _ = run(capsys, "assess", "--scheme", "blocks:3", "--ratio", "1:1:1")
    assert code == 0 and "right 61 times in 100" in out and "complete" in out and "Standard errors" not in out
    code, out, _ = run(capsys, "assess", "--scheme", "minimisation:range,4/5", "--ratio", "1:2:3", "--runs", 50, "--n", 12)
    assert code == 0 and "Standard errors from the number of made-up trials: guess 0." in " ".join(out.split())


def test_a_device_or_a_pipe_is_never_written_over(capsys, tmp_path):
    os.mkfifo(tmp_path / "pipe.svg")
    for words in (["example", "--to"], ["assess", "vig", "--plot"]):
        code, _, err = run(capsys, *words, tmp_path / "pipe.svg")
        assert code == 1 and "no file that can be written" in err and (tmp_path / "pipe.svg").is_fifo()
    assert [each.name for each in tmp_path.iterdir()] == ["pipe.svg"]


@pytest.mark.parametrize("kind", ["list", "from_list"])
def test_a_list_is_described_and_not_assessed(capsys, tmp_path, kind):
    (tmp_path / "l.csv").write_text("stratum,arm\nA,x\nA,y\n")
    code, out, _ = run(capsys, "assess", "--scheme", f"{kind}:{tmp_path / 'l.csv'}")
    assert code == 0 and "2 for A" in out and "described, not assessed" in out


def test_a_study_that_takes_a_list_is_described_before_the_list_is_there(capsys, tmp_path):
    vig = (Path(__file__).parents[2] / "src/attunement/study/studies/vig/study.toml").read_text()
    (tmp_path / "study.toml").write_text(vig.replace('"big_stick:3"', '"list"'))
    code, out, _ = run(capsys, "assess", tmp_path, "--json")
    assert code == 0 and "uploaded before the lock" in json.loads(out)["described"]


def test_an_example_is_written_and_verifies_and_an_edit_shows(capsys, tmp_path):
    log = tmp_path / "log"
    code, out, _ = run(capsys, "example", "--to", log)
    assert code == 0 and f"{log}.certificate.json" in out and f"{log}.checkpoints" in out
    assert run(capsys, "verify", log)[0] == 0
    code, out, _ = run(capsys, "verify", log, "--key", f"{log}.certificate.json", "--checkpoint", f"{log}.checkpoints")
    assert code == 0 and "The log is whole" in out and "Give" not in out
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:30] + lines[31:]))
    code, out, err = run(capsys, "verify", log)
    assert (code, err) == (1, "") and out.startswith("The log is broken at entry 31: ") and out.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["assess"], "name a study, or a scheme"),
        (["assess", "vig", "--scheme", "complete"], "not both"),
        (["assess", "vig", "--ratio", "1:1"], "the ratio is the study's"),
        (["assess", "vig", "--factor", "a=b"], "the factor is the study's"),
        (["assess", "--scheme", "minimisation:range,4/5", "--factor", "site"], "its levels, as in site=A,B"),
        (["assess", "--scheme", "minimisation:range,4/5", "--factor", "site=A:1/0"], "end in a weight"),
        (["assess", "--scheme", "maximal:9999999"], "one whole number, each below a million"),
        (["assess", "--scheme", "nonesuch"], "no allocation scheme"),
        (["assess", "--scheme", "big_stick:0"], "at least, not 0"),
        (["assess", "--scheme", "complete", "--n", "0"], "whole number from 1"),
        (["assess", "--scheme", "complete", "--n", "1e3"], "whole number from 1"),
        (["assess", "--scheme", "complete", "--n", "5001"], "1 to 5,000"),
        (["assess", "--scheme", "complete", "--ratio", "1:x"], "colons between"),
        (["assess", "--scheme", "big_stick:3", "--ratio", "1:1:1"], "two arms 1:1 only"),
        (["assess", "--scheme", "complete", "--ratio", "1"], "two arms or more"),
        (["assess", "--scheme", "maximal:3", "--ratio", "2:1"], "1:1 only"),
        (["assess", "nonesuch"], "no such file"),
        (["assess", "vig", "--plot", "seen.png"], "written as .svg"),
        (["assess", "vig", "--plot", "/nowhere/seen.svg"], "cannot be written"),
        (["verify", "/nowhere"], "cannot be opened"),
        (["verify", "/"], "cannot be opened"),
        (["example", "--to", "/nowhere/log"], "cannot be written"),
        (["example", "--to", ""], "no file that can be written"),
        (["assess", "vig", "--plot", "/"], "written as .svg"),
        (["assess", "--scheme", "minimisation:range,0.8", "--factor", "a=x,y:1e7"], "1,000,000 at most"),
        (["assess", "--scheme", "list:a\0b"], "no name of a file"),
        (["assess", "--scheme", "complete", "--n", ""], "whole number from 1"),
        (["assess", "--scheme", "complete", "--ratio", ""], "colons between"),
        (["assess", "--scheme", "minimisation:range,0.8", "--runs", "100001"], "at most 100,000 made-up trials"),
        (["assess", "--scheme", "minimisation:range,0.8", "--factor", "a=x,y:1e400"], "no endless one"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(capsys, words, said):
    code, out, err = run(capsys, *words)
    assert code == 1 and out == ""
    assert said in err and err.count("\n") == 1
