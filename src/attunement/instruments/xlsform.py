"""XLSForm, as ODK, Kobo and SurveyCTO write it (xlsform.org), read by pyxform."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from attunement.instruments.form_reading import Asked, Origin, Taken, taken, whole_codes
from attunement.instruments.key import InstrumentError

# Columns whose meaning cannot be kept: a question that has one is asked always, or not as its form says.
_RULES = {"relevant": "when it is asked", "constraint": "which answers it allows", "calculation": "its calculation",
          "choice_filter": "which choices it offers", "appearance": "how it looks", "read_only": "that it is shown only",
          "default": "its first value", "repeat_count": "its repetition", "hint": "its hint", "media": "its media"}
_SILENT = {"start", "end", "today", "deviceid", "username", "begin group", "end group", "begin_group", "end_group", ""}
_LABEL = re.compile(r"label(?:::?(.+))?", re.IGNORECASE)
_CODE = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)\s*$")


def read(content: bytes, origin: Origin, ending: str = ".xlsx") -> Taken:
    """Every `select_one` question whose choices are whole numbers. Raises InstrumentError when it is no XLSForm."""
    form = _form(content, origin.source, ending)
    settings = dict((form.settings or [{}])[0])
    default = _language(str(settings.get("default_language", ""))) or "en"
    choices: dict[str, list[tuple[str, Mapping[str, str]]]] = {}
    for row in form.choices or []:
        choices.setdefault(row.get("list_name", row.get("list name", "")), []).append(
            (str(row.get("name", "")), _labels(row, default)))
    asked: list[Asked] = []
    remarks: list[str] = []
    for number, row in enumerate(form.survey or [], 2):
        remarks += _left_behind(number, row)
        try:
            asked += _question(number, row, choices, default)
        except InstrumentError as fault:
            remarks.append(str(fault))
    languages = sorted({language for one in asked for language in one.texts}, key=lambda code: (code != default, code))
    return taken(asked, origin, languages, remarks)


def _form(content: bytes, source: str, ending: str) -> Any:
    try:
        from pyxform.errors import PyXFormError
        from pyxform.xls2json_backends import get_xlsform
    except ImportError:
        raise InstrumentError("XLSForms need the package pyxform: pip install attunement[formats]") from None
    try:
        form = get_xlsform(io.BytesIO(content), ending)
    except (PyXFormError, KeyError, ValueError, TypeError, OSError):
        raise InstrumentError(f"{source} cannot be read as an XLSForm") from None
    if not form.survey:
        raise InstrumentError(f"{source} has no sheet 'survey', which every XLSForm has")
    return form


def _question(number: int, row: Mapping[str, Any], choices: Mapping[str, list[tuple[str, Mapping[str, str]]]],
              default: str) -> Iterator[Asked]:
    kind, _, rest = str(row.get("type", "")).strip().partition(" ")
    if kind != "select_one":
        return
    listed = rest.split()[0] if rest.split() else ""
    place = f"survey row {number} ({row.get('name', '')})"
    if listed not in choices:
        raise InstrumentError(f"{place}: there is no list of choices {listed!r}, so the question was not taken")
    if "or_other" in rest:
        raise InstrumentError(f"{place}: it takes another answer in words, so the question was not taken")
    yield Asked(place, str(row.get("name", "")), _labels(row, default), whole_codes(place, choices[listed]))


def _left_behind(number: int, row: Mapping[str, Any]) -> Iterator[str]:
    kind = str(row.get("type", "")).strip()
    place = f"survey row {number} ({row.get('name', kind) or kind})"
    if not kind.startswith("select_one "):
        if kind not in _SILENT:
            yield f"{place}: the type {kind!r} was not taken"
        if kind in ("begin group", "begin_group") and row.get("relevant"):
            yield f"{place}: when the group is asked was not taken"
        return
    for column, what in _RULES.items():
        if any(name.split(":")[0] == column and value for name, value in row.items()):
            yield f"{place}: {what} was not taken"


def _labels(row: Mapping[str, Any], default: str) -> dict[str, str]:
    found = {}
    for name, text in row.items():
        match = _LABEL.fullmatch(str(name))
        if match:
            found[_language(match[1] or "") or default] = str(text)
    return found


def _language(name: str) -> str:
    """`Polski (pl)` → `pl`; a bare code is itself; else nothing."""
    match = _CODE.search(name)
    bare = name.strip()
    return match[1] if match else bare if re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", bare) else ""
