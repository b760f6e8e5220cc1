"""Results as files: JSON and CSV with every number's id, and a short page to read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from html import escape
from pathlib import Path

from attunement.impact.running import Answer, Results


def write(results: Results, folder: Path | str) -> tuple[Path, ...]:
    """results.json, results.csv and results.html in `folder`, each written beside and renamed. Returns their paths."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    texts = {
        "results.json": json.dumps(results.to_dict(), indent=1, ensure_ascii=False),
        "results.csv": results.table().write_csv(),
        "results.html": page(results),
    }
    for name, text in texts.items():
        partial = place / f"{name}.part"
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, place / name)
    return tuple(place / name for name in texts)


def page(results: Results) -> str:
    """One table: estimand, estimate, interval, p, families, method and what must be told."""
    titles = ("Outcome", "Estimate", "95% interval", "p", "Families", "Notes")
    head = "".join(f'<th scope="col">{title}</th>' for title in titles)
    warning = "<p><strong>Dry run on dummy arms: no number here says anything about the programme.</strong></p>"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Results</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><h1>Results</h1>\n'
        + (warning if results.dummy else "")
        + f"<p>Plan <code>{results.plan_sha256}</code></p>\n<table><thead><tr>{head}</tr></thead><tbody>\n"
        + "\n".join(row for answer in results.answers for row in _rows(answer))
        + "\n</tbody></table></body></html>\n"
    )


def _rows(answer: Answer) -> Iterator[str]:
    for name, fit in (("", answer.fit), *answer.beside.items()):
        effect = fit.effect
        notes = [*(["post hoc"] if answer.post_hoc else []), effect.method, *(str(item) for item in fit.flagged)]
        cells = [
            f"{answer.estimand.variable}{f' ({name})' if name else ''}",
            _shown(effect.value),
            "" if effect.low is None else f"{_shown(effect.low)} to {_shown(effect.high)}",
            "" if effect.p is None else f"{effect.p:.3f}",
            f"{effect.n_by_arm[1]} and {effect.n_by_arm[0]}",
            "; ".join(notes),
        ]
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"
