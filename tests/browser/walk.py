"""People at their pages, one after the other, on a study whose clock a test moves; axe looks at each page's shape."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from PIL import Image
from playwright.sync_api import Browser, Page

from tests import cast
from tests.browser.conftest import ROOT, WIDTHS, look, sign_in
from tests.servers import Served

PICTURES = ROOT / "docs" / "screenshots"
ON_PHONES, WHOLE = {"consent", "survey", "visit"}, {"visit"}


def name_of(address: str) -> str:
    try:
        return str(resolve(urlsplit(address).path).url_name)
    except Resolver404:
        return ""


def keep_small(content: bytes, target: Path) -> None:
    """Writes a picture of a page with 128 colours, of which a page has fewer: a third of the bytes."""
    image = Image.open(BytesIO(content)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    image.save(target, optimize=True)


class Walk:
    """A browser for each person, all of one width, on a study whose clock the test moves."""

    def __init__(self, browser: Browser, server: Served, width: str) -> None:
        self.browser, self.server, self.width = browser, server, width
        self.page: Page
        self.people: dict[str, Page] = {}
        self.looked: set[str] = set()
        self.seen: set[str] = set()

    def as_person(self, role: str | None) -> Page:
        """Each of the staff at the own browser, signed in since the first time; a family always with a new one."""
        if role in self.people:
            self.page = self.people[role]
            self.page.goto("/")
            return self.page
        context = self.browser.new_context(viewport=WIDTHS[self.width], base_url=self.server.address, locale="en-GB")
        self.page = context.new_page()
        self.page.set_default_timeout(20_000)
        if role:
            sign_in(self.page, f"{role}@example.org", cast.PASSWORD)
            self.people[role] = self.page
        return self.page

    def see(self, address: str | None = None) -> Page:
        """Opens a page (or stays), and has it checked; a page's shape is checked once."""
        if address:
            answer = self.page.goto(address)
            assert answer is None or answer.status == 200, (address, answer.status)
        self.seen.add(name_of(self.page.url))
        shape = self.page.locator("h1").first.inner_text()
        if shape not in self.looked:
            self.looked.add(shape)
            look(self.page)
        return self.page

    def picture(self, name: str) -> None:
        """One of the pictures in docs/pages.md, kept when ATTUNEMENT_PICTURES is set; never an empty page."""
        if self.width == ("phone" if name in ON_PHONES else "desktop"):
            self.page.evaluate("scrollTo(0, 0)")
            content = self.page.screenshot(full_page=name in WHOLE)
            assert len(content) > 10_000
            if os.environ.get("ATTUNEMENT_PICTURES"):
                keep_small(content, PICTURES / f"{name}.png")

    def press(self, name: str) -> Page:
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.page.wait_for_load_state()
        return self.see()

    def link(self, name: str) -> Page:
        self.page.get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state()
        return self.see()

    def tab_to(self, what: str) -> None:
        """The keyboard's way: Tab until the element that matches `what` has the focus."""
        for _step in range(80):
            if self.page.evaluate("what => document.activeElement.matches(what)", what):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard never reached {what}")

    def key(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
