"""The manifest: a hash of every file of a snapshot, and a hash of itself beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from attunement.report.contract import COLUMNS, WITHHOLDABLE
from attunement.report.errors import ReportError

FORMAT = "attunement-snapshot/1"
KEY_FILE = "arm_key/arms.parquet"
_OWN = ("manifest.json", "manifest.sha256")


@dataclass(frozen=True)
class Meta:
    """What a snapshot says of itself. `known_on` is the cut: what was not known by the end of that day is not in it.

    `key_sha256` is the hash of the arm key file when the key itself is kept elsewhere.
    """

    study_version: str
    known_on: date
    software: str
    sites: tuple[str, ...]
    demonstration: bool = False
    key_sha256: str | None = None


@dataclass(frozen=True)
class Manifest:
    """A manifest that was read: `parts` maps part -> path -> SHA-256, `sha256` is the manifest's own hash."""

    meta: Meta
    parts: Mapping[str, Mapping[str, str]]
    sha256: str
    absent: tuple[str, ...] = field(default=())


def seal_manifest(folder: Path | str, meta: Meta) -> Path:
    """Write `manifest.json` and `manifest.sha256` over all files in `folder`; the same files give the same bytes."""
    folder = Path(folder)
    parts: dict[str, dict[str, str]] = {}
    for path in _files(folder):
        if path not in _OWN:
            parts.setdefault(_part(path), {})[path] = sha256(folder / path)
    key = parts.get("arm_key", {}).get(KEY_FILE, meta.key_sha256)
    if meta.key_sha256 is not None and key != meta.key_sha256:
        raise ReportError("The arm key in the folder is not the one whose hash was given.")
    if key is not None:
        parts["arm_key"] = {KEY_FILE: key}
    text = json.dumps(
        {
            "format": FORMAT,
            "study_version": meta.study_version,
            "known_on": meta.known_on.isoformat(),
            "software": meta.software,
            "sites": list(meta.sites),
            "demonstration": meta.demonstration,
            "key_sha256": key,
            "parts": parts,
        },
        indent=1,
        sort_keys=True,
        ensure_ascii=False,
    )
    target = folder / "manifest.json"
    target.write_text(text + "\n", encoding="utf-8", newline="\n")
    (folder / "manifest.sha256").write_text(_sealing(sha256(target)), encoding="ascii", newline="\n")
    return target


def verify(folder: Path) -> Manifest:
    """Read the manifest and hold every file to it. ReportError: a changed byte, an extra file, a missing one."""
    if not folder.is_dir():
        raise ReportError(f"There is no snapshot folder {folder}.")
    manifest = _read(folder)
    listed = {path: digest for part in manifest.parts.values() for path, digest in part.items()}
    found = [path for path in _files(folder) if path not in _OWN]
    for path in found:
        if path not in listed:
            raise ReportError(f"The snapshot holds a file that its manifest does not list: {path}.")
    absent = tuple(part for part in WITHHOLDABLE if not any(_part(path) == part for path in found))
    for path, digest in sorted(listed.items()):
        if _part(path) in absent:
            continue
        if path not in found:
            raise ReportError(f"The snapshot lacks a file that its manifest lists: {path}.")
        if sha256(folder / path) != digest:
            raise ReportError(f"The snapshot was changed after it was sealed: {path} does not have its hash.")
    for name in sorted(COLUMNS):
        if f"{name}.parquet" not in found and _part(name) not in absent:
            raise ReportError(f"The snapshot lacks {name}.parquet.")
    if "study.toml" not in found:
        raise ReportError("The snapshot lacks the study file, study.toml.")
    return Manifest(manifest.meta, manifest.parts, manifest.sha256, absent)


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sealing(digest: str) -> str:
    return f"{digest}  manifest.json\n"


def _part(path: str) -> str:
    return path.split("/")[0] if "/" in path else "study"


def _files(folder: Path) -> list[str]:
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise ReportError(f"The snapshot holds a link in place of a file: {path.relative_to(folder).as_posix()}.")
        if not path.is_dir():
            found.append(path.relative_to(folder).as_posix())
    return found


def _read(folder: Path) -> Manifest:
    for name in _OWN:
        if not (folder / name).is_file():
            raise ReportError(f"{folder} is no snapshot: it has no {name}.")
    text = (folder / "manifest.json").read_bytes()
    digest = hashlib.sha256(text).hexdigest()
    if (folder / "manifest.sha256").read_bytes() != _sealing(digest).encode():
        raise ReportError("The manifest was changed after the snapshot was sealed: it does not have its hash.")
    try:
        stated: Any = json.loads(text)
        if stated["format"] != FORMAT:
            raise ReportError(f"The snapshot has a format that this version cannot read: {stated['format']}.")
        parts = {str(part): {str(p): str(h) for p, h in files.items()} for part, files in stated["parts"].items()}
        meta = Meta(
            study_version=str(stated["study_version"]),
            known_on=date.fromisoformat(stated["known_on"]),
            software=str(stated["software"]),
            sites=tuple(str(site) for site in stated["sites"]),
            demonstration=stated["demonstration"] is True,
            key_sha256=stated["key_sha256"],
        )
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError, json.JSONDecodeError) as fault:
        raise ReportError(f"The manifest cannot be read: {type(fault).__name__} {fault}.") from None
    except ReportError:
        raise
    except ValueError as fault:
        raise ReportError(f"The manifest cannot be read: {fault}.") from None
    return Manifest(meta, parts, digest)
