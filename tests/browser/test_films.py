"""A real film through the real server: sealed on its way in, played and marked frame by frame, looked at together."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page

from tests import cast
from tests.browser.conftest import ROOT, look
from tests.journey.films_cast import Clear, mp4, telling
from tests.servers import Served

CLOCK = f"{cast.FIRST_DAY}T10:00"
FILM = mp4(7, seconds=10)
READY = "document.querySelector('video').readyState >= 2"
PAUSED = "document.querySelector('video').paused"
# The frame number that is burnt into the picture on the screen: sixteen blocks, and the same inverted below.
BURNT_IN = """() => {
  const video = document.querySelector("video"), canvas = document.createElement("canvas");
  const block = Math.max(4, Math.floor(video.videoWidth / 40)), half = Math.floor(block / 2);
  [canvas.width, canvas.height] = [16 * block, 2 * block];
  const context = canvas.getContext("2d", {willReadFrequently: true});
  context.drawImage(video, 0, 0);
  const read = context.getImageData(0, 0, canvas.width, canvas.height).data;
  const bright = (column, row) => read[4 * ((row * block + half) * canvas.width + column * block + half)] > 126;
  const bits = [...Array(16).keys()];
  if (bits.some((bit) => bright(bit, 0) === bright(bit, 1))) return -1;
  return bits.reduce((number, bit) => 2 * number + bright(bit, 0), 0);
}"""


@pytest.fixture(scope="module")
def sessions(server: Served) -> dict[str, Any]:
    environment = dict(os.environ, ATTUNEMENT_DATA=str(server.data), ATTUNEMENT_CLOCK=CLOCK)
    done = subprocess.run([sys.executable, "-m", "tests.journey.films_world"], env=environment, text=True, check=True,
                          capture_output=True, cwd=ROOT)
    return json.loads(done.stdout)


def clear_bytes_in(data: Path, film: bytes) -> list[str]:
    """Files of the data directory that hold a piece of the film as it is."""
    wanted = Clear(telling(film))
    assert len(wanted.pieces) > 20 and wanted.is_in(film)
    return [str(path) for path in data.rglob("*") if path.is_file() and wanted.is_in(path.read_bytes())]


def films_on_disk(data: Path) -> list[str]:
    """Films, and what is on its way in; not what the worker makes of them meanwhile."""
    return sorted(path.name for path in (data / "films").glob("*")
                  if not re.search(r"\.(working|look|map|making)\b", path.name))


def shown(page: Page) -> int:
    return page.evaluate(BURNT_IN)


def wait(page: Page, holds: str) -> None:
    """Until an expression holds. (Playwright's own waiting needs an eval, which the pages' policy forbids.)"""
    for _try in range(600):
        with suppress(Error):  # a page that goes elsewhere meanwhile cannot say
            if page.evaluate(holds):
                return
        page.wait_for_timeout(50)
    raise AssertionError(f"it never held: {holds}")


def wait_for_picture(page: Page, number: int) -> None:
    wait(page, f"({BURNT_IN})() === {number} && {PAUSED}")


def test_a_film_is_sent_played_marked_and_looked_at_together(page_at, server, sessions, tmp_path):
    (tmp_path / "film.mp4").write_bytes(FILM)
    (tmp_path / "diary.mp4").write_text("No film at all")
    page = page_at("desktop", "practitioner")
    page.goto(f"/caseload/{sessions['family']}/")
    page.get_by_role("link", name="Add a film to session 2").click()
    look(page)
    refuse(page, tmp_path / "diary.mp4")
    send(page, tmp_path / "film.mp4")
    page.get_by_text("The film is locked away.").wait_for()
    assert not clear_bytes_in(server.data, FILM)
    plays(page)
    marks(page)
    page.set_viewport_size({"width": 320, "height": 640})
    look(page)
    together(page, sessions["review"])


def refuse(page: Page, path: Path) -> None:
    page.get_by_label("The film", exact=True).set_input_files(path)
    page.get_by_label("I asked the family again").check()
    page.get_by_role("button", name="Send the film").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    assert "This file is not a film" in page.locator("#error-summary").inner_text()
    look(page)


def send(page: Page, path: Path) -> None:
    page.get_by_label("The film", exact=True).set_input_files(path)
    page.get_by_label("I asked the family again").check()
    page.get_by_role("button", name="Send the film").click()
    page.wait_for_url("**/films/**")


def plays(page: Page) -> None:
    wait(page, READY)
    look(page)
    page.keyboard.press(" ")
    wait(page, "document.querySelector('video').currentTime > 0.4")
    page.keyboard.press(" ")
    wait(page, PAUSED)


def marks(page: Page) -> None:
    """By numbers: the fields of the plain form follow the keys, and each number is the number in the picture."""
    page.wait_for_timeout(200)
    page.keyboard.press("i")
    first = shown(page)
    page.get_by_text("The clips as a table, and by numbers").click()
    assert first > 0 and page.locator("[data-first]").input_value() == str(first)
    for step in range(1, 6):
        page.keyboard.press(".")
        wait_for_picture(page, first + step)
    page.keyboard.press(",")
    wait_for_picture(page, first + 4)
    page.get_by_label("Last picture").fill(str(first + 4))
    page.get_by_label("What you see in it", exact=True).select_option("Receiving initiatives")
    page.get_by_role("button", name="Mark this clip").click()
    page.get_by_text("The clip is marked.").wait_for()


def together(page: Page, review: int) -> None:
    page.goto(f"/reviews/{review}/")
    page.get_by_text("Ready: 1 of 1").wait_for()
    look(page)
    page.get_by_role("button", name="Look at them together").click()
    page.get_by_role("button", name="Show the first moment").click()
    wait(page, "document.querySelector('video').readyState >= 2")
    look(page)
    page.get_by_role("button", name="Take this one out").click()
    page.get_by_text("What stays with you?").wait_for()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.get_by_text("There are no moments to look at yet.").wait_for()
    look(page)


def upload(server: Served, page: Page, session: int, body: bytes, length: int) -> http.client.HTTPConnection:
    """Begins an upload with the browser's own sign-in, and sends only `body` of the `length` that it promised."""
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies())
    connection = http.client.HTTPConnection("localhost", server.port, timeout=30)
    connection.putrequest("POST", f"/sessions/{session}/film/")
    for name, value in (("Content-Type", "multipart/form-data; boundary=x"), ("Content-Length", str(length)),
                        ("Cookie", cookies), ("Origin", server.address)):
        connection.putheader(name, value)
    connection.endheaders(body)
    return connection


def until(holds: Any, page: Page | None = None) -> None:
    for _try in range(300):
        if holds():
            return
        page.wait_for_timeout(100) if page else time.sleep(0.1)
    raise AssertionError("it never happened")


def padded(film: bytes, size: int) -> bytes:
    """The film with a box behind it that players pass over: as long as a film on a phone."""
    return film + (size + 8).to_bytes(4, "big") + b"free" + random.Random(1).randbytes(size)


def slow(network: Any, *, offline: bool) -> None:
    network.send("Network.emulateNetworkConditions", {"offline": offline, "latency": 5, "downloadThroughput": -1,
                                                      "uploadThroughput": 2_000_000})


def percent(page: Page) -> int:
    found = re.search(r"(\d+)%", page.locator("[data-upload-text]").inner_text())
    return int(found[1]) if found else 0


def test_a_film_arrives_whole_though_the_connection_is_cut_twice_and_the_server_killed(
        page_at, server, sessions, tmp_path):
    film = padded(mp4(9), 14_000_000)
    (tmp_path / "film.mp4").write_bytes(film)
    page = page_at("phone", "practitioner")
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow(network, offline=False)
    sent: list[int] = []
    page.on("request", lambda request: sent.append(int(request.headers["upload-offset"]))
            if request.method == "PATCH" else None)
    page.goto(f"/sessions/{sessions['film']}/film/")
    page.get_by_label("The film", exact=True).set_input_files(tmp_path / "film.mp4")
    page.get_by_label("I asked the family again").check()
    page.get_by_role("button", name="Send the film").click()
    for cut_at in (15, 45):
        until(lambda at=cut_at: percent(page) >= at, page)
        slow(network, offline=True)
        page.get_by_text("The connection is lost").wait_for()
        slow(network, offline=False)
    until(lambda: percent(page) >= 65, page)
    server.kill()
    assert not clear_bytes_in(server.data, film[:80_000])
    server.restart(CLOCK)
    page.wait_for_url("**/films/**")
    page.get_by_text("The film is locked away.").wait_for()
    assert len(sent) <= -(-len(film) // (4 * 1024 * 1024)) + 5
    assert page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
    page.get_by_role("link", name="Who may see this film").click()
    page.get_by_role("button", name="It is wiped from the phone").click()
    page.get_by_text("Wiped, as said on").wait_for()
    look(page)


def test_a_broken_connection_and_a_killed_server_leave_nothing(page_at, server, sessions):
    page = page_at("desktop", "practitioner")
    page.goto(f"/sessions/{sessions['film']}/film/")
    token = page.locator("form[data-upload] [name=csrfmiddlewaretoken]").input_value()
    body = b"".join(b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % field for field in (
        (b"csrfmiddlewaretoken", token.encode()), (b"agreed", b"on")))
    body += b'--x\r\nContent-Disposition: form-data; name="film"; filename="a.mp4"\r\n\r\n' + mp4(8) * 4
    before = films_on_disk(server.data)

    def arriving() -> bool:
        return any(name.endswith(".arriving") for name in films_on_disk(server.data))

    connection = upload(server, page, sessions["film"], body, 50_000_000)
    until(arriving)
    assert not clear_bytes_in(server.data, mp4(8))
    connection.close()
    until(lambda: films_on_disk(server.data) == before)

    connection = upload(server, page, sessions["film"], body, 50_000_000)
    until(arriving)
    server.kill()
    assert arriving()
    server.restart(CLOCK)
    assert films_on_disk(server.data) == before
    connection.close()
