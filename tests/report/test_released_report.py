"""A report that leaves is held to all that left before, and stands in the register with who approved it."""

import hashlib
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from attunement import report
from attunement.cli import main
from attunement.disclosure import Approval, Named, Register, profile, protect_named
from attunement.report import Built, ReportError
from attunement.report.ledger import Ledger

Write = Callable[..., Path]
APPROVAL = Approval("R. Patel", date(2022, 9, 1))


class Kept:
    """A register as a caller keeps it."""

    def __init__(self) -> None:
        self.register = Register()

    def build(self, snapshot: Path, to: Path, approval: Approval = APPROVAL) -> Built:
        return report.build(snapshot, to, register=self.register, approval=approval,
                            enter=lambda entered: setattr(self, "register", entered))


def files(built: Built) -> dict[str, bytes]:
    folder = built.html.parent
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_release_has_its_manifest_and_the_register_its_counts(released: Path, tmp_path: Path) -> None:
    kept = Kept()
    found = files(kept.build(released, tmp_path / "out"))
    told = json.loads(found["release.json"])
    assert (told["approved_by"], told["approved_on"], told["profile"]) == ("R. Patel", "2022-09-01", "round-5")
    assert told["files"] == {name: hashlib.sha256(content).hexdigest() for name, content in found.items()
                             if name != "release.json"}
    assert len(kept.register.releases) == len(kept.register.manifests) == 1


def test_the_same_report_built_again_has_the_same_bytes_whoever_builds_it(released: Path, tmp_path: Path) -> None:
    kept = Kept()
    first = files(kept.build(released, tmp_path / "first"))
    again = files(kept.build(released, tmp_path / "again", Approval("A. Other", date(2023, 1, 1))))
    assert again == first
    assert len(kept.register.releases) == len(kept.register.manifests) == 1


def test_a_second_cut_is_held_against_the_first_and_the_first_stays_as_it_left(snapshot: Write, tmp_path: Path) -> None:
    kept, study = Kept(), ('profile = "round-5"', 'profile = "suppress-5"')
    early, late = snapshot(families=40, study=study), snapshot(families=42, study=study)
    first = files(kept.build(early, tmp_path / "early"))
    kept.build(late, tmp_path / "late")
    alone = report.build(late, tmp_path / "alone")
    counts = [json.loads((tmp_path / name / "results.json").read_text())["counts"]["flow.referred"]
              for name in ("early", "late", "alone")]
    assert counts[0] is not None and counts[1] is None and counts[2] is not None
    assert alone.results_json.exists()
    assert files(kept.build(early, tmp_path / "again")) == first


def test_an_estimate_of_nearly_the_same_families_stays_back() -> None:
    ledger, rule = Ledger(), profile("suppress-5")
    ledger.count("effect.x.n", 60)
    ledger.given_away.add("effect.x.n")
    before = [protect_named({"effect.x.n": 58}, (), rule, given_away=["effect.x.n"], cut="1")]
    assert ledger.decide(rule, before, "2").withheld == {"effect.x.n"}
    assert ledger.decide(rule, before, "2").shown["effect.x.n"] is None
    assert not ledger.decide(rule, [], "2").withheld
    far: list[Named] = [protect_named({"effect.x.n": 50}, (), rule, given_away=["effect.x.n"], cut="1")]
    assert not ledger.decide(rule, far, "2").withheld


def test_nothing_lies_in_the_folder_when_the_register_cannot_be_written(released: Path, tmp_path: Path) -> None:
    def enter(entered: Register) -> None:
        entered.write(tmp_path / "nowhere" / "register.json")

    with pytest.raises(ValueError, match="check the folder"):
        report.build(released, tmp_path / "out", approval=APPROVAL, enter=enter)
    assert not (tmp_path / "out").exists()
    with pytest.raises(ReportError, match="name of the person"):
        report.build(released, tmp_path / "out", approval=Approval(" ", APPROVAL.on))


def test_the_command_line_enters_a_release_and_asks_for_both_words(
    released: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ["report", str(released), "--to", str(tmp_path / "out")]
    register = ["--register", str(tmp_path / "register.json")]
    assert main([*said, *register, "--approved-by", "R. Patel"]) == 0
    assert json.loads((tmp_path / "register.json").read_text())["manifests"][0]["approved_by"] == "R. Patel"
    assert main(said) == 0
    assert "no register" in capsys.readouterr().out
    for wrong in (register, [*register, "--approved-by", "R. Patel", "--not-for-publication"]):
        with pytest.raises(SystemExit):
            main([*said, *wrong])
