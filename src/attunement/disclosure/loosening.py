"""Which further cells to hide, so that exposed ones can no longer be bounded closely."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy

from attunement.disclosure.bounding import TOLERANCE, Places, furthest, solve, spans
from attunement.disclosure.system import Numbers, System

# With more small cells than this, proving all of them again costs more than a few cells shown are worth.
_MANY = 60
Published = dict[int, tuple[float, float]]


def loosen(known: System, cells: Places, costs: dict[int, float]) -> list[int]:
    """Hides, in `known`, what protects the exposed `cells`; returns it. `costs`: what may be hidden, and its price.

    A cell at a time, the largest first: two sets of counts that agree with everything published, and differ in the
    cell by its width, where leaving a published count costs its price a unit. The counts left are hidden. Both sets
    are proof for every other cell that they move far enough.
    """
    up, down = np.zeros(len(known.true)), np.zeros(len(known.true))
    hidden: list[int] = []
    published: Published = {}
    owner: dict[int, int] = {}
    for cell in sorted(cells.tolist(), key=lambda at: -known.true[at]):
        if up[cell] - down[cell] >= known.width[cell] - TOLERANCE:
            continue
        may = {at: cost for at, cost in costs.items() if at not in hidden}
        moves = _moves(known, cell, known.width[cell], may)
        if moves is None:
            moves = _moves(known, cell, _furthest(known, cell, may), may)
        if moves is None:
            continue
        chosen = _left(known, moves, may)
        hidden += chosen
        published |= {at: (known.low[at], known.high[at]) for at in chosen}
        owner |= dict.fromkeys(chosen, cell)
        known.low[chosen], known.high[chosen] = 0, np.inf
        up, down = np.maximum(up, moves.max(axis=0)), np.minimum(down, moves.min(axis=0))
    return _spared(known, published, owner, costs)


def _spared(known: System, published: Published, owner: dict[int, int], costs: dict[int, float]) -> list[int]:
    """Shows again, the dearest first, what later cells have made needless to hide; returns what stays hidden.

    Only the cells whose proof moves it need another proof; the one for which it was hidden is asked first.
    """
    kept = list(published)
    cells = np.flatnonzero((known.width > 0) & (known.high > known.low))
    if len(kept) < 2 or len(cells) > _MANY:
        return kept
    proofs = furthest(known, cells)
    proved = _apart(known, proofs, cells)
    cells, proofs = cells[proved], proofs[:, proved]
    for place in sorted(published, key=lambda at: -costs[at]):
        known.low[place], known.high[place] = published[place]
        reached = known.true[place] + proofs[:, :, place]
        moved = ((reached < known.low[place] - TOLERANCE) | (reached > known.high[place] + TOLERANCE)).any(axis=0)
        for some in (moved & (cells == owner[place]), moved & (cells != owner[place])):
            again = furthest(known, cells[some])
            if not _apart(known, again, cells[some]).all():
                known.low[place], known.high[place] = 0, np.inf
                break
            proofs[:, some] = again
        else:
            kept.remove(place)
    return kept


def _apart(known: System, proofs: Numbers, cells: Places) -> npt.NDArray[np.bool_]:
    """Do a cell's two proofs differ in it by its width?"""
    ends = proofs[:, np.arange(len(cells)), cells]
    return np.asarray(ends[0] - ends[1] >= known.width[cells] - TOLERANCE)


def _left(known: System, moves: Numbers, may: dict[int, float]) -> list[int]:
    """The published cells that the moves leave."""
    reached = known.true + moves
    below, above = (reached < known.low - TOLERANCE).any(axis=0), (reached > known.high + TOLERANCE).any(axis=0)
    out = np.asarray(below | above)
    return [at for at in may if out[at]]


def _furthest(known: System, cell: int, may: dict[int, float]) -> float:
    """How far apart the cell's bounds are if everything that may be hidden is."""
    low, high = known.low.copy(), known.high.copy()
    low[list(may)], high[list(may)] = 0, np.inf
    loose = System(known.place, known.rests, known.true, low, high, known.width, known.equations)
    first, last = spans(loose, np.array([cell]))
    return float(last[0] - first[0]) - TOLERANCE


def _moves(known: System, cell: int, width: float, may: dict[int, float]) -> Numbers | None:
    """Two sets of moves away from the true counts, shape (2, cells), that differ in `cell` by `width`, at least cost.

    A move is f + p - q: f within what is known and free, p and q beyond it at a price. None where nothing does it.
    """
    free, hide = np.flatnonzero(known.high > known.low), np.array(list(may), np.intp)
    columns = np.concatenate([free, hide, hide])
    signs = np.repeat([1.0, 1.0, -1.0], [len(free), len(hide), len(hide)])
    equations = known.equations[:, columns].multiply(signs)
    differ = np.where(columns == cell, signs, 0.0)
    low = np.concatenate([(known.low - known.true)[free], np.zeros(2 * len(hide))])
    high = np.concatenate([(known.high - known.true)[free], np.full(len(hide), np.inf), known.low[hide]])
    prices = np.array(list(may.values()))
    price = np.concatenate([np.zeros(len(free)), prices, prices])
    # The last variable is how far apart the two sets are in the cell: held to `width`.
    whole = scipy.sparse.block_array(
        [[equations, None, None], [None, equations, None], [differ[None], -differ[None], np.array([[-1.0]])]],
        format="csc",
    )
    found = solve(np.concatenate([price, price, [0]]), whole, np.concatenate([low, low, [width]]),
                  np.concatenate([high, high, [width]]))  # fmt: skip
    if found is None:
        return None
    moves = np.zeros((2, len(known.true)))
    for block in range(2):
        values = found[block * len(columns) : (block + 1) * len(columns)]
        np.add.at(moves[block], columns, signs * values)
    return moves
