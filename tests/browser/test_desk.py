"""The desk and the shared review in a browser: the picture on the screen is the picture asked for, by keys and by touch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests import cast
from tests.browser.conftest import ROOT, look
from tests.browser.test_films import BURNT_IN, wait, wait_for_picture
from tests.servers import Served

CLOCK = f"{cast.FIRST_DAY}T10:00"
READY = "document.querySelector('video').readyState >= 2"
AT = "document.querySelector('[data-where]').value"


@pytest.fixture(scope="session")
def films(server: Served) -> Iterator[Any]:
    """`films("film")`: a family of its own with a film of 8 seconds, its clips if asked for, and the review's address."""
    environment = dict(os.environ, ATTUNEMENT_DATA=str(server.data), ATTUNEMENT_CLOCK=CLOCK)
    with subprocess.Popen([sys.executable, "-m", "tests.journey.desk_world"], env=environment, text=True, cwd=ROOT,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as world:
        asked, answers = world.stdin, world.stdout
        assert asked and answers

        def made(*words: str) -> dict[str, Any]:
            print(*words, file=asked, flush=True)
            return json.loads(answers.readline())

        yield made
        asked.close()


def go_to(page: Page, frame: int) -> None:
    page.evaluate("frame => { const range = document.querySelector('[data-where]'); range.value = frame;"
                  " range.dispatchEvent(new Event('input', {bubbles: true})); }", frame)
    wait_for_picture(page, frame)


def marked(page: Page) -> list[tuple[int, int, int]]:
    """First, last and principle of each moment that the server has."""
    state = page.evaluate("fetch(document.querySelector('[data-desk]').dataset.state).then(answer => answer.json())")
    return [(mark["first"], mark["last"], mark["principle"]) for mark in state["marks"]]


def settled(page: Page, moments: int) -> None:
    wait(page, f"document.querySelectorAll('.att-moment[data-coming=false]').length === {moments}")


def desk(page: Page, film: str) -> None:
    page.goto(f"/films/{film}/")
    wait(page, READY)
    wait(page, "document.querySelectorAll('.att-desk__tile').length > 1")


def test_the_picture_shown_is_the_picture_asked_for(page_at, films):
    page = page_at("desktop", "practitioner")
    desk(page, films("film")["film"])
    for frame in (0, 1, 14, 15, 16, 100, 101, 29, 239, 238):
        go_to(page, frame)
        assert page.evaluate(AT) == str(frame)
    for _step in range(3):
        page.keyboard.press(",")
    wait_for_picture(page, 235)
    look(page)


def test_three_moments_are_marked_by_keys_alone(page_at, films):
    page = page_at("desktop", "practitioner")
    desk(page, films("film")["film"])
    spans = []
    for principle in ("3", "1", "6"):
        page.keyboard.press(" ")
        start = int(page.evaluate(AT))
        wait(page, f"{AT} > {start + 8}")
        page.keyboard.press("k")
        wait(page, "document.querySelector('video').paused")
        page.wait_for_timeout(150)
        first = page.evaluate(f"({BURNT_IN})()")
        page.keyboard.press("i")
        for step in range(1, 5):
            page.keyboard.press(".")
            wait_for_picture(page, first + step)
        page.keyboard.press("o")
        page.keyboard.press(principle)
        page.keyboard.press("a")
        spans.append((first, first + 4, int(principle)))
    settled(page, 3)
    wait(page, "document.querySelectorAll('.att-reel__place').length === 3")
    assert marked(page) == spans
    page.keyboard.press("b")
    settled(page, 4)
    page.reload()
    settled(page, 4)


def test_three_moments_are_marked_by_touch_alone_on_a_small_phone(page_at, films):
    page = page_at("phone", "practitioner", has_touch=True)
    desk(page, films("film")["film"])
    look(page)
    press = lambda name: page.get_by_role("button", name=name, exact=True).tap()  # noqa: E731
    spans = []
    for principle, frame in (("Being attentive", 30), ("Guiding", 90), ("Receiving initiatives", 150)):
        go_to(page, frame)
        press("It starts here")
        for step in range(1, 4):
            press("One picture on")
            wait_for_picture(page, frame + step)
        press("It ends here")
        page.locator("[data-principle]").filter(has_text=principle).tap()
        spans.append((frame, frame + 3))
    settled(page, 3)
    wait(page, "document.querySelectorAll('.att-desk__keys [data-principle][aria-pressed=true]').length === 1")
    assert [(first, last) for first, last, _principle in marked(page)] == spans
    for moment in page.locator("[data-marks] > li").all():
        moment.get_by_role("button", name="For the review").tap()
    wait(page, "document.querySelectorAll('.att-reel__place').length === 3")
    page.get_by_role("button", name="Later").first.tap()
    wait(page, "document.querySelector('.att-reel__place').textContent.includes('0:03.0')")
    look(page)


def test_a_mark_made_without_a_connection_comes_later_and_two_people_see_each_other(page_at, films):
    film = films("film")["film"]
    page, other = page_at("desktop", "practitioner"), page_at("desktop", "supervisor")
    desk(page, film)
    go_to(page, 60)
    page.context.set_offline(True)
    page.keyboard.press("i")
    page.keyboard.press(".")
    wait_for_picture(page, 61)
    page.keyboard.press("o")
    page.keyboard.press("2")
    page.get_by_text("No connection: 2 to send.").wait_for()
    page.context.set_offline(False)
    settled(page, 1)
    wait(page, "!document.querySelector('[data-said]').dataset.state")
    for _try in range(100):  # the mark has come; what is seen in it comes after it
        if marked(page) != [(60, 61, 0)]:
            break
        page.wait_for_timeout(100)
    assert marked(page) == [(60, 61, 2)]
    desk(other, film)
    other.get_by_text("Marked by Practitioner").wait_for()
    other.get_by_label("A word for the practitioner").fill("Look how she waits here")
    other.get_by_role("button", name="Send the comment").click()
    page.get_by_text("Look how she waits here").wait_for()
    look(other)
    other.goto("/films/material/")
    look(other)
    other.set_viewport_size({"width": 320, "height": 640})
    look(other)


def test_a_review_without_a_connection(page_at, films):
    made = films("film", "clips")
    page = page_at("desktop", "practitioner")
    page.goto(f"/reviews/{made['review']}/")
    page.get_by_text("Ready: 3 of 3").wait_for()
    page.context.set_offline(True)
    page.get_by_role("button", name="Look at them together").click()
    page.get_by_text("What does she tell me?").last.wait_for()
    page.get_by_role("button", name="Show the first moment").click()
    wait_for_picture(page, 29)
    page.get_by_role("button", name="One picture back").click()
    wait_for_picture(page, 28)
    assert page.locator("[data-review]").get_attribute("data-at") == "28"
    page.get_by_role("button", name="I like this").click()
    look(page)
    page.get_by_role("button", name="Go on").click()
    wait_for_picture(page, 119)
    page.get_by_role("button", name="Take this one out").click()
    page.get_by_text("Moment 2 of 2").wait_for()
    wait_for_picture(page, 209)
    page.get_by_role("button", name="Slowly").click()
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Minutes that you had together").fill("50")
    page.get_by_role("button", name="We looked at them together").click()
    page.get_by_text("Kept on this tablet until there is a connection").first.wait_for()
    page.context.set_offline(False)
    page.get_by_text("All that was noted has arrived.").first.wait_for()
    page.goto(f"/sessions/{made['review']}/")
    assert "50" in page.locator("main").inner_text() and "Held" in page.locator("main").inner_text()
    page.goto(f"/films/{made['film']}/")
    settled(page, 2)


def test_a_withdrawal_stops_the_desk_and_the_review_while_they_play(page_at, films):
    made = films("film", "clips")
    page, review = page_at("desktop", "practitioner"), page_at("desktop", "practitioner")
    desk(page, made["film"])
    page.keyboard.press(" ")
    review.goto(f"/reviews/{made['review']}/")
    review.get_by_text("Ready: 3 of 3").wait_for()
    review.get_by_role("button", name="Look at them together").click()
    review.get_by_role("button", name="Show the first moment").click()
    films("withdraw", made["family"])
    page.get_by_text("Nobody can watch this film any more").wait_for()
    review.get_by_text("This moment cannot be shown any more.").wait_for()
    assert review.evaluate("document.querySelector('video').getAttribute('src')") is None
    assert page.request.get(f"/films/{made['film']}/play").status == 403

