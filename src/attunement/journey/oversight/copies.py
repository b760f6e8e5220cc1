"""Copies of the data that a lock works on: blind, for the review on scrambled groups, and held to what was reviewed."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings

from attunement import __version__, report
from attunement.journey.oversight import freezing
from attunement.journey.oversight.models import Lock, Snapshot
from attunement.journey.trail import versions
from attunement.journey.trail.errors import Refused
from attunement.report.manifest import Meta, seal_manifest, sha256, verify
from attunement.report.snapshot import write_part

BLIND, SCRAMBLED = "blind", "scrambled"


def blind(lock: Lock) -> str:
    """Writes the blind part as of the cut, and the report of it on a made-up key; returns the hash of its manifest."""
    assert lock.cut_on is not None
    target = lock.path / BLIND
    partial = target.with_name(f"{BLIND}.part")
    for folder in (partial, target):
        shutil.rmtree(folder, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    study, text = versions.current(), versions.StudyVersion.objects.get(number=versions.latest_number()).text
    (partial / "study.toml").write_text(text, encoding="utf-8")
    for name, frame in freezing.frames(study, cut_on=lock.cut_on, blind=True).items():
        write_part(partial, name, frame)
    meta = Meta(study_version=str(versions.latest_number()), known_on=lock.cut_on, software=f"Attunement {__version__}",
                sites=tuple(site.code for site in study.sites), demonstration=settings.DEMONSTRATION)
    seal_manifest(partial, meta)
    partial.replace(target)
    shutil.rmtree(lock.path / SCRAMBLED, ignore_errors=True)
    try:
        report.build(target, lock.path / SCRAMBLED, not_for_publication=True)
    except report.ReportError as fault:
        raise Refused(str(fault)) from None
    return sha256(target / "manifest.json")


def blind_hash(lock: Lock) -> str:
    """The hash of the blind copy's manifest, once every file in it holds and it is the one that the queries left."""
    found = _verified(lock.path / BLIND)
    if found != lock.steps.filter(code="queries").latest("number").acted_on:
        raise Refused("The blind copy is not the one that was made when the queries were closed. Tell the system owner.")
    return found


def hold_to_review(lock: Lock, folder: Path) -> None:
    """Refused unless the blind files in `folder` are, byte for byte, those of the blind review."""
    blind_hash(lock)
    reviewed = lock.path / BLIND
    for path in sorted(one for one in reviewed.rglob("*") if one.is_file() and not one.name.startswith("manifest.")):
        name = path.relative_to(reviewed)
        if not (folder / name).is_file() or sha256(folder / name) != sha256(path):
            raise Refused(f"The data have changed since the blind review ({name}). Close the queries again, and hold the "
                          "review on what is there now.")


def hold_manifest(snapshot: Snapshot) -> None:
    """The manifest must be the one that was signed when the snapshot was frozen, with every part of it there."""
    if _verified(snapshot.path) != snapshot.manifest_sha256 or verify(snapshot.path).absent:
        raise Refused("The snapshot is not the one that was frozen. Tell the system owner.")


def _verified(folder: Path) -> str:
    try:
        return verify(folder).sha256
    except report.ReportError as fault:
        raise Refused(str(fault)) from None
