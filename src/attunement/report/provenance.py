"""With what an analysis was run: the code, the locked packages, the seeds."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import attunement
from attunement import impact

LOCK_FILE = "requirements.lock"


@cache
def provenance() -> Mapping[str, str | int]:
    """`version` and `source` (SHA-256 over every source file of this package), `lock_file` (SHA-256 of requirements.lock;
    empty where only the installed package is there), `installed` (SHA-256 over the names and versions of what is
    installed), `seed` and `replicates` of the analysis."""
    package = Path(attunement.__file__).parent
    sources = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        sources.update(f"{path.relative_to(package).as_posix()}\n".encode())
        sources.update(path.read_bytes())
    locked = package.parent.parent / LOCK_FILE
    names = sorted({f"{one.metadata['Name']}=={one.version}" for one in metadata.distributions()})
    asked = inspect.signature(impact.run).parameters
    return {
        "version": attunement.__version__,
        "source": sources.hexdigest(),
        "lock_file": hashlib.sha256(locked.read_bytes()).hexdigest() if locked.is_file() else "",
        "installed": hashlib.sha256("\n".join(names).encode()).hexdigest(),
        "seed": asked["seed"].default,
        "replicates": asked["replicates"].default,
    }
