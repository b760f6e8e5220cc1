"""A process that has worked with many threads serves as well as a fresh one: a demonstration rehearses, then serves."""

from __future__ import annotations

import http.client
from pathlib import Path

from attunement.web import place
from tests.faults.test_many_clients import world
from tests.servers import served


def test_a_page_that_computes_is_answered_by_a_server_that_began_after_a_rehearsal(tmp_path: Path):
    place.create(tmp_path / "data", demonstration=True, staff_totp=False)
    known = world(tmp_path / "data", "prepare", "2")
    with served(tmp_path / "data", busy=True) as server:
        connection = http.client.HTTPConnection("localhost", server.port, timeout=20)
        connection.request("GET", "/progress/", headers={"Cookie": f"sign_in={known['signed_in']['funder']}"})
        answer = connection.getresponse()
        assert answer.status == 200 and b"Families by how far they have come" in answer.read()
