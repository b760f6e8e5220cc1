"""Fifty clients at once over HTTP, with double clicks, on both databases: no duplicate, no gap, no failure."""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import urlencode

import pytest

from attunement.web import place
from tests.servers import Served, postgres, served

FAMILIES, DOUBLE_CLICKS, CLIENTS = 200, 50, 50
TOKEN = "a" * 32


def world(data: Path, *words: str, clock: str = "") -> dict:
    environment = dict(os.environ, ATTUNEMENT_DATA=str(data), DJANGO_SETTINGS_MODULE="attunement.web.settings",
                       ATTUNEMENT_CLOCK=clock)
    done = subprocess.run([sys.executable, "-m", "tests.faults.world", *words], env=environment, text=True, check=True,
                          capture_output=True, cwd=Path(__file__).parents[2])
    return json.loads(done.stdout)


def post(server: Served, path: str, *, sign_in: str = "", **fields: object) -> int:
    connection = http.client.HTTPConnection("localhost", server.port, timeout=120)
    try:
        connection.request("POST", path, urlencode({"csrfmiddlewaretoken": TOKEN, **fields}), {
            "Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={TOKEN}; sign_in={sign_in}"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    with postgres() if request.param == "postgresql" else nullcontext("") as url:
        place.create(tmp_path / "data", demonstration=True, staff_totp=False, database=url)
        yield tmp_path / "data"


def test_two_hundred_families_and_fifty_double_clicks(data):
    known = world(data, "prepare", str(FAMILIES))
    clicks = [(code, str(uuid.uuid4())) for code in known["ready"]]
    clicks += random.Random(1).sample(clicks, DOUBLE_CLICKS)
    random.Random(2).shuffle(clicks)
    with served(data) as server:
        def click(what: tuple[str, str]) -> int:
            code, key = what
            person = "coordinator" if code.startswith("A") else "coordinator_b"
            return post(server, f"/families/{code}/allocate/", sign_in=known["signed_in"][person], key=key,
                        eligible="yes", warned="on")

        with ThreadPoolExecutor(CLIENTS) as pool:
            statuses = list(pool.map(click, clicks))
    assert statuses == [302] * len(clicks)
    found = world(data, "count")
    assert found["allocations"] == found["entries"] == FAMILIES
    assert found["places"] == {site: list(range(1, FAMILIES // 2 + 1)) for site in "AB"}
    assert found["broken"] is None
