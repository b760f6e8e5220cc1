"""An edited Word file beside the results it was printed from: prose stays, numbers are held to the results."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attunement.report import tags
from attunement.report.errors import ReportError
from attunement.report.word_reading import Spot, read_word, spots, tracked, write_word


@dataclass(frozen=True)
class Merged:
    """The merged file, and what differed: one line each; no line where the file says what the results say."""

    path: Path
    lines: tuple[str, ...]


def merge(edited: Path | str, *, results: Path | str | None = None, to: Path | str | None = None) -> Merged:
    """Hold every number of an edited report to the report's results, and write the file with the results' numbers.

    `results`: results.json, by default beside the edited file or in the working folder. `to`: the merged file, by
    default `<name>-merged.docx` beside the edited one. Controls are known by tag, then alias, then bookmark. Tracked
    changes stay as they are, and are named. ReportError for a file that is no Word file or no results.
    """
    source = Path(edited)
    if not source.is_file():
        raise ReportError(f"There is no file {source}.")
    target = Path(to) if to is not None else source.with_name(f"{source.stem}-merged.docx")
    if target.resolve() == source.resolve():
        raise ReportError("The merged file would be written over the edited one: name another.")
    texts, times, short = _results(source, results)
    members, root = read_word(source)
    lines: list[str] = []
    found: Counter[str] = Counter()
    for spot in spots(root, tags.by_bookmark(texts)):
        id_ = short.get(spot.id, spot.id)
        if spot.strange:
            lines.append(f"The tag '{spot.strange}' cannot be read.")
        elif id_ not in texts:
            lines.append(f"{id_}: the file has this tag, the results have no such number.")
        else:
            found[id_] += 1
            lines += _held(id_, spot, texts[id_])
    lost = {id_: n - found[id_] for id_, n in times.items() if n > found[id_]}
    lines += [f"{id_}: {n} of its {times[id_]} controls {'is' if n == 1 else 'are'} lost." for id_, n in lost.items()]
    lines += tracked(root)
    write_word(target, members, root)
    return Merged(target, tuple(lines))


def _held(id_: str, spot: Spot, result: str) -> Iterator[str]:
    said = spot.text
    if _plain(said) == _plain(result):
        return
    spot.say(result)
    yield f"{id_}: the file says {said.strip() or 'nothing'}, the result is {result}"


def _plain(text: str) -> str:
    """As printed, whichever space or minus sign an editor has put."""
    return "".join("-" if character in "\N{MINUS SIGN}\N{EN DASH}\N{NON-BREAKING HYPHEN}" else character
                   for character in text if not character.isspace() and character not in "\u200b\u2060\ufeff")  # fmt: skip


def _results(source: Path, given: Path | str | None) -> tuple[dict[str, str], Mapping[str, int], dict[str, str]]:
    """Result id -> printed text, how often each is printed, and the short names that stand in tags."""
    places = [Path(given)] if given is not None else [source.parent / "results.json", Path("results.json")]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise ReportError(f"There is no {places[0]}: say with --results where the report's results.json is.")
    try:
        told: Any = json.loads(path.read_text(encoding="utf-8"))
        texts = {str(id_): str(number["text"]) for id_, number in told["numbers"].items()}
        times = {str(id_): int(n) for id_, n in told["printed"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ReportError(f"{path} is not the results.json of a report.") from None
    return texts, times, {tags.short(id_): id_ for id_ in texts}
