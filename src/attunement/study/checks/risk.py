"""Questions whose answers need a person: somebody must be told, and the family must be shown where help is."""

from __future__ import annotations

from collections.abc import Iterator

from attunement.instruments import InstrumentError, load
from attunement.study.english import listed
from attunement.study.findings import Remark
from attunement.study.schema import Study


def remarks(study: Study) -> Iterator[Remark]:
    used = _kinds_used(study)
    risk = study.risk
    if risk is None:
        if used:
            text = (
                f"{listed(sorted(set(used.values())))} has questions whose answers need a person, and the study has no "
                "[risk]: say who is told, how soon, and what the family reads at once."
            )
            yield Remark("problem", ("time_points",), text)
        return
    known = {signpost.kind for signpost in risk.signposts}
    for kind, slug in used.items():
        if kind not in known:
            yield Remark("problem", ("risk",), f"{slug} can raise an alert of the kind {kind}, which has no signpost.")
    if risk.escalates_to not in {role.code for role in study.roles}:
        text = f"An alert that nobody takes goes to {risk.escalates_to}, which is no role of this study."
        yield Remark("problem", ("risk", "escalates_to"), text)


def _kinds_used(study: Study) -> dict[str, str]:
    found: dict[str, str] = {}
    for slug in dict.fromkeys(slug for point in study.time_points for slug in point.instruments):
        try:
            found |= {alert.kind: slug for alert in load(slug).alerts}
        except InstrumentError:
            continue
    return found
