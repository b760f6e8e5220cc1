"""A served study with the shared cast on 5 July 2021, and Debian's Chromium looking at it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from attunement.web import place
from tests import cast
from tests.faults.test_many_clients import world
from tests.servers import Served, served

expect.set_options(timeout=20_000)  # A machine that does other work too may take long; what never comes still fails.
ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
         "resultTypes": ["violations"]}
WIDTHS = {"phone": {"width": 320, "height": 640}, "desktop": {"width": 1200, "height": 900}}
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
         "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


def debians_chromium() -> str | None:
    """The one without windows of its own, where it is installed: the same engine, and a third less work."""
    named = os.environ.get("ATTUNEMENT_CHROMIUM")
    return named or shutil.which("chromium-headless-shell") or shutil.which("chromium")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = debians_chromium()
    if program is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program,
                                             args=QUIET + (["--no-sandbox"] if os.geteuid() == 0 else []))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the cast in it."""
    folder = tmp_path_factory.mktemp("served") / "data"
    place.create(folder, demonstration=True, staff_totp=False)
    (folder / "world.json").write_text(str(world(folder, "prepare", "2", clock=f"{cast.FIRST_DAY}T10:00")))
    return folder


@pytest.fixture(scope="session")
def server(data: Path) -> Iterator[Served]:
    with served(data, clock=f"{cast.FIRST_DAY}T10:00") as running:
        yield running


@pytest.fixture
def page_at(chromium: Browser, server: Served) -> Iterator[Callable[..., Page]]:
    """`page_at("phone")`, `page_at("desktop", "coordinator")`: a new browser; whoever signed in before is so still."""
    contexts = []

    def opened(width: str, role: str | None = None, **options: object) -> Page:
        context = chromium.new_context(viewport=WIDTHS[width], base_url=server.address, locale="en-GB",
                                       storage_state=server.signed_in.get(role or ""), **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        if role is not None:
            page.goto("/")
            if "/accounts/login/" in page.url:
                sign_in(page, f"{role}@example.org", cast.PASSWORD)
                server.signed_in[role] = context.storage_state()
        return page

    yield opened
    for context in contexts:
        context.close()


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


def look(page: Page) -> None:
    """No WCAG 2.2 A or AA violation, and nothing that scrolls sideways at 320 px."""
    for tries_left in (2, 1, 0):
        try:
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found = page.evaluate("rules => axe.run(rules)", RULES)
            break
        except Error:  # a page that loads itself anew meanwhile is looked at again
            if not tries_left:
                raise
            page.wait_for_load_state()
    faults = [f"{fault['id']}: {node['html'][:160]}" for fault in found["violations"] for node in fault["nodes"]]
    assert not faults, f"{page.url}\n" + "\n".join(faults)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 1, f"{page.url} is {wide} px wider than the screen"


def until(page: Page, expression: str) -> None:
    """Waits until an asynchronous function of the page gives true. (`wait_for_function` takes any promise for true.)"""
    for _try in range(200):
        with suppress(Error):  # a page that goes elsewhere meanwhile cannot say
            if page.evaluate(expression):
                return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {expression}")
