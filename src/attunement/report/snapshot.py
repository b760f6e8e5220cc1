"""A snapshot: frozen Parquet files, written the same way twice, and opened only when every hash holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from attunement.report.contract import ALWAYS_KNOWN, COLUMNS, HAPPENED, MAY_BE_WANTING, OPEN_ENDED
from attunement.report.errors import ReportError
from attunement.report.manifest import KEY_FILE, Manifest, Meta, seal_manifest, sha256, verify
from attunement.study import Study, load

__all__ = ["Manifest", "Meta", "ReportError", "Snapshot", "seal_manifest", "write_part"]


def write_part(folder: Path | str, name: str, frame: pl.DataFrame) -> Path:
    """Write `frame` as `<folder>/<name>.parquet`, say `blind/families`: the same rows give the same bytes.

    Columns are held to the contract: none wanting, none further (`blind/outcomes` may have further whole numbers,
    `delivery/sessions` what was noted of visits), each of its kind. Rows are sorted, so their order in a database does
    not reach the file.
    """
    if name not in COLUMNS:
        raise ReportError(f"A snapshot has no file called {name}.")
    further = MAY_BE_WANTING.get(name, {})
    wanted = dict(COLUMNS[name]) | {column: kind for column, kind in further.items() if column in frame.columns}
    if name == OPEN_ENDED:
        wanted |= {column: pl.Int64 for column in sorted(set(frame.columns) - set(wanted))}
    for column in wanted:
        if column not in frame.columns:
            raise ReportError(f"{name}: the column '{column}' is wanting.")
    for column in frame.columns:
        if column not in wanted:
            raise ReportError(f"{name}: the column '{column}' does not belong there.")
    try:
        ready = frame.select(pl.col(column).cast(kind) for column, kind in wanted.items())
    except pl.exceptions.PolarsError as fault:
        raise ReportError(f"{name}: {str(fault).splitlines()[0]}") from None
    path = Path(folder) / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    ready.sort(ready.columns).rechunk().write_parquet(path, compression="zstd", compression_level=3, statistics=True)
    return path


@dataclass(frozen=True)
class Snapshot:
    """An opened snapshot. `key` is the arm key's file, None while it is not released."""

    folder: Path
    manifest: Manifest
    study: Study
    key: Path | None

    @classmethod
    def open(cls, path: Path | str, *, arm_key: Path | str | None = None) -> Snapshot:
        """Open the snapshot at `path` once every hash holds; ReportError says what does not.

        `arm_key` names a released key kept outside the folder: it must have the hash that the manifest states.
        """
        folder = Path(path)
        manifest = verify(folder)
        key = folder / KEY_FILE if "arm_key" not in manifest.absent else None
        if arm_key is not None:
            key = Path(arm_key)
            if not key.is_file():
                raise ReportError(f"There is no arm key {key}.")
            if sha256(key) != manifest.meta.key_sha256:
                raise ReportError("The arm key is not the one that was sealed with this snapshot.")
        snapshot = cls(folder, manifest, _study(folder), key)
        for name in COLUMNS:
            if snapshot.has(name):
                snapshot._hold_to_contract(name)
        return snapshot

    def has(self, name: str) -> bool:
        """Whether a part (`delivery`) or file (`delivery/sessions`) is there."""
        part = name.split("/")[0]
        return self.key is not None if part == "arm_key" else part not in self.manifest.absent

    def frame(self, name: str) -> pl.LazyFrame:
        """The rows of a file, say `blind/scores`. ReportError when its part is withheld."""
        if not self.has(name):
            raise ReportError(f"{name} is not in this snapshot: it is withheld.")
        if name.startswith("arm_key/") and self.key is not None:
            return pl.scan_parquet(self.key, glob=False)
        return pl.scan_parquet(self.folder / f"{name}.parquet", glob=False)

    def _hold_to_contract(self, name: str) -> None:
        try:
            schema = self.frame(name).collect_schema()
            for column, kind in COLUMNS[name].items():
                if schema.get(column) != kind:
                    raise ReportError(f"{name}.parquet: the column '{column}' is wanting or of another kind.")
            for column, kind in MAY_BE_WANTING.get(name, {}).items():
                if schema.get(column, kind) != kind:
                    raise ReportError(f"{name}.parquet: the column '{column}' is of another kind.")
            for column in ALWAYS_KNOWN[name]:
                if self.frame(name).filter(pl.col(column).is_null()).collect().height:
                    raise ReportError(f"{name}.parquet: the column '{column}' is empty in a row.")
            for column in HAPPENED.get(name, ()):
                late = self.frame(name).filter(pl.col(column) > self.manifest.meta.known_on).collect().height
                if late:
                    raise ReportError(
                        f"{name}.parquet: {late} rows have '{column}' after the cut, {self.manifest.meta.known_on}."
                    )
        except (pl.exceptions.PolarsError, OSError) as fault:
            raise ReportError(f"{name}.parquet cannot be read: {str(fault).splitlines()[0]}") from None


def _study(folder: Path) -> Study:
    try:
        return load(folder / "study.toml")
    except ValueError as fault:
        raise ReportError(f"The study file in the snapshot cannot be used: {str(fault).splitlines()[0]}") from None
