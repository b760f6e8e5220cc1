"""A family on a poor line: what the phone keeps, tabs that die, the words shown at once, and how soon it can begin."""

from __future__ import annotations

import base64
import gzip
import json
import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from attunement.web import place
from benches.__main__ import forty_items
from tests.browser.conftest import look, sign_in
from tests.browser.kills import FIRST_DAY, Phone, check
from tests.cast import PASSWORD
from tests.faults.test_many_clients import world
from tests.servers import Served, served

KILLS = 5
LARGEST = 60_000


@pytest.fixture(scope="module")
def risky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, dict]]:
    folder = tmp_path_factory.mktemp("risky") / "data"
    forty_items(folder / "instruments")
    place.create(folder, demonstration=True, staff_totp=False)
    known = world(folder, "risky", "4", clock=FIRST_DAY)
    with served(folder, clock=FIRST_DAY) as server:
        yield server, known


@pytest.fixture
def context(chromium: Browser, risky: tuple[Served, dict]) -> Iterator[BrowserContext]:
    made = chromium.new_context(base_url=risky[0].address, viewport={"width": 320, "height": 640})
    made.set_default_timeout(15_000)
    yield made
    made.close()


def test_tabs_that_die_lose_nothing_that_was_acknowledged(context, risky):
    """A share of `python -m tests.browser.kills 200`."""
    server, known = risky
    phone = Phone(context, known["links"][0], random.Random(3))
    while phone.kills < KILLS and not phone.done:
        phone.live()
    found = world(server.data, "count", clock=FIRST_DAY)
    assert len(phone.acknowledged) >= KILLS
    check(phone, found["answers"], found["alerts"], known["open"][0])


KEPT = """() => new Promise((resolve) => {
  const opening = indexedDB.open("page", 1);
  opening.onsuccess = () => {
    const rows = opening.result.transaction("waiting").objectStore("waiting").getAll();
    rows.onsuccess = () => resolve(rows.result);
  };
})"""


def test_the_phone_keeps_a_sealed_answer_and_nothing_else(context, risky):
    phone = Phone(context, known_link := risky[1]["links"][1], random.Random(1))
    context.set_offline(True)
    page = phone.page
    page.locator("input[name=value][value='2']").check(force=True)
    page.locator("button[value=next]").click()
    page.wait_for_selector("[data-saved][data-state=kept]")
    look(page)
    row, = page.evaluate(KEPT)
    assert set(row) == {"key", "home", "place", "made", "sealed"} and row["place"] == 1
    assert known_link not in json.dumps(row)
    assert len(base64.b64decode(row["sealed"])) > 65 + 12 + 16
    context.set_offline(False)
    page.wait_for_selector("[data-saved][data-state=saved]")
    page.wait_for_timeout(200)
    assert page.evaluate(KEPT) == []


def test_without_the_tick_the_phone_keeps_nothing(context, risky):
    page = context.new_page()
    page.goto(f"/q/{risky[1]['links'][2]}/")
    look(page)
    page.locator("main form button").click()
    page.wait_for_selector("form[data-ready]")
    assert page.evaluate("typeof keptAnswers") == "undefined"
    assert page.evaluate("indexedDB.databases().then((found) => found.length)") == 0


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_words_are_shown_at_once_even_without_a_net(chromium, risky, script):
    link = risky[1]["links"][3]
    context = chromium.new_context(base_url=risky[0].address, viewport={"width": 320, "height": 640},
                                   java_script_enabled=script)
    page = context.new_page()
    page.goto(f"/q/{link}/question/?place=1")
    for _skip in range(41 if script else 0):
        number = page.locator("[data-progress] progress").get_attribute("value")
        page.locator("button[value=skip]").click()
        page.wait_for_function("before => document.querySelector('progress').value > Number(before)", arg=number)
    if not script:
        page.goto(f"/q/{link}/question/?place=42")
    if script:
        page.wait_for_selector("[data-saved][data-state=saved]")
        context.set_offline(True)
    page.locator("input[name=value][value='2']").check(force=True)
    page.locator("button[value=next]").click()
    page.get_by_text("0808 2000 247").wait_for(timeout=3000)
    if script:
        look(page)
        context.set_offline(False)
        page.wait_for_selector("[data-saved][data-state=saved]")
        page.locator("[data-on]").click()
        assert page.locator("[data-progress] progress").get_attribute("value") == "43"
    context.close()


def test_the_pages_of_alerts(chromium, risky):
    """After the tests above: an alert waits, and somebody takes it."""
    context = chromium.new_context(base_url=risky[0].address, viewport={"width": 320, "height": 640})
    page = context.new_page()
    sign_in(page, "coordinator@example.org", PASSWORD)
    for address in ("/alerts/on-call/", "/alerts/"):
        page.goto(address)
        look(page)
    page.locator("tbody a").first.click()
    look(page)
    page.get_by_label("I spoke with the parent").check()
    page.get_by_role("button", name="Take this alert").click()
    page.locator("tbody a").last.click()
    look(page)
    context.close()


def test_the_first_load_of_forty_items_is_small(context, risky):
    link = risky[1]["links"][2]
    page, sizes = context.new_page(), {}
    page.on("response", lambda response: sizes.update({response.url: len(gzip.compress(response.body(), 9))}))
    page.goto(f"/q/{link}/question/", wait_until="networkidle")  # what comes last may come after the page is ready
    page.wait_for_selector("form[data-ready]")
    assert len(sizes) >= 5 and any(url.endswith("/module/") for url in sizes)
    assert sum(sizes.values()) <= LARGEST, sizes
