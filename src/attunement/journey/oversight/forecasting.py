"""Whether the target will be reached: the forecast on the page of progress. True counts, never by arm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from attunement.journey.oversight import queries
from attunement.journey.people.models import Site
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock, versions
from attunement.process import Forecast, ProcessError, detectable, forecast
from attunement.study.planned import said

# What a plan expects of a baseline and of dropout, until the trial's own figures are known.
CORRELATION = 0.6


@dataclass(frozen=True)
class Outlook:
    """`said`: the forecast; None, with `why_not`, where nothing can be said. `least`: the difference it would show."""

    last: date | None
    said: Forecast | None = None
    why_not: str = ""
    loss: float = 0.25
    least: float | None = None
    planned: float | None = None

    @property
    def over(self) -> bool:
        return self.said is not None and self.last is not None and clock.today() > self.last

    @property
    def percent(self) -> int:
        return round(100 * self.said.reaches) if self.said else 0


def outlook() -> Outlook:
    """Allocated families by site so far, and to the end of the intake."""
    study, today = versions.current(), clock.today()
    intake = said(study, "intake")
    if intake is None or intake.end is None:
        return Outlook(None, why_not="The study file does not say when the intake ends.")
    allocated = dict(zip(*_by_site(), strict=True))
    opened = dict(_first_referrals())
    sites = [site.code for site in study.sites]
    been = [float((min(today, intake.end) - opened[site]).days + 1) if site in opened else 0.0 for site in sites]
    left = [float(max(0, (intake.end - today).days))] * len(sites)
    target = sum(site.target for site in study.sites)
    try:
        found = forecast([allocated.get(site, 0) for site in sites], been, left, target)
    except ProcessError:
        return Outlook(intake.end, why_not="No family has been allocated yet, so nothing can be said.")
    loss = _loss()
    return Outlook(intake.end, found, loss=loss, least=detectable(found.middle, correlation=CORRELATION, loss=loss),
                   planned=detectable(target, correlation=CORRELATION, loss=loss))


def _by_site() -> tuple[list[str], list[int]]:
    lines = [line for line in queries.funnels() if line.site]
    return [line.site for line in lines], [line.allocated for line in lines]


def _first_referrals() -> list[tuple[str, date]]:
    found = []
    for site in Site.objects.all():
        first = Family.objects.filter(site=site).order_by("referred_on").values_list("referred_on", flat=True).first()
        if first is not None:
            found.append((site.code, first))
    return found


def _loss() -> float:
    """The share without an answer, of those whose window has closed; a quarter until twenty have."""
    lines = queries.follow_ups()
    done, missed = sum(line.done for line in lines), sum(line.missed for line in lines)
    return missed / (done + missed) if done + missed >= 20 else 0.25
