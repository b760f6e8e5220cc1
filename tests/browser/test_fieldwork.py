"""The survey team's pages as a person uses them: on a phone's width and on a desk's, each looked at by axe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from attunement.web import place
from tests import cast
from tests.browser.conftest import WIDTHS, look, sign_in
from tests.faults.test_many_clients import world
from tests.servers import served

DAY = f"{cast.FIRST_DAY}T10:00"
SHOWN = os.environ.get("ATTUNEMENT_SHOW")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    data: Path = tmp_path_factory.mktemp("fieldwork") / "data"
    place.create(data, demonstration=True, staff_totp=False)
    known = world(data, "asked", clock=DAY)
    with served(data, clock=DAY) as server:
        yield server, known


@pytest.mark.parametrize("width", WIDTHS)
def test_the_survey_team_reaches_families(asked, chromium: Browser, width: str):
    server, known = asked
    family = known[width]
    context = chromium.new_context(viewport=WIDTHS[width], base_url=server.address, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(20_000)
    sign_in(page, "survey_team@example.org", cast.PASSWORD)

    def see(address: str = "") -> Page:
        if address:
            page.goto(address)
        look(page)
        if SHOWN:
            name = page.url.split("/", 3)[3].split("?")[0].strip("/").replace("/", "-") or "start"
            page.screenshot(path=f"{SHOWN}/{width}-{name}.png", full_page=True)
        return page

    see("/")
    see("/fieldwork/messages/")
    page.get_by_role("row").filter(has_text=known["letter"]).get_by_role("button", name="Print the letter").first.click()
    assert "Here is your page" in see().content()
    see("/fieldwork/calls/")
    page.get_by_role("link", name=family).click()
    page.get_by_label("Answered, a time is agreed").check()
    page.get_by_role("button", name="Record this call").click()
    assert "Enter the day that was agreed" in see().content()
    page.get_by_label("Wrong number").check()
    page.get_by_role("button", name="Record this call").click()
    page.wait_for_url("**/fieldwork/calls/")
    see("/fieldwork/traces/")
    page.get_by_role("link", name=family).click()
    page.get_by_label("Asked the family's worker").check()
    page.get_by_role("button", name="Record what was tried").click()
    page.get_by_role("link", name="Nothing more can be tried").click()
    see()
    page.go_back()
    see()
    page.get_by_role("link", name="The family is found").click()
    see()
    page.get_by_label("The family's worker").check()
    page.get_by_label("Name of the parent or carer").fill("Zebedee Quill")
    page.get_by_label("Mobile number").fill("07700 900555")
    page.get_by_label("Telephone call").check()
    page.get_by_role("button", name="Keep these details").click()
    page.wait_for_url("**/fieldwork/calls/*/")
    assert "07700 900555" in see().content()
    see(f"/families/{family}/fieldwork/")
    see("/fieldwork/vouchers/")
    page.get_by_role("link", name=known[f"{width}_owed"]).first.click()
    see()
    page.get_by_label("Sent", exact=True).check()
    page.get_by_role("button", name="Record the voucher").click()
    page.wait_for_url("**/fieldwork/vouchers/")
    see()
    page.get_by_role("link", name="Voucher ").first.click()
    page.get_by_role("button", name="Came back").click()
    see()
    context.close()
