"""A small share of the long runs, on SQLite. `python -m tests.faults.share 1`."""

from __future__ import annotations

import sys
from typing import Any

from tests.faults import allocation_kills, cut_logs, full_disk, real_time_order
from tests.faults.studies import Found, main


def run(_times: int, programme: Any) -> Found:
    parts = [cut_logs.run(12, programme), full_disk.run(2, programme, ends=False),
             real_time_order.run(1, programme, operations=160), allocation_kills.run(25, programme)]
    return Found("\n  ".join(part.said for part in parts), [fault for part in parts for fault in part.wrong])


if __name__ == "__main__":
    sys.exit(main(run, 1, ("sqlite",)))
