"""How soon a family can begin on a poor line: 400 kbit/s and 400 ms, a questionnaire of forty items, an empty cache."""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from rich.table import Table

KBITS, DELAY, ITEMS = 400, 400, 40
LINE = {"offline": False, "latency": DELAY, "downloadThroughput": KBITS * 125, "uploadThroughput": KBITS * 125}
FIRST_DAY = "2021-07-05T10:00"


def bench(shown: Table) -> None:
    program = shutil.which("chromium")
    if program is None:
        shown.add_row("First load of a questionnaire", "Chromium is not installed", "")
        return
    from playwright.sync_api import sync_playwright

    from attunement.web import place
    from benches.__main__ import forty_items
    from tests.faults.test_many_clients import world
    from tests.servers import served

    folder = Path(tempfile.mkdtemp(prefix="attunement-line-")) / "data"
    try:
        forty_items(folder / "instruments")
        place.create(folder, demonstration=True, staff_totp=False)
        link = world(folder, "risky", "1", clock=FIRST_DAY)["links"][0]
        with served(folder, clock=FIRST_DAY) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program,
                                                 args=["--no-sandbox"] if os.geteuid() == 0 else [])
            found = [_load(browser, f"{server.address}/q/{link}/question/") for _time in range(3)]
            browser.close()
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)
    usable, whole, sent, packed = (min(each) for each in zip(*found, strict=True))
    shown.add_row(f"First question usable at {KBITS} kbit/s + {DELAY} ms", f"{usable:.2f} s", "3 s")
    shown.add_row(f"… and all {ITEMS} items on the phone", f"{whole:.2f} s", "")
    shown.add_row("First load as sent", f"{sent / 1000:.1f} kB", "")
    shown.add_row("First load, each part packed by gzip", f"{packed / 1000:.1f} kB", "60 kB")


def _load(browser: Any, address: str) -> tuple[float, float, float, float]:
    """Seconds until the first question can be answered and until the script has them all; bytes sent, and packed."""
    context = browser.new_context()
    page, packed = context.new_page(), []
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", LINE)
    page.on("response", lambda response: packed.append(len(gzip.compress(response.body(), 9))))
    page.goto(address, wait_until="commit")
    page.wait_for_selector("form[data-ready]")
    usable = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000
    whole = page.evaluate("performance.getEntriesByType('resource').at(-1).responseEnd") / 1000
    sent = page.evaluate("[...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')]"
                         ".reduce((sum, each) => sum + each.transferSize, 0)")
    context.close()
    return usable, whole, sent, sum(packed)
