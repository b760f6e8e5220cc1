"""Allocations over HTTP: eight clients press for one family each, again and again, on both databases."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from uuid import uuid4

CLIENTS, FAMILIES = 8, 400


def measured(folder: Path) -> Iterator[tuple[str, int, float, int]]:
    """(database, families, allocations a second, acknowledged ones that are not there) for each that is installed."""
    from attunement.web import place
    from tests.faults.test_many_clients import post, world
    from tests.servers import postgres, postgres_programs, served

    for database in ("SQLite", "PostgreSQL"):
        if database == "PostgreSQL" and postgres_programs() is None:
            continue
        data = folder / database
        with postgres() if database == "PostgreSQL" else nullcontext("") as url:
            place.create(data, demonstration=True, staff_totp=False, database=url)
            known = world(data, "many", str(FAMILIES))
            with served(data) as server, ThreadPoolExecutor(CLIENTS) as pool:
                def press(code: str, server: object = server, signed_in: dict[str, str] = known["signed_in"]) -> int:
                    return post(server, f"/families/{code}/allocate/", sign_in=signed_in[code[0]],  # type: ignore[arg-type]
                                key=uuid4(), eligible="yes", warned="on")

                list(pool.map(press, known["ready"][:CLIENTS]))  # what is loaded once
                began = time.perf_counter()
                answers = list(pool.map(press, known["ready"][CLIENTS:]))
                took = time.perf_counter() - began
            told = answers.count(302) + CLIENTS
            yield database, len(answers), len(answers) / took, told - world(data, "count")["allocations"]
