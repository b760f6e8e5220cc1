"""Forked processes that act, killed (-9) at random instants. `python -m tests.faults.allocation_kills 5000`.

Each process allocates, tries allocations again, notes with two people what became of one, and now and then signs a
checkpoint; it says through a pipe what it begins and what was acknowledged to it. What the dead had begun the next tries
again, with the same key.
"""

from __future__ import annotations

import heapq
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.faults.studies import Found, coordinator, let_go, main, ready

AT_ONCE, JOBS, LONGEST = 3, 8, 0.1


@dataclass
class Told:
    """What the processes said before they were killed."""

    programme: Any
    waiting: list[str]
    begun: list[str] = field(default_factory=list)
    made: dict[str, list[Any]] = field(default_factory=dict)
    noted: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    again: int = 0

    def hear_all(self, pipe: int, taken: list[str]) -> int:
        """All that one process said before its end; how many allocations were acknowledged to it."""
        with os.fdopen(pipe, "rb") as said:
            lines = [json.loads(line) for line in said.read().splitlines(keepends=True) if line.endswith(b"\n")]
        for words in lines:
            self.hear(words, taken)
        return sum(words[0] == "made" for words in lines)

    def hear(self, words: list[Any], taken: list[str]) -> None:
        what, code, *rest = words
        if what == "begun" and code not in self.made and code not in self.begun:
            self.begun.append(code)
        elif what == "made":
            self.again += code in self.made
            if self.made.setdefault(code, rest) != rest:
                self.wrong.append(f"{code} was given {self.made[code]}, and {rest} when asked again")
            if code in self.begun:
                self.begun.remove(code)
        elif what == "noted":
            self.noted.add(code)
        elif what == "wrong":
            self.wrong.append(code)
        if code in taken:
            taken.remove(code)


def run(kills: int, programme: Any) -> Found:
    """So many kills, then a look at what stands."""
    told, chance, left = Told(programme, ready(programme, 2 * kills + 40)), random.Random(kills), kills
    before = allocated()
    living: list[tuple[float, int, int, list[str]]] = []
    let_go()
    began, longest = time.monotonic(), LONGEST
    while left or living:
        while left and len(living) < AT_ONCE:
            heapq.heappush(living, _fork(told, chance, longest))
            left -= 1
        until, process, pipe, taken = heapq.heappop(living)
        time.sleep(max(0.0, until - time.monotonic()))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        # Lives so long that two in five end before their first acknowledgement.
        longest *= 0.98 if told.hear_all(pipe, taken) else 1.03
        told.waiting += taken
    took = time.monotonic() - began
    unsure = len(told.begun)
    _finish(told)
    found = check(told.made, told.noted, before=before)
    found.wrong += told.wrong
    found.said = (f"{kills} kills in {took:.0f} s: {len(told.made)} allocations acknowledged and standing, none doubled, "
                  f"no gap, {told.again} tries again with the same arm, {unsure} cut off at the last; {found.said}")
    return found


def _fork(told: Told, chance: random.Random, longest: float) -> tuple[float, int, int, list[str]]:
    reading, writing = os.pipe()
    taken = [told.waiting.pop(0) for _job in range(min(JOBS, len(told.waiting)))]
    jobs = told.begun[:2] + chance.sample(sorted(told.made), min(1, len(told.made))) + taken
    note = chance.choice(sorted(told.made)) if told.made and chance.random() < 0.2 else ""
    sign, lives = chance.random() < 0.02, chance.uniform(0.001, longest)
    process = os.fork()
    if not process:
        os.close(reading)
        _live(told.programme, jobs, note, sign, writing)
    os.close(writing)
    return time.monotonic() + lives, process, reading, taken


def _live(programme: Any, jobs: list[str], note: str, sign: bool, pipe: int) -> None:
    """A child's life. It is killed, whatever it does."""
    def say(*words: Any) -> None:
        os.write(pipe, json.dumps(words).encode() + b"\n")

    try:
        from attunement.journey.arms import checkpoints
        from attunement.journey.trail.errors import Refused

        if note:
            with suppress(Refused):  # another process was quicker with the same family
                _note(programme, note)
                say("noted", note)
        if sign:
            checkpoints.checkpoint()
        for code in jobs:
            say("begun", code)
            say("made", code, *allocate(programme, code))
    except BaseException as error:
        say("wrong", f"{type(error).__name__}: {error}")
    while True:
        signal.pause()


def allocate(programme: Any, code: str) -> list[Any]:
    from attunement.journey.arms import actions
    from attunement.journey.referral.models import Family

    family = Family.objects.select_related("site").get(code=code)
    made = actions.allocate(by=coordinator(programme, code), family=family, key=f"key of {code}")
    return [made.stratum.name, made.place, made.arm]


def _note(programme: Any, code: str) -> None:
    """Two people note that an allocation was in error; a step that was taken before the kill is not taken again."""
    from attunement.journey.arms import afterwards
    from attunement.journey.arms.models import Proposal
    from attunement.journey.referral.models import Family

    made = Proposal.objects.filter(family__code=code, kind="in_error").first() or afterwards.propose(
        by=programme.people["trial_manager"], kind="in_error", family=Family.objects.get(code=code), reason="Made up")
    if made.agreed_by_id is None:
        afterwards.agree(by=programme.people["monitoring_statistician"], proposal=made)


def _finish(told: Told) -> None:
    """What was begun is tried again in peace, and some of what was acknowledged."""
    for code in [*told.begun, *list(told.made)[::50]]:
        try:
            told.hear(["made", code, *allocate(told.programme, code)], [])
        except Exception as error:
            told.wrong.append(f"{code}, tried again in peace: {error}")


def allocated() -> set[str]:
    from attunement.journey.arms.models import Allocation

    return set(Allocation.objects.values_list("family__code", flat=True))


def check(made: dict[str, list[Any]], noted: set[str], *, before: Collection[str] = (), ends: bool = True) -> Found:
    """Is every acknowledged allocation there, once, in its place, and the log whole when it is opened?

    before: families that were allocated before the run. ends: open the log; nothing can be allocated after that.
    """
    from attunement.journey.arms.models import Allocation, Proposal
    from attunement.journey.trail.models import Entry, Message
    from attunement.journey.trail.queries import first_broken
    from tests.faults.world import opened

    found = Found()
    stand = {code: rest for code, *rest in Allocation.objects.values_list("family__code", "stratum__name", "place", "arm")}
    for code, rest in made.items():
        found.expect(stand.get(code) == rest, f"{code} was acknowledged as {rest} and stands as {stand.get(code)}")
    untold = set(stand) - set(made) - set(before)
    found.expect(not untold, f"{len(untold)} allocations stand that nobody was told of")
    places: dict[tuple[int, str], list[int]] = {}
    for version, stratum, place in Allocation.objects.values_list("stratum__scheme__version", "stratum__name", "place"):
        places.setdefault((version, stratum), []).append(place)
    for (_version, stratum), taken in places.items():
        found.expect(sorted(taken) == list(range(1, len(taken) + 1)), f"the places of {stratum} have a gap, or one twice")
    for what, rows in (("entry in the trail", Entry.objects.filter(verb="arms.allocated")),
                       ("message", Message.objects.filter(subject="A family has been allocated"))):
        written = Counter(rows.values_list("family", flat=True))
        found.expect(written == Counter(dict.fromkeys(stand, 1)), f"some allocation has not exactly one {what}")
    agreed = set(Proposal.objects.exclude(agreed_by=None).values_list("family__code", flat=True))
    found.expect(noted <= agreed, f"{len(noted - agreed)} notes were acknowledged and are lost")
    found.expect(first_broken() is None, "the chain of the trail is broken")
    found.said = f"chain whole, {len(noted)} notes kept"
    if ends:
        log = opened()
        found.expect(bool(log["whole"]) and log["draws"] == len(stand), f"the opened log: {log['said']}")
        found.said += ", the opened log verified"
    return found


if __name__ == "__main__":
    sys.exit(main(run, 5000))
