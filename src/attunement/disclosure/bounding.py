"""How closely cells can be bounded: the linear programmes, in moves away from the true counts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy

from attunement.disclosure.errors import DisclosureError
from attunement.disclosure.system import Numbers, System

Places = npt.NDArray[np.intp]
TOLERANCE = 1e-6
# Programmes put into one call: many small ones cost far more than one of this size.
_TOGETHER = 24
_DRAWS = 4


def spans(known: System, cells: Places) -> tuple[Numbers, Numbers]:
    """The least and the greatest count that each cell can have, given all that is known; where they lie `width` apart
    or further, only so far.
    """
    moves = furthest(known, cells)[:, np.arange(len(cells)), cells]
    return known.true[cells] + moves[1], known.true[cells] + moves[0]


def unproved(known: System, cells: Places) -> Places:
    """The cells among them whose bounds may lie closer than their width.

    Where there are many, a few programmes move all of them at once, up or down as drawn, and what one of these moves far
    enough needs none of its own.
    """
    free = np.flatnonzero(known.high > known.low)
    if len(cells) <= _TOGETHER or not len(free):
        return cells
    low, high = known.low[free] - known.true[free], known.high[free] - known.true[free]
    cap = np.where(known.width[free] > 0, known.width[free], np.inf)
    low, high = np.maximum(low, -cap), np.minimum(high, cap)
    equations, chance = known.equations[:, free], np.random.default_rng(1)
    top, bottom = np.zeros(len(known.true)), np.zeros(len(known.true))
    for _ in range(_DRAWS):
        aim = np.where(known.width[free] > 0, chance.choice([-1.0, 1.0], len(free)), 0.0)
        for sign in (1, -1):
            moved = solve(sign * aim, equations if equations.shape[0] else None, low, high)
            if moved is not None:
                top[free], bottom[free] = np.maximum(top[free], moved), np.minimum(bottom[free], moved)
    return cells[(top - bottom)[cells] < known.width[cells] - TOLERANCE]


def furthest(known: System, cells: Places) -> Numbers:
    """The moves that take each cell up and down as far as what is known allows, but not beyond its `width`: shape
    (2, cells, all cells). A linear programme each, solved by HiGHS.
    """
    moves = np.zeros((2, len(cells), len(known.true)))
    free = np.flatnonzero(known.high > known.low)
    equations = known.equations[:, free]
    equations = equations[np.flatnonzero(np.diff(equations.indptr))]
    inside = np.flatnonzero(np.isin(cells, free))
    for start in range(0, len(inside), _TOGETHER):
        some = inside[start : start + _TOGETHER]
        found = _together(known, free, equations, np.searchsorted(free, cells[some]))
        moves[:, some[:, None], free] = found.reshape(2, len(some), len(free))
    return moves


def _together(known: System, free: Places, equations: scipy.sparse.csr_array, at: Places) -> Numbers:
    """The programmes of some cells as one: all ups, then all downs, a block of free cells each."""
    blocks, size = 2 * len(at), len(free)
    low = np.tile(known.low[free] - known.true[free], (blocks, 1))
    high = np.tile(known.high[free] - known.true[free], (blocks, 1))
    block, place = np.arange(blocks), np.tile(at, 2)
    cap = known.width[free][place]
    low[block, place], high[block, place] = np.maximum(low[block, place], -cap), np.minimum(high[block, place], cap)
    aim = np.zeros((blocks, size))
    aim[block, place] = np.where(block < len(at), -1.0, 1.0)
    whole = _diagonal(equations, blocks) if equations.shape[0] else None
    moved = solve(aim.ravel(), whole, low.ravel(), high.ravel())
    if moved is None:
        raise DisclosureError("What was published contradicts itself; please check the tables against their true counts.")
    return moved


def _diagonal(equations: scipy.sparse.csr_array, blocks: int) -> scipy.sparse.csc_array:
    """The equations once a block (scipy's block_diag, several times faster)."""
    one, block = equations.tocoo(), np.arange(blocks)[:, None]
    rows, columns = block * equations.shape[0] + one.coords[0], block * equations.shape[1] + one.coords[1]
    shape = (blocks * equations.shape[0], blocks * equations.shape[1])
    return scipy.sparse.csc_array((np.tile(one.data, blocks), (rows.ravel(), columns.ravel())), shape=shape)


def solve(aim: Numbers, equations: scipy.sparse.sparray | None, low: Numbers, high: Numbers) -> Numbers | None:
    """The point within `low` and `high` that solves equations = 0 with the least `aim`; None where there is none."""
    held = [scipy.optimize.LinearConstraint(equations, 0, 0)] if equations is not None else []
    answer = scipy.optimize.milp(aim, constraints=held, bounds=scipy.optimize.Bounds(low, high))
    return None if answer.x is None else np.asarray(answer.x)
