"""Filming in the page with Chromium's made-up camera: sent while it is filmed, kept, and played back on the desk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests import cast
from tests.browser.conftest import QUIET, WIDTHS, look, sign_in
from tests.browser.test_desk import films  # noqa: F401 - a fixture
from tests.browser.test_films import wait

CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture
def filming_page(chromium, server) -> Iterator[Page]:
    """A browser that has a camera, signed in as the practitioner."""
    browser = chromium.browser_type.launch(executable_path=shutil.which("chromium"), args=[
        *QUIET, *CAMERA, *(["--no-sandbox"] if os.geteuid() == 0 else [])])
    context = browser.new_context(viewport=WIDTHS["phone"], base_url=server.address, locale="en-GB",
                                  permissions=["camera", "microphone"])
    page = context.new_page()
    page.set_default_timeout(20_000)
    sign_in(page, "practitioner@example.org", cast.PASSWORD)
    yield page
    browser.close()


def test_a_film_made_in_the_page_is_kept_though_the_connection_is_lost_meanwhile(filming_page, films):  # noqa: F811
    page, made = filming_page, films("film")
    page.goto(f"/sessions/{made['session']}/film/")
    page.get_by_role("button", name="Turn the camera on").click()
    page.get_by_text("Tick first that the family agreed again.").wait_for()
    page.get_by_label("I asked the family again").check()
    page.get_by_role("button", name="Turn the camera on").click()
    look(page)
    page.get_by_role("button", name="Start filming").click()
    page.get_by_text("locked away while you film: 0:02").wait_for()
    page.context.set_offline(True)
    page.get_by_text("The connection is lost. Go on filming").wait_for()
    page.context.set_offline(False)
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Stop, and keep the film").click()
    page.wait_for_url("**/films/**")
    assert "The film is locked away." in page.locator("main").inner_text()
    assert "Phone copy open" not in page.locator("main").inner_text()
    wait(page, "document.querySelector('video').readyState >= 2")
