"""A Word report that LibreOffice has saved: prose stays, a doctored number is found, a new snapshot refreshes it.

The frozen files were saved by LibreOffice 7.4.7; where soffice is installed the same is done anew.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path

import pytest

from attunement.report import merge, tags, word
from attunement.report.ledger import Ledger
from attunement.report.model import Column, Document, Paragraph, Section, Table

DATA = Path(__file__).parent.parent / "data" / "report"
PROSE = "Written over by an editor."


def small(n: int = 33) -> tuple[Document, dict[str, object]]:
    """A report of three numbers, one of them in a table, and its results."""
    ledger = Ledger()
    text = ledger.woven("Of {n} families the difference was {d}.", n=ledger.count("flow.allocated", n),
                        d=ledger.decimal("effect.warmth.value", -4.913))  # fmt: skip
    table = Table("a-table", "Families", (Column("Who", False), Column("Families")),
                  (("Allocated", ledger.count("flow.allocated", n)), ("Analysed", ledger.count("flow.analysed", 27))))
    section = Section("people", "Who took part", (Paragraph(text), Paragraph(("Prose to be written over.",)), table))
    document = Document("A small report", "Made up", "en-GB", (), (section,), ledger.results, date(2023, 2, 28))
    numbers = {id_: {"value": one.value, "text": one.text} for id_, one in ledger.results.items()}
    return document, {"numbers": numbers, "printed": dict(document.printed())}


def lay(folder: Path, n: int = 33) -> Path:
    document, results = small(n)
    (folder / "results.json").write_text(json.dumps(results), encoding="utf-8")
    (folder / "report.docx").write_bytes(word.render(document))
    return folder / "report.docx"


def edited(path: Path) -> Path:
    """Prose changed and a number doctored, in the text's XML."""
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    text = members["word/document.xml"].decode()
    after = text.replace("Prose to be written over.", PROSE).replace("\N{MINUS SIGN}4.91", "\N{MINUS SIGN}9.91")
    assert after != text
    members["word/document.xml"] = after.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in members.items():
            new.writestr(name, content)
    return path


def saved_by_libreoffice(path: Path, to: Path, kind: str = "docx:Office Open XML Text") -> Path:
    subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{to}/profile", "--convert-to", kind,
                    "--outdir", str(to), str(path)], check=True, capture_output=True, timeout=120)  # fmt: skip
    return to / f"{path.stem}.{kind.split(':')[0]}"


def hold(path: Path, folder: Path) -> None:
    """What must be true of the edited report, whoever saved it."""
    lay(folder)
    found = merge(path, results=folder / "results.json", to=folder / "merged.docx")
    assert found.lines == ("effect.warmth.value: the file says \N{MINUS SIGN}9.91, the result is \N{MINUS SIGN}4.91",)
    with zipfile.ZipFile(found.path) as archive:
        text = archive.read("word/document.xml").decode()
    assert PROSE in text and "9.91" not in text and "4.91" in text
    assert merge(found.path, results=folder / "results.json", to=folder / "again.docx").lines == ()
    newer = folder / "newer"
    newer.mkdir()
    lay(newer, n=41)
    refreshed = merge(found.path, results=newer / "results.json", to=newer / "merged.docx")
    assert refreshed.lines == ("flow.allocated: the file says 33, the result is 41",) * 2
    with zipfile.ZipFile(refreshed.path) as archive:
        assert PROSE in archive.read("word/document.xml").decode()


@pytest.mark.parametrize("name", ["by_alias.docx", "by_bookmark.docx"])
def test_a_file_that_libreoffice_saved_comes_back(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(DATA / name) as archive:
        text = archive.read("word/document.xml").decode()
    assert "w:tag" not in text and ("w:alias" in text) is (name == "by_alias.docx")
    hold(DATA / name, tmp_path)


@pytest.mark.skipif(shutil.which("soffice") is None,
                    reason="SKIPPED: LibreOffice (soffice) is not installed; only its frozen files were tried")
def test_libreoffice_as_it_is_here_saves_a_file_that_comes_back(tmp_path: Path) -> None:
    saved = saved_by_libreoffice(edited(lay(tmp_path)), tmp_path / "saved")
    hold(saved, tmp_path)


def test_a_bookmark_leads_to_its_number_when_its_start_lies_in_the_control(tmp_path: Path) -> None:
    """As LibreOffice writes it, the alias lost too."""
    path = lay(tmp_path)
    with zipfile.ZipFile(DATA / "by_alias.docx") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    text = members["word/document.xml"].decode()
    members["word/document.xml"] = text.replace("w:alias", "w:placeholder").encode()
    with zipfile.ZipFile(path, "w") as new:
        for name, content in members.items():
            new.writestr(name, content)
    assert len(merge(path).lines) == 1
    assert tags.read("num:flow.allocated@00000000") == ("num", "flow.allocated")
