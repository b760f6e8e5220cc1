"""What has been released for a study: the register against which each new table is held, and the manifest of a release."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from attunement.disclosure.auditing import audit
from attunement.disclosure.errors import DisclosureError
from attunement.disclosure.profiles import profile
from attunement.disclosure.release import Release, as_published

_FORMAT = "attunement disclosure register 1"


def manifest(releases: Mapping[str, Release], *, approved_by: str, approved_on: date) -> dict[str, Any]:
    """What goes with a release, as JSON: each table's hash and profile, and who approved it. No count.

    `releases`: name of a table -> Release. DisclosureError without a name of who approved, or while the audit of these
    tables finds an exposed cell.
    """
    if not approved_by.strip():
        raise DisclosureError("A release needs the name of the person who approved it.")
    if audit(releases.values()):
        raise DisclosureError("A small cell can be found out from these tables together; please protect them again.")
    tables = {
        name: {"profile": each.profile.name, "rows": each.table.height, "sha256": table_sha256(each.table)}
        for name, each in releases.items()
    }
    return {"approved_by": approved_by.strip(), "approved_on": approved_on.isoformat(), "tables": tables}


def table_sha256(table: pl.DataFrame) -> str:
    """The hash of a published table as CSV (UTF-8, commas, a line feed a row)."""
    return hashlib.sha256(table.write_csv().encode()).hexdigest()


def keep(path: Path, releases: Sequence[Release]) -> None:
    """Write the register of everything released so far. It holds true counts: never published.

    DisclosureError where an earlier register in `path` holds something that `releases` lacks: what was released stays.
    """
    earlier = [_entry(each) for each in released(path)] if path.exists() else []
    entries = [_entry(each) for each in releases]
    if any(entry not in entries for entry in earlier):
        raise DisclosureError("What was released once stays in the register; please add to it, take nothing away.")
    text = json.dumps({"format": _FORMAT, "releases": entries}, indent=1, ensure_ascii=False) + "\n"
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(beside).replace(path)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise DisclosureError(f"The register could not be written to {path.name}; please check the folder.") from None


def released(path: Path) -> tuple[Release, ...]:
    """The releases in a register, in their order. DisclosureError for a file that is none, or was changed."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != _FORMAT:
            raise KeyError
        return tuple(_release(entry) for entry in content["releases"])
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        raise DisclosureError(f"{path.name} is not a register of releases, or was changed by hand.") from None


def _entry(release: Release) -> dict[str, Any]:
    return {
        "profile": release.profile.name,
        "dimensions": [name for name in release.counts.columns if name != "n"],
        "rows": [list(row) for row in release.counts.select(pl.exclude("n").cast(pl.String), pl.col("n")).rows()],
        "shown": release.shown(),
        "sha256": table_sha256(release.table),
    }


def _release(entry: dict[str, Any]) -> Release:
    columns = [*entry["dimensions"], "n"]
    schema = {name: pl.Int64 if name == "n" else pl.String for name in columns}
    counts = pl.DataFrame(entry["rows"], schema=schema, orient="row")
    shown = pl.Series("n", entry["shown"], dtype=pl.Int64)
    found = as_published(counts, counts.with_columns(shown), profile(entry["profile"]))
    if table_sha256(found.table) != entry["sha256"]:
        raise KeyError
    return found
