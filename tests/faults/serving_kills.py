"""The served process killed (-9) under HTTP load. `python -m tests.faults.serving_kills 200`.

Several clients press "Allocate this family" over HTTP, each until it is answered, and often once more; this program is
the supervisor: it kills the whole process group at random instants and starts it again.
"""

from __future__ import annotations

import http.client
import random
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from tests.faults.allocation_kills import check
from tests.faults.studies import SITES, Found, main, ready
from tests.faults.test_many_clients import post
from tests.servers import Served, served

CLIENTS, LONGEST, EACH_LIFE = 4, 0.4, 40
CUT = (OSError, http.client.HTTPException)


class Client(threading.Thread):
    """Presses for one family after the other; what it was told stands in `told`: family -> how often it was answered."""

    def __init__(self, server: Served, sign_in: dict[str, str], families: list[str], ended: threading.Event) -> None:
        super().__init__()
        self.server, self.sign_in, self.families, self.ended = server, sign_in, families, ended
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
                status = post(self.server, f"/families/{code}/allocate/", sign_in=self.sign_in[code[0]], key=key,
                              eligible="yes", warned="on")
            except CUT:
                time.sleep(0.02)
                continue
            if status != 302:
                self.wrong.append(f"{code} was answered {status}")
            self.told[code] = self.told.get(code, 0) + 1
            return True
        return False


def run(kills: int, programme: Any) -> Found:
    from django.conf import settings

    from attunement.journey.arms.models import Allocation
    from tests.faults.world import _sign_in

    sign_in = {site: _sign_in(programme._coordinator(site)) for site in SITES}
    families, chance, ended = ready(programme, 100 + kills * EACH_LIFE), random.Random(kills), threading.Event()
    began = time.monotonic()
    with served(Path(settings.PLACE.root)) as server:
        clients = [Client(server, sign_in, families[number::CLIENTS], ended) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        for _kill in range(kills):
            time.sleep(chance.uniform(0, LONGEST))
            server.kill()
            server.restart()
        time.sleep(0.2)
        ended.set()
        for client in clients:
            client.join(60)
    took = time.monotonic() - began
    told = {code: times for client in clients for code, times in client.told.items()}
    stand = {code: rest for code, *rest in Allocation.objects.values_list("family__code", "stratum__name", "place", "arm")}
    unsure = {code for client in clients for code in client.unsure}
    found = check({code: rest for code, rest in stand.items() if code in told or code in unsure}, set())
    found.expect(set(told) <= set(stand), f"{len(set(told) - set(stand))} acknowledged allocations are lost")
    found.wrong += [sentence for client in clients for sentence in client.wrong]
    tries = sum(client.tries for client in clients)
    found.said = (f"{kills} kills of the served process in {took:.0f} s: {len(told)} allocations acknowledged over HTTP "
                  f"and standing, none doubled, no gap, {sum(told.values()) - len(told)} pressed again, "
                  f"{tries - sum(told.values())} requests cut off; {found.said}")
    return found


if __name__ == "__main__":
    sys.exit(main(run, 200))
