"""Tabs that are killed and connections that are lost while a family answers. `python -m tests.browser.kills 200`.

Each answer is acknowledged by the page ("Saved." or "Kept safe on this phone."), or the tab dies before it is. Whatever was
acknowledged must stand in the database once, and the page must come back at the first question without an answer.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Error

ITEMS = 43
FIRST_DAY = "2021-07-05T10:00"
QUIET = ["--disable-gpu", "--no-first-run", "--disable-background-networking"]


class Phone:
    """One family's browser: what it was told, and what it may have sent."""

    def __init__(self, context: Any, link: str, chance: random.Random) -> None:
        self.context, self.link, self.chance = context, link, chance
        self.acknowledged: dict[int, int] = {}
        self.unsure: dict[int, set[int]] = {}
        self.kills = 0
        self.done = False
        self.page = context.new_page()
        self.page.goto(f"/q/{link}/")
        self.page.locator("#keeps").check()
        self.page.locator("main form button").click()
        self.page.wait_for_selector("form[data-ready]")

    def live(self) -> None:
        """A few answers, some of them without a connection, and then the end of the tab."""
        for _answer in range(self.chance.randint(1, 3)):
            if self.chance.random() < 0.4:
                self.context.set_offline(self.chance.random() < 0.6)
            if self.answer():
                return
        self.kill()
        self.come_back()

    def answer(self) -> bool:
        """Gives one answer; True when it was the last. Now and then the tab dies before the page can say anything."""
        if not self.page.locator("form[data-survey]").count():
            self.done = True
            return True
        if self.page.locator("[data-on]").is_visible():
            self.page.locator("[data-on]").click()
        place, value = self.place(), self.chance.randint(0, 3)
        self.page.locator(f"input[name=value][value='{value}']").check(force=True)
        self.unsure.setdefault(place, set()).add(value)
        self.page.locator("button[value=next]").click(no_wait_after=True)
        if place < ITEMS and self.chance.random() < 0.3:
            self.page.wait_for_timeout(self.chance.random() * 60)
            return False
        if place == ITEMS:
            self.context.set_offline(False)
        self.page.wait_for_function("""() => location.pathname.endsWith('/thanks/') ||
            ['saved', 'kept'].includes(document.querySelector('[data-saved]')?.dataset.state)""")
        self.acknowledged[place], self.unsure[place] = value, set()
        if self.page.locator("[data-on]").is_visible():
            self.page.locator("[data-on]").click()
        if place == ITEMS:
            self.page.wait_for_url("**/thanks/")
            self.done = True
        return self.done

    def place(self) -> int:
        return int(self.page.locator("[data-progress] progress").get_attribute("value") or 0)

    def kill(self) -> None:
        self.kills += 1
        with contextlib.suppress(Error):  # the tab is gone before it can answer
            self.page.goto("chrome://crash", timeout=3000)
        self.page.close()

    def come_back(self) -> None:
        self.context.set_offline(False)
        self.page = self.context.new_page()
        self.page.goto(f"/q/{self.link}/question/")
        self.page.wait_for_selector("form[data-ready], form[action$='/finish/'], h1:text('This page is closed')")
        if not self.page.locator("form[data-ready]").count():
            self.done = True
            return
        place = self.place()
        expected = next(number for number in range(1, ITEMS + 2) if number not in self.acknowledged)
        assert place not in self.acknowledged, f"asked question {place} again"
        sent = {number for number, values in self.unsure.items() if values} | set(self.acknowledged)
        assert set(range(expected, place)) <= sent, (expected, place)


def check(phone: Phone, rows: list[list[Any]], alerts: list[list[Any]], family: str) -> None:
    """Nothing acknowledged is lost, nothing is doubled, and every answer that met a rule has its alert."""
    stored = {(slug, item): value for code, slug, item, value in rows if code == family}
    assert len(stored) == len([row for row in rows if row[0] == family])
    for place, value in phone.acknowledged.items():
        name = ("bench_forty", place) if place <= 40 else ("demo_safety", place - 40)
        assert stored[name] in {value} | phone.unsure[place], (name, stored.get(name), value)
        if name in (("demo_safety", 2), ("demo_safety", 3)) and value > 0:
            assert [family, name[1]] in alerts


def main(kills: int) -> int:
    from playwright.sync_api import sync_playwright

    from attunement.web import place
    from benches.__main__ import forty_items
    from tests.browser.conftest import debians_chromium
    from tests.faults.test_many_clients import world
    from tests.servers import served

    folder = Path(tempfile.mkdtemp(prefix="attunement-kills-")) / "data"
    forty_items(folder / "instruments")
    place.create(folder, demonstration=True, staff_totp=False)
    known = world(folder, "risky", str(max(4, kills // 8)), clock=FIRST_DAY)
    phones, killed = [], 0
    with served(folder, clock=FIRST_DAY) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=debians_chromium(),
                                             args=QUIET + (["--no-sandbox"] if os.geteuid() == 0 else []))
        for link in known["links"]:
            if killed >= kills:
                break
            context = browser.new_context(base_url=server.address)
            phone = Phone(context, link, random.Random(link))
            while not phone.done and killed + phone.kills < kills:
                phone.live()
            killed += phone.kills
            phones.append(phone)
            context.close()
        browser.close()
    found = world(folder, "count", clock=FIRST_DAY)
    for phone, family in zip(phones, known["open"], strict=False):
        check(phone, found["answers"], found["alerts"], family)
    acknowledged = sum(len(phone.acknowledged) for phone in phones)
    print(f"{killed} tabs killed, {len(phones)} families: {acknowledged} acknowledged answers, all stored once; "
          "each came back at the right question.")
    shutil.rmtree(folder.parent, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
