"""The rehearsal's interviews, through the real actions: drawn at the review point, agreed to or not, kept and coded."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from attunement.journey.consent import queries as consent
from attunement.journey.oversight import actions as oversight
from attunement.journey.oversight import codebook_actions, interview_queries
from attunement.journey.oversight import interview_actions as interviewing
from attunement.journey.oversight.interview_models import Interview, Passage, Source
from attunement.journey.people.models import Person, Site
from attunement.journey.referral.models import Family
from attunement.rehearsal import interviews
from attunement.rehearsal.people import Colleague

MOST, SEED, WHY, FILM = 24, 1, "Made up for a rehearsal", "The film"
EVERY_SIXTH = 6
"""So many say no, and the next in reserve is asked."""


class InterviewsByActions:
    """The part of `ByActions` that belongs to the process evaluator."""

    staff: list[Colleague]

    def _role(self, role: str, site: str = "") -> Person:
        raise NotImplementedError

    def hold_interviews(self) -> None:
        """Two dozen families or fewer, half of them by quotas of the sites; nothing where the study has nobody who asks."""
        if not any(one.role == "process_evaluator" for one in self.staff):
            return
        placed = Family.objects.filter(allocation__isnull=False).select_related("site")
        size = min(MOST, sum(consent.allows(one, "contact") for one in placed) // 2)
        if size < 2:
            return
        by, told = self._role("process_evaluator"), interviews()
        oversight.take_snapshot(by=self._role("trial_manager"))
        sites = Site.objects.filter(pk__in=placed.values("site")).order_by("code")
        least = max(1, size // (2 * len(sites)))
        drawn = interviewing.draw(by=by, size=size, seed=SEED, quotas=[("site", site.code, least) for site in sites])
        codes: dict[str, str] = {}
        for one in told["codes"]:
            codes[one["name"]] = codebook_actions.add_code(by=by, name=one["name"], why=WHY, dimension=one["dimension"],
                                                           parent=codes.get(one.get("parent", "")))
        kept = 0
        for place, interview in zip(count(1), drawn, strict=False):
            if place % EVERY_SIXTH and kept < size and consent.allows(interview.family, "contact"):
                self._interview(by, interview, codes, told["texts"], place)
                kept += 1
        said = Passage.objects.filter(code=codes[FILM]).order_by("pk").first()
        for clearance in ("proposed", "cleared") if said else ():
            interviewing.decide(by=by, passage=said, clearance=clearance)

    def _interview(self, by: Person, interview: Interview, codes: dict[str, str], texts: Sequence[dict[str, Any]],
                   place: int) -> None:
        offered = interview.family.assignments.exists()
        fitting = [one for one in texts if one["offered"] == offered]
        told = fitting[place % len(fitting)]
        agreed = interviewing.agree(by=by, interview=interview, mode="recorded")
        source: Source = interviewing.keep(by=by, interview=agreed, text=told["text"].strip(), names={})
        for code, words in told["passages"]:
            interviewing.code(by=by, source=source, code=codes[code], words=words)

    def joined(self) -> str:
        """What the authors join: one theme with its cleared quote, where there was an interview."""
        cleared = [quote.id for quote in interview_queries.bank().quotes if quote.clearance == "cleared"]
        if not cleared:
            return ""
        return (f'\n[joint.responsiveness]\nthemes = ["What helped / {FILM}"]\n'
                f'quotes = ["{cleared[0]}"]\ntogether = "Made up for a rehearsal: ratings and words agree."\n')
