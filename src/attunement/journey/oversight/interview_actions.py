"""Interviews with families: drawn by quotas, with consent of their own, kept without names, coded, quoted once cleared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl

from attunement import report
from attunement.journey.arms import actions as arms
from attunement.journey.consent import queries as consent
from attunement.journey.oversight import interview_queries as queries
from attunement.journey.oversight.interview_models import Interview, Passage, Sample, Source, Summary
from attunement.journey.oversight.models import Snapshot
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import Refused
from attunement.process import ProcessError, interviews
from attunement.process.interviews.quotes import ALLOWED


@contextmanager
def refusing() -> Iterator[None]:
    """What the science refuses, said on the page."""
    try:
        yield
    except (ProcessError, report.ReportError) as fault:
        raise Refused(str(fault)) from None


@action
def draw(*, by: Person, size: int, seed: int, quotas: Sequence[tuple[str, str, int]] = ()) -> list[Interview]:
    """Draws the families to interview, once, from the newest snapshot: those who may be contacted, by quotas. A quota on
    the arm reads the arms, so that only those who may see them can ask for one."""
    need(by, "interviews.work")
    if Interview.objects.exists():
        raise Refused("The interviews have been drawn. Turn to the reserve in its order.")
    newest = Snapshot.objects.last()
    if newest is None:
        raise Refused("There is no snapshot to draw from. The trial manager takes one.")
    families = {one.code: one for one in Family.objects.filter(allocation__isnull=False).select_related("site")
                if consent.allows(one, "contact")}
    with refusing():
        opened = queries.without_key(newest)
        known = set(opened.frame("blind/families").collect()["family"])
        frame = interviews.sampling_frame(opened, sorted(families.keys() & known))
        if any(column == "arm" for column, *_ in quotas):
            frame = _with_arms(by, frame, families)
        drawn = interviews.draw(frame, [interviews.Quota(*one) for one in quotas], size=size, seed=seed)
    rows = [(code, False) for code in drawn.chosen["family"]] + [(code, True) for code in drawn.reserve["family"]]
    made = [Interview.objects.create(family=families[code], place=place, reserve=reserve, drawn_by=by, drawn_at=clock.now(),
                                     seed=seed) for place, (code, reserve) in enumerate(rows, 1)]
    Sample.objects.create(snapshot=newest, size=size, seed=seed, quotas=[list(one) for one in quotas], by=by,
                          at=clock.now())
    short = int(drawn.quotas["short"].sum()) if drawn.quotas.height else 0
    record(by=by, verb="oversight.interviews_drawn", snapshot=newest.name, seed=seed, size=size, short=short)
    return made


def _with_arms(by: Person, frame: pl.DataFrame, families: dict[str, Family]) -> pl.DataFrame:
    asked = [families[code] for code in frame["family"]]
    read = arms.read_arms(by=by, families=asked, why="a quota of interviews by arm")
    return frame.with_columns(arm=pl.Series([read.get(one.pk) for one in asked], dtype=pl.String))


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
def take_back(*, by: Person, interview: Interview) -> int:
    """The family takes its consent to the interview back: its texts enter no matrix and no file any more, and every quote
    of them is withdrawn. Returns how many were."""
    need(by, "interviews.work")
    interview = Interview.objects.select_for_update().get(pk=interview.pk)
    if not interview.consented_on or interview.ended_on:
        raise Refused("There is no consent to this interview that could be taken back.")
    interview.ended_on = clock.today()
    interview.save(update_fields=["ended_on"])
    family = interview.family
    gone = Passage.objects.filter(source__family=family).exclude(clearance="").update(clearance="withdrawn")
    record(by=by, verb="oversight.interview_ended", family=family.code, site=family.site.code, quotes=gone)
    return gone


@action
def keep(*, by: Person, interview: Interview, text: str, names: dict[str, str], kind: str = "transcript",
         about: str = "") -> Source:
    """Keeps a text without names, a transcript, an open answer or a note of a session; refused without the family's
    consent, and while something still looks like somebody."""
    need(by, "interviews.work")
    interview = Interview.objects.select_for_update().select_related("family__site").get(pk=interview.pk)
    family, about = interview.family, about.strip()
    if not interview.consented_on or interview.ended_on:
        raise Refused(f"There is no consent on record for {family.code}: its words may be neither kept nor coded.")
    if (kind == "transcript") is bool(about):
        raise Refused("Say which question or session an answer or a note is about; a transcript is about nothing else.")
    if Source.objects.filter(family=family, kind=kind, about=about).exists():
        raise Refused("There is such a text already, and passages may rest on it.")
    with refusing():
        kept, log = interviews.pseudonymise(text, names)
        interviews.Source(family.code, family.code, kept, consent=interview.consented_on.isoformat(), redactions=log)
    if interviews.left_over(kept, names):
        raise Refused("Something in the text still looks like a name or an address. Add it to the names.")
    made = Source.objects.create(family=family, kind=kind, about=about, text=kept, consented_on=interview.consented_on,
                                 redactions=[[one.start, one.end, one.kind] for one in log], kept_by=by,
                                 kept_at=clock.now())
    record(by=by, verb="oversight.interview_kept", family=family.code, site=family.site.code, kind=kind,
           redactions=len(log))
    return made


@action
def code(*, by: Person, source: Source, code: str, words: str) -> Passage:
    """Puts a passage under a code: the words as they stand in the text, at the first place that this coder has not put
    there yet."""
    need(by, "interviews.work")
    wanted = interviews.lines(words).strip()
    with refusing():
        if not queries.book().code(code).codable:
            raise Refused("This code takes no passages. Choose another.")
    mine = set(Passage.objects.filter(source=source, code=code, coder=by).values_list("start", "end"))
    start = source.text.find(wanted) if wanted else -1
    while start >= 0 and (start, start + len(wanted)) in mine:
        start = source.text.find(wanted, start + 1)
    if start < 0:
        raise Refused("You have coded this passage under this code." if mine and wanted and wanted in source.text else
                      "Copy the passage as it stands in the text.")
    made = Passage.objects.create(source=source, code=code, start=start, end=start + len(wanted), coder=by, at=clock.now())
    record(by=by, verb="oversight.passage_coded", family=source.family.code, site=source.family.site.code,
           passage=made.pk, start=start, end=made.end)
    return made


@action
def settle(*, by: Person, passage: Passage, verdict: str) -> Passage:
    """What came of talking about a passage that only one of two coders has: it stays, or it goes."""
    need(by, "interviews.work")
    if verdict not in ("stays", "goes"):
        raise Refused("A difference is settled: the passage stays, or it goes.")
    if passage.pk not in {one.pk for one, _by, _other in queries.differing()}:
        raise Refused("The two coders do not differ on this passage.")
    passage.settled, passage.settled_by = verdict, by
    passage.save(update_fields=["settled", "settled_by"])
    family = passage.source.family
    record(by=by, verb="oversight.difference_settled", family=family.code, site=family.site.code, passage=passage.pk,
           verdict=verdict)
    return passage


@action
def summarise(*, by: Person, family: Family, code: str, text: str) -> None:
    """Writes what a family says on a theme, in the analyst's words; it rests on passages. An empty text takes it away."""
    need(by, "interviews.work")
    with refusing():
        interviews.framework(queries.project(), {(family.code, code): text.strip()} if text.strip() else {})
    if text.strip():
        Summary.objects.update_or_create(family=family, code=code,
                                         defaults={"text": text.strip(), "by": by, "at": clock.now()})
    else:
        Summary.objects.filter(family=family, code=code).delete()
    record(by=by, verb="oversight.theme_summarised", family=family.code, site=family.site.code, code=code)


@action
def decide(*, by: Person, passage: Passage, clearance: str) -> Passage:
    """Proposes a passage as a quote, or clears, refuses or withdraws it; what was taken back never comes again."""
    need(by, "interviews.work")
    passage = Passage.objects.select_for_update(of=("self",)).select_related("source__family__site").get(pk=passage.pk)
    family = passage.source.family
    if clearance != "withdrawn" and Interview.objects.filter(family=family, ended_on__isnull=False).exists():
        raise Refused("The family has taken its consent back: nothing of its words may be shown.")
    allowed: Any = ALLOWED.get(passage.clearance, ()) if passage.clearance else ("proposed",)  # type: ignore[call-overload]
    if clearance not in allowed:
        raise Refused("That may not follow: a quote is proposed, then cleared or refused, and once withdrawn stays so.")
    passage.clearance = clearance
    passage.save(update_fields=["clearance"])
    record(by=by, verb=f"oversight.quote_{clearance}", family=family.code, site=family.site.code, passage=passage.pk)
    return passage
