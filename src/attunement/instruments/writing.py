"""Key and wording files written: the text of each, and a file that is there whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from attunement.instruments.key import InstrumentError, Key
from attunement.instruments.wording import Wording
from attunement.places import check_place


def wording_text(words: Wording) -> str:
    """The wording file that reads back as these words."""
    head = {"slug": words.slug, "language": words.language, "version": words.version, "title": words.title,
            "instruction": words.instruction, "notice": words.notice}
    options = [f"  [{_value(code)}, {_value(label)}]," for code, label in words.options]
    licence = {name: getattr(words.licence, name) for name in
               ("holder", "evidence", "accepted_by", "accepted_on", "expires_on", "languages")}
    lines = [*_table(head), "options = [", *options, "]", "", "[items]", *_table(words.items), "", "[licence]",
             *_table(licence)]
    if words.translation is not None:
        names = ("translator", "reconciler", "back_translation", "debriefs", "approval", "source_sha256")
        lines += ["", "[translation]", *_table({name: getattr(words.translation, name) for name in names})]
    return "\n".join(lines) + "\n"


def key_text(key: Key) -> str:
    """The key file that reads back as this key: of keys without transforms, tables and bands."""
    head = {name: getattr(key, name) for name in
            ("slug", "version", "name", "citation", "about", "licence_class", "licence", "validated")}
    lines = [*_table(head), "", "items = ["]
    for item in key.items:
        lines.append(f'  {{ number = {item.number}, scale = {_value(item.scale)}, low = {item.low}, high = {item.high} }},')
    lines += ["]"]
    for scale in key.scales:
        lines += ["", "[[scales]]", *_table({"name": scale.name, "high_is": scale.high_is})]
    for one in key.services:
        told = {"item": one.item, "code": one.code, "title": one.title, "contaminates": one.contaminates}
        lines += ["", "[[services]]", *_table(told)]
    for fact in key.facts:
        lines += ["", "[[facts]]", *_table({"text": fact.text, "mark": fact.mark, "source": fact.source})]
    return "\n".join(lines) + "\n"


def save_all(folder: Path, files: Mapping[str, str], *, replace: bool = False) -> list[Path]:
    """Writes the files into the folder, all or none: each beside its place first. Raises InstrumentError."""
    folder.mkdir(parents=True, exist_ok=True)
    there = [name for name in files if (folder / name).exists()]
    if there and not replace:
        raise InstrumentError(f"{folder / there[0]} is there already; it was left as it is (--replace puts it anew)")
    for name in files:
        check_place(folder / name, InstrumentError)
    parts = {name: folder / f".{name}.{os.getpid()}.part" for name in files}
    try:
        for name, text in files.items():
            parts[name].write_text(text, encoding="utf-8")
        for name, part in parts.items():
            part.replace(folder / name)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    return [folder / name for name in files]


def save_bytes(path: Path, content: bytes) -> None:
    """Writes a file beside its place and moves it there when it is whole."""
    check_place(path, InstrumentError)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _table(values: Mapping[str, object] | Mapping[int, str]) -> Iterable[str]:
    return [f"{name} = {_value(value)}" for name, value in values.items() if value is not None]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


