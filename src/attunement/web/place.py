"""Where a study's data lies, and what its deployment file says. The data directory is never in the source tree."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from platformdirs import user_data_path

CONFIG = "attunement.toml"


class PlaceError(Exception):
    """The data directory cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Place:
    """One data directory and its deployment settings."""

    root: Path
    secret_key: str = field(repr=False)
    demonstration: bool = False
    database: str = field(default="", repr=False)
    address: str = "http://localhost:8000"
    staff_totp: bool = True
    mail: str = field(default="", repr=False)
    sender: str = "study@localhost"
    films: str = field(default="", repr=False)
    notify_key: str = field(default="", repr=False)
    notify_address: str = "https://api.notifications.service.gov.uk"
    notify_mail_template: str = ""
    notify_text_template: str = ""
    notify_letter_template: str = ""

    def folder(self, *parts: str) -> Path:
        path = self.root.joinpath(*parts)
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path


def data_root(project: Path | None = None) -> Path:
    """`$ATTUNEMENT_DATA`, else the user's data folder (a demonstration's named by the hash of the project path)."""
    given = os.environ.get("ATTUNEMENT_DATA")
    if given:
        return Path(given).expanduser().resolve()
    base = user_data_path("attunement")
    if project is None:
        return base / "study"
    return base / ("demo-" + hashlib.sha256(str(project.resolve()).encode()).hexdigest()[:12])


def refuse_source_tree(root: Path) -> None:
    source = Path(__file__).resolve().parents[3]
    if (source / "pyproject.toml").exists() and (root == source or source in root.parents):
        raise PlaceError(f"{root} lies in the program's source tree. Choose a folder outside it, for films and answers.")


def create(root: Path, **settings: object) -> Place:
    """Makes the data directory and its deployment file; an existing one is left as it is."""
    refuse_source_tree(root)
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise PlaceError(f"{root} cannot be made: {error.strerror}. Choose another folder.") from error
    path = root / CONFIG
    if not path.exists():
        lines = ["# Deployment settings of this study. Keep this file private: it holds the signing key."]
        for key, value in {"secret_key": secrets.token_urlsafe(48), **settings}.items():
            lines.append(f"{key} = {json.dumps(value)}")
        partial = path.with_suffix(".part")
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
        partial.chmod(0o600)
        partial.replace(path)
    return read(root)


def read(root: Path) -> Place:
    path = root / CONFIG
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise PlaceError(f"{root} holds no study. Start one with: attunement new {root}") from None
    except OSError as error:
        raise PlaceError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise PlaceError(f"{path} cannot be read: {str(error).rstrip('.')}. Mend it.") from error
    values.update({k: os.environ[v] for k, v in _FROM_ENVIRONMENT.items() if v in os.environ})
    unknown = set(values) - set(Place.__dataclass_fields__)
    if unknown:
        raise PlaceError(f"{path}: unknown setting {sorted(unknown)[0]!r}. Known: {', '.join(_KNOWN)}.")
    for name, value in values.items():
        fault = _fault(name, value)
        if fault:
            raise PlaceError(f"{path}: {name} {fault}")
    if "secret_key" not in values:
        raise PlaceError(f"{path}: secret_key is missing. Restore it from your copy of the file.")
    return Place(root=root, **values)


def _fault(name: str, value: object) -> str:
    """What is wrong with a setting's value, without quoting it: an address may hold a password."""
    if isinstance(Place.__dataclass_fields__[name].default, bool):
        return "" if isinstance(value, bool) else "must be true or false, without quotation marks."
    if not isinstance(value, str):
        return "must be text in quotation marks."
    if name == "secret_key" and len(value) < 32:
        return "is shorter than 32 characters. Restore it from your copy of the file."
    schemes, example = _ADDRESSES.get(name, ((), ""))
    return f"must look like {example}" if schemes and value and not _is_address(value, schemes) else ""


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        sound = parts.port != 0 and not any(c.isspace() or not c.isprintable() for c in value)
    except ValueError:
        return False
    needed = parts.path.strip("/") if "postgresql" in schemes else re.fullmatch(r"[\w.:-]+", parts.hostname or "")
    return bool(sound and parts.scheme in schemes and needed)


_ADDRESSES = {"address": (("http", "https"), "https://study.example.org"),
              "database": (("postgresql", "postgres"), "postgresql://user:password@host/name"),
              "mail": (("smtp", "smtps"), "smtp://host:25"),
              "films": (("s3",), "s3://bucket/prefix?endpoint=https://host"),
              "notify_address": (("http", "https"), "https://api.notifications.service.gov.uk")}
_FROM_ENVIRONMENT = {"database": "ATTUNEMENT_DATABASE", "address": "ATTUNEMENT_ADDRESS",
                     "films": "ATTUNEMENT_FILMS", "notify_key": "ATTUNEMENT_NOTIFY_KEY"}
_KNOWN = [name for name in Place.__dataclass_fields__ if name != "root"]
