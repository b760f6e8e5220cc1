"""What must never reach a parser is refused first, in a sentence, whatever the file says of itself."""

import io
import random
import struct
import time
import zipfile
import zlib

import pytest

from attunement.records import RecordsError, workbook
from tests.records.conftest import KNOWN


def repacked(content, change=None, **more):
    """The workbook with parts changed (`change(name, content)`) or added (`more`)."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)) if change else old.read(name))
        for name, extra in more.items():
            new.writestr(name, extra)
    return target.getvalue()


def in_plans(old, new):
    """A change of the fifth sheet of the package, which is Plans."""
    return lambda name, content: content.replace(old, new, 1) if name.endswith("sheet5.xml") else content


def crc(content):
    return struct.pack("<I", zlib.crc32(content))


def refusal(content):
    start = time.process_time()
    with pytest.raises(RecordsError) as caught:
        workbook.read(io.BytesIO(content), known=KNOWN)
    assert time.process_time() - start < 3
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"trial_number,start\nA-001a,01/02/2022\n", "not an Excel workbook"),
        (b"PK", "damaged"),
        (b"PK\3\4" + bytes(100), "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK" + bytes(31 * 1024 * 1024), "30 MB"),
    ],
)
def test_what_is_no_workbook_is_refused(content, word):
    assert word in refusal(content)


def test_other_zips_are_refused(filled_workbook):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert "not an Excel workbook" in refusal(target.getvalue())


def test_macros_are_refused(filled_workbook):
    assert "macros" in refusal(repacked(filled_workbook, **{"xl/vbaProject.bin": b"x"}))
    assert "macros" in refusal(repacked(filled_workbook, **{"xl/macrosheets/sheet1.xml": b"<x/>"}))
    as_xlsm = repacked(filled_workbook, lambda _, c: c.replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml"))
    assert "macros" in refusal(as_xlsm)


def test_a_workbook_that_unpacks_to_too_much_is_refused(filled_workbook):
    assert "200 MB" in refusal(repacked(filled_workbook, **{"xl/media/image1.png": bytes(201 * 1024 * 1024)}))
    assert "packed too tightly" in refusal(
        repacked(filled_workbook, **{"xl/media/image1.png": bytes(50 * 1024 * 1024)})
    )


def test_the_stated_size_is_not_believed(filled_workbook):
    big = bytes(60 * 1024 * 1024)
    liar = bytearray(repacked(filled_workbook, **{"xl/media/image1.png": big}))
    size = struct.pack("<I", len(big))
    assert liar.count(size) == 2
    # A checksum that fits the stated ten bytes, too.
    for true, false in ((size, struct.pack("<I", 10)), (crc(big), crc(big[:10]))):
        liar = liar.replace(true, false)
    assert refusal(liar)


def test_a_part_that_is_encrypted_or_twice_there_is_refused(filled_workbook):
    at = filled_workbook.index(b"PK\1\2")
    locked = bytearray(filled_workbook)
    locked[at + 8] |= 1
    assert "password" in refusal(bytes(locked))
    with pytest.warns(UserWarning, match="Duplicate"):
        doubled = repacked(filled_workbook, **{"xl/workbook.xml": b"<workbook/>"})
    assert "damaged" in refusal(doubled)
    assert "parts inside" in refusal(repacked(filled_workbook, **{f"xl/{n}.xml": b"<x/>" for n in range(1001)}))


@pytest.mark.parametrize(
    "place",
    [b'r="XFD1048576"', b"r = 'B900000'", b'r="ZZ2"', b'r="a200001"', b'r="B99999999999999999999"', b'r="GR190000"'],
)
def test_a_cell_far_away_cannot_fill_the_memory(filled_workbook, place):
    assert "reaches beyond" in refusal(repacked(filled_workbook, in_plans(b'r="B2"', place)))


def test_one_endless_text_cannot_be_repeated_in_every_cell(filled_workbook):
    endless = b"<sst><si><t>" + random.Random(1).randbytes(9_000_000).hex().encode() + b"</t></si></sst>"
    many = in_plans(b"</sheetData>", b'<row r="9">' + b'<c t="s"><v>0</v></c>' * 90 + b"</row></sheetData>")
    assert "far too long" in refusal(repacked(filled_workbook, many, **{"xl/sharedStrings.xml": endless}))


def test_entities_are_refused(filled_workbook):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    assert "damaged" in refusal(repacked(filled_workbook, in_plans(b"<worksheet", bomb + b"<worksheet")))


def read_or_refused(content):
    start = time.process_time()
    try:
        workbook.read(io.BytesIO(content), known=KNOWN)
    except RecordsError as error:
        assert "\n" not in str(error)
    assert time.process_time() - start < 3


def test_cells_without_an_end_are_no_trap(filled_workbook):
    read_or_refused(repacked(filled_workbook, in_plans(b"</sheetData>", b"<c >" * 1_000_000 + b"</sheetData>")))


def test_spoilt_bytes_end_in_a_return_or_a_sentence(filled_workbook):
    chance = random.Random(5)
    whole = len(filled_workbook)
    for _ in range(150):
        spoilt = bytearray(filled_workbook[: chance.choice([whole, chance.randrange(1, whole)])])
        for _ in range(chance.randrange(1, 20)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        read_or_refused(spoilt)


def test_spoilt_xml_inside_a_sound_package_ends_the_same_way(filled_workbook):
    chance = random.Random(7)

    def spoil(name, content):
        content = bytearray(content)
        for _ in range(chance.choice([0, 0, 1, 5])):
            content[chance.randrange(len(content))] = chance.choice(b'<>"/&01A \xff')
        return bytes(content)

    for _ in range(60):
        read_or_refused(repacked(filled_workbook, spoil))


def zipped(*files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(name, text)
    return content.getvalue()


def test_the_set_may_come_back_in_one_zip_as_it_went_out():
    from attunement.records.arriving import open_files

    set_ = ("set/children.csv", "Trial number,From\nT1,\n"), ("set/care.csv", "Trial number\n"), ("__MACOSX/._x", "?")
    assert open_files([("returns.zip", zipped(*set_))]).keys() == {"children", "care"}


@pytest.mark.parametrize(("content", "said"), [
    (zipped(("children.csv", "Trial number\nT1\n"), ("notes.txt", "a")), "not an Excel workbook"),
    (zipped(("zebedee.csv", "a\n1\n")), "a name that our set does not have"),
    (zipped(*((f"{n}.csv", "a") for n in range(41))), "far more files"),
    (zipped(("children.csv", "a" * (51 << 20))), "50 MB"),
    (zipped(("children.csv", "Trial number\nT1\n" * 50))[:-30], "damaged"),
    (zipped(("children.csv", "CHILD,DECOM,RNE,LS,CIN,PLACE,DEC,REC\n")), "SSDA903"),
])  # fmt: skip
def test_any_other_zip_is_refused_in_a_sentence(content, said):
    from attunement.records.arriving import open_files

    with pytest.raises(RecordsError, match=said) as refused:
        open_files([("zebedee.zip", content)])
    assert "zebedee" not in str(refused.value)
