"""A scheme in the browser: locked by two people, its key on paper, arms drawn, the seed opened, the log verified."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from attunement.allocation import verify
from attunement.web import place
from tests.browser.walk import Walk
from tests.faults.test_many_clients import world
from tests.servers import served

DAY, END = "2021-07-05", "2022-04-04"


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_the_second_person_locks_prints_the_shares_and_passes_the_drill(chromium: Browser, tmp_path: Path, width: str):
    place.create(tmp_path / "data", demonstration=True, staff_totp=False)
    world(tmp_path / "data", "draft", clock=f"{DAY}T09:00")
    with served(tmp_path / "data", clock=f"{DAY}T10:00") as server:
        walk = Walk(chromium, server, width)
        page = walk.as_person("trial_manager")
        walk.see("/allocation/")
        walk.link("Look at it and lock it")
        page.get_by_label("Type the words").fill("lock version 1")
        walk.press("Lock this scheme")
        assert "No shares have been printed" in page.content()
        walk.press("Show the shares once")
        shares = page.locator("code.att-key").all_inner_texts()
        assert len(shares) == 3
        walk.link("recovery drill")
        page.get_by_label("Words of one share").fill(shares[2])
        page.get_by_label("Words of another share").fill(shares[0])
        walk.press("Try these two shares")
        assert "The two shares restore the key." in page.content() and shares[0] not in page.content()
        walk.see("/allocation/")
        with page.expect_download() as waiting:
            page.get_by_role("link", name="To print (PDF), version 1").click()
        assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF")


def test_arms_are_drawn_and_at_the_end_two_people_open_a_log_that_verifies(chromium: Browser, tmp_path: Path):
    place.create(tmp_path / "data", demonstration=True, staff_totp=False)
    known = world(tmp_path / "data", "prepare", "1", clock=f"{END}T09:00")
    (code,) = known["ready"]
    with served(tmp_path / "data", clock=f"{END}T10:00") as server:
        walk = Walk(chromium, server, "phone")
        page = walk.as_person("coordinator")
        walk.see(f"/families/{code}/allocate/")
        page.get_by_label("Yes", exact=True).check()
        for tick in page.get_by_role("checkbox").all():
            tick.check()
        walk.press("Allocate this family")
        walk.link("What became of this allocation")
        page.get_by_label("Allocated in error").check()
        page.get_by_label("Why?").fill("The wrong record was open.")
        walk.press("Propose this")
        manager = page = walk.as_person("trial_manager")
        walk.see("/two-people/")
        walk.link("Look at it")
        page.get_by_label("Type the words").fill("i agree")
        walk.press("Agree")
        walk.see("/allocation/")
        with page.expect_download() as certificate:
            page.get_by_role("link", name="for verification (JSON), version 1").click()
        statistician = page = walk.as_person("monitoring_statistician")
        walk.see("/allocation/places/")
        page.get_by_label("To try out").check()
        page.locator("input[type=file]").set_input_files(
            {"name": "places.csv", "mimeType": "text/csv", "buffer": b"site,arm\nA,vig\nA,usual_care\n"})
        walk.press("Upload")
        assert "taken in, whole" in page.content()
        walk.page = page = manager
        walk.see("/allocation/opening/")
        page.get_by_label("Why?").fill("The days of allocation are over.")
        walk.press("Propose to open the seed")
        walk.page = page = statistician
        walk.see("/allocation/opening/")
        walk.link("Look at it and agree")
        page.get_by_label("Type the words").fill("i agree")
        walk.press("Agree")
        with page.expect_download() as log:
            page.get_by_role("link", name="Take the log away").click()
        verdict = verify(Path(log.value.path()), Path(certificate.value.path()))
        assert verdict.whole and verdict.draws == 1, verdict
