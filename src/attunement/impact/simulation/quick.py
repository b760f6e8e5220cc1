"""The same as `plain`, compiled: one trial after another, no array larger than a trial. Needs the `fast` extra."""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator"

from __future__ import annotations

import numpy as np
from numba import njit

from attunement.impact.edge import Floats
from attunement.impact.simulation.made import Trials
from attunement.impact.simulation.plain import CLOSE, COLUMNS, STEPS
from attunement.impact.simulation.planned import Design

_compiled = njit(cache=True, nogil=True, fastmath=False, error_model="numpy")


def analyse(design: Design, made: Trials) -> Floats:
    """(T, 9), the columns of `plain.COLUMNS`: one row a trial. Where ANCOVA alone is asked for, the rest is NaN."""
    first, count = design.staff
    out = np.full((made.arm.shape[0], len(COLUMNS)), np.nan)
    r = design.baseline_correlation
    nested = any(name != "ancova" for name in design.analyses)
    _all(made.arm, made.kept, made.baseline, made.rest, made.starts, made.practitioner, design.site, first, count,
         design.sites, r, np.sqrt(1 - r * r), design.effect, design.cuts, nested, out)  # fmt: skip
    return out


@_compiled
def _all(arm, kept, baseline, rest, starts, effects, site, first, count, sites, r, s, effect, cuts, nested, out):
    total, families = arm.shape
    staff = effects.shape[1]
    width, most = sites + 3, families + 1
    squares, sizes = np.empty((most, width, width)), np.empty(most)
    lengths, of_length = np.empty(most), np.empty(most, dtype=np.int64)
    per, caseload = np.empty((staff, width)), np.empty(staff, dtype=np.int64)
    here, zero = np.empty(14), np.empty(14)
    work = np.empty((6, width, width))
    for t in range(total):
        whole = work[5]
        whole[:] = 0.0
        per[:] = 0.0
        caseload[:] = 0
        at, begin = starts[t], 0
        for place in range(sites):
            end = begin
            while end < families and site[end] == place:
                end += 1
            at = _gather(arm[t], kept[t], baseline, rest, effects[t], begin, end, at, place, first[place], count[place],
                         sites, r, s, effect, cuts, whole, per, caseload)  # fmt: skip
            begin = end
        n = at - starts[t]
        blocks = _spread(whole, per, caseload, squares, sizes, lengths, of_length, sites, n)
        if _usable(whole, caseload, sites, n):
            _fit(squares, sizes, lengths, blocks, width - 1, n, zero, here, work, nested, out[t])


@_compiled
def _gather(arm, kept, baseline, rest, effects, begin, end, at, place, first, count, sites, r, s, effect, cuts, whole,
            per, caseload):  # fmt: skip
    """One site's families into the sums: lower triangle of [sites, baseline, arm, outcome] squared, and the
    practitioners'. Returns where the next draws begin."""
    n = n1 = sx = sy = sxx = sxy = syy = x1 = y1 = 0.0
    turn = 0
    for i in range(begin, end):
        treated = arm[i]
        k = first + turn
        if treated == 1:
            turn += 1
            if turn == count:
                turn = 0
        if kept[i] == 0:
            continue
        x = baseline[at]
        y = r * x + s * rest[at]
        at += 1
        if treated == 1:
            y += effects[k]
            if cuts.size == 0:
                y += effect
        if cuts.size:
            y = 1.0 if y > cuts[treated] else 0.0
        n += 1.0
        sx += x
        sy += y
        sxx += x * x
        sxy += x * y
        syy += y * y
        if treated == 1:
            n1 += 1.0
            x1 += x
            y1 += y
            caseload[k] += 1
            per[k, place] += 1.0
            per[k, sites] += x
            per[k, sites + 1] += 1.0
            per[k, sites + 2] += y
    whole[place, place] = n
    whole[sites, place], whole[sites + 1, place], whole[sites + 2, place] = sx, n1, sy
    whole[sites, sites] += sxx
    whole[sites + 1, sites] += x1
    whole[sites + 1, sites + 1] += n1
    whole[sites + 2, sites] += sxy
    whole[sites + 2, sites + 1] += y1
    whole[sites + 2, sites + 2] += syy
    return at


@_compiled
def _spread(whole, per, caseload, squares, sizes, lengths, of_length, sites, n):
    """The eigenspaces that this trial has: none shared first, then one for each caseload. Returns their number."""
    width = sites + 3
    blocks = 1
    of_length[: caseload.max() + 1] = 0
    lengths[0] = 0.0
    sizes[0] = n
    squares[0] = whole
    for k in range(caseload.size):
        length = caseload[k]
        if length == 0:
            continue
        b = of_length[length]
        if b == 0:
            b = blocks
            blocks += 1
            of_length[length] = b
            lengths[b], sizes[b] = length, 0.0
            squares[b] = 0.0
        sizes[b] += 1.0
        sizes[0] -= 1.0
        for i in range(width):
            if per[k, i] != 0.0:
                share = per[k, i] / length
                for j in range(i + 1):
                    part = share * per[k, j]
                    squares[b, i, j] += part
                    squares[0, i, j] -= part
    return blocks


@_compiled
def _usable(whole, caseload, sites, n):
    practitioners, varies = 0, whole[sites + 2, sites + 2]
    for k in range(caseload.size):
        practitioners += caseload[k] > 0
    for i in range(sites):
        if whole[i, i] == 0.0:
            return False
        varies -= whole[sites + 2, i] ** 2 / whole[i, i]
    return practitioners >= 2 and whole[sites + 1, sites + 1] < n and n > sites + 3 and varies > 1e-12


@_compiled
def _fit(squares, sizes, lengths, blocks, p, n, zero, here, work, nested, out):
    _at(squares, sizes, lengths, blocks, p, n, 0.0, zero, work)
    out[3], out[4], out[5] = zero[10], np.sqrt(zero[0] / (n - p) * zero[11]), n - p
    if not nested:
        return
    if zero[1] >= 0.0:
        _corrected(zero, work, p, n, 0.0, out)
    else:
        linear = -zero[4]
        for b in range(blocks):
            linear += sizes[b] * lengths[b]
        ratio = max(-zero[1] / (zero[9] - 2.0 * zero[5] + zero[6] - linear * linear / (n - p)), 1e-6)
        for _ in range(STEPS):
            _at(squares, sizes, lengths, blocks, p, n, ratio, here, work)
            slope, bend = here[1], here[2]
            if bend > 0:
                following = ratio - slope / bend
            elif slope > 0:
                following = ratio / 4.0
            else:
                following = ratio * 4.0
            following = min(max(following, ratio / 10.0), ratio * 10.0)
            moved = abs(following - ratio)
            ratio = following
            if moved <= CLOSE * following:
                break
        _at(squares, sizes, lengths, blocks, p, n, ratio, here, work)
        _corrected(here, work, p, n, ratio, out)


@_compiled
def _at(squares, sizes, lengths, blocks, p, n, ratio, here, work):
    """Fills `here`: rss, slope, bend, rss', tr1, tr2, tr11, sizes over v² times 1, n, n², effect, its variance.

    Leaves M0^-1 in work[0], M1 and M2 in work[1], work[2] (lower triangles made whole).
    """
    m0, m1, m2, through = work[0], work[1], work[2], work[3]
    for i in range(p + 1):
        for j in range(i + 1):
            m0[i, j] = m1[i, j] = m2[i, j] = 0.0
    s0 = s1 = s2 = log1 = 0.0
    for b in range(blocks):
        length = lengths[b]
        v = 1.0 + ratio * length
        a0, a1 = 1.0 / v, length / (v * v)
        a2 = a1 * length / v
        for i in range(p + 1):
            for j in range(i + 1):
                square = squares[b, i, j]
                m0[i, j] += a0 * square
                m1[i, j] += a1 * square
                m2[i, j] += a2 * square
        s0 += sizes[b] / (v * v)
        s1 += sizes[b] * length / (v * v)
        s2 += sizes[b] * length * length / (v * v)
        log1 += sizes[b] * length / v
    _whole(m1, p + 1)
    _whole(m2, p + 1)
    beta = work[4, 0]
    _invert(m0, work[4], p, beta)
    rss, first, second, q = _residual(m0, m1, m2, beta, work, p)
    for i in range(p):
        for j in range(p):
            total = 0.0
            for k in range(p):
                total += m0[i, k] * m1[k, j]
            through[i, j] = total
    t1 = t2 = t11 = 0.0
    for i in range(p):
        t1 += through[i, i]
        for j in range(p):
            t2 += m0[i, j] * m2[i, j]
            t11 += through[i, j] * through[j, i]
    rss1, rss2 = -first, 2.0 * second - 2.0 * q
    log2 = -s2 + 2.0 * t2 - t11
    here[0], here[3], here[4], here[5], here[6], here[7], here[8], here[9] = rss, rss1, t1, t2, t11, s0, s1, s2
    here[1] = (n - p) * rss1 / rss + log1 - t1
    here[2] = (n - p) * (rss2 / rss - (rss1 / rss) ** 2) + log2
    here[10], here[11] = beta[p - 1], m0[p - 1, p - 1]
    here[12], here[13] = rss2, log2


@_compiled
def _whole(m, size):
    for i in range(size):
        for j in range(i):
            m[j, i] = m[i, j]


@_compiled
def _invert(m, scratch, p, beta):
    """m's leading p x p block by its inverse, and the solution for its last row, through a Cholesky root.

    Row p of `m` is read only; `beta` is row 0 of `scratch`.
    """
    for i in range(p):
        for j in range(i + 1):
            total = m[i, j]
            for k in range(j):
                total -= m[i, k] * m[j, k]
            if i == j:
                m[i, i] = np.sqrt(total)
            else:
                m[i, j] = total / m[j, j]
    for j in range(p):
        scratch[j + 1, j] = 1.0 / m[j, j]
        for i in range(j + 1, p):
            total = 0.0
            for k in range(j, i):
                total -= m[i, k] * scratch[k + 1, j]
            scratch[i + 1, j] = total / m[i, i]
    for i in range(p):
        for j in range(i + 1):
            total = 0.0
            for k in range(i, p):
                total += scratch[k + 1, i] * scratch[k + 1, j]
            m[i, j] = m[j, i] = total
    for i in range(p):
        total = 0.0
        for j in range(p):
            total += m[i, j] * m[p, j]
        beta[i] = total


@_compiled
def _residual(m0, m1, m2, beta, work, p):
    """rss, a'M1a, a'M2a and the quadratic form of (M1 a) in M0^-1, with a = (-beta, 1)."""
    pulled = work[3, p]
    rss, first, second = m0[p, p], 0.0, 0.0
    for i in range(p):
        rss -= beta[i] * m0[p, i]
    for i in range(p + 1):
        one, two = m1[i, p], m2[i, p]
        for j in range(p):
            one -= m1[i, j] * beta[j]
            two -= m2[i, j] * beta[j]
        pulled[i] = one
        a = 1.0 if i == p else -beta[i]
        first += a * one
        second += a * two
    q = 0.0
    for i in range(p):
        for j in range(p):
            q += pulled[i] * m0[i, j] * pulled[j]
    return rss, first, second, q


@_compiled
def _corrected(here, work, p, n, ratio, out):
    """Value, SE and both corrections of the arm, the last of the p columns."""
    m0, m1, m2 = work[0], work[1], work[2]
    pulled = work[3, p]
    w = m0[p - 1, p - 1]
    k1 = k2 = kk = 0.0
    for i in range(p):
        total = 0.0
        for j in range(p):
            total += m1[i, j] * m0[j, p - 1]
            k2 += m0[i, p - 1] * m2[i, j] * m0[j, p - 1]
        pulled[i] = total
        k1 += total * m0[i, p - 1]
    for i in range(p):
        for j in range(p):
            kk += pulled[i] * m0[i, j] * pulled[j]
    rss, rss1, t1, t2, t11, s0, s1, s2, rss2, log2 = (
        here[0], here[3], here[4], here[5], here[6], here[7], here[8], here[9], here[12], here[13]
    )  # fmt: skip
    variance = rss / (n - p)
    i_vv, i_rv = (n - p) / (2.0 * variance**2), -rss1 / (2.0 * variance**2)
    i_rr = (rss2 / variance + log2) / 2.0
    g_r = variance * k1
    wanted = (g_r**2 * i_vv - 2.0 * g_r * w * i_rv + w**2 * i_rr) / (i_rr * i_vv - i_rv**2)
    e_tt = (s2 - 2.0 * t2 + t11) / 2.0
    e_tv = (s1 - 2.0 * (t1 - ratio * t2) + t1 - ratio * t11) / 2.0
    e_vv = (s0 - 2.0 * (p - 2.0 * ratio * t1 + ratio**2 * t2) + p - 2.0 * ratio * t1 + ratio**2 * t11) / 2.0
    expected = e_tt * e_vv - e_tv**2
    a_t, a_v = k1 / w, (w - ratio * k1) / w
    out[0], out[1] = here[10], np.sqrt(variance * w)
    out[2] = 2.0 * (variance * w) ** 2 / wanted if ratio > 0.0 else n - p
    spread = (e_vv + 2.0 * ratio * e_tv + ratio**2 * e_tt) / expected
    out[6] = np.sqrt(variance * (w + 2.0 * (k2 - kk) * spread))
    out[7] = 2.0 * expected / (a_t**2 * e_vv - 2.0 * a_t * a_v * e_tv + a_v**2 * e_tt)
    out[8] = ratio
