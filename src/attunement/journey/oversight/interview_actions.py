"""Interviews with families: drawn by quotas, with consent of their own, without names, coded, and quoted once cleared."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any

from attunement import report
from attunement.journey.consent import queries as consent
from attunement.journey.oversight.models import Interview, Passage, Snapshot
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import Refused
from attunement.process import ProcessError, interviews
from attunement.process.interviews.quotes import ALLOWED


@contextmanager
def _refusing() -> Any:
    """What the science refuses, said on the page."""
    try:
        yield
    except (ProcessError, report.ReportError) as fault:
        raise Refused(str(fault)) from None


@action
def draw(*, by: Person, size: int, seed: int, quotas: Sequence[tuple[str, str, int]] = ()) -> list[Interview]:
    """Draws the families to interview, once, from the newest snapshot: those who may be contacted, by quotas."""
    need(by, "interviews.work")
    if Interview.objects.exists():
        raise Refused("The interviews have been drawn. Turn to the reserve in its order.")
    newest = Snapshot.objects.last()
    if newest is None:
        raise Refused("There is no snapshot to draw from. The trial manager takes one.")
    families = {one.code: one for one in Family.objects.filter(allocation__isnull=False) if consent.allows(one, "contact")}
    with _refusing():
        opened = report.Snapshot.open(newest.path)
        known = set(opened.frame("blind/families").collect()["family"])
        frame = interviews.sampling_frame(opened, sorted(families.keys() & known))
        drawn = interviews.draw(frame, [interviews.Quota(*one) for one in quotas], size=size, seed=seed)
    rows = [(code, False) for code in drawn.chosen["family"]] + [(code, True) for code in drawn.reserve["family"]]
    made = [Interview.objects.create(family=families[code], place=place, reserve=reserve, drawn_by=by, drawn_at=clock.now(),
                                     seed=seed) for place, (code, reserve) in enumerate(rows, 1)]
    short = int(drawn.quotas["short"].sum()) if drawn.quotas.height else 0
    record(by=by, verb="oversight.interviews_drawn", snapshot=newest.name, seed=seed, size=size, short=short)
    return made


@action
def agree(*, by: Person, interview: Interview, mode: str) -> Interview:
    """The family's own consent to be interviewed and recorded, beside its consent to the trial."""
    need(by, "interviews.work")
    interview = Interview.objects.select_for_update().get(pk=interview.pk)
    if interview.consented_on:
        raise Refused("This family's consent to the interview is on record.")
    if not consent.allows(interview.family, "contact"):
        raise Refused("This family no longer wants to be contacted. Turn to the next in reserve.")
    interview.consented_on, interview.mode = clock.today(), mode
    interview.save(update_fields=["consented_on", "mode"])
    family = interview.family
    record(by=by, verb="oversight.interview_agreed", family=family.code, site=family.site.code, mode=mode)
    return interview


@action
def transcribe(*, by: Person, interview: Interview, text: str, names: dict[str, str]) -> Interview:
    """Keeps the transcript without names; refused while something still looks like somebody."""
    need(by, "interviews.work")
    interview = Interview.objects.select_for_update().get(pk=interview.pk)
    if interview.text:
        raise Refused("There is a transcript already, and passages may rest on it.")
    when = interview.consented_on.isoformat() if interview.consented_on else ""
    with _refusing():
        kept, log = interviews.pseudonymise(text, names)
        interviews.Source(interview.family.code, interview.family.code, kept, consent=when, redactions=log)
    if interviews.left_over(kept, names):
        raise Refused("Something in the text still looks like a name or an address. Add it to the names.")
    interview.text, interview.redactions = kept, [[one.start, one.end, one.kind] for one in log]
    interview.save(update_fields=["text", "redactions"])
    record(by=by, verb="oversight.interview_kept", family=interview.family.code, site=interview.family.site.code,
           redactions=len(log))
    return interview


@action
def code(*, by: Person, interview: Interview, theme: str, words: str) -> Passage:
    """Puts a passage under a theme: the words as they stand in the transcript, at their first place."""
    need(by, "interviews.work")
    start = interview.text.find(interviews.lines(words).strip())
    if not words.strip() or not theme.strip() or start < 0:
        raise Refused("Copy the passage as it stands in the transcript, and name its theme.")
    end = start + len(interviews.lines(words).strip())
    found = {"interview": interview, "theme": theme.strip(), "start": start, "end": end, "coder": by}
    if Passage.objects.filter(**found).exists():
        raise Refused("You have coded this passage under this theme.")
    made = Passage.objects.create(**found, at=clock.now())
    record(by=by, verb="oversight.passage_coded", family=interview.family.code, site=interview.family.site.code,
           passage=made.pk, start=start, end=end)
    return made


@action
def decide(*, by: Person, passage: Passage, clearance: str) -> Passage:
    """Proposes a passage as a quote, or clears, refuses or withdraws it; what was taken back never comes again."""
    need(by, "interviews.work")
    passage = Passage.objects.select_for_update().select_related("interview__family__site").get(pk=passage.pk)
    allowed = ALLOWED.get(passage.clearance, ()) if passage.clearance else ("proposed",)  # type: ignore[call-overload]
    if clearance not in allowed:
        raise Refused("That may not follow: a quote is proposed, then cleared or refused, and once withdrawn stays so.")
    passage.clearance = clearance
    passage.save(update_fields=["clearance"])
    family = passage.interview.family
    record(by=by, verb=f"oversight.quote_{clearance}", family=family.code, site=family.site.code, passage=passage.pk)
    return passage
