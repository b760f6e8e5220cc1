"""Double coding: how far two coders agree on the same texts, where they differ, and what was settled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from attunement.process.agreement import alpha, kappa
from attunement.process.errors import ProcessError
from attunement.process.interviews.coding import Coding, Project

Unit = Literal["character", "sentence", "turn"]
_ENDS = {"sentence": re.compile(r"(?<=[.!?…])\s+|\n+"), "turn": re.compile(r"\n+")}
SCHEMA = {"code": pl.String, "unit": pl.String, "kappa": pl.Float64, "alpha": pl.Float64,
          "low": pl.Float64, "high": pl.Float64,
          "units": pl.Int64, "both": pl.Int64, "first_only": pl.Int64, "second_only": pl.Int64, "note": pl.String}


def units(text: str, unit: Unit) -> list[tuple[int, int]]:
    """The spans that agreement is counted over: each character, each sentence, or each turn (a line)."""
    if unit == "character":
        return [(place, place + 1) for place in range(len(text))]
    if unit not in _ENDS:
        raise ProcessError(f"Agreement is counted over characters, sentences or turns, not over {unit!r}.")
    spans, start = [], 0
    for match in _ENDS[unit].finditer(text):
        spans.append((start, match.start()))
        start = match.end()
    return [(first, last) for first, last in [*spans, (start, len(text))] if text[first:last].strip()]


def agreement(project: Project, first: str, second: str, *, unit: Unit, draws: int = 1000,
              seed: int = 20211) -> pl.DataFrame:  # fmt: skip
    """Kappa and alpha of two coders by code, over every unit of the sources that both coded; limits (of kappa) by
    bootstrap over sources.

    A unit has a code when a passage of it touches the unit. The answer depends on the unit, so it stands in each
    row. Where neither used a code, or both always, kappa is undefined (null) and `note` says so; limits want two
    sources or more. ProcessError: no source was coded by both.
    """
    by_coder = [{one.source for one in project.codings if one.coder == coder} for coder in (first, second)]
    shared = sorted(by_coder[0] & by_coder[1])
    if not shared:
        raise ProcessError(f"No source was coded by both {first} and {second}.")
    chance = np.random.default_rng(seed)
    picks = chance.integers(0, len(shared), (draws, len(shared)))
    spans = {name: units(project.source(name).text, unit) for name in shared}
    rows = []
    for code in (code for code in project.codebook.codes if code.codable):
        tables = np.array([_table(project, name, spans[name], code.guid, (first, second)) for name in shared])
        found = kappa(tables.sum(axis=0))
        low = high = None
        if found.value is not None and len(shared) > 1:
            low, high = _limits(tables[picks].sum(axis=1))
        whole = tables.sum(axis=0).astype(int)
        rows.append((project.codebook.path(code.guid), unit, found.value, _alpha(whole), low, high, int(whole.sum()),
                     whole[1, 1], whole[1, 0], whole[0, 1], found.note or None))  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _alpha(table: NDArray[np.int64]) -> float | None:
    """Krippendorff's alpha, nominal, of the ratings that a 2 × 2 table counts."""
    pairs = [(one, other) for one in (0, 1) for other in (0, 1) for _time in range(table[one, other])]
    return alpha([[one for one, _other in pairs], [other for _one, other in pairs]]).value


def _limits(tables: NDArray[np.float64]) -> tuple[float, float]:
    """Percentile limits of kappa over resampled 2 × 2 tables; where it is undefined a resample says nothing."""
    n = tables.sum(axis=(1, 2))
    agreed = np.trace(tables, axis1=1, axis2=2) / n
    by_chance = (tables.sum(axis=1) * tables.sum(axis=2)).sum(axis=1) / n**2
    told = by_chance < 1
    drawn = (agreed[told] - by_chance[told]) / (1 - by_chance[told])
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def _table(project: Project, source: str, spans: Sequence[tuple[int, int]], code: str,
           coders: tuple[str, str]) -> NDArray[np.float64]:  # fmt: skip
    marks = []
    for coder in coders:
        own = [one for one in project.codings if (one.source, one.code, one.coder) == (source, code, coder)]
        marks.append([any(one.start < end and start < one.end for one in own) for start, end in spans])
    table = np.zeros((2, 2))
    for one, other in zip(*marks, strict=True):
        table[int(one), int(other)] += 1
    return table


@dataclass(frozen=True)
class Difference:
    """A passage that one coder gave a code and the other did not, anywhere that it touches."""

    coding: Coding
    by: str
    not_by: str


def differences(project: Project, first: str, second: str) -> tuple[Difference, ...]:
    """What two coders have to talk about: in sources both coded, passages without one of the other's under the same
    code that touches them.
    """
    shared = {one.source for one in project.codings if one.coder == first} & {
        one.source for one in project.codings if one.coder == second}  # fmt: skip
    found = []
    for one in sorted(project.codings):
        if one.coder in (first, second) and one.source in shared:
            other = second if one.coder == first else first
            if not any(two.coder == other and two.source == one.source and two.code == one.code
                       and two.start < one.end and one.start < two.end for two in project.codings):  # fmt: skip
                found.append(Difference(one, one.coder, other))
    return tuple(found)


def reconcile(project: Project, first: str, second: str, settled: Mapping[str, bool], *, by: str) -> Project:
    """One coding from two, under the coder `by`: what touches under the same code is joined to its whole extent, and
    of each difference (by the id of its coding) `settled` says whether it stays. ProcessError while one is open.
    """
    open_ = differences(project, first, second)
    undecided = [one for one in open_ if one.coding.id not in settled]
    if undecided:
        raise ProcessError(f"{len(undecided)} differences are not settled yet, the first in {undecided[0].coding.source}.")
    dropped = {one.coding for one in open_ if not settled[one.coding.id]}
    shared = {one.source for one in project.codings if one.coder == first} & {
        one.source for one in project.codings if one.coder == second}  # fmt: skip
    ours = [one for one in project.codings if one.coder in (first, second) and one.source in shared]
    others = [one for one in project.codings if one not in ours]
    joined = _joined(replace(one, coder=by) for one in ours if one not in dropped)
    return replace(project, codings=tuple(dict.fromkeys([*others, *joined])))


def _joined(codings: Iterable[Coding]) -> list[Coding]:
    made: list[Coding] = []
    for one in sorted(codings, key=lambda coding: (coding.source, coding.code, coding.start)):
        last = made[-1] if made else None
        if last and (last.source, last.code) == (one.source, one.code) and one.start < last.end:
            made[-1] = replace(last, end=max(last.end, one.end))
        else:
            made.append(one)
    return made


