"""A Word report goes out to editors and comes back: prose stays, numbers are held to the results."""

import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from attunement.cli import main
from attunement.report import ReportError, build, merge

Change = Callable[[str], str]


@pytest.fixture(scope="module")
def printed(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(released, tmp_path_factory.mktemp("word") / "report", word=True, not_for_publication=True).html.parent


@pytest.fixture
def folder(printed: Path, tmp_path: Path) -> Path:
    for name in ("report.docx", "results.json"):
        shutil.copy(printed / name, tmp_path)
    return tmp_path


def edit(path: Path, *changes: Change) -> Path:
    """The Word file with its text's XML changed."""
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    text = members["word/document.xml"].decode()
    for change in changes:
        after = change(text)
        assert after != text
        text = after
    members["word/document.xml"] = text.encode()
    with zipfile.ZipFile(path, "w") as new:
        for name, content in members.items():
            new.writestr(name, content)
    return path


def document(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read("word/document.xml").decode()


def control(id_: str) -> re.Pattern[str]:
    return re.compile(rf'<w:sdt><w:sdtPr><w:alias w:val="num:{re.escape(id_)}@[0-9a-f]{{8}}"/>.*?</w:sdt>')


def as_libreoffice_does(text: str) -> str:
    """What its writer was measured to do: tags and locks gone, new ids, block controls gone with their content kept."""
    text = re.sub(r"<w:tag [^>]*/>|<w:lock [^>]*/>", "", text)
    text = re.sub(r'<w:sdt><w:sdtPr><w:alias w:val="table:[^>]*/><w:id [^>]*/></w:sdtPr><w:sdtContent>(<w:tbl>.*?</w:tbl>)'
                  r"</w:sdtContent></w:sdt>", r"\1", text, flags=re.DOTALL)  # fmt: skip
    return re.sub(r'(<w:sdtPr>.*?<w:id w:val=")(\d+)', r"\g<1>9\2", text)


def value(id_: str, text: str) -> Change:
    def change(xml: str) -> str:
        return control(id_).sub(lambda found: re.sub(r"(<w:t [^>]*>)[^<]*", rf"\g<1>{text}", found.group()), xml, count=1)

    return change


def test_an_unedited_file_has_no_difference(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "merge", str(folder / "report.docx")]) == 0
    assert capsys.readouterr().out == f"The merged report: {folder / 'report-merged.docx'}\n"
    assert document(folder / "report-merged.docx").count("<w:sdt>") == document(folder / "report.docx").count("<w:sdt>")


@pytest.mark.parametrize("route", [None, as_libreoffice_does])
def test_prose_stays_and_a_doctored_number_is_found(folder: Path, route: Change | None,
                                                    capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    truth = json.loads((folder / "results.json").read_text())["numbers"]["effect.warmth.value"]["text"]
    changes = [value("effect.warmth.value", "9.91"), lambda x: x.replace("Local authorities referred", "Councils sent")]
    edit(folder / "report.docx", *changes, *([route] if route else []))
    assert main(["report", "merge", str(folder / "report.docx")]) == 1
    assert capsys.readouterr().out.splitlines()[:-1] == [
        f"effect.warmth.value: the file says 9.91, the result is {truth}"]  # fmt: skip
    merged = document(folder / "report-merged.docx")
    assert "Councils sent" in merged and "9.91" not in merged


def test_a_number_is_known_by_its_bookmark_when_its_control_is_gone(folder: Path) -> None:
    def unwrap(text: str) -> str:
        return control("effect.warmth.value").sub(
            lambda found: re.sub(r".*<w:sdtContent>(.*)</w:sdtContent>.*", r"\1", found.group()), text)  # fmt: skip

    edit(folder / "report.docx", value("effect.warmth.value", "0.01"), unwrap)
    (line,) = merge(folder / "report.docx").lines
    assert line.startswith("effect.warmth.value: the file says 0.01, the result is ")
    assert merge(folder / "report-merged.docx", to=folder / "again.docx").lines == ()


def test_other_spaces_other_minus_signs_and_split_runs_are_no_difference(folder: Path) -> None:
    def split(text: str) -> str:
        runs = '<w:r><w:t>{}</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">{}</w:t></w:r>'
        shown = re.search(r">([^<]+)</w:t>", control("effect.warmth.interval").search(text).group()).group(1)  # type: ignore[union-attr]
        other = shown.replace(" ", "\u202f").replace("\N{MINUS SIGN}", "-")
        return control("effect.warmth.interval").sub(
            lambda found: re.sub(r"<w:r>.*</w:r>", runs.format(other[:2], other[2:]), found.group()), text)  # fmt: skip

    assert merge(edit(folder / "report.docx", split)).lines == ()


def test_a_lost_control_an_unknown_tag_and_a_broken_one_are_named(folder: Path) -> None:
    def lose(text: str) -> str:
        return re.sub(r'<w:bookmarkStart [^>]*/>(<w:sdt><w:sdtPr><w:alias w:val="num:flow\.referred@.*?</w:sdt>)'
                      r"<w:bookmarkEnd [^>]*/>", "", text, count=1)  # fmt: skip

    def rename(old: str, new: str) -> Change:
        return lambda text: re.sub(old, new, text, flags=re.DOTALL)

    edit(folder / "report.docx", lose, rename(r"num:effect\.warmth\.size@", "num:effect.warmth.colour@"),
         rename(r"num:effect\.invasion\.p@[0-9a-f]{8}", "num:effect.invasion.p"))  # fmt: skip
    lines = merge(folder / "report.docx").lines
    assert "effect.warmth.colour: the file has this tag, the results have no such number." in lines
    assert "The tag 'num:effect.invasion.p' cannot be read." in lines
    assert any(re.fullmatch(r"flow\.referred: 1 of its \d controls is lost\.", line) for line in lines)


def test_tracked_changes_are_named_and_stay(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = '<w:ins w:id="900" w:author="Mx Writer"><w:r><w:t>a new clause</w:t></w:r></w:ins></w:p>'
    gone = '<w:del w:id="901" w:author="Mx Writer"><w:r><w:delText>an old one</w:delText></w:r></w:del></w:p>'
    edit(folder / "report.docx", lambda text: text.replace("</w:p>", words, 1).replace("</w:p>", gone, 1))
    assert main(["report", "merge", str(folder / "report.docx")]) == 1
    out = capsys.readouterr().out
    assert "Tracked change, an insertion: “a new clause”." in out and "a deletion: “an old one”." in out
    assert "Writer" not in out
    assert "a new clause" in document(folder / "report-merged.docx")


def test_a_newer_snapshot_refreshes_the_numbers_and_nothing_else(folder: Path, snapshot: Callable[..., Path]) -> None:
    newer = build(snapshot(effect=0.2), folder / "newer", not_for_publication=True).results_json
    edit(folder / "report.docx", lambda text: text.replace("Local authorities referred", "Councils sent"))
    merged = merge(folder / "report.docx", results=newer)
    assert any(line.startswith("effect.warmth.value: the file says ") for line in merged.lines)
    assert "Councils sent" in document(merged.path)
    assert merge(merged.path, results=newer, to=folder / "again.docx").lines == ()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "cannot be read as a Word file"), (b"PK\x03\x04 nothing", "cannot be read as a Word file")],
)
def test_what_is_no_word_file_is_refused_in_one_line(folder: Path, content: bytes, sentence: str,
                                                     capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    (folder / "odd.docx").write_bytes(content)
    assert main(["report", "merge", str(folder / "odd.docx")]) == 1
    told = capsys.readouterr()
    assert sentence in told.err and told.err.count("\n") == 1
    assert not (folder / "odd-merged.docx").exists()


def test_an_archive_without_a_text_entities_and_no_results_are_refused(folder: Path, tmp_path: Path) -> None:
    def archive(text: str | None) -> Path:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w") as made:
            made.writestr("other.xml", "<a/>")
            if text is not None:
                made.writestr("word/document.xml", text)
        (folder / "odd.docx").write_bytes(whole.getvalue())
        return folder / "odd.docx"

    with pytest.raises(ReportError, match="it has no text in it"):
        merge(archive(None))
    with pytest.raises(ReportError, match="cannot be read"):
        merge(archive('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'))
    with pytest.raises(ReportError, match="written over"):
        merge(folder / "report.docx", to=folder / "report.docx")
    (folder / "results.json").write_text("[]")
    with pytest.raises(ReportError, match=r"is not the results\.json of a report"):
        merge(folder / "report.docx")
    (folder / "results.json").unlink()
    with pytest.raises(ReportError, match=r"There is no .*results\.json: say with --results"):
        merge(folder / "report.docx")


def test_the_command_asks_for_what_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["report", "merge"], ["report", "somewhere"], ["report", "somewhere", "else.docx"]):
        with pytest.raises(SystemExit):
            main(words)
        assert "usage: attunement report SNAPSHOT --to DIR" in capsys.readouterr().err
