"""What the report was made from, so that it can be made again."""

from __future__ import annotations

from attunement import __version__
from attunement.report import printing
from attunement.report.authors import Authors
from attunement.report.effects import instrument_key
from attunement.report.material import Material
from attunement.report.model import Column, Notice, Paragraph, Section, Table


def about_chapter(material: Material, authors: Authors) -> Section:
    meta, manifest = material.snapshot.manifest.meta, material.snapshot.manifest
    key = "released" if not material.dummy else "not released: a made-up key in its place"
    facts = (
        ("Study", f"{material.study.title}, study file version {meta.study_version}"),
        ("Data cut", f"What was known by the end of {printing.day(meta.known_on)}"),
        ("Sites", ", ".join(meta.sites)),
        ("Arm key", key),
        ("Snapshot", manifest.sha256),
        ("Interviews", "none handed in" if authors.told is None else f"counts with the hash {authors.told.sha256}"),
        ("Snapshot made with", meta.software),
        ("Report made with", f"Attunement {__version__}"),
    )
    text = "The same snapshot gives the same report, byte for byte. Each file is held to its hash before it is read."
    files = tuple(
        (path, digest, "withheld" if part in manifest.absent else "read")
        for part, listed in sorted(manifest.parts.items())
        for path, digest in sorted(listed.items())
    )
    return Section(
        "about",
        "About this report",
        (
            Paragraph((text,)),
            Table("about-table", "Where it comes from", (Column("What", False), Column("Which", False)), facts),
            *_scales(material),
            Table("files-table", "Files of the snapshot",
                  (Column("File", False), Column("SHA-256", False), Column("State", False)), files),
        ),
    )  # fmt: skip


def _scales(material: Material) -> tuple[Notice | Table, ...]:
    asked = sorted({slug for point in material.study.time_points for slug in point.instruments})
    rows = []
    for slug in asked:
        key = instrument_key(slug)
        for scale in key.scales if key else ():
            name = key.name if key and len(key.scales) == 1 else f"{key.name if key else slug}: {scale.name}"
            state = "validated elsewhere" if key and key.validated else "demonstration scale, not validated"
            rows.append((name, scale.high_is, str(scale.rule), state))
        if key is None:
            rows.append((slug, "not known", "not known", "its key file is not with this software"))
    if not rows:
        return ()
    columns = (Column("Scale", False), Column("A high score means", False), Column("Missing answers", False),
               Column("Standing", False))  # fmt: skip
    return (Table("scales-table", "Scales", columns, tuple(rows)),)
