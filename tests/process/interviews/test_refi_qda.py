"""REFI-QDA out and in: read back by pyrefiqda and by ourselves; dangerous files refused in one line."""

import stat
import struct
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyrefiqda import RefiCodebook, RefiProject

from attunement.process import ProcessError
from attunement.process.interviews import (
    Codebook,
    Coding,
    Project,
    Source,
    lines,
    read_codebook,
    read_project,
    write_codebook,
    write_project,
)

ON = date(2022, 3, 1)
WHY = {"by": "C1", "on": ON, "why": "made up for the test"}
BOOK = Codebook().add("Barriers", codable=False, **WHY)
BOOK = BOOK.add("Time", parent=BOOK.codes[0].guid, description="No time <for> it & more", **WHY)
BOOK = BOOK.add("Joy", dimension="responsiveness", **WHY)
TIME, JOY = BOOK.codes[1].guid, BOOK.codes[2].guid
WINDOWS = "I: How was it?\r\nP: 😀 We laughed.\r\nP: There was no time.\r\n"
TEXT = lines(WINDOWS)


def passage(words: str, code: str, coder: str = "C1", source: str = "T1", text: str = TEXT) -> Coding:
    start = text.index(words)
    return Coding(source, start, start + len(words), code, coder)


def project() -> Project:
    sources = (Source("T1", "parent 1", TEXT, consent="record 12"),
               Source("N1", "practitioner 1", "No time.", "session_note", "record 13"))  # fmt: skip
    codings = (passage("We laughed", JOY), passage("no time", TIME), passage("We laughed", JOY, "C2"),
               Coding("N1", 0, 7, TIME, "C2"))  # fmt: skip
    return Project("Interviews", BOOK, sources, codings)


CONSENT = {"T1": "record 12", "N1": "record 13"}


def test_a_stranger_s_reader_finds_every_passage(tmp_path: Path) -> None:
    path = write_project(project(), tmp_path / "out.qdpx")
    read = RefiProject.load(path, extract_dir=str(tmp_path / "unpacked"))
    assert read.code_book.codes.code[0].code[0].name == "Time", "nested by nesting"
    names = {code.guid: code.name for code in (*read.code_book.codes.code, *read.code_book.codes.code[0].code)}
    found = []
    for source in read.sources.text_source:
        text = RefiProject.resolve_source_path(source.plain_text_path, tmp_path / "unpacked").read_bytes().decode()
        found += [(source.name, text[one.start_position : one.end_position], names[one.coding[0].code_ref.target_guid])
                  for one in source.plain_text_selection]  # fmt: skip
    assert sorted(found) == [("N1", "No time", "Time"), ("T1", "We laughed", "Joy"), ("T1", "We laughed", "Joy"),
                             ("T1", "no time", "Time")]  # fmt: skip
    assert [user.name for user in read.users.user] == ["C1", "C2"]
    assert [case.name for case in read.cases.case] == ["parent 1", "practitioner 1"]


def test_our_own_reader_gives_the_project_back(tmp_path: Path) -> None:
    read = read_project(write_project(project(), tmp_path / "out.qdpx"), consent=CONSENT)
    assert read.lost == ()
    assert read.project.tidy().equals(project().tidy())
    assert [source.kind for source in read.project.sources] == ["transcript", "session_note"]


def test_the_same_project_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write_project(project(), tmp_path / name) for name in ("a.qdpx", "b.qdpx"))
    assert first.read_bytes() == second.read_bytes()


def test_a_codebook_goes_out_and_in(tmp_path: Path) -> None:
    path = write_codebook(BOOK, tmp_path / "book.qdc")
    assert RefiCodebook.load(path).codes.code[0].code[0].description == "No time <for> it & more"
    read = read_codebook(path)
    assert [(code.guid, code.name, code.parent, code.codable) for code in read.codes] == [
        (code.guid, code.name, code.parent, code.codable) for code in BOOK.codes]


@settings(max_examples=40, deadline=None)
@given(st.text(st.sampled_from("ab é😀𝄞\n\r\u2028"), min_size=1, max_size=40), st.data())
def test_positions_are_code_points_of_lf_text_whatever_the_letters(tmp_path_factory: Any, raw: str, data: Any) -> None:
    text = lines(raw)
    if not text.strip():
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    made = Project("P", BOOK, (Source("T1", "p", text, consent="c"),), (Coding("T1", start, end, JOY, "C1"),))
    path = write_project(made, tmp_path_factory.mktemp("refi") / "p.qdpx")
    read = read_project(path, consent={"T1": "c"})
    assert read.project.text(read.project.codings[0]) == text[start:end]


def again(path: Path, into: Path, change: Any) -> Path:
    """The file with its members changed: `change` takes and gives a mapping of name to bytes."""
    with zipfile.ZipFile(path) as archive:
        members = change({name: archive.read(name) for name in archive.namelist()})
    with zipfile.ZipFile(into, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return into


def edited(old: str, new: str) -> Any:
    return lambda members: {name: content.replace(old.encode(), new.encode()) if name.endswith(".qde") else content
                            for name, content in members.items()}  # fmt: skip


def test_a_file_with_windows_line_ends_keeps_its_passages(tmp_path: Path) -> None:
    """Its positions count its own characters, so each is moved by the line ends before it."""
    start = WINDOWS.index("no time")
    windows = lambda members: {  # noqa: E731
        name: WINDOWS.encode() if name.endswith(".txt") and len(content) > 20 else content
        for name, content in edited(f'"{TEXT.index("no time")}"', f'"{start}"')(
            edited(f'"{TEXT.index("no time") + 7}"', f'"{start + 7}"')(members)).items()}  # fmt: skip
    out = write_project(project(), tmp_path / "out.qdpx")
    read = read_project(again(out, tmp_path / "windows.qdpx", windows), consent=CONSENT)
    assert "no time" in {read.project.text(one) for one in read.project.codings}
    assert "\r" not in read.project.sources[0].text


@pytest.mark.parametrize(("old", "new", "line"), [
    ("</Sources>", '<PDFSource guid="5a3f2f0c-6f0e-5b0e-9d0b-2b6f7b1f4a10" name="scan"/></Sources>', "a PDF called 'scan'"),
    ('startPosition="0"', 'startPosition="900"', "does not lie in its text"),
    ('startPosition="0"', 'startPosition="x"', "does not lie in its text"),
    (f'targetGUID="{TIME}"', 'targetGUID="5a3f2f0c-6f0e-5b0e-9d0b-2b6f7b1f4a11"', "a code that the codebook"),
    ("internal://", "relative:///", "not in the file"),
])  # fmt: skip
def test_what_cannot_be_taken_is_said_line_by_line(tmp_path: Path, old: str, new: str, line: str) -> None:
    out = write_project(project(), tmp_path / "out.qdpx")
    assert old in zipfile.ZipFile(out).read("project.qde").decode()
    read = read_project(again(out, tmp_path / "changed.qdpx", edited(old, new)), consent=CONSENT)
    assert any(line in one for one in read.lost) and all("\n" not in one for one in read.lost)


def test_a_source_without_consent_is_not_taken(tmp_path: Path) -> None:
    read = read_project(write_project(project(), tmp_path / "out.qdpx"), consent={"T1": "record 12"})
    assert [source.id for source in read.project.sources] == ["T1"]
    assert read.lost == ("'N1' has no consent on record: not taken.",)


@pytest.mark.parametrize(("change", "sentence"), [
    (lambda members: {"../outside.txt": b"x", **members}, "points outside it"),
    (lambda members: {"/etc/x.txt": b"x", **members}, "points outside it"),
    (lambda members: {"C:\\x.txt": b"x", **members}, "points outside it"),
    (lambda members: {"sources\\..\\..\\x.txt": b"x", **members}, "points outside it"),
    (lambda members: {"PROJECT.qde": b"x", **members}, "two members"),
    (lambda members: {"other.qde": b"<a/>", **members}, "2 project files"),
    (lambda members: {}, "0 project files"),
    (edited("<Project", "<!DOCTYPE Project><Project"), "document type"),
    (edited("<Project", '<!DOCTYPE Project [<!ENTITY x SYSTEM "file:///etc/passwd">]><Project'), "document type"),
    (edited("</Project>", ""), "no XML that can be read"),
    (edited("urn:QDA-XML:project:1.0", "urn:other"), "no REFI-QDA project"),
    (edited(TIME, "no guid"), "which is none"),
    (lambda members: {f"sources/{n}.txt": b"" for n in range(10_001)} | members, "10,003|10,000"),
    (lambda members: {"sources/bomb.txt": b"\0" * 20_000_000, **members}, "unpacks to more"),
])  # fmt: skip
def test_a_dangerous_or_broken_file_is_refused_in_one_line(tmp_path: Path, change: Any, sentence: str) -> None:
    out = write_project(project(), tmp_path / "out.qdpx")
    with zipfile.ZipFile(out) as archive:
        members = change({name: archive.read(name) for name in archive.namelist()})
    bad = tmp_path / "bad.qdpx"
    with zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ProcessError, match=sentence) as caught:
        read_project(bad, consent=CONSENT)
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before, "nothing is unpacked"


def test_a_link_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.qdpx"
    with zipfile.ZipFile(bad, "w") as archive:
        info = zipfile.ZipInfo("sources/x.txt")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(ProcessError, match="a link"):
        read_project(bad, consent={})


def test_a_member_of_ten_gigabytes_is_refused_whether_it_says_so_or_not(tmp_path: Path) -> None:
    """One says 10 GB in its directory and is refused unread; one says 1 byte, and its real bytes are counted."""
    said = tmp_path / "said.qdpx"
    with zipfile.ZipFile(said, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sources/x.txt", b"\0" * 1000)
        archive.filelist[0].file_size = 10_000_000_000
    with pytest.raises(ProcessError, match="says that it unpacks to more"):
        read_project(said, consent={})
    lied = tmp_path / "lied.qdpx"
    with zipfile.ZipFile(lied, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("project.qde", b"\0" * 5_000_000)
    content = bytearray(lied.read_bytes())
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 1)
    lied.write_bytes(content)
    with pytest.raises(ProcessError):
        read_project(lied, consent={})


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_zip(tmp_path: Path, content: bytes) -> None:
    bad = tmp_path / "bad.qdpx"
    bad.write_bytes(content)
    with pytest.raises(ProcessError, match=r"bad\.qdpx"):
        read_project(bad, consent={})
    with pytest.raises(ProcessError, match="cannot be read"):
        read_project(tmp_path / "none.qdpx", consent={})


def test_damaged_bytes_are_refused_or_read_and_never_a_traceback(tmp_path: Path) -> None:
    whole = write_project(project(), tmp_path / "out.qdpx").read_bytes()
    bad = tmp_path / "bad.qdpx"
    for place in range(0, len(whole), 11):
        bad.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        try:
            read_project(bad, consent=CONSENT)
        except ProcessError as fault:
            assert "\n" not in str(fault)


def test_a_name_that_no_xml_holds_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match="no XML file can hold"):
        write_project(Project("bell \x07"), tmp_path / "out.qdpx")
    with pytest.raises(ProcessError, match=r"ends in \.qdpx"):
        write_project(project(), tmp_path / "out.zip")
    with pytest.raises(ProcessError, match="cannot be written"):
        write_project(project(), tmp_path / "nowhere" / "out.qdpx")
    assert list(tmp_path.iterdir()) == []
