"""Answers taken out: one row a questionnaire; no name, no contact, no arm, no free text.

How much leaves is the study file's word (`export_rights`): everything by trial number, or under another number with months
for instants, or none of an instrument.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from attunement import instruments
from attunement.instruments import answers as files
from attunement.instruments.answers import Column
from attunement.journey.people.models import Person
from attunement.journey.surveys import export_rights
from attunement.journey.surveys.models import HELP_REASONS, HELPERS, MODES, Answer, Questionnaire
from attunement.journey.surveys.questions import folders, key_of
from attunement.journey.trail import versions
from attunement.journey.trail.actions import action, record

_TEXT = {"time_point": "Time point", "language": "Language of the questionnaire", "mode": "How it was answered",
         "helper": "Who helped", "help_reason": "Why help was given"}
_INSTANTS = {"started_at": "First answer (UTC)", "completed_at": "Handed in (UTC)"}
_MONTHS = {"started_at": "First answer (month)", "completed_at": "Handed in (month)"}
_WORDS = {"mode": dict(MODES), "helper": dict(HELPERS), "help_reason": dict(HELP_REASONS)}
LEADING = ("family", *_TEXT, *_INSTANTS, "help_minutes")
KINDS = {"na": files.NOT_APPLICABLE, "skipped": files.PASSED_OVER}


@action
def export_answers(*, by: Person, to: Path) -> list[Path]:
    """Writes every questionnaire that was handed in, and its answers, as far as this person may, into the folder."""
    levels = export_rights.levels(by)
    slugs, level = [slug for slug in levels if levels[slug] != "none"], export_rights.of_the_table(levels)
    columns = _columns(slugs, level)
    rows = list(_rows({column.name for column in columns}))
    if level != "full":
        rows = sorted(map(_without_who, rows), key=lambda row: (row["family"], row["time_point"]))
    schema = {column.name: _kind(column.name, level) for column in columns}
    made = files.write(pl.DataFrame(rows, schema=schema), columns, to)
    record(by=by, verb=export_rights.EXPORTED, questionnaires=len(rows), level=level, instruments=len(slugs))
    return made


def _without_who(row: dict[str, Any]) -> dict[str, Any]:
    months = {name: f"{row[name]:%Y-%m}" if row[name] else None for name in _INSTANTS}
    return row | months | {"family": export_rights.another_number(row["family"])}


def _kind(name: str, level: str) -> Any:
    if name in _INSTANTS and level == "full":
        return pl.Datetime("us", "UTC")
    return pl.String if name == "family" or name in _TEXT or name in _INSTANTS else pl.Int64


def _columns(slugs: list[str], level: str) -> list[Column]:
    """Labels in the study's first language where its wording is here; else the item's number."""
    study = versions.current()
    found = [Column("family", "Trial number of the family" if level == "full" else "Number in de-identified tables")]
    found += [Column(name, label) for name, label in (_TEXT | (_INSTANTS if level == "full" else _MONTHS)).items()]
    found.append(Column("help_minutes", "Minutes of help"))
    for slug in slugs:
        key, words = key_of(slug), _words(slug, study.languages[0].code)
        for item in key.items:
            labels = {int(code): label for code, label in words.options_for(item) if code != "na"} if words else {}
            text = words.items[item.number] if words else f"{key.name}, item {item.number}"
            found.append(Column(f"{slug}_{item.number}", text, labels | files.NO_NUMBER))
    return found


def _words(slug: str, language: str) -> instruments.Wording | None:
    try:
        return instruments.wording(slug, language, folders())
    except instruments.InstrumentError:
        return None


def _rows(names: set[str]) -> Iterable[dict[str, Any]]:
    given: dict[int, dict[str, int]] = {}
    for paper, slug, item, kind, value in Answer.objects.filter(questionnaire__state="complete").values_list(
            "questionnaire_id", "instrument", "item", "kind", "value"):
        given.setdefault(paper, {})[f"{slug}_{item}"] = KINDS.get(kind, value)
    papers = Questionnaire.objects.filter(state="complete").select_related("family").order_by("family__code", "id")
    for paper in papers:
        answered = {name: value for name, value in given.get(paper.pk, {}).items() if name in names}
        yield {name: None for name in names} | {
            "family": paper.family.code, "help_minutes": paper.help_minutes,
            **{name: getattr(paper, name) for name in _TEXT},
            **{name: files.instant(getattr(paper, name)) for name in _INSTANTS}, **answered}
