"""Fill the made-up languages of a study: the file itself holds real languages only."""

from __future__ import annotations

from typing import Any

from attunement.study.pseudo import pseudo
from attunement.study.schema import Study, Table


def filled(study: Study) -> Study:
    """`study` with every `Words` table completed for each language flagged `made_up`."""
    made_up = tuple(language.code for language in study.languages if language.made_up)
    return _filled(study, study.languages[0].code, made_up) if made_up else study


def _filled(value: Any, source: str, made_up: tuple[str, ...]) -> Any:
    if isinstance(value, Table):
        fields = {name: _filled(getattr(value, name), source, made_up) for name in type(value).model_fields}
        return value.model_copy(update=fields)
    if isinstance(value, tuple):
        return tuple(_filled(part, source, made_up) for part in value)
    if isinstance(value, dict) and source in value:
        return value | {code: pseudo(value[source]) for code in made_up}
    return value
