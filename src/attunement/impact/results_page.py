"""Results as files: JSON and CSV with every number's id, and a short page to read."""

from __future__ import annotations

import json
import os
from html import escape
from pathlib import Path

from attunement.impact.errors import ImpactError
from attunement.impact.estimate import Fit
from attunement.impact.running import Answer, Results
from attunement.places import check_place

_TITLES = ("Analysis", "Estimate", "95% interval", "p", "Families, arms 1 and 0", "Method, and what must be told")
_NAMES = {
    "main": "Main analysis",
    "ancova": "ANCOVA, practitioners ignored",
    "cr2": "ANCOVA, errors by practitioner",
    "effect_size": "Hedges g",
    "randomisation": "Re-randomisation",
    "kenward_roger": "Kenward-Roger",
    "crude": "Crude",
}
_STYLE = (
    "body{font:1rem/1.45 system-ui,sans-serif;color:#1d2b2f;margin:1.5rem}main{max-width:70rem;margin:auto}"
    "code{overflow-wrap:anywhere}div{overflow-x:auto;margin:2rem 0}table{border-collapse:collapse;min-width:44rem}"
    "caption{text-align:left;font-weight:600;padding:.4rem 0}small{font-weight:400}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .9rem .35rem 0;border-bottom:1px solid #d5dcdc}"
    "th[scope=row]{font-weight:400}td:nth-child(-n+5){font-variant-numeric:tabular-nums;white-space:nowrap}"
)


def write(results: Results, folder: Path | str) -> tuple[Path, ...]:
    """results.json, results.csv and results.html in `folder`, each written beside and renamed. Returns their paths."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    texts = {
        "results.json": json.dumps(results.to_dict(), indent=1, ensure_ascii=False),
        "results.csv": results.table().write_csv(),
        "results.html": page(results),
    }
    for name in texts:
        check_place(place / name, ImpactError)
    for name, text in texts.items():
        partial = place / f"{name}.part"
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, place / name)
    return tuple(place / name for name in texts)


def page(results: Results) -> str:
    """A table an outcome: each analysis's estimate, interval, p, families, method and what must be told. The main
    figures carry the ids that results.json has."""
    warning = "<p><strong>Dry run on dummy arms: no number here says anything about the programme.</strong></p>\n"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Results</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main><h1>Results</h1>\n{warning if results.dummy else ''}"
        f"<p>Arm 1 less arm 0. Plan <code>{results.plan_sha256}</code></p>\n"
        + "\n".join(_table(answer) for answer in results.answers)
        + "\n</main></body></html>\n"
    )


def _table(answer: Answer) -> str:
    one = answer.estimand
    head = "".join(f'<th scope="col">{title}</th>' for title in _TITLES)
    told = f"{one.role}{', post hoc' if answer.post_hoc else ''}; {one.direction} is better"
    rows = "\n".join(_row(answer, name, fit) for name, fit in (("main", answer.fit), *answer.beside.items()))
    return (
        f'<div tabindex="0" role="region" aria-label="{escape(one.code)}"><table><caption>{escape(one.variable)} '
        f"<small>({escape(told)})</small></caption>\n<thead><tr>{head}</tr></thead><tbody>\n{rows}\n"
        "</tbody></table></div>"
    )


def _row(answer: Answer, name: str, fit: Fit) -> str:
    effect = fit.effect
    id_ = f"{answer.estimand.code}.{name}.{effect.term}"
    interval = "" if effect.low is None else f"{_shown(effect.low)} to {_shown(effect.high)}"
    cells = (
        (f' id="{escape(id_)}.value"', _shown(effect.value)), ("", interval),
        (f' id="{escape(id_)}.p"', "" if effect.p is None else f"{effect.p:.3f}"),
        ("", f"{effect.n_by_arm[1]} and {effect.n_by_arm[0]}"),
        ("", "; ".join([effect.method, *(str(item) for item in fit.flagged)])),
    )  # fmt: skip
    shown = "".join(f"<td{mark}>{escape(text)}</td>" for mark, text in cells)
    return f'<tr><th scope="row">{escape(_NAMES.get(name, name))}</th>{shown}</tr>'


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}".replace("-", "\N{MINUS SIGN}")
