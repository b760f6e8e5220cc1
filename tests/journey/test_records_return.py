"""An authority's analyst downloads the workbook, fills it and sends it back."""

from __future__ import annotations

import io
from datetime import timedelta

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from attunement.journey.consent import actions as consent
from attunement.journey.outcomes import actions, queries
from attunement.journey.outcomes.models import ChildOutcome, Extract, Pending
from attunement.journey.trail import clock
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.records.made_up import fill, make_history


@pytest.fixture
def due(programme):
    """Two allocated families whose six months, and the recording lag, are over."""
    families = [programme.allocated(), programme.allocated()]
    with clock.at(clock.now() + timedelta(days=260)):
        yield families


def filled(programme, change=None) -> bytes:
    site, analyst = programme.sites["A"], programme.people["la_analyst"]
    template = actions.download(by=analyst, site=site)
    random = np.random.default_rng(1)
    histories = [make_history(row.trial_number, allocated_on=row.allocated_on, window_end=row.window_end, worse=0.5,
                              random=random) for row in queries.due(site)]
    target = io.BytesIO()
    fill(io.BytesIO(template), target, histories, extract_on=clock.today())
    if change is None:
        return target.getvalue()
    book = load_workbook(io.BytesIO(target.getvalue()))
    change(book)
    changed = io.BytesIO()
    book.save(changed)
    return changed.getvalue()


def take_in(programme, content: bytes) -> Extract:
    """Sent and approved, all that needs it explained."""
    by = programme.people["la_analyst"]
    pending = actions.supply(by=by, site=programme.sites["A"], content=content)
    explained = {one.cause: "right" for one in queries.read_again(pending).findings}
    return actions.approve(by=by, pending=pending, sha256=pending.sha256, explained=explained)


def send(browse, programme, content: bytes, role: str = "la_analyst"):
    return browse(role).post("/records/send/", {"site": programme.sites["A"].pk,
                                                "workbook": SimpleUploadedFile("r.xlsx", content)})


def test_a_filled_workbook_gives_each_child_its_outcomes(programme, due):
    take_in(programme, filled(programme))
    outcomes = ChildOutcome.objects.all()
    assert {row.child.family_id for row in outcomes} == {family.pk for family in due}
    assert {row.status for row in outcomes} == {"found"}
    assert all(row.values["cp_days"] is not None for row in outcomes)


def test_an_extract_taken_too_early_says_not_yet_known_never_none(programme):
    programme.allocated()
    with clock.at(clock.now() + timedelta(days=200)):
        take_in(programme, filled(programme))
    row = ChildOutcome.objects.get()
    assert row.status == "not_yet_known" and set(row.values.values()) == {None}


def test_withdrawn_families_are_gone_from_the_next_workbook(programme, due):
    consent.withdraw(by=programme.people["coordinator"], family=due[0], purpose="la_records", mode="telephone")
    assert [row.trial_number for row in queries.due(programme.sites["A"])] == [f"{due[1].code}A"]


def impossible_day(book):
    sheet = book["Referrals"]
    sheet.cell(sheet.max_row + 1, 1, book["Children"].cell(3, 1).value)
    sheet.cell(sheet.max_row, 2, "31/02/2022")


def test_a_window_that_ends_after_the_download_does_not_spoil_the_return(programme, due):
    content = filled(programme)
    late = programme.allocated
    with clock.at(clock.now() - timedelta(days=260) + timedelta(days=100)):
        late()
    with clock.at(clock.now() + timedelta(days=60)):
        assert len(queries.due(programme.sites["A"])) == 3
        extract = take_in(programme, content)
    assert extract.children == 2


def test_a_family_that_withdrew_since_the_download_is_left_out(programme, due):
    content = filled(programme)
    consent.withdraw(by=programme.people["coordinator"], family=due[0], purpose="la_records", mode="telephone")
    take_in(programme, content)
    assert [row.child.family_id for row in ChildOutcome.objects.all()] == [due[1].pk]


def unknown_number(book):
    sheet = book["Children"]
    for row in range(1, sheet.max_row + 1):
        if str(sheet.cell(row, 1).value).endswith("A") and sheet.cell(row, 1).value != "A":
            sheet.cell(row, 1, "Z999A")
            return


@pytest.mark.parametrize("change", [unknown_number, impossible_day])
def test_a_fault_is_said_with_its_place_and_nothing_is_taken_in(programme, due, browse, change):
    answer = send(browse, programme, filled(programme, change))
    assert answer.status_code == 302
    shown = browse("la_analyst").get(answer.url).content.decode()
    assert "To be mended" in shown and "What is expected" in shown
    pending = Pending.objects.get()
    with pytest.raises(Refused, match="nothing of it is taken in"):
        actions.approve(by=programme.people["la_analyst"], pending=pending, sha256=pending.sha256)
    assert not Extract.objects.exists() and not ChildOutcome.objects.exists()


@pytest.mark.parametrize(("content", "said"), [
    (b"", "empty"), (b"not a workbook", "workbook"), (b"PK\x03\x04 broken", "workbook"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"), (b"x" * 21_000_000, None)])
def test_a_file_that_is_no_workbook_is_one_clear_page(programme, due, browse, content, said):
    actions.download(by=programme.people["la_analyst"], site=programme.sites["A"])
    answer = send(browse, programme, content)
    assert answer.status_code == (413 if said is None else 422)
    assert said is None or said in answer.content.decode().lower()
    assert not Extract.objects.exists()


def test_the_same_workbook_is_taken_in_once(programme, due):
    content = filled(programme)
    take_in(programme, content)
    with pytest.raises(Refused, match="already"):
        take_in(programme, content)


def test_an_analyst_supplies_the_own_site_only(programme, due, browse):
    with pytest.raises(NotAllowed):
        actions.download(by=programme.people["la_analyst_b"], site=programme.sites["A"])
    assert browse("la_analyst_b").get("/records/A.xlsx").status_code == 404


def test_before_any_window_has_ended_there_is_nothing_to_fill(programme, browse):
    programme.allocated()
    assert browse("la_analyst").get("/records/A.xlsx").status_code == 409
