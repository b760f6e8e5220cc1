"""Did each stratum give out its places in the order of time? `python -m tests.faults.real_time_order 20`.

A history is 2,000 operations of eight processes at once: pressing for a family, pressing again with the same key, a
colleague's press, and counting a stratum. It is in order when every operation can be given an instant between its
beginning and its end at which it took effect, so that places and counts follow from one another (Herlihy and Wing 1990).
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.faults.studies import SITES, Found, coordinator, let_go, main, ready

PROCESSES, OPERATIONS, REACH = 8, 2000, 12
SCHEMES = ("efron:2/3", "big_stick:3")
Interval = tuple[int, int, int]
"""Rank in the order that the answers tell, and when the operation began and ended (ns)."""


@dataclass(frozen=True)
class Done:
    """One operation: kind, stratum, family (empty for a count), what it came to, when it began and ended."""

    kind: str
    stratum: str
    family: str
    result: int
    began: int
    ended: int


def out_of_order(intervals: Iterable[Interval]) -> Interval | None:
    """The first that cannot take effect after all those of lower rank and before its own end; None when all can."""
    earliest = 0
    for rank, began, ended in sorted(intervals):
        earliest = max(earliest, began)
        if earliest > ended:
            return rank, began, ended
    return None


def faults(history: Iterable[Done]) -> list[str]:
    """What of a history contradicts real time, by stratum. A press that came too late is given as place 0."""
    strata: dict[str, list[Done]] = defaultdict(list)
    for done in history:
        strata[done.stratum].append(done)
    return [sentence for stratum, ones in sorted(strata.items()) for sentence in _faults(stratum, ones)]


def _faults(stratum: str, ones: list[Done]) -> list[str]:
    found, placed = [], defaultdict(list)
    for done in ones:
        if done.family and done.result:
            placed[done.family].append(done)
    drawn: dict[int, Interval] = {}
    begun: dict[str, int] = {}
    for family, answers in placed.items():
        places = {done.result for done in answers}
        (place, *others) = places
        if others or place in drawn:
            found.append(f"{stratum}: {family} was told places {sorted(places)}, or another family was told the same")
        # Drawn by one of the presses that were told the place, so after the first began and before the first ended.
        begun[family] = min(done.began for done in answers)
        drawn[place] = 2 * place, begun[family], min(done.ended for done in answers)
    if sorted(drawn) != list(range(1, len(drawn) + 1)):
        found.append(f"{stratum}: the places have a gap")
    counted = [(2 * done.result + 1, done.began, done.ended) for done in ones if not done.family]
    wrong = out_of_order([*drawn.values(), *counted])
    if wrong:
        found.append(f"{stratum}: place {wrong[0] // 2} contradicts real time")
    for done in ones:
        if done.family and not done.result and begun.get(done.family, done.ended) >= done.ended:
            found.append(f"{stratum}: {done.family} was refused as allocated before anybody pressed")
    return found


def run(histories: int, programme: Any, operations: int = OPERATIONS) -> Found:
    from django.conf import settings

    from attunement.journey.trail.queries import first_broken

    found, began, folder = Found(), time.monotonic(), Path(settings.PLACE.root)
    told = refused = overlaps = 0
    for number in range(histories):
        _new_queues(programme, number)
        history = _played(programme, random.Random(number), operations, folder)
        found.wrong += [f"history {number + 1}: {fault}" for fault in faults(history)]
        found.expect(len(history) == operations, f"history {number + 1} has {len(history)} operations")
        told, refused = told + len(history), refused + sum(done.kind == "late" for done in history)
        ordered = sorted(history, key=lambda done: done.began)
        overlaps += sum(one.ended > other.began for one, other in pairwise(ordered))
    found.expect(first_broken() is None, "the chain of the trail is broken")
    found.said = (f"{histories} histories, {told} operations of {PROCESSES} processes in {time.monotonic() - began:.0f} s, "
                  f"{overlaps} of them beside the next, {refused} refused as late: all in real-time order in each stratum")
    return found


def _new_queues(programme: Any, number: int) -> None:
    """A new version of the scheme, so that every history begins at place 1."""
    from attunement import study
    from attunement.journey.arms import actions
    from attunement.journey.trail import clock
    from attunement.journey.trail.actions import Rule, adopt_study

    text = study.read("vig").text.replace("big_stick:3", SCHEMES[number % 2])
    adopt_study(by=Rule("test"), text=text, reason=f"History {number}", approved_by="The cast", holds_from=clock.today())
    actions.set_up(by=programme.people["monitoring_statistician"])
    actions.lock(by=programme.people["trial_manager"])


def _played(programme: Any, chance: random.Random, operations: int, folder: Path) -> list[Done]:
    """One operation in three a family's first press; the others near it in time."""
    families = ready(programme, operations * 2 // 5)
    planned = [(number, "press", code) for number, code in enumerate(families)]
    for kind, many in (("press", operations * 7 // 20), ("colleague", operations // 10)):
        planned += [(number + chance.uniform(-REACH, REACH), kind, families[number])
                    for number in chance.sample(range(len(families)), many)]
    while len(planned) < operations:
        planned.append((chance.uniform(0, len(families)), "count", chance.choice(SITES)))
    work = [(kind, what) for _when, kind, what in sorted(planned)]
    let_go()
    begun = {}
    for number in range(PROCESSES):
        path = folder / f"history-{number}"
        process = os.fork()
        if not process:
            status = 1
            try:
                path.write_text(json.dumps([_do(programme, *each) for each in work[number::PROCESSES]]), encoding="utf-8")
                status = 0
            finally:
                os._exit(status)
        begun[process] = path
    if any(os.waitpid(process, 0)[1] for process in begun):
        return []
    return [Done(*each) for path in begun.values() for each in json.loads(path.read_text("utf-8"))]


def _do(programme: Any, kind: str, what: str) -> tuple[str, str, str, int, int, int]:
    from attunement.journey.arms import actions
    from attunement.journey.arms.models import Allocation
    from attunement.journey.referral.models import Family
    from attunement.journey.trail.errors import Refused

    began = time.monotonic_ns()
    if kind == "count":
        many = Allocation.objects.filter(stratum__name=what, stratum__scheme__version=_latest()).count()
        return kind, what, "", many, began, time.monotonic_ns()
    try:
        family = Family.objects.select_related("site").get(code=what)
        made = actions.allocate(by=coordinator(programme, what), family=family, key=f"{kind} {what}")
        return kind, what[0], what, made.place, began, time.monotonic_ns()
    except Refused:
        return "late", what[0], what, 0, began, time.monotonic_ns()


def _latest() -> int:
    from attunement.journey.arms.models import Scheme

    return Scheme.objects.order_by("-version").values_list("version", flat=True)[0]


if __name__ == "__main__":
    sys.exit(main(run, 20))
