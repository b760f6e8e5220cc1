"""A reader who knows every published number: each small cell by two linear programmes, asked as slowly and plainly
as the rule is written. Shares nothing with the package but the profiles' numbers, which are written out here.
"""

import numpy as np
from scipy.optimize import linprog

SMALL = {"round-5": (1, 4), "suppress-5": (1, 4), "dfe": (1, 5), "tre-10": (0, 9)}
WIDTH = {"round-5": 1, "suppress-5": 5, "dfe": 6, "tre-10": 10}


class Attacker:
    """`published`: (true table, published table, name of the profile) each, and a fourth: the cut of the data."""

    def __init__(self, published):
        self.cells, self.true, self.bounds, self.sums = {}, [], [], []
        self.width, self.profile = {}, {}
        for true, shown, profile, *cut in published:
            self._read(true, shown, profile, *cut)
        self._changes()

    def _changes(self):
        """What lies between a count and the same count at any other cut is a number of families too."""
        dated = [(key, at) for key, at in self.cells.items() if any(name == "cut" for name, _ in key)]
        for i, (first, one) in enumerate(dated):
            for second, other in dated[i + 1 :]:
                if {each for each in first if each[0] != "cut"} != {each for each in second if each[0] != "cut"}:
                    continue
                less, more = sorted((one, other), key=lambda at: self.true[at])
                if change := self.true[more] - self.true[less]:
                    at = self._cell({"change": f"{less} to {more}"})
                    self.true[at] = change
                    if SMALL[self.profile[more]][0] <= change <= SMALL[self.profile[more]][1]:
                        self.width[at] = WIDTH[self.profile[more]]
                    self.sums.append((more, {less, at}))

    def _cell(self, values):
        key = frozenset((name, value) for name, value in values.items() if value != "Total")
        if key not in self.cells:
            self.cells[key] = len(self.cells)
            self.true.append(None)
            self.bounds.append([0, None])
        return self.cells[key]

    def _read(self, true, shown, profile, cut=""):
        dated = {"cut": cut} if cut else {}
        rows = [{name: row[name] for name in row if name != "n"} | dated for row in true.to_dicts()]
        places = [self._cell(row) for row in rows]
        for at, n, seen in zip(places, true["n"], shown["n"], strict=True):
            self.true[at] = n
            self.profile[at] = profile
            if SMALL[profile][0] <= n <= SMALL[profile][1]:
                self.width[at] = max(self.width.get(at, 0), WIDTH[profile])
            if seen is not None:
                around = 2 if profile == "round-5" else 0
                low, high = self.bounds[at]
                self.bounds[at] = [max(low, seen - around), seen + around if high is None else min(high, seen + around)]
        for row, at in zip(rows, places, strict=True):
            for name in (name for name, value in row.items() if value == "Total"):
                parts = {p for p, other in zip(places, rows, strict=True)
                         if other[name] != "Total" and {**other, name: "Total"} == row}
                if parts:
                    self.sums.append((at, parts))

    def exposed(self):
        """The exposed small cells, with their bounds."""
        equations = np.zeros((len(self.sums), len(self.cells)))
        for line, (whole, parts) in enumerate(self.sums):
            equations[line, whole] = -1
            equations[line, sorted(parts)] = 1
        found = []
        for at, width in self.width.items():
            aim = np.zeros(len(self.cells))
            aim[at] = 1
            ends = []
            for sign in (1, -1):
                answer = linprog(sign * aim, A_eq=equations if len(equations) else None,
                                 b_eq=np.zeros(len(equations)) if len(equations) else None, bounds=self.bounds)
                assert answer.status in (0, 3), answer.message
                ends.append(sign * answer.fun if answer.status == 0 else np.inf)
            if ends[1] - ends[0] < width - 1e-6:
                found.append((at, self.true[at], *ends))
        return found
