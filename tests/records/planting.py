"""Faults planted one at a time into clean returns: which ones a format can have, and the row where each must be found."""

import csv
import io
import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from lxml import etree
from openpyxl import load_workbook

from attunement.records import workbook
from attunement.records.layout import layout
from attunement.records.made_up import fill
from attunement.records.made_up_care import episodes_903, header_903, xml_903
from attunement.records.made_up_lists import annex_a
from attunement.records.made_up_returns import Person, cin_census, made_up_people
from attunement.records.plausible import DAYS
from attunement.records.sheets import SHEETS

START, END = date(2025, 6, 1), date(2025, 12, 1)
TAKEN = date(2026, 5, 20)
WRONG = {
    "a name": "Josephine Smith", "no such day": {"iso": "2025-02-30", "dmy": "30/02/2025"}, "two days": "03/04/05",
    "the future": {"iso": "2098-01-01", "dmy": "01/01/2098"}, "long ago": {"iso": "1066-10-14", "dmy": "14/10/1066"},
    "no code": "ZZ99", "no number": "several", "no answer": "perhaps", "blank": None,
}  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """`content` is the file with one fault; `row` the row or line of it, `table` and `what` say which."""

    what: str
    content: bytes
    row: int
    suffix: str


@cache
def people() -> list[Person]:
    """Clean histories, every one with a spell in care in two episodes."""
    made = made_up_people(12, allocated_on=START, window_end=END, worse=1.0, seed=11)
    cared = []
    for number, person in enumerate(made):
        past = person.history
        first = date(2025, 7, 1) + timedelta(number)
        care = [(first, first + timedelta(30), "V2", "X1"), (first + timedelta(30), first + timedelta(80), "C2", "E4A")]
        closed = [(past.referrals[0][0], date(2026, 2, 1), "RC7")]
        plans = [(kind, began, ended or date(2026, 1, 20), moved) for kind, began, ended, moved in past.plans]
        own = type(past)(past.trial_number, "found", None, tuple(closed), past.assessments, tuple(plans), tuple(care))
        cared.append(Person(person.child_id, person.birth_date, own, person.sex, person.ethnicity))
    return cared


def wrongs(table, field):
    """The faults that a field of this kind can have."""
    if field.kind in ("date", "dates"):
        yield from ("a name", "no such day", "two days")
        if field.name in (*DAYS.get(table, ()), "birth_date"):
            yield from ("the future", "long ago")
    elif field.kind in ("code", "codes"):
        yield from ("a name", "no code")
    elif field.kind == "number":
        yield "no number"
    elif field.kind == "bool":
        yield "no answer"
    if field.required:
        yield "blank"
    if field.name in ("legal_status", "end_code") and table in ("care_episodes", "referrals", "in_need"):
        yield "blank"
    if field.name == "end" and table in ("care_episodes", "referrals", "in_need"):
        yield "blank"


def cases(format):
    """All (table, field, fault) of a format, then the faults between cells and rows."""
    how = layout(format)
    found = [
        (table, one, what)
        for table, fields in how.tables.items()
        if format != "annex_a" or table != "children"
        for one in fields
        for what in wrongs(table, one)
    ]
    return found + [
        (table, None, what)
        for table in how.tables
        for what in ("twice", "ends before it starts")
        if table not in ("children", "early_help")
        and (what == "twice" or {"start", "end"} <= {one.name for one in how.tables[table]})
    ]


def value_of(what, how):
    found = WRONG[what]
    return found[how.dates] if isinstance(found, dict) else found


def in_census(table, field, what, third=2):
    """The census with one fault in the `third` block of its table."""
    how = layout("cin_census")
    root = etree.fromstring(cin_census(people(), year=2026, reference=date(2026, 3, 31), made=TAKEN))
    return _in_xml(root, how, table, field, what, third)


def in_903_xml(table, field, what, third=2):
    how = layout("ssda903")
    return _in_xml(etree.fromstring(xml_903(people(), year=2026)), how, table, field, what, third)


def _in_xml(root, how, table, field, what, third):
    tag = next(one["element"] for one in how.detail["blocks"] if one["table"] == table)
    blocks = list(root.iter(tag))
    block = blocks[third]
    if what == "twice":
        copy = etree.fromstring(etree.tostring(block))
        block.addnext(copy)
        block = copy
    elif what == "ends before it starts":
        names = {one.name: one.source for one in how.tables[table]}
        start, end = block.find(f".//{names['start']}"), block.find(f".//{names['end']}")
        if end is None:
            return None
        start.text, end.text = end.text, start.text
    else:
        cell = next(
            (block.find(f".//{name}") for name in (field.source, *field.also) if block.find(f".//{name}") is not None),
            None,
        )
        if cell is None:
            if value_of(what, how) is None:
                return None
            cell = etree.SubElement(block, field.source)
        cell.text = value_of(what, how)
    place = [one for one in root.iter(tag)].index(block)
    content = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    line = list(etree.fromstring(content).iter(tag))[place].sourceline
    return Planted(f"{table} {field.name if field else ''} {what}", content, line, ".xml")


def in_903_csv(table, field, what, third=2):
    how = layout("ssda903")
    content = header_903(people(), year=2026) if table == "children" else episodes_903(people())
    rows = list(csv.reader(io.StringIO(content.decode())))
    names = {
        one.name: rows[0].index(name)
        for one in how.tables[table]
        for name in (one.source, *one.also)
        if name in rows[0]
    }
    row = rows[third + 1]
    if not change(rows, row, names, field, what, how, third + 1):
        return None
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    at = third + (3 if what == "twice" else 2)
    return Planted(f"{table} {field.name if field else ''} {what}", target.getvalue().encode(), at, ".csv")


def change(rows, row, names, field, what, how, at):
    if what == "twice":
        rows.insert(at + 1, list(row))
    elif what == "ends before it starts":
        row[names["start"]], row[names["end"]] = row[names["end"]], row[names["start"]]
    elif field.name not in names:
        return False
    else:
        row[names[field.name]] = value_of(what, how) or ""
    return True


def in_annex_a(table, field, what, third=2):
    how = layout("annex_a")
    book = load_workbook(io.BytesIO(clean()["annex a"][1]))
    number = next(one["number"] for one in how.detail["lists"] if one["table"] == table)
    page = book[f"List {number}"]
    names = {one.name: n for n, one in enumerate(how.tables[table], start=1)}
    at = third + 2
    if page.max_row < at:
        return None
    if what == "twice":
        page.append([cell.value for cell in page[at]])
        at = page.max_row
    elif what == "ends before it starts":
        start, end = page.cell(at, names["start"]), page.cell(at, names["end"])
        start.value, end.value = end.value, start.value
        if start.value is None:
            return None
    else:
        page.cell(at, names[field.name]).value = value_of(what, how)
    target = io.BytesIO()
    book.save(target)
    return Planted(f"{table} {field.name if field else ''} {what}", target.getvalue(), at, ".xlsx")


def in_workbook(sheet, column, what, third=2):
    book = load_workbook(io.BytesIO(clean_workbook()))
    page, at = book[sheet.name], third + 2
    place = [one.name for one in sheet.columns].index(column.name) + 1
    page.cell(at, place).value = None if what == "blank" else value_of(what, layout("annex_a"))
    target = io.BytesIO()
    book.save(target)
    return Planted(f"{sheet.name} {column.name} {what}", target.getvalue(), at, ".xlsx")


def workbook_cases():
    for sheet in SHEETS:
        for column in sheet.columns:
            kinds = {
                "date": ("a name", "no such day", "two days", "long ago", "the future"),
                "code": ("a name", "no code"),
                "trial": ("a name", "no code", "blank"),
                "given": (),
            }[column.kind]
            yield from ((sheet, column, what) for what in kinds)
            if column.required and column.kind != "trial":
                yield sheet, column, "blank"


@cache
def clean_workbook():
    blank, whole = io.BytesIO(), io.BytesIO()
    made = people()
    workbook.template(
        blank,
        site="Northshire",
        study="A study",
        children=[workbook.Row(one.history.trial_number, START, END) for one in made],
    )
    fill(io.BytesIO(blank.getvalue()), whole, [one.history for one in made], extract_on=TAKEN)
    return whole.getvalue()


@cache
def clean():
    """(suffix, content) of each format without a fault."""
    made = people()
    return {
        "census": (".xml", cin_census(made, year=2026, reference=date(2026, 3, 31), made=TAKEN)),
        "header": (".csv", header_903(made, year=2026)), "episodes": (".csv", episodes_903(made)),
        "903": (".xml", xml_903(made, year=2026)), "annex a": (".xlsx", annex_a(made, taken=date(2026, 3, 31))),
        "workbook": (".xlsx", clean_workbook()),
    }  # fmt: skip


def planted(which, wanted):
    """`wanted` planted faults of one of the four formats, spread over all kinds that it can have."""
    ways = {
        "census": ("cin_census", [in_census]),
        "903": ("ssda903", [in_903_csv, in_903_xml]),
        "annex a": ("annex_a", [in_annex_a]),
    }
    if which == "workbook":
        possible = [(in_workbook, case) for case in workbook_cases()]
    else:
        format, plants = ways[which]
        possible = [(plant, case) for case in cases(format) for plant in plants]
    random.Random(1).shuffle(possible)
    made = []
    for plant, case in possible:
        one = plant(*case)
        if one is not None:
            made.append(one)
        if len(made) == wanted:
            break
    return made
