"""From a study file to the design that is simulated: what the file fixes is taken from it, the rest is assumed."""

from __future__ import annotations

from typing import Any

from attunement.impact.errors import ImpactError
from attunement.impact.simulation.planned import Design
from attunement.study import Study

SHOWN = ("partially_nested", "partially_nested_kenward_roger", "ancova")


def design_of(study: Study, *, families: int | None = None, **assumed: Any) -> Design:
    """Families (the sites' targets together unless said), sites, practitioners and scheme are the study's.

    `assumed`: any other field of Design. ImpactError where the study has other than two arms 1:1.
    """
    if len(study.arms) != 2 or len(set(study.allocation.ratio)) != 1:
        raise ImpactError("Power is simulated for two arms allocated 1:1; this study has others.")
    return Design(
        families if families is not None else sum(site.target for site in study.sites),
        sites=len(study.sites),
        practitioners=study.delivery.practitioners,
        scheme=study.allocation.scheme,
        **({"analyses": SHOWN} | assumed),
    )
