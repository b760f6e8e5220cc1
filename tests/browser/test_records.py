"""An authority's analyst's half hour in the browser: the CSV set with faults, what may not come, mending, approval."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser

from attunement.records.made_up_returns import cin_census, made_up_people
from attunement.records.sheets import CARE, CHILDREN, EXTRACT_LABEL, PLAN_SHEET, REFERRALS
from attunement.web import place
from tests.browser.walk import Walk
from tests.faults.test_many_clients import world
from tests.servers import served

SECRET = "Zebedee Quillfeather"


def spoilt_set(content: bytes) -> dict[str, list[list[str]]]:
    """The set as it came, filled: one child without an answer, a name for a day, two readings, an own wording."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = {name: list(csv.reader(io.StringIO(archive.read(name).decode()))) for name in archive.namelist()}
    for row in sheets["read_me.csv"]:
        if row[0] == EXTRACT_LABEL:
            row[1:] = ["20/03/2022"]
    children = sheets["children.csv"]
    numbers = [row[0] for row in children[1:]]
    for row in children[2:]:
        row[[one.name for one in CHILDREN.columns].index("answer")] = "found"
    sheets["referrals.csv"] += [[number, "01/02/2021", "", ""] for number in numbers]
    sheets["referrals.csv"][1][1] = SECRET
    sheets["plans.csv"] += [[number, "Child protection", "05/03/2021", "", "no"] for number in numbers]
    sheets["care.csv"] += [[numbers[0], "03/04/21", "", "C2", ""]]
    assert [len(sheets[f"{sheet.table}.csv"][0]) for sheet in (REFERRALS, PLAN_SHEET, CARE)] == [4, 5, 5]
    return sheets


def as_files(sheets: dict[str, list[list[str]]]) -> list[dict[str, object]]:
    files = []
    for name, rows in sheets.items():
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        files.append({"name": name, "mimeType": "text/csv", "buffer": text.getvalue().encode("cp1252")})
    return files


def mended(path: Path) -> bytes:
    """The corrected rows: the missing answer, and a day in place of a name."""
    book = load_workbook(io.BytesIO(path.read_bytes()))
    for sheet, label, value in ((CHILDREN, "answer", "found"), (REFERRALS, "start", date(2021, 2, 1))):
        heads = [cell.value for cell in book[sheet.name][1]]
        wanted = next(one.label for one in sheet.columns if one.name == label)
        for row in book[sheet.name].iter_rows(min_row=2):
            cell = row[heads.index(wanted)]
            if cell.value is None or "[" in str(cell.value):
                cell.value = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_the_analysts_half_hour(chromium: Browser, tmp_path: Path, width: str):
    place.create(tmp_path / "data", demonstration=True, staff_totp=False)
    world(tmp_path / "data", "next_is_vig", clock="2021-07-05T09:00")
    with served(tmp_path / "data", clock="2022-03-20T10:00") as server:
        walk = Walk(chromium, server, width)
        page = walk.as_person("la_analyst")
        walk.see("/records/")
        with page.expect_download() as waiting:
            page.get_by_role("link", name="the same as CSV files").click()
        sheets = spoilt_set(Path(waiting.value.path()).read_bytes())
        people = made_up_people(3, allocated_on=date(2021, 7, 5), window_end=date(2022, 1, 5), worse=0.5, seed=1)
        census = cin_census(people, year=2022, reference=date(2022, 3, 20), made=date(2022, 3, 20))
        walk.link("Send a filled workbook")
        page.locator("input[type=file]").set_input_files({"name": "cin.xml", "mimeType": "text/xml", "buffer": census})
        walk.press("Read the workbook")
        assert "inside the authority" in page.content()
        page.locator("input[type=file]").set_input_files(as_files(sheets))
        walk.press("Read the workbook")
        walk.see("/records/A/check/")
        assert "To be mended" in page.content() and SECRET not in page.content()
        page.get_by_label("Day first: 3 April 2022").check()
        walk.press("Read the dates again")
        page.locator("select[name=code]").first.select_option("CP")
        page.get_by_role("button", name="Save: ").first.click()
        page.wait_for_load_state()
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Download the rows that need you").click()
        content = mended(Path(waiting.value.path()))
        assert SECRET.encode() not in content
        walk.see("/records/send/")
        page.locator("input[type=file]").set_input_files(
            {"name": "corrections.xlsx", "mimeType": "application/octet-stream", "buffer": content})
        walk.press("Read the workbook")
        assert "Nothing to mend" in page.content() and "added" in page.content()
        for question in page.get_by_role("group").filter(has_text="Why:").all():
            question.get_by_role("radio").first.check()
        page.get_by_label("I have looked at the difference").check()
        walk.press("Approve: from now on these rows count")
        assert "has been taken in" in page.content()
        walk.see("/records/")
        assert "Returns taken in" in page.content()
        for path in (tmp_path / "data").rglob("*"):
            assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path.name
