"""Filming in the page with Chromium's made-up camera: sent while it is filmed, kept, and played back on the desk."""

from __future__ import annotations

import re

from tests.browser.conftest import look
from tests.browser.test_desk import films  # noqa: F401 - a fixture
from tests.browser.test_films import wait


def test_a_film_made_in_the_page_is_kept_though_the_connection_is_lost_meanwhile(page_at, films):  # noqa: F811
    page, made = page_at("phone", "practitioner", permissions=["camera", "microphone"]), films("film")
    page.set_default_timeout(20_000)
    page.goto(f"/sessions/{made['session']}/film/")
    page.get_by_role("button", name="Turn the camera on").click()
    page.get_by_text("Tick first that the family agreed again.").wait_for()
    page.get_by_label("I asked the family again").check()
    page.get_by_role("button", name="Turn the camera on").click()
    look(page)
    page.get_by_role("button", name="Start filming").click()
    page.get_by_text(re.compile(r"locked away while you film: 0:(0[2-9]|[1-5]\d)")).wait_for()
    page.context.set_offline(True)
    page.get_by_text("The connection is lost. Go on filming").wait_for()
    page.context.set_offline(False)
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Stop, and keep the film").click()
    page.wait_for_url("**/films/**")
    assert "The film is locked away." in page.locator("main").inner_text()
    assert "Phone copy open" not in page.locator("main").inner_text()
    wait(page, "document.querySelector('video').readyState >= 2")
