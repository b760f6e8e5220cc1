"""What pydantic found wrong with a study file, in our own sentences."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from attunement.study.english import listed
from attunement.study.findings import Place
from attunement.study.schema import Study, Table

_EXPECTED = {
    "string_type": "text in quotation marks",
    "int_type": "a whole number without quotation marks",
    "int_from_float": "a whole number",
    "float_type": "a number without quotation marks",
    "bool_type": "true or false, without quotation marks",
    "date_type": "a bare date such as 2022-03-31",
    "date_from_datetime_inexact": "a bare date such as 2022-03-31",
    "tuple_type": "a list in square brackets",
    "dict_type": 'a table, such as { en = "…" }',
    "model_type": "a table",
    "model_attributes_type": "a table",
    "greater_than": "above {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "finite_number": "a plain number",
    "too_long": "a list of {max_length}",
    "too_short": "a list of at least {min_length}",
}
_PATTERNS = {
    "^[a-z][a-z0-9_]*$": "small letters, digits and underscores, a letter first",
    "^[A-Z]{1,3}$": "one to three capital letters",
}


def explained(error: ValidationError) -> Iterator[tuple[Place, str]]:
    """Each fault as its place in the file and one sentence."""
    for details in error.errors(include_url=False):
        yield details["loc"], _sentence(details)


def _sentence(details: ErrorDetails) -> str:
    place, kind, limits = details["loc"], details["type"], details.get("ctx", {})
    name = written(place)
    if kind == "extra_forbidden":
        return f"{name} is not a key of a study file here.{_meant(str(place[-1]), _keys_at(place[:-1]))}"
    if kind == "missing":
        return f"{name} is missing."
    given = _shown(details["input"])
    if kind == "literal_error":
        choices = [str(choice).strip("'") for choice in _choices(place)]
        return f"{name} is {given}, and must be {listed(choices, 'or')}.{_meant(str(details['input']), choices)}"
    if kind == "string_pattern_mismatch":
        return f"{name} is {given}, and must be {_PATTERNS.get(limits['pattern'], 'written otherwise')}."
    expected = _EXPECTED.get(kind)
    if expected is None:
        return f"{name} is {given}, which cannot be used: {details['msg'][:1].lower()}{details['msg'][1:]}."
    return f"{name} is {given}, and must be {expected.format(**limits)}."


def written(place: Place) -> str:
    """A key path as a person would point at it: `sites[2].target`, members counted from 1."""
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _meant(given: str, known: list[str]) -> str:
    close = get_close_matches(given, known, n=1)
    return f" Did you mean {close[0]}?" if close else ""


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, tuple):
        return f"a list of {len(value)}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value if len(value) <= 40 else value[:39] + "…"}"'.replace("\n", " ")
    if isinstance(value, int) and abs(value) > 10**18:
        return "a very long number"
    return str(value)


def _annotation_at(place: Place) -> Any:
    found: Any = Study
    for part in place:
        if isinstance(part, int):
            found = get_args(found)[0]
        else:
            table = _table(found)
            field = table.model_fields.get(part) if table else None
            found = field.annotation if field else None
    return found


def _table(annotation: Any) -> type[Table] | None:
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, Table):
            return candidate
    return None


def _keys_at(place: Place) -> list[str]:
    table = _table(_annotation_at(place))
    return list(table.model_fields) if table else []


def _choices(place: Place) -> tuple[Any, ...]:
    return get_args(_annotation_at(place))
