"""An analyst's half hour: what must not come is refused, faults are mended row by row, and a person approves."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from openpyxl import Workbook, load_workbook

from attunement.journey.outcomes import actions, queries
from attunement.journey.outcomes.models import ChildOutcome, Extract, Pending, Spelling
from attunement.journey.outcomes.shown import unmapped
from attunement.journey.trail import clock
from attunement.journey.trail.errors import Refused
from attunement.records.made_up_care import episodes_903
from attunement.records.made_up_lists import annex_a
from attunement.records.made_up_returns import cin_census, made_up_people
from tests.journey.test_records_return import due, filled, take_in  # noqa: F401 - the fixture

SECRETS = ("Zebedee Quillfeather", "SW1A 2AA", "48213377", "A123456789012", "sleeps badly since March")


@pytest.fixture
def sent(programme, due):  # noqa: F811
    """Sends a workbook, changed by a function of the book, and gives what waits."""

    def send(change=None, **more) -> Pending:
        return actions.supply(by=programme.people["la_analyst"], site=programme.sites["A"],
                              content=filled(programme, change), **more)

    return send


def approved(programme, pending: Pending) -> Extract:
    explained = {one.cause: "right" for one in queries.read_again(pending).findings}
    return actions.approve(by=programme.people["la_analyst"], pending=pending, sha256=pending.sha256, explained=explained)


def statutory() -> list[tuple[str, bytes]]:
    people = made_up_people(3, allocated_on=date(2021, 7, 5), window_end=date(2022, 1, 5), worse=0.5, seed=1)
    taken = date(2022, 3, 31)
    return [("cin.xml", cin_census(people, year=2022, reference=taken, made=taken)), ("children.csv", episodes_903(people)),
            ("a.xlsx", annex_a(people, taken=taken)),
            ("children.csv", b"trial_number,child_id,t0\nA001A,48213377,2021-07-05\n")]


@pytest.mark.parametrize("number", range(4), ids=["census", "903", "annex A", "own sheet"])
def test_what_must_stay_inside_the_authority_is_refused_before_a_byte_is_stored(programme, due, browse, number):  # noqa: F811
    actions.download(by=programme.people["la_analyst"], site=programme.sites["A"])
    name, content = statutory()[number]
    answer = browse("la_analyst").post("/records/send/", {
        "site": programme.sites["A"].pk, "columns": "drop", "workbook": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422 and "inside the authority" in answer.content.decode()
    assert not Pending.objects.exists() and "48213377" not in answer.content.decode()


def hashed(book):
    book["Children"].cell(2, 1, "ab" * 32)


def test_a_hashed_child_id_is_refused_with_the_reason(sent):
    with pytest.raises(Refused, match="within a minute"):
        sent(hashed)


def strange_column(book):
    book["Plans"].cell(1, 9, SECRETS[0])
    book["Plans"].cell(2, 9, SECRETS[4])


def test_strange_columns_are_refused_or_left_out_by_choice(sent):
    with pytest.raises(Refused, match="sheet Plans, column 9"):
        sent(strange_column)
    assert sent(strange_column, drop_columns=True).left_out == ["sheet Plans, column 9"]


def two_days(book):
    sheet = book["Referrals"]
    sheet.cell(2, 2, "02/14/2021")
    sheet.cell(3, 2, "03/04/2021")


def test_the_page_asks_how_dates_are_written_and_reads_them_again(programme, sent, browse):
    pending = sent(two_days)
    client = browse("la_analyst")
    page = client.get("/records/A/check/").content.decode()
    assert "Which day is it?" in page and "03/04/2021" in page
    client.post("/records/A/dates/", {"dates": "dmy"})
    pending.refresh_from_db()
    assert {one.cause for one in queries.read_again(pending).findings if one.level == "error"} == {"workbook_cell"}


def local_words(book):
    book["Plans"].cell(2, 2, "Safeguarding (amber)")


def test_a_local_spelling_is_mapped_once_and_its_text_is_never_kept(programme, sent, browse):
    pending = sent(local_words)
    (wording,) = unmapped(pending)
    client = browse("la_analyst")
    assert "amber" not in client.get("/records/A/check/").content.decode()
    given = {"sheet": wording.sheet, "column": wording.column, "mark": wording.mark, "code": "CP"}
    client.post("/records/A/spelling/", given)
    assert queries.read_again(pending).ok and Spelling.objects.get().code == "CP"
    assert browse("la_analyst_b").post("/records/A/spelling/", given).status_code == 404
    with pytest.raises(Refused, match="codes of this column"):
        actions.map_spelling(by=programme.people["la_analyst"], site=programme.sites["A"], **(given | {"code": "X"}))


def full_of_names(book):
    book["Children"].cell(2, 4, SECRETS[0])
    book["Referrals"].cell(2, 2, SECRETS[1])
    book["Referrals"].cell(2, 4, SECRETS[2])
    book["Plans"].cell(2, 2, SECRETS[4])
    book["Plans"].cell(2, 1, SECRETS[3])
    strange_column(book)


def everything_stored() -> str:
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [repr(row) for row in cursor.fetchall()]
    return "\n".join(found)


def test_no_name_id_or_postcode_is_found_in_database_pages_downloads_logs_or_files(
        programme, sent, browse, caplog, tmp_path, monkeypatch, settings):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sent(full_of_names, drop_columns=True)
    client = browse("la_analyst")
    page = client.get("/records/A/check/").content.decode()
    book = load_workbook(io.BytesIO(client.get("/records/A/corrections.xlsx").content))
    rows = repr([[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()])
    files = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file())
    for secret in SECRETS:
        for place in (page, rows, files, caplog.text, everything_stored()):
            assert secret not in place and secret.upper() not in place


def impossible(book):
    book["Referrals"].cell(2, 3, "31/02/2022")
    book["Referrals"].cell(2, 4, "RC7")
    book["Children"].cell(3, 4).value = None


def corrections_of(browse):
    return load_workbook(io.BytesIO(browse("la_analyst").get("/records/A/corrections.xlsx").content))


def as_bytes(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_only_faulty_rows_come_back_and_mended_ones_take_their_places(programme, sent, browse):
    pending = sent(impossible)
    before = pending.kept["sheets"]
    book = corrections_of(browse)
    faulty = {sheet.title: sheet.max_row - 1 for sheet in book if sheet.title != "Read me"}
    assert faulty["Referrals"] == 1 and faulty["Children"] >= 1
    by, site = programme.people["la_analyst"], programme.sites["A"]
    again = actions.supply(by=by, site=site, content=as_bytes(book))
    assert not queries.read_again(again).ok, "what is not mended stays at fault"
    heads = [cell.value for cell in book["Referrals"][1]]
    book["Referrals"].cell(2, heads.index("Closure date") + 1, date(2021, 11, 3))
    for row in book["Children"].iter_rows(min_row=2):
        row[2].value = row[2].value or "found"
    mended = actions.supply(by=by, site=site, content=as_bytes(book))
    assert queries.read_again(mended).ok
    assert mended.kept["sheets"]["Plans".lower()] == before["plans"]
    assert mended.kept["sheets"]["referrals"]["2"]["end"] == "2021-11-03"
    assert not ChildOutcome.objects.exists(), "nothing counts before it is approved"
    extract = approved(programme, mended)
    assert extract.approved_by == by
    outcome = extract.outcomes.first()
    for place in outcome.evidence:
        sheet, row = place.split(":")
        assert extract.rows[sheet][row]["trial_number"] == outcome.child.trial_number


def test_the_next_return_shows_what_was_added_changed_and_vanished(programme, sent):
    take_in(programme, filled(programme))

    def other(book):
        referrals = book["Referrals"]
        referrals.cell(2, 3, clock.today() - timedelta(days=5))
        referrals.cell(2, 4, "RC7")
        number = book["Children"].cell(2, 1).value
        plans = book["Plans"]
        for place in range(1, 6):
            plans.cell(2, place).value = None
        care = book["Care"]
        for place, value in enumerate((number, clock.today() - timedelta(days=9), None, "C2", None), start=1):
            care.cell(40, place, value)

    pending = sent(other)
    found = {(change.kind, change.sheet) for change in queries.differs(pending, queries.read_again(pending))}
    assert {("changed", "Referrals"), ("vanished", "Plans"), ("added", "Care")} <= found
    assert Extract.objects.count() == 1


def test_what_was_looked_at_is_what_is_approved(programme, sent):
    pending = sent()
    with pytest.raises(Refused, match="changed since"):
        actions.approve(by=programme.people["la_analyst"], pending=pending, sha256="0" * 64)


def test_the_own_sheet_comes_with_the_first_referral_and_holds_no_withdrawn_family(programme, browse):
    family = programme.refer()
    answer = browse("coordinator").get("/records/sheet/A.csv")
    assert answer.content.decode().splitlines() == ["trial_number,child_id,t0", f"{family.code}A,,"]
    assert "/records/sheet/A.csv" in browse("coordinator").get(f"/families/{family.code}/").content.decode()
    assert browse("coordinator_b").get("/records/sheet/A.csv").status_code == 404
    assert browse("practitioner").get("/records/sheet/A.csv").status_code == 403
