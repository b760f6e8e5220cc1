"""What a reader must know before any number: whose data, which key, what is still to come."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from attunement import process
from attunement.process.follow_up import NOT_YET_KNOWN
from attunement.report import printing
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Inline, Notice

DUMMY = "DUMMY ARM KEY: the numbers by arm mean nothing"


def notices(material: Material, awaited: Mapping[str, tuple[str, int]], ledger: Ledger) -> tuple[Notice, ...]:
    """The banners, in order of gravity. `awaited` is `not_yet_known`'s answer."""
    found = []
    if material.snapshot.manifest.meta.demonstration:
        text = "A rehearsal made this programme up. No family in it exists, and nothing here is a finding."
        found.append(Notice("demonstration", "DEMONSTRATION", (text,), "DEMONSTRATION"))
    if material.dummy:
        text = (
            "The arm key has not been released. To show what the report will look like, families were put into two "
            "made-up groups of equal size at each site. Every difference between the groups below is chance."
        )
        found.append(Notice("dummy", DUMMY, (text,), DUMMY))
    wanting = [(code, title, n) for code, (title, n) in awaited.items() if n]
    if wanting:
        cut = printing.day(material.known_on)
        parts: list[Inline] = ["Not yet known at the cut: "]
        for place, (code, title, n) in enumerate(wanting):
            parts += ["; " if place else "", f"{title}, ", ledger.count(f"not_yet_known.{code}", n), " families"]
        parts.append(". They are never counted as none. A later report will have them.")
        found.append(Notice("incomplete", f"INCOMPLETE: data cut {cut}", tuple(parts), f"INCOMPLETE: data cut {cut}"))
    found.append(_counts(ledger))
    return tuple(found)


def _counts(ledger: Ledger) -> Notice:
    if ledger.gate is None:
        text = "Small numbers stand here as they are. Before anything leaves the trial team, it passes disclosure control."
        return Notice("true_counts", "TRUE COUNTS: not for publication", (text,), "NOT FOR PUBLICATION")
    rule = ledger.gate.profile
    if rule.base > 1:
        text = (f"Counts are rounded to the nearest {rule.base}, each by itself, so they need not add up. Shares, risk "
                "differences and costs come from the rounded counts.")  # fmt: skip
    else:
        text = "Small counts are hidden, and with them others that would give them away."
    return Notice("caution", "To protect families", (text,))


def not_yet_known(material: Material, records: pl.DataFrame) -> dict[str, tuple[str, int]]:
    """Planned datum -> (its title, allocated families for which it is not yet known)."""
    found = {}
    for point in material.study.time_points:
        if point.months_after is None:
            continue
        states = process.questionnaire_states(
            material.families, material.scores, study=material.study, time_point=point.code, known_on=material.known_on
        )
        title = f"the questionnaire {point.months_after} months after allocation"
        found[point.code] = (title, int((states["state"] == NOT_YET_KNOWN).sum()))
    title = f"the authority's record of the {material.study.records.months_after} months after allocation"
    found["records"] = (title, int((records["state"] == NOT_YET_KNOWN).sum()))
    return found
