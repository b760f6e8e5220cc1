"""What has been released for a study: the register against which each new number is held, and the manifest of a release."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from attunement.disclosure.auditing import audit
from attunement.disclosure.errors import DisclosureError
from attunement.disclosure.profiles import profile
from attunement.disclosure.release import Named, Published, Release, as_published
from attunement.places import check_place

_FORMAT = "attunement disclosure register 1"


@dataclass(frozen=True, slots=True)
class Approval:
    """Who answers for a release, and since when."""

    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Register:
    """Everything released so far for a study, with the manifests. It holds true counts: never published."""

    releases: tuple[Published, ...] = field(default=(), repr=False)
    manifests: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def read(cls, path: Path) -> Register:
        """The register in a file; an empty one where there is none yet. DisclosureError for a file that is none."""
        return cls(released(path), manifests(path)) if path.exists() else cls()

    def write(self, path: Path) -> None:
        """As `keep`."""
        keep(path, self.releases, self.manifests)

    def entered(self, release: Published, manifest: Mapping[str, Any]) -> Register:
        """With a release more; one that is there already stands once."""
        return Register(
            self.releases if release in self.releases else (*self.releases, release),
            self.manifests if manifest in self.manifests else (*self.manifests, manifest),
        )


def manifest(
    releases: Mapping[str, Published], *, approved_by: str, approved_on: date, files: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What goes with a release, as JSON: each table's hash and profile, and who approved it. No count.

    `releases`: name of a table -> Release; `files`: name of a file that left -> its SHA-256. DisclosureError without a
    name of who approved, or while the audit of these tables finds an exposed cell.
    """
    if not approved_by.strip():
        raise DisclosureError("A release needs the name of the person who approved it.")
    if audit(releases.values()):
        raise DisclosureError("A small cell can be found out from these tables together; please protect them again.")
    tables = {name: _described(each) for name, each in releases.items()}
    found = {"approved_by": approved_by.strip(), "approved_on": approved_on.isoformat(), "tables": tables}
    return found if files is None else found | {"files": dict(files)}


def _described(each: Published) -> dict[str, Any]:
    shown = each.table if isinstance(each, Release) else _table(each)
    return {"profile": each.profile.name, "rows": shown.height, "sha256": table_sha256(shown)}


def _table(named: Named) -> pl.DataFrame:
    return pl.DataFrame(sorted(named.shown.items()), schema={"number": pl.String, "n": pl.Int64}, orient="row")


def table_sha256(table: pl.DataFrame) -> str:
    """The hash of a published table as CSV (UTF-8, commas, a line feed a row)."""
    return hashlib.sha256(table.write_csv().encode()).hexdigest()


def keep(path: Path, releases: Sequence[Published], manifests: Sequence[Mapping[str, Any]] = ()) -> None:
    """Write the register of everything released so far, with the manifests. It holds true counts: never published.

    DisclosureError where an earlier register in `path` holds something that is lacking here: what was released stays.
    """
    check_place(path, DisclosureError)
    before = _content(path) if path.exists() else {"releases": [], "manifests": []}
    entries, kept = [to_json(each) for each in releases], [dict(each) for each in manifests]
    left = [to_json(from_json(entry)) for entry in before["releases"]]
    if any(entry not in entries for entry in left) or any(one not in kept for one in before["manifests"]):
        raise DisclosureError("What was released once stays in the register; please add to it, take nothing away.")
    content = {"format": _FORMAT, "releases": entries, "manifests": kept}
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    except OSError:
        raise DisclosureError(f"The register could not be written to {path.name}; please check the folder.") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(beside).replace(path)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise DisclosureError(f"The register could not be written to {path.name}; please check the folder.") from None


def released(path: Path) -> tuple[Published, ...]:
    """The releases in a register, in their order. DisclosureError for a file that is none, or was changed."""
    return tuple(from_json(entry) for entry in _content(path)["releases"])


def manifests(path: Path) -> tuple[dict[str, Any], ...]:
    """The manifests in a register, in their order. DisclosureError for a file that is none."""
    return tuple(_content(path)["manifests"])


def _content(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != _FORMAT:
            raise KeyError
        found = {"releases": list(content["releases"]), "manifests": list(content.get("manifests", []))}
        for entry in found["releases"]:
            from_json(entry)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise DisclosureError(f"{path.name} is not a register of releases, or was changed by hand.") from None
    return found


def to_json(release: Published) -> dict[str, Any]:
    """A release as the register keeps it, true counts included: never published."""
    if isinstance(release, Named):
        return {
            "profile": release.profile.name,
            "cut": release.cut,
            "counts": dict(release.counts),
            "shown": dict(release.shown),
            "sums": [[whole, list(parts)] for whole, parts in release.sums],
            "given_away": sorted(release.given_away),
            "sha256": table_sha256(_table(release)),
        }
    return {
        "profile": release.profile.name,
        "cut": release.cut,
        "dimensions": [name for name in release.counts.columns if name != "n"],
        "rows": [list(row) for row in release.counts.select(pl.exclude("n").cast(pl.String), pl.col("n")).rows()],
        "shown": release.shown(),
        "sha256": table_sha256(release.table),
    }


def from_json(entry: Mapping[str, Any]) -> Published:
    """The release that `to_json` wrote. DisclosureError for an entry that was changed."""
    try:
        if "counts" in entry:
            return _named(entry)
        columns = [*entry["dimensions"], "n"]
        schema = {name: pl.Int64 if name == "n" else pl.String for name in columns}
        counts = pl.DataFrame(entry["rows"], schema=schema, orient="row")
        shown = pl.Series("n", entry["shown"], dtype=pl.Int64)
        found = as_published(counts, counts.with_columns(shown), profile(entry["profile"]), entry.get("cut", ""))
        if table_sha256(found.table) != entry["sha256"]:
            raise KeyError
    except (KeyError, TypeError, ValueError, pl.exceptions.PolarsError):
        raise DisclosureError("An entry of the register of releases was changed by hand.") from None
    return found


def _named(entry: Mapping[str, Any]) -> Named:
    rule, counts, shown = profile(entry["profile"]), dict(entry["counts"]), dict(entry["shown"])
    sums = tuple((whole, tuple(parts)) for whole, parts in entry["sums"])
    found = Named(counts, shown, sums, rule, frozenset(entry["given_away"]), entry["cut"])
    for name, seen in shown.items():
        if seen is not None and seen != (counts[name] if name in found.given_away else rule.shown(counts[name])):
            raise KeyError
    if counts.keys() != shown.keys() or table_sha256(_table(found)) != entry["sha256"]:
        raise KeyError
    return found
