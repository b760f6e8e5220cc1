"""A visit on a phone: six taps from the start page to saved; and without a signal, kept sealed and sent once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import cast
from tests.browser.conftest import ROOT, look, until
from tests.servers import Served

CLOCK = f"{cast.FIRST_DAY}T10:00"
KEPT = """() => new Promise((resolve) => {
  const opening = indexedDB.open("visits", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("visits", { keyPath: "key" });
  opening.onsuccess = () => {
    const asked = opening.result.transaction("visits").objectStore("visits").getAll();
    asked.onsuccess = () => resolve(asked.result);
  };
})"""


@pytest.fixture(scope="module")
def due(server: Served) -> dict[str, Any]:
    environment = dict(os.environ, ATTUNEMENT_DATA=str(server.data), ATTUNEMENT_CLOCK=CLOCK)
    done = subprocess.run([sys.executable, "-m", "tests.journey.visits_world"], env=environment, text=True, check=True,
                          capture_output=True, cwd=ROOT)
    return json.loads(done.stdout)


class Finger:
    """Taps, counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, what: Any) -> None:
        self.taps += 1
        what.tap()

    def answer(self, group: str, label: str) -> None:
        self.tap(self.page.get_by_role("group", name=group).get_by_label(label, exact=True))


def state(server: Served, session: int) -> dict[str, Any]:
    """What is kept of a session, as another program reads it."""
    code = ("import django; django.setup(); import json; "
            "from attunement.journey.delivery.models import Session, LateVisit; "
            f"s = Session.objects.get(pk={session}); print(json.dumps([s.state, s.minutes, s.rating, s.filmed, s.place, "
            "s.present, LateVisit.objects.count()]))")
    environment = dict(os.environ, ATTUNEMENT_DATA=str(server.data), DJANGO_SETTINGS_MODULE="attunement.web.settings")
    done = subprocess.run([sys.executable, "-c", code], env=environment, text=True, check=True, capture_output=True,
                          cwd=ROOT)
    return json.loads(done.stdout)


def test_a_film_visit_is_recorded_in_six_taps_from_the_start_page(page_at, server, due):
    page = page_at("phone", "practitioner", has_touch=True)
    look(page)
    finger = Finger(page)
    finger.tap(page.get_by_role("link", name=f"{due['family']}: Film 1"))
    page.wait_for_selector("form[data-visit]")
    look(page)
    finger.answer("What became of it?", "Held")
    finger.answer("Minutes with the family", "60")
    finger.answer("Was a film made?", "Yes")
    finger.answer("The parent taps: How was today for you?", "Very helpful")
    finger.tap(page.get_by_role("button", name="Save"))
    page.wait_for_url(f"**/caseload/{due['family']}/")
    assert finger.taps == 6
    assert state(server, due["film"]) == ["held", 60, 4, True, "home", ["carer", "infant"], 0]
    assert page.evaluate(KEPT) == []


def test_without_a_signal_the_visit_is_kept_sealed_and_sent_once_when_there_is_one(page_at, server, due):
    page = page_at("phone", "practitioner", has_touch=True)
    page.goto(f"/sessions/{due['meeting']}/")
    page.context.set_offline(True)
    page.get_by_role("group", name="What became of it?").get_by_label("Held", exact=True).check()
    page.get_by_role("group", name="Minutes with the family").get_by_label("45", exact=True).check()
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("text=The visit is kept on this phone")
    kept = page.evaluate(KEPT)
    assert [(row["trial"], row["session"]) for row in kept] == [(due["family"], str(due["meeting"]))]
    assert set(kept[0]) == {"key", "who", "trial", "session", "made", "sealed"}, "nothing said stands in the clear"
    assert state(server, due["meeting"])[0] == "planned"
    # The tab is killed; another day the caseload is opened with a signal.
    page.close()
    page.context.set_offline(False)
    page = page.context.new_page()
    page.goto("/caseload/")
    until(page, f"async () => (await ({KEPT})()).length === 0")
    assert state(server, due["meeting"])[:2] == ["held", 45]


def test_the_page_of_a_visit_opens_without_a_signal_and_goes_when_one_signs_out(page_at, server, due):
    page = page_at("phone", "practitioner", has_touch=True)
    page.goto("/caseload/")
    until(page, f"async () => (await caches.open('visits')).match('/sessions/{due['offline']}/').then(Boolean)")
    page.close()
    page = page.context.new_page()
    page.context.set_offline(True)
    page.goto("/")
    expect(page.get_by_role("heading", name="Your families")).to_be_visible()
    look(page)
    page.locator(f"main a[href='/sessions/{due['offline']}/']").first.tap()
    page.get_by_role("group", name="What became of it?").get_by_label("Not attended", exact=True).check()
    page.get_by_role("button", name="Save").tap()
    page.wait_for_selector("text=The visit is kept on this phone")
    page.context.set_offline(False)
    page.goto("/caseload/")
    until(page, f"async () => (await ({KEPT})()).length === 0")
    assert state(server, due["offline"])[0] == "not_attended"
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").last.click()
    until(page, "async () => !(await caches.has('visits'))")


def test_an_answer_that_was_lost_on_its_way_back_does_not_double_the_visit(page_at, server, due):
    page = page_at("phone", "practitioner", has_touch=True)
    page.goto(f"/sessions/{due['later']}/")

    def lose(route: Any) -> None:
        route.fetch(max_redirects=0)  # the server has it
        route.abort()

    page.route(f"**/sessions/{due['later']}/", lose)
    page.get_by_role("group", name="What became of it?").get_by_label("Held", exact=True).check()
    page.get_by_role("group", name="Minutes with the family").get_by_label("30", exact=True).check()
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("text=The visit is kept on this phone")
    page.goto("/caseload/")
    until(page, f"async () => (await ({KEPT})()).length === 0")
    assert state(server, due["later"])[:2] == ["held", 30] and state(server, due["later"])[-1] == 0


def test_without_the_script_the_same_page_records_the_visit(chromium, server, due):
    from tests.browser.conftest import sign_in

    context = chromium.new_context(base_url=server.address, java_script_enabled=False,
                                   viewport={"width": 320, "height": 640})
    page = context.new_page()
    sign_in(page, "practitioner@example.org", cast.PASSWORD)
    page.goto(f"/sessions/{due['plain']}/")
    page.get_by_role("group", name="What became of it?").get_by_label("Not attended").check()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/caseload/**")
    assert state(server, due["plain"])[0] == "not_attended"
    context.close()
