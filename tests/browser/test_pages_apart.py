"""Pages that the walk of one family does not come by: the scheme's lock, the way in, the second factor, taking back."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from attunement.web import place
from tests import cast
from tests.browser.conftest import WIDTHS, look
from tests.faults.test_many_clients import world
from tests.journey.test_second_factor import code_of, secret_in, wrong_code
from tests.servers import served


@pytest.fixture(scope="module", params=["phone", "desktop"])
def stand(request: pytest.FixtureRequest, chromium: Browser, tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """(new page, what the world prepared) on a study that asks its staff for a second factor."""
    data: Path = tmp_path_factory.mktemp("apart") / "data"
    place.create(data, staff_totp=True)
    known = world(data, "draft")
    with served(data) as server:
        context = chromium.new_context(viewport=WIDTHS[request.param], base_url=server.address, locale="en-GB")
        yield context.new_page, known | {"outbox": data / "outbox"}
        context.close()


def test_a_family_takes_something_back(stand):
    new_page, known = stand
    page: Page = new_page()
    page.goto(f"/c/{known['link']}/change/")
    look(page)
    page.locator("main form button").last.click()
    page.wait_for_load_state()
    look(page)
    page.goto(f"/c/{known['link']}/fine/")
    look(page)
    assert "DEMONSTRATION" not in page.content()


def test_a_new_password(stand):
    new_page, known = stand
    page: Page = new_page()
    page.goto("/accounts/password/reset/")
    page.get_by_label("Email").fill("funder@example.org")
    page.locator("main form button").click()
    page.wait_for_load_state()
    look(page)
    link = next(found for found in (link_in(known["outbox"]) for _try in range(100)) if found)
    page.goto(link)
    look(page)
    page.locator("input[name=password1]").fill("short")
    page.locator("main form button").click()
    page.wait_for_load_state()
    look(page)


def link_in(outbox: Path) -> str:
    """The newest link to a new password that has left, as a path; empty while none has."""
    time.sleep(0.2)
    letters = [path.read_text(encoding="utf-8") for path in sorted(outbox.glob("*.txt"))]
    found = [link for letter in letters for link in re.findall(r"/accounts/password/reset/key/\S+", letter)]
    return found[-1] if found else ""


def test_the_way_in_and_the_second_factor(stand):
    new_page, known = stand
    page: Page = new_page()
    page.goto(f"/invitation/{known['invitation']}/")
    look(page)
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("trial_manager@example.org")
    page.get_by_label("Password", exact=True).fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/totp/activate/")
    look(page)
    secret = secret_in(page.content())
    page.locator("input[name=code]").fill(wrong_code(secret))
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    look(page)
    page.locator("input[name=code]").fill(code_of(secret))
    page.locator("main form button").first.click()
    page.wait_for_url(lambda address: "activate" not in address)
    look(page)
    for address in ("/accounts/reauthenticate/", "/accounts/2fa/", "/accounts/2fa/recovery-codes/",
                    "/accounts/2fa/totp/deactivate/", "/accounts/2fa/recovery-codes/generate/", "/accounts/logout/"):
        page.goto(address)
        look(page)
    page.goto("/allocation/lock/")
    assert "Lock version 1" in page.locator("h1").inner_text()
    look(page)
    page.locator("main form button").last.click()
    page.wait_for_load_state()
    look(page)
