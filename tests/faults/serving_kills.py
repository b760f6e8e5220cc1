"""The served process killed (-9) under HTTP load. `python -m tests.faults.serving_kills 200`.

Several clients press "Allocate this family" over HTTP, each until it is answered, and often once more; this program is
the supervisor: it kills the whole process group at random instants and starts it again. The server is the one of
`attunement serve`, forked from a process that has everything loaded: fresh starts are killed by `test_power_cuts`.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import random
import signal
import socket
import sys
import threading
import time
import uuid
from contextlib import suppress
from typing import Any

from tests.faults.allocation_kills import check
from tests.faults.studies import SITES, Found, let_go, main, ready
from tests.faults.test_many_clients import post
from tests.servers import free_port

CLIENTS, LONGEST, EACH_LIFE = 4, 0.5, 20
CUT = (OSError, http.client.HTTPException)


class _Supervised:
    """The server in a process group of its own."""

    def __init__(self, port: int) -> None:
        self.port, self._process = port, 0
        let_go()

    def start(self) -> None:
        self._process = os.fork()
        if not self._process:
            os.setpgid(0, 0)
            _serve(self.port)
        with suppress(OSError):  # whichever of the two comes first: it must be a group before it is killed
            os.setpgid(self._process, self._process)
        for _try in range(1000):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        raise RuntimeError("the server did not answer within 10 seconds")

    def kill(self) -> None:
        os.killpg(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


def _serve(port: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    from attunement.web.serving import THREADS

    try:
        multiprocessing.set_start_method("fork", force=True)
        Granian("attunement.web.wsgi:application", address="127.0.0.1", port=port, interface=Interfaces.WSGI, workers=1,
                blocking_threads=THREADS, log_access=False, log_enabled=False, websockets=False).serve()
    finally:
        os._exit(1)


class Client(threading.Thread):
    """Presses for one family after the other; what it was told stands in `told`: family -> how often it was answered."""

    def __init__(self, port: int, sign_in: dict[str, str], families: list[str], ended: threading.Event) -> None:
        super().__init__()
        self.port, self.sign_in, self.families, self.ended = port, sign_in, families, ended
        self.told: dict[str, int] = {}
        self.unsure: dict[str, str] = {}
        self.wrong: list[str] = []
        self.tries = 0

    def run(self) -> None:
        chance = random.Random(self.families[0])
        for code in self.families:
            key = self.unsure[code] = str(uuid.uuid4())
            for _press in range(1 + (chance.random() < 0.3)):
                if not self._until_answered(code, key):
                    return
            del self.unsure[code]

    def _until_answered(self, code: str, key: str) -> bool:
        while not self.ended.is_set():
            self.tries += 1
            try:
                status = post(self, f"/families/{code}/allocate/", sign_in=self.sign_in[code[0]], key=key,
                              eligible="yes", warned="on")
            except CUT:
                time.sleep(0.03)
                continue
            if status != 302:
                self.wrong.append(f"{code} was answered {status}")
            self.told[code] = self.told.get(code, 0) + 1
            return True
        return False


def standing() -> dict[str, tuple[Any, ...]]:
    """Family -> its stratum, place and arm, as they are in the database now."""
    from attunement.journey.arms.models import Allocation

    found = Allocation.objects.values_list("family__code", "stratum__name", "place", "arm")
    return {code: tuple(rest) for code, *rest in found}


def run(kills: int, programme: Any) -> Found:
    from django.test import Client as Browser

    from tests.faults.world import _sign_in

    sign_in = {site: _sign_in(programme._coordinator(site)) for site in SITES}
    families, chance, ended = ready(programme, 100 + kills * EACH_LIFE), random.Random(kills), threading.Event()
    Browser(HTTP_HOST="localhost").get("/accounts/login/")  # loads what the forked server needs
    began = time.monotonic()
    server = _Supervised(free_port())
    clients = [Client(server.port, sign_in, families[number::CLIENTS], ended) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    seen: dict[str, tuple[Any, ...]] = {}
    for number in range(kills):
        server.start()
        time.sleep(chance.uniform(0, LONGEST))
        server.kill()
        if number % 10 == 9:
            seen |= standing()
            let_go()
    server.start()
    time.sleep(0.5)
    ended.set()
    for client in clients:
        client.join(60)
    server.kill()
    took = time.monotonic() - began
    told = {code: times for client in clients for code, times in client.told.items()}
    stand = standing()
    unsure = {code for client in clients for code in client.unsure}
    found = check({code: list(rest) for code, rest in stand.items() if code in told or code in unsure}, set())
    found.expect(seen.items() <= stand.items(), "an allocation that stood after a kill stands no more, or otherwise")
    found.expect(set(told) <= set(stand), f"{len(set(told) - set(stand))} acknowledged allocations are lost")
    found.wrong += [sentence for client in clients for sentence in client.wrong]
    tries = sum(client.tries for client in clients)
    found.said = (f"{kills} kills of the served process in {took:.0f} s: {len(told)} allocations acknowledged over HTTP "
                  f"and standing, none doubled, no gap, {sum(told.values()) - len(told)} pressed again, "
                  f"{tries - sum(told.values())} requests cut off; {found.said}")
    return found


if __name__ == "__main__":
    sys.exit(main(run, 200))
