"""A report that leaves: the state of the data that it counts, and its manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from attunement.disclosure import Approval, DisclosureError, Named, Register, manifest
from attunement.report.errors import ReportError
from attunement.report.material import Material


def cut(material: Material) -> str:
    """Which data: the day, the snapshot, and whether the arms are made up."""
    stated = material.snapshot.manifest
    dummy = " dummy key" if material.dummy else ""
    return f"{stated.meta.known_on.isoformat()} {stated.sha256[:12]}{dummy}"


def described(
    material: Material, files: Mapping[str, str | bytes], named: Named, register: Register, approval: Approval
) -> dict[str, Any]:
    """The release's manifest: that of the first time where these very files have left before."""
    hashes = {name: _sha256(content) for name, content in sorted(files.items())}
    for before in register.manifests:
        if before.get("files") == hashes:
            return dict(before)
    try:
        found = manifest({"report": named}, approved_by=approval.by, approved_on=approval.on, files=hashes)
    except DisclosureError as fault:
        raise ReportError(f"The report cannot be released. {fault}") from None
    stated = material.snapshot.manifest
    return {"study": material.study.slug, "snapshot_sha256": stated.sha256, "cut": cut(material),
            "profile": named.profile.name, **found}  # fmt: skip


def _sha256(content: str | bytes) -> str:
    return hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()
