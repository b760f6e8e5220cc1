"""Random intercept and slopes within groups: V = Z D Z' + residual, D unstructured, groups of one size at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attunement.impact.edge import Floats
from attunement.impact.likelihood import Moments, Point, point

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Stack:
    """Groups of the same size: `both` (g, n, p+1) [X y], `effects` (g, K-1, n, n) what each element of D adds to V."""

    both: Floats
    effects: Floats


@dataclass(frozen=True)
class Grouped:
    """theta = the lower triangle of D row by row (variances and covariances), then the residual variance.

    `width` is the number of random effects a group has; `stacks` holds the groups, all sizes together `rows` rows.
    """

    stacks: tuple[Stack, ...]
    width: int
    rows: int
    ml: bool = False

    def at(self, theta: Floats) -> Point:
        parts = [_sums(stack, theta) for stack in self.stacks]
        inner, first, second = (
            np.asarray(sum(getattr(part, name) for part in parts)) for name in ("inner", "first", "second")
        )
        trace, traces = (np.asarray(sum(getattr(part, name) for part in parts)) for name in ("trace", "traces"))
        total = sum(part.log_determinant for part in parts)
        return point(theta, Moments(inner, first, second, total, trace, traces), self.rows, self.ml)


def grouped(both: Floats, effects: Floats, group: Whole, ml: bool = False) -> Grouped:
    """`both` (n, p+1) [X y], `effects` (n, q) the columns whose coefficients vary between groups, `group` 0..G-1."""
    pairs = triangle(effects.shape[1])
    order = np.argsort(group, kind="stable")
    counts = np.bincount(group)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    stacks = []
    for size in np.unique(counts):
        at = order[starts[counts == size][:, None] + np.arange(size)]
        z = effects[at]
        outer = [
            z[:, :, None, i] * z[:, None, :, j] + (0 if i == j else z[:, :, None, j] * z[:, None, :, i])
            for i, j in pairs
        ]
        stacks.append(Stack(both[at], np.stack(outer, axis=1)))
    return Grouped(tuple(stacks), effects.shape[1], both.shape[0], ml)


def triangle(width: int) -> Sequence[tuple[int, int]]:
    """Positions of the lower triangle, row by row: (0,0), (1,0), (1,1), …"""
    return [(i, j) for i in range(width) for j in range(i + 1)]


def _sums(stack: Stack, theta: Floats) -> Moments:
    n = stack.both.shape[1]
    v = np.tensordot(stack.effects, theta[:-1], axes=([1], [0])) + theta[-1] * np.eye(n)
    root = np.linalg.cholesky(v)
    inverse = np.linalg.inv(v)
    solved = inverse @ stack.both
    pushed = np.concatenate([stack.effects @ solved[:, None], solved[:, None]], axis=1)
    half = np.concatenate([inverse[:, None] @ stack.effects, inverse[:, None]], axis=1)
    through = inverse[:, None] @ pushed
    return Moments(
        _flat(stack.both).T @ _flat(solved),
        np.stack([_flat(solved).T @ _flat(pushed[:, k]) for k in range(theta.size)]),
        np.stack([[_flat(pushed[:, k]).T @ _flat(through[:, m]) for m in range(theta.size)] for k in range(theta.size)]),
        2 * float(np.log(np.diagonal(root, axis1=1, axis2=2)).sum()),
        np.trace(half, axis1=2, axis2=3).sum(axis=0),
        np.einsum("gkij,gmji->km", half, half),
    )


def _flat(values: Floats) -> Floats:
    return values.reshape(-1, values.shape[-1])
