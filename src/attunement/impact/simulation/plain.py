"""The analyses of many made-up trials at once in NumPy, from each trial's sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attunement.impact.edge import Floats
from attunement.impact.simulation.made import Trials, assigned, scored
from attunement.impact.simulation.planned import Design

STEPS = 60
CLOSE = 1e-6
COLUMNS = ("value", "se", "df", "value_ols", "se_ols", "df_ols", "se_kr", "df_kr", "ratio")
"""What an analysis of a trial gives, in this order; NaN where it could not be fitted. `ratio` is practitioner over
residual variance. Both paths fill these columns."""


@dataclass(frozen=True)
class Sums:
    """Per trial and eigenspace b: `squares` (T, B, w, w) of [sites, baseline, arm, outcome], `sizes` (T, B) the
    dimensions, `lengths` (B,) practitioner's caseload there (0: no practitioner shares), and `rows` (T,)."""

    squares: Floats
    sizes: Floats
    lengths: Floats
    rows: Floats


@np.errstate(divide="ignore", invalid="ignore")
def analyse(design: Design, made: Trials) -> Floats:
    """(T, 9), the columns of COLUMNS: one row a trial."""
    return fit(sums(design, made))


def sums(design: Design, made: Trials) -> Sums:
    place = assigned(design, made.arm)
    x, y = scored(design, made, place)
    kept = made.kept.astype(np.bool_)
    trial, family = np.nonzero(kept)
    total, sites, staff = made.arm.shape[0], design.sites, design.practitioners
    arm = made.arm[kept].astype(np.float64)
    width = sites + 3
    rows = np.zeros((x.size, width))
    rows[np.arange(x.size), design.site[family]] = 1.0
    rows[:, sites], rows[:, sites + 1], rows[:, sites + 2] = x, arm, y
    whole = np.array([rows[a:b].T @ rows[a:b] for a, b in zip(made.starts[:-1], made.starts[1:], strict=True)])
    treated = arm == 1
    index = trial[treated] * staff + place[kept][treated]
    caseload = np.bincount(index, minlength=total * staff).reshape(total, staff)
    per = np.stack(
        [np.bincount(index, rows[treated, c], minlength=total * staff).reshape(total, staff) for c in range(width)], axis=2
    )
    most = int(caseload.max())
    squares = np.zeros((total, most + 1, width, width))
    sizes = np.zeros((total, most + 1))
    for length in range(1, most + 1):
        held = per * (caseload == length)[:, :, None]
        squares[:, length] = np.swapaxes(held, 1, 2) @ held / length
        sizes[:, length] = (caseload == length).sum(axis=1)
    squares[:, 0] = whole - squares[:, 1:].sum(axis=1)
    count = np.diff(made.starts).astype(np.float64)
    sizes[:, 0] = count - sizes[:, 1:].sum(axis=1)
    return Sums(squares, sizes, np.arange(most + 1, dtype=np.float64), count)


@dataclass(frozen=True)
class _Profile:
    """At one ratio of variances a trial: the matrices that the score and the corrections need."""

    b: Floats
    inverse: Floats
    rss: Floats
    slope: Floats
    bend: Floats
    rss1: Floats
    log2: Floats
    m1: Floats
    m2: Floats


def _at(part: Sums, ratio: Floats) -> _Profile:
    """Value and derivatives in the ratio of the REML profile, half its criterion left aside."""
    v = 1 + ratio[:, None] * part.lengths
    n = part.lengths
    weights = np.stack([1 / v, n / v**2, n**2 / v**3], axis=1)
    m = np.einsum("tkb,tbij->tkij", weights, part.squares)
    p = m.shape[2] - 1
    inverse = np.linalg.inv(m[:, 0, :p, :p])
    b = (inverse @ m[:, 0, :p, p:])[:, :, 0]
    away = np.concatenate([-b, np.ones((b.shape[0], 1))], axis=1)
    pulled = np.einsum("tkij,tj->tki", m, away)
    rss, first, second = np.moveaxis(np.einsum("tki,ti->tk", pulled, away), 1, 0)
    q = pulled[:, 1, :p]
    rss1, rss2 = -first, 2 * second - 2 * np.einsum("ti,tij,tj->t", q, inverse, q)
    through = inverse @ m[:, 1, :p, :p]
    trace1 = np.trace(through, axis1=1, axis2=2)
    trace2 = (inverse * m[:, 2, :p, :p]).sum(axis=(1, 2))
    trace11 = (through * np.swapaxes(through, 1, 2)).sum(axis=(1, 2))
    log1 = (part.sizes * n / v).sum(axis=1) - trace1
    log2 = -(part.sizes * n**2 / v**2).sum(axis=1) + 2 * trace2 - trace11
    degrees = part.rows - p
    slope = degrees * rss1 / rss + log1
    bend = degrees * (rss2 / rss - (rss1 / rss) ** 2) + log2
    sizes = np.stack([(part.sizes / v**2).sum(1), (part.sizes * n / v**2).sum(1), (part.sizes * n**2 / v**2).sum(1)])
    parts = np.concatenate([sizes, [trace1, trace2, trace11]])
    return _Profile(b, inverse, rss, slope, bend, rss1, np.stack([log2, rss2, *parts]), m[:, 1, :p, :p], m[:, 2, :p, :p])


def fit(part: Sums) -> Floats:
    """Newton on the profile from zero, all trials together; a trial whose profile falls from zero on stays there."""
    total, p = part.rows.size, part.squares.shape[2] - 1
    out = np.full((total, len(COLUMNS)), np.nan)
    usable = _usable(part)
    part = Sums(part.squares[usable], part.sizes[usable], part.lengths, part.rows[usable])
    zero = np.zeros(part.rows.size)
    plain = _at(part, zero)
    ratio, moving = zero.copy(), np.flatnonzero(plain.slope < 0)
    ratio[moving] = np.maximum(-plain.slope[moving] / _expected(part, plain)[moving], 1e-6)
    for _ in range(STEPS):
        if not moving.size:
            break
        some = Sums(part.squares[moving], part.sizes[moving], part.lengths, part.rows[moving])
        here = _at(some, ratio[moving])
        following = step(ratio[moving], here.slope, here.bend)
        done = np.abs(following - ratio[moving]) <= CLOSE * following
        ratio[moving] = following
        moving = moving[~done]
    out[usable] = _columns(part, plain, _at(part, ratio), ratio, p)
    return out


def step(ratio: Floats, slope: Floats, bend: Floats) -> Floats:
    """Newton's step in the ratio, or in its logarithm where the profile does not curve upwards; never past 0 or tenfold."""
    following = np.where(bend > 0, ratio - slope / np.where(bend > 0, bend, 1.0), np.where(slope > 0, ratio / 4, ratio * 4))
    return np.asarray(np.clip(following, ratio / 10, ratio * 10))


def _expected(part: Sums, here: _Profile) -> Floats:
    """Expected bend of the profile at zero."""
    _, _, _, _, m_square, t1, t2, t11 = here.log2
    p = here.b.shape[1]
    first = (part.sizes * part.lengths).sum(axis=1) - t1
    return np.asarray(m_square - 2 * t2 + t11 - first**2 / (part.rows - p))


def _usable(part: Sums) -> NDArray[np.bool_]:
    """Trials with families of both arms in the sums, two practitioners, and freedom to spare; each site with somebody."""
    p = part.squares.shape[2] - 1
    whole = part.squares.sum(axis=1)
    practitioners = part.sizes[:, 1:].sum(axis=1)
    treated = whole[:, p - 1, p - 1]
    here = np.diagonal(whole, axis1=1, axis2=2)[:, : p - 2]
    varies = whole[:, p, p] - (whole[:, : p - 2, p] ** 2 / np.maximum(here, 1)).sum(axis=1)
    everywhere = here.min(axis=1) > 0
    return np.asarray((practitioners >= 2) & (treated < part.rows) & everywhere & (part.rows > p + 1) & (varies > 1e-12))


def _columns(part: Sums, plain: _Profile, here: _Profile, ratio: Floats, p: int) -> Floats:
    degrees = part.rows - p
    variance = here.rss / degrees
    r = here.inverse[:, :, p - 1]
    w = r[:, p - 1]
    pulled = np.einsum("tij,tj->ti", here.m1, r)
    k1, k2 = (pulled * r).sum(1), np.einsum("ti,tij,tj->t", r, here.m2, r)
    kk = np.einsum("ti,tij,tj->t", pulled, here.inverse, pulled)
    log2, rss2, s0, s1, s2, t1, t2, t11 = here.log2
    i_vv, i_rv = degrees / (2 * variance**2), -here.rss1 / (2 * variance**2)
    i_rr = (rss2 / variance + log2) / 2
    g_r, g_v = variance * k1, w
    determinant = i_rr * i_vv - i_rv**2
    wanted = (g_r**2 * i_vv - 2 * g_r * g_v * i_rv + g_v**2 * i_rr) / determinant
    inside = ratio > 0
    df = np.where(inside, 2 * (variance * w) ** 2 / wanted, degrees)
    e_tt, e_tv = (s2 - 2 * t2 + t11) / 2, (s1 - 2 * (t1 - ratio * t2) + t1 - ratio * t11) / 2
    e_vv = (s0 - 2 * (p - 2 * ratio * t1 + ratio**2 * t2) + p - 2 * ratio * t1 + ratio**2 * t11) / 2
    expected = e_tt * e_vv - e_tv**2
    a_t, a_v = k1 / w, (w - ratio * k1) / w
    df_kr = 2 * expected / (a_t**2 * e_vv - 2 * a_t * a_v * e_tv + a_v**2 * e_tt)
    spread = (e_vv + 2 * ratio * e_tv + ratio**2 * e_tt) / expected
    se_kr = np.sqrt(variance * (w + 2 * (k2 - kk) * spread))
    w0, v0 = plain.inverse[:, p - 1, p - 1], plain.rss / degrees
    ols = [plain.b[:, p - 1], np.sqrt(v0 * w0), degrees]
    return np.stack([here.b[:, p - 1], np.sqrt(variance * w), df, *ols, se_kr, df_kr, ratio], axis=1)
