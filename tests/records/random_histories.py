"""Random histories for `derive`, each compared with the day-by-day oracle.

All ten thousand: `python -m tests.records.random_histories`; another number as first argument, a seed as second.
"""

import random
import sys
from datetime import date, timedelta

import polars as pl

from attunement.records import derive
from attunement.records.histories import CHILDREN, EPISODES, EVENTS
from attunement.records.outcomes import COLUMNS, RANDOMISED
from tests.records.outcome_oracle import Child

STARTS = [date(2023, 8, 31), date(2024, 2, 29), date(2023, 3, 31), date(2023, 1, 15), date(2022, 10, 30)]
# Days cluster round the edges of the window, where mistakes live.
EDGES = [-366, -365, -1, 0, 1, 2, 7, 8, 59, 60, 180, 181, 182, 183, 184, 185, 190, 191, 192]
CODES = {"referral": ["RC1", "RC2", "RC5", "RC7", "RC8"], "care": ["E11", "E12", "E2", "E3", "X1", "E4A"]}


def history(chance):
    """(child, episodes, events, t0, extract) as the oracle takes them; rows repeat, touch and overlap."""
    t0 = chance.choice([*STARTS, date(2023, 1, 1) + timedelta(chance.randrange(730))])

    def at():
        return t0 + timedelta(chance.choice(EDGES) if chance.random() < 0.4 else chance.randint(-500, 260))

    episodes = []
    for _ in range(chance.choice([0, 1, 2, 3, 4, 6, 9])):
        episodes += [_episode(chance, at, episodes)] * chance.choice([1, 1, 1, 2])
    if chance.random() < 0.15:
        episodes += _step_down(chance, t0)
    if chance.random() < 0.1:
        episodes = _second_referral(chance, t0)
    events = [{"kind": chance.choice(["s47", "icpc"]), "date": at()} for _ in range(chance.choice([0, 1, 2, 5]))]
    if events and chance.random() < 0.3:
        events.append({"kind": chance.choice(["s47", "icpc"]), "date": events[0]["date"]})
    answer = chance.choice(["found"] * 12 + [None, "no_record", "moved_out", "transferred", "adopted", "died"])
    child = {"answer": answer, "death_date": at() if chance.random() < 0.06 else None, "birth_date": at()}
    late = chance.choice([-40, -1, 0, 1, 5, 300, 300, 300])
    return child, episodes, events, t0, Child(child, [], [], t0, t0).t1 + timedelta(60 + late)


def _episode(chance, at, before):
    kind = chance.choice(["referral", "cin_plan", "cp_plan", "care"])
    touching = [row["end"] for row in before if row["end"]]
    start = chance.choice(touching) if touching and chance.random() < 0.35 else at()
    end = chance.choice([None, at(), start + timedelta(chance.randint(0, 90)), start])
    code = chance.choice(CODES[kind]) if kind in CODES and end and chance.random() < 0.3 else None
    legal = chance.choice(["C2", "V2", "V3", "V4"]) if kind == "care" else None
    taken_over = chance.choice([None, False, True]) if kind == "cp_plan" else None
    return {"kind": kind, "start": start, "end": end, "end_code": code, "legal_status": legal, "transfer_in": taken_over}


def _step_down(chance, t0):
    """A CP plan at t0 that ends in the window, and a plan for a child in need some days before or after its end."""
    end = t0 + timedelta(chance.randint(1, 185))
    blank = {"end_code": None, "legal_status": None, "transfer_in": None}
    return [blank | {"kind": "cp_plan", "start": t0 - timedelta(chance.randint(0, 99)), "end": end},
            blank | {"kind": "cin_plan", "start": end + timedelta(chance.randint(-3, 10)), "end": None}]


def _second_referral(chance, t0):
    """A referral closed, and another about the time at which the twelve months before it are over."""
    first = t0 - timedelta(chance.randint(180, 366))
    again = t0 + timedelta(chance.randint(1, 185)) if chance.random() < 0.5 else first + timedelta(chance.randint(364, 367))
    blank = {"kind": "referral", "end_code": None, "legal_status": None, "transfer_in": None}
    closed = t0 - timedelta(chance.randint(0, 9))
    return [blank | {"start": first, "end": closed}, blank | {"start": again, "end": None}]


def frames(cases):
    """`cases`: (child, episodes, events, t0, extract) each; child i has the trial_id Ti."""
    tables = {"children": [], "episodes": [], "events": [], "randomised": []}
    for i, (child, episodes, events, t0, extract) in enumerate(cases):
        own = {"trial_id": f"T{i}"}
        tables["children"].append({"birth_date": None} | own | child)
        tables["episodes"] += [own | {"row_id": f"e{n}"} | row for n, row in enumerate(episodes)]
        tables["events"] += [own | {"row_id": f"v{n}"} | row for n, row in enumerate(events)]
        tables["randomised"].append(own | {"t0": t0, "extract_date": extract})
    schemas = (CHILDREN, EPISODES, EVENTS, RANDOMISED)
    return [pl.DataFrame(rows, schema=schema) for rows, schema in zip(tables.values(), schemas, strict=True)]


def differences(cases):
    """How many histories give another value than the oracle, over all columns but `evidence`."""
    tables = [table.sample(fraction=1, shuffle=True, seed=1) for table in frames(cases)]
    rows = {row["trial_id"]: row for row in derive(*tables).to_dicts()}
    wrong = 0
    for i, case in enumerate(cases):
        blank = dict.fromkeys(name for name in COLUMNS if name not in ("trial_id", "evidence"))
        expected = blank | Child(*case).outcomes()
        wrong += any(rows[f"T{i}"][name] != value for name, value in expected.items())
    return wrong


def unsupported(cases):
    """How many histories give other values, or other evidence, from the rows of their evidence alone."""
    children, episodes, events, randomised = frames(cases)
    whole = derive(children, episodes, events, randomised)
    used = whole.select("trial_id", row_id="evidence").explode("row_id")
    kept = (table.join(used, on=["trial_id", "row_id"], how="semi") for table in (episodes, events))
    again, known = derive(children, *kept, randomised), pl.col("stop_date").is_not_null()
    same = whole.filter(known).equals(again.filter(known))
    silent = whole.filter(~known)["evidence"].list.len().sum() == 0
    return 0 if same and silent else whole.height


def main(number=10_000, seed=1):
    chance = random.Random(seed)
    cases = [history(chance) for _ in range(number)]
    print(f"{number} histories: {differences(cases)} differ from the oracle, "
          f"{unsupported(cases)} are not supported by their evidence")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
