"""Returns spoilt at random, in bytes, cells, sheets and elements: each is read, or refused in one sentence with its place.

Many: `python -m tests.records.mutants`; another number a file as first argument, a seed as second.
"""

import csv
import io
import json
import random
import re
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from pathlib import Path

from attunement.records import RecordsError, read, to_histories
from attunement.records.arriving import open_files
from attunement.records.kept import is_correction, keep, merged, restored, strange_columns
from attunement.records.reading import read_sheets
from tests.records import planting

SAMPLES = Path(__file__).parents[1] / "data" / "records"
SECRETS = ["Zebedee Quill", "QX9 4ZZ", "H801200001001", "Mrs Montague"]
ODD = [b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"&x;", b"<!DOCTYPE a>", b"]]>", b"<![CDATA[", b"<!--", b"\r", b'"', b"NaN",
       b"9" * 400, b"\xed\xa0\x80", "\u202e\u0660\u00b2".encode(), b"<a:b xmlns:a='u'>", b"-1", b"1e309"]  # fmt: skip


def spoilt_bytes(chance, content):
    made = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 5, 40])):
        at = chance.randrange(len(made) or 1)
        what = chance.randrange(6)
        if what == 0 and made:
            made[at] ^= 1 << chance.randrange(8)
        elif what == 1:
            made[at : at + chance.choice([1, 8, 300])] = b""
        elif what == 2:
            made[at:at] = chance.choice(ODD)
        elif what == 3:
            made[at:at] = made[at : at + chance.choice([5, 500])]
        elif what == 4:
            del made[at:]
        else:
            made[at:at] = chance.choice(SECRETS).encode()
    return bytes(made)


def other_encoding(chance, content):
    text = content.decode("utf-8-sig", "replace")
    name = chance.choice(["utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-8-sig", "utf-32", "cp037", "utf-7"])
    ends = chance.choice(["\n", "\r\n", "\r", "\n\n"])
    return text.replace("\r\n", "\n").replace("\n", ends).encode(name, "replace")


def spoilt_cells(chance, content):
    """Columns swapped, dropped, doubled and renamed; titles; ragged rows; strange cells."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    for _ in range(chance.choice([1, 2, 4])):
        what, width = chance.randrange(9), max(map(len, rows), default=1) or 1
        i, j = chance.randrange(width), chance.randrange(width)
        if what == 0:
            rows = [[row[j] if k == i else row[i] if k == j else cell for k, cell in enumerate(row)]
                    if len(row) == width else row for row in rows]
        elif what == 1:
            rows = [row[:i] + row[i + 1 :] for row in rows]
        elif what == 2:
            rows = [[*row, *row[i : i + 1]] for row in rows]
        elif what == 3:
            rows = [[chance.choice(SECRETS)], [], *rows]
        elif what == 4:
            rows.insert(chance.randrange(len(rows) + 1), [chance.choice(SECRETS)] * chance.choice([1, 30, 400]))
        elif what == 5 and rows and rows[0]:
            rows[0] = [chance.choice([cell.upper(), f" {cell} ", cell.lower(), cell, ""]) for cell in rows[0]]
        elif what == 6 and rows:
            row = chance.choice(rows)
            if row:
                odd = [*SECRETS, '"', "\n", "x" * 200_000, "²", "=1+1", "1" * 5000]
                row[chance.randrange(len(row))] = chance.choice(odd)
        elif what == 7:
            rows = rows[: chance.randrange(len(rows) + 1)]
        else:
            chance.shuffle(rows)
    target = io.StringIO()
    csv.writer(target, delimiter=chance.choice(",,,;\t|")).writerows(rows)
    return target.getvalue().encode()


def spoilt_elements(chance, content):
    """Namespaces, prefixes, depth, order, text where elements stand and elements where text stands."""
    text = content.decode("utf-8-sig", "replace")
    tags = re.findall(r"<(\w+)>", text) or ["a"]
    for _ in range(chance.choice([1, 1, 3])):
        tag, what = chance.choice(tags), chance.randrange(10)
        if what == 0:
            text = re.sub(r"<(Message|EXPSSDA903)>", r'<\1 xmlns="urn:of-some-vendor">', text)
        elif what == 1:
            text = re.sub(r"<(/?)(\w)", r"<\1v:\2", text).replace("<v:Message", '<v:Message xmlns:v="u"', 1)
        elif what == 2:
            deep = chance.choice([3, 20, 40, 5000])
            text = text.replace(f"<{tag}>", f"<{tag}>" + "<x>" * deep + "</x>" * deep, 1)
        elif what == 3:
            text = re.sub(rf"<{tag}>[^<]*</{tag}>", f"<{tag}/>", text, count=chance.choice([0, 1]))
        elif what == 4:
            text = text.replace(f"<{tag}>", f"<{tag}><!-- {SECRETS[0]} --><![CDATA[{SECRETS[1]}]]><?p q?>", 1)
        elif what == 5:
            text = text.replace(f"<{tag}>", f'<{tag} a="{"b" * chance.choice([1, 90_000])}">', 3)
        elif what == 6:
            text = re.sub(rf"(<{tag}>)[^<]*", rf"\g<1>{chance.choice(SECRETS)}", text, count=2)
        elif what == 7:
            text = text.replace(f"</{tag}>", "", 1)
        elif what == 8:
            text = re.sub(rf"\b{tag}\b", chance.choice([tag.lower(), tag.upper(), f"{tag}x"]), text)
        else:
            text = re.sub(rf"<{tag}>", rf"<{tag}><{tag}>", text, count=1).replace(f"</{tag}>", f"</{tag}></{tag}>", 1)
    return text.encode()


def spoilt_parts(chance, content):
    """A workbook's parts renamed, lost, doubled or spoilt inside, and packed again so that its sums are right."""
    parts = {one.filename: zipfile.ZipFile(io.BytesIO(content)).read(one) for one in
             zipfile.ZipFile(io.BytesIO(content)).infolist()}
    for _ in range(chance.choice([1, 1, 2, 4])):
        name, what = chance.choice(list(parts)), chance.randrange(12)
        sheet = chance.choice([one for one in parts if "sheet" in one] or [name])
        if what == 0:
            parts[name] = spoilt_bytes(chance, parts[name])
        elif what == 1:
            parts.pop(name) if len(parts) > 1 else None
        elif what == 2:
            odd = ["xl/vbaProject.bin", "xl/media/x.png", "docProps/odd.xml", "../../x", "xl/Worksheets/y.xml"]
            parts[chance.choice(odd)] = chance.choice(ODD) * 3
        elif what == 3:
            old = re.search(rb'<sheet [^>]*name="([^"]*)"', parts.get("xl/workbook.xml", b""))
            new = chance.choice([b"Sheet1", b"", b"children", b"CHILDREN ", b"List 6", b"x" * 60, "\u0130".encode()])
            if old:
                parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(old[1], new, 1)
        elif what == 4:
            parts[sheet] = re.sub(rb' r="[A-Z]+\d+"', b"", parts[sheet], count=chance.choice([0, 1]))
        elif what == 5:
            place = chance.choice([b"ZZZ1048576", b"A0", b"A1", b"XFD9", b"AAAA1", b"A99999999999"])
            parts[sheet] = re.sub(rb' r="[A-Z]+\d+"', b' r="' + place + b'"', parts[sheet], count=1)
        elif what == 6:
            value = chance.choice([b"1e400", b"-1", b"99999999", b"NaN", b"", b"44000.999999999", b"2958466", b"0"])
            parts[sheet] = re.sub(rb"<v>[^<]*", b"<v>" + value, parts[sheet], count=chance.choice([1, 9]))
        elif what == 7:
            kind = chance.choice([b"e", b"b", b"d", b"str", b"inlineStr", b"s", b"zz"])
            parts[sheet] = re.sub(rb' t="\w+"', b' t="' + kind + b'"', parts[sheet], count=chance.choice([1, 9]))
        elif what == 8:
            parts[sheet] = parts[sheet].replace(b"<sheetData>", b'<sheetData><row r="1"><c r="A1"><f>1+1</f></c></row>', 1)
        elif what == 9:
            parts[sheet] = re.sub(rb"<(/?)(worksheet|sheetData|row|c|v)\b", rb"<\1x:\2", parts[sheet])
        elif what == 10 and "xl/workbook.xml" in parts:
            parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"<sheets>", b'<workbookPr date1904="1"/><sheets>')
        else:
            parts[sheet] = parts[sheet].replace(b"</row>", b"</row>" * 2, 1)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", chance.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


def mutant(chance, suffix, content):
    own = {".csv": [other_encoding, spoilt_cells, spoilt_cells], ".xml": [other_encoding, spoilt_elements, spoilt_elements],
           ".xlsx": [spoilt_parts, spoilt_parts]}[suffix]  # fmt: skip
    for way in chance.choices([spoilt_bytes, *own], k=chance.choice([1, 1, 2])):
        try:
            content = way(chance, content) or b"x"
        except Exception:
            content = spoilt_bytes(chance, content or b"x")
    return content


def complaint(path):
    """What is wrong in how a file was taken, or None; and whether it was read."""
    try:
        returned = read(path)
        told = json.dumps(returned.as_dict(), ensure_ascii=False)
        for table in returned.tables.values():
            assert table.height == 0 or table["source_line"].null_count() == 0, "a row without a line"
        to_histories(returned)
    except RecordsError as error:
        said = str(error)
        if "\n" in said or len(said) > 400 or not said.startswith(path.name):
            return f"a message that is not one located sentence: {said[:200]!r}", False
        return next((f"a message that repeats {secret!r}" for secret in SECRETS if secret in said), None), False
    except Exception:
        return traceback.format_exc(limit=-3), False
    return next((f"a finding that repeats {secret!r}" for secret in SECRETS if secret in told), None), True


def at_the_page(name, content, waiting):
    """The same for a file that reaches the page."""
    try:
        grids = open_files([(name, content)])
        strange_columns(grids)
        kept = merged(waiting, grids, (), lambda text: "m") if is_correction(grids) else keep(grids, (), lambda text: "m")
        told = json.dumps(kept, ensure_ascii=False)
        read_sheets(restored(json.loads(told)), known={})
    except RecordsError as error:
        told = str(error)
    except Exception:
        return traceback.format_exc(limit=-3)
    return next((f"{secret!r} is kept or repeated" for secret in SECRETS if secret in told), None)


def originals():
    kept = {path.name: (path.suffix.lower(), path.read_bytes()) for path in sorted(SAMPLES.iterdir())
            if path.suffix.lower() in (".xml", ".csv", ".xlsx")}  # fmt: skip
    return kept | {f"made up {name}": one for name, one in planting.clean().items()}


def main(number=500, seed=1, slow=5.0):
    chance, counts, wrong = random.Random(seed), Counter(), Counter()
    waiting = keep(open_files([("w.xlsx", planting.clean_workbook())]), (), lambda text: "m")
    with tempfile.TemporaryDirectory(prefix="attunement-mutants-") as folder:
        for name, (suffix, content) in originals().items():
            for _ in range(number):
                path = Path(folder) / f"return{suffix}"
                path.write_bytes(mutant(chance, suffix, content))
                began = time.process_time()
                said, taken = complaint(path)
                said = said or at_the_page(path.name, path.read_bytes(), waiting)
                if (spent := time.process_time() - began) > slow:
                    said = said or f"{spent:.0f} s for {path.stat().st_size} bytes"
                counts[name, "read" if taken else "refused"] += 1
                if said and wrong[said] == 0:
                    print(f"{name}: {said}", flush=True)
                wrong[said] += bool(said)
    print(f"{counts.total()} mutants, {sum(n for (_, how), n in counts.items() if how == 'read')} read, "
          f"{sum(n for (_, how), n in counts.items() if how == 'refused')} refused in a sentence; "
          f"{wrong.total()} complaints of {len(+wrong)} kinds")  # fmt: skip
    return counts.total(), wrong.total()


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
