"""Random tables and overlapping pairs through the gate, each attacked.

A thousand: `python -m tests.disclosure.random_tables`; another number as first argument, a seed as second.
"""

import itertools
import sys
import time

import numpy as np
import polars as pl

from attunement.disclosure import audit, protect
from tests.disclosure.attacker import Attacker

PROFILES = ("round-5", "suppress-5", "dfe", "tre-10")


def families(chance):
    """Families with a site, an arm and more, few enough that most cells are small."""
    n = int(chance.integers(20, 400))
    sizes = {"site": int(chance.integers(2, 7)), "arm": 2, "status": int(chance.integers(2, 6)), "closed": 2}
    return pl.DataFrame({name: _drawn(chance, name, size, n) for name, size in sizes.items()})


def _drawn(chance, name, size, n):
    weights = chance.dirichlet(np.full(size, chance.choice([0.5, 2.0])))
    return [f"{name} {i}" for i in chance.choice(size, n, p=weights)]


def table(rows, names, *, totals=True, zeros=True):
    """Counts of `rows` by `names`, with totals over each of `totals`; with or without the rows that count none."""
    totals = set(names) if totals is True else set(totals or ())
    values = [sorted(rows[name].unique()) + (["Total"] if name in totals else []) for name in names]
    made = []
    for cell in itertools.product(*values):
        chosen = rows
        for name, value in zip(names, cell, strict=True):
            chosen = chosen if value == "Total" else chosen.filter(pl.col(name) == value)
        if zeros or chosen.height:
            made.append(dict(zip(names, cell, strict=True)) | {"n": chosen.height})
    return pl.DataFrame(made)


def tables(chance, profile):
    """One to three tables of the same families that share margins. Where none is a small count, each table has every
    row: a row left out says that nobody is there, and nothing in another table can take that back.
    """
    every = profile == "tre-10"
    rows = families(chance)
    shapes = [("site", "status"), ("site", "arm"), ("arm", "status"), ("site", "arm", "status"), ("site", "closed"),
              ("status",), ("arm", "closed", "status")]  # fmt: skip
    chosen = chance.choice(len(shapes), int(chance.integers(1, 4)), replace=False)
    some = ("site",), (), ("arm", "status", "closed")
    kinds = [True, True, True, some[int(chance.integers(3))]]
    return [
        table(rows, shapes[i], totals=_in(kinds[int(chance.integers(4))], shapes[i]), zeros=every or chance.random() < 0.7)
        for i in chosen
    ]


def _in(totals, names):
    return totals if totals is True else [name for name in totals if name in names]


def released(several, profile):
    found = []
    for each in several:
        found.append(protect(each, profile, released=found))
    return found


def over_time(chance, profile, cuts=3):
    """The same table of a programme that grows, published at every cut, each held to those before."""
    names = [("site", "status"), ("site",), ("arm", "status")][int(chance.integers(3))]
    rows, found = families(chance), []
    for cut in range(cuts):
        seen = rows if cut == cuts - 1 else rows.head(rows.height * (cut + 1) // cuts)
        grown = table(rows, names).drop("n").join(table(seen, names), on=names, how="left", maintain_order="left")
        found.append(protect(grown.with_columns(pl.col("n").fill_null(0)), profile, found, cut=str(cut)))
    return found


def main(number=1000, seed=1):
    for profile in PROFILES:
        chance, left = np.random.default_rng(seed), 0
        for _ in range(number // 20):
            found = over_time(chance, profile)
            left += len(Attacker([(each.counts, each.table, profile, each.cut) for each in found]).exposed())
        print(f"{profile}: {number // 20} programmes published at three cuts: {left} exposed", flush=True)
        chance, count = np.random.default_rng(seed), dict.fromkeys(("tables", "cells", "small", "further", "exposed"), 0)
        audited, started = 0, time.process_time()
        while count["tables"] < number:
            several = tables(chance, profile)
            found = released(several, profile)
            audited += len(audit(found))
            count["exposed"] += len(Attacker([(each.counts, each.table, profile) for each in found]).exposed())
            count["tables"] += len(found)
            count["cells"] += sum(each.table.height for each in found)
            count["small"] += sum(int((each.hidden["reason"] == "small").sum()) for each in found)
            count["further"] += sum(int((each.hidden["reason"] != "small").sum()) for each in found)
        said = ", ".join(f"{n} {name}" for name, n in count.items())
        print(f"{profile}: {said}; {audited} by the package's audit; {time.process_time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
