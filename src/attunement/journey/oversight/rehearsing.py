"""A rehearsal through the real actions: each by whoever does it in life, at the study's own hours."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection

from attunement import report
from attunement.journey.arms import actions as arms
from attunement.journey.arms import checkpoints
from attunement.journey.consent import actions as consent
from attunement.journey.consent.models import Link
from attunement.journey.delivery import actions as delivery
from attunement.journey.delivery import goal_actions, late_actions, next_actions
from attunement.journey.delivery.models import Goal, Session
from attunement.journey.delivery.visits import Noted
from attunement.journey.films import actions as films
from attunement.journey.films.models import Film
from attunement.journey.films.store import Arriving
from attunement.journey.outcomes import actions as outcomes
from attunement.journey.outcomes.queries import read_again
from attunement.journey.oversight import actions as oversight
from attunement.journey.oversight import lock_actions as locking
from attunement.journey.oversight import rehearsing_films
from attunement.journey.oversight.models import Snapshot
from attunement.journey.oversight.policies import is_released
from attunement.journey.oversight.rehearsing_fieldwork import FieldworkByActions
from attunement.journey.oversight.rehearsing_interviews import InterviewsByActions
from attunement.journey.oversight.rehearsing_training import TrainingByActions
from attunement.journey.people import actions as people
from attunement.journey.people.models import Person, Site
from attunement.journey.referral import actions as referral
from attunement.journey.referral.models import Family
from attunement.journey.surveys import actions as surveys
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Rule, adopt_study
from attunement.journey.trail.errors import Refused
from attunement.rehearsal import Done, Minutes, Referred, Truth, Visit, authors
from attunement.rehearsal import rehearse as rehearse_study
from attunement.rehearsal.amending import with_safety
from attunement.rehearsal.laid_out import lay_out
from attunement.rehearsal.minds import Given
from attunement.rehearsal.people import Carer, Colleague
from attunement.rehearsal.script import Progress

BLOCK = 1 << 20
NOTHING_CHANGED = "As the analysis plan has it: nothing was changed."


@dataclass(frozen=True)
class Rehearsed:
    """Where a rehearsal's results lie, and what it made."""

    snapshot: Path
    report: Path
    results: Path
    done: Done
    staff: tuple[Colleague, ...]


def rehearse(study_text: str, *, families: int, seed: int, effect: float, to: Path, truth: Truth | None = None,
             arms_seed: int | None = None, progress: Progress | None = None) -> Rehearsed:
    """Rehearses a study in the empty data directory that is set up now, and lays snapshot and report into `to`.

    The last cut's lie in `to` itself, an earlier one's in `earlier/` under its report's code; the authorities' last
    returns, and the true outcomes, in `returns/`.
    `arms_seed`: of the allocation alone, so that two rehearsals can differ in nothing but the arms.
    """
    _hold_place()
    truth = truth or Truth(effect=effect)
    programme = ByActions(study_text, _bytes(seed if arms_seed is None else arms_seed))
    try:
        with _not_waiting_for_the_disk():
            amended = with_safety(study_text)
            done = rehearse_study(versions.parse(study_text), programme, families=families, seed=seed, truth=truth,
                                  progress=progress, amended=versions.parse(amended) if amended else None)
    finally:
        clock.set_to(None)
    for code, name in done.snapshots.items():
        last = name == list(done.snapshots.values())[-1]
        _lay_out(Snapshot.objects.get(name=name), to if last else to / "earlier" / code)
    lay_out(to / "returns", done.returned, versions.parse(study_text))
    (to / "truth.json").write_text(json.dumps({"seed": seed, "families": families, **asdict(truth)}, indent=1) + "\n",
                                   encoding="utf-8")
    laid = to / "report"
    return Rehearsed(to / "snapshot", laid / "report.html", laid / "results.json", done, tuple(programme.staff))


def _hold_place() -> None:
    if not settings.DEMONSTRATION:
        raise Refused("A rehearsal makes families up, so it runs in a demonstration only.")
    if versions.latest_number():
        raise Refused("There is a study here already. A rehearsal needs an empty data directory.")


_DISK = {"sqlite": ("PRAGMA synchronous=NORMAL", "PRAGMA synchronous=FULL"),
         "postgresql": ("SET synchronous_commit TO off", "SET synchronous_commit TO on")}


@contextmanager
def _not_waiting_for_the_disk() -> Iterator[None]:
    """A power cut may cost a rehearsal its last seconds, for it can be made again; a real study's actions wait."""
    if connection.in_atomic_block:
        yield
        return
    quick, safe = _DISK[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(quick)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(safe)


def _lay_out(snapshot: Snapshot, folder: Path) -> None:
    """The snapshot, and its report with true counts: a rehearsal is held against the truth that it was made from."""
    shutil.rmtree(folder / "snapshot", ignore_errors=True)
    shutil.copytree(snapshot.path, folder / "snapshot")
    shutil.rmtree(folder / "report", ignore_errors=True)
    if is_released(snapshot):
        report.build(folder / "snapshot", folder / "report", not_for_publication=True,
                     interviews=locking.interviewed(snapshot))
    else:
        shutil.copytree(oversight.report_path(snapshot).parent, folder / "report")


def _bytes(seed: int) -> bytes:
    return hashlib.sha384(f"arms of rehearsal {seed}".encode()).digest()


class ByActions(TrainingByActions, FieldworkByActions, InterviewsByActions):
    """`rehearsal.Programme` made of the journey's actions."""

    def __init__(self, study_text: str, arms_seed: bytes) -> None:
        self.staff: list[Colleague] = []
        self._text, self._arms_seed = study_text, arms_seed
        self._people: dict[str, Person] = {}
        self._sites: dict[str, Site] = {}
        self._families: dict[str, Family] = {}
        self._papers: dict[tuple[str, str], int] = {}
        self._links: dict[tuple[str, str], Link] = {}

    def at(self, instant: datetime) -> None:
        clock.set_to(instant)

    def open_study(self, *, staff: Sequence[Colleague]) -> None:
        by = Rule("set_up")
        adopt_study(by=by, text=self._text, reason="The study opens", approved_by="The rehearsal",
                    holds_from=clock.today())
        self._sites = {site.code: site for site in people.open_sites(by=by)}
        for one in staff:
            self._people[one.key] = people.add_person(by=by, email=one.email, name=one.name, role=one.role,
                                                      site=self._sites.get(one.site))
            self.staff.append(one)
        self.put_on_call()

    def join(self, *, colleague: Colleague) -> None:
        """By invitation, as everybody does after the first day."""
        token = people.invite(by=self._role("trial_manager"), email=colleague.email, name=colleague.name,
                              role=colleague.role, site=self._sites.get(colleague.site))
        self._people[colleague.key] = people.accept(by=Rule("invitation"), token=token,
                                                    password=hashlib.sha256(token.encode()).hexdigest())
        self.staff.append(colleague)

    def leave(self, *, practitioner: str) -> None:
        person = self._people[practitioner]
        for holding in person.held:
            people.lay_down(by=self._role("trial_manager"), holding=holding)
        person.__dict__.pop("held", None)

    def lock_scheme(self) -> None:
        arms.set_up(by=self._role("monitoring_statistician"))
        arms.lock(by=self._role("trial_manager"), seed=self._arms_seed)

    def refer(self, *, site: str, carer: Carer, born_on: date, answers: Mapping[str, bool], language: str,
              help_needed: bool, agreed: bool | None) -> Referred:
        child = referral.refer(by=self._role("coordinator", site), site=self._sites[site], carer=carer.name,
                               born_on=born_on, answers=answers, language=language, phone=carer.phone,
                               email=carer.email, address=carer.address, safe=carer.safe,
                               help_needed=help_needed, agreed=agreed)
        self._families[child.family.code] = child.family
        return Referred(child.family.code, child.trial_number, child.eligible)

    def refer_sibling(self, *, family: str, born_on: date, answers: Mapping[str, bool]) -> None:
        referral.refer_sibling(by=self._coordinator(family), family=self._families[family], born_on=born_on,
                               answers=answers)

    def consent(self, *, family: str, given: Mapping[str, bool], mode: str) -> None:
        one = self._families[family]
        consent.record_consent(by=self._speaker(family, mode), family=one, given=given, mode=mode,
                               language=one.language)

    def withdraw(self, *, family: str, purpose: str, mode: str) -> None:
        consent.withdraw(by=self._speaker(family, mode), family=self._families[family], purpose=purpose, mode=mode)

    def record_change(self, *, family: str, kind: str, happened_on: date) -> None:
        consent.record_change(by=self._coordinator(family), family=self._families[family], kind=kind,
                              happened_on=happened_on)

    def open_questionnaire(self, *, family: str, time_point: str) -> None:
        paper = surveys.open_questionnaire(by=self._role("survey_team"), family=self._families[family], code=time_point)
        self._papers[family, time_point] = paper.pk

    def answer(self, *, family: str, time_point: str, given: Given, mode: str) -> None:
        surveys.save_answer(by=self._respondent(family, time_point, mode), mode=mode,
                            questionnaire_id=self._papers[family, time_point], instrument=given.instrument,
                            item=given.item, given=given.text)

    def finish(self, *, family: str, time_point: str, mode: str, help_minutes: int) -> None:
        surveys.complete(by=self._respondent(family, time_point, mode), mode=mode, help_minutes=help_minutes,
                         help_reason="language" if help_minutes else "", helper="interpreter" if help_minutes else "",
                         questionnaire_id=self._papers[family, time_point])
        if mode == "telephone":
            self.call_is_done(family, time_point)

    def allocate(self, *, family: str) -> str:
        """The coordinator asks for the allocation, then reads the arm."""
        by, one = self._coordinator(family), self._families[family]
        arms.allocate(by=by, family=one, still_eligible=True)
        return arms.read_arm(by=by, family=one, why="told after allocation") or ""

    def assign(self, *, family: str, practitioner: str, first_session_on: date) -> None:
        delivery.assign(by=self._coordinator(family), family=self._families[family],
                        practitioner=self._people[practitioner], first_session_on=first_session_on)

    def hand_over(self, *, family: str, practitioner: str, reason: str) -> None:
        delivery.hand_over(by=self._coordinator(family), family=self._families[family],
                           practitioner=self._people[practitioner], reason=reason)

    def record_session(self, *, family: str, number: int, by: str, state: str, held_on: date | None,
                       minutes: Minutes | None, visit: Visit) -> None:
        late_actions.lock()  # the page that a visit is recorded on asks for it
        spent = {} if minutes is None else {"minutes": minutes.session, "travel_minutes": minutes.travel,
                                            "preparation_minutes": minutes.preparation}
        said = asdict(visit)
        rating = said.pop("goal")
        session = self._session(family, number)
        if session.kind == "review" and state == "held":
            rehearsing_films.look_together(by=self._people[by], review=session)
        for _time in range(2 if said.pop("twice") else 1):
            delivery.record_session(by=self._people[by], session=self._session(family, number), state=state,
                                    held_on=held_on, noted=Noted(**said), key=f"{family}:{number}", **spent)
        if rating is not None:
            for goal in Goal.objects.select_related("family__site").filter(family=self._families[family]):
                goal_actions.rate_goal(by=self._people[by], goal=goal, rating=rating)

    def tell(self, *, family: str, told_on: date) -> None:
        next_actions.tell(by=self._coordinator(family), family=self._families[family], told_on=told_on)

    def record_own_worker(self, *, family: str, trained: bool) -> None:
        next_actions.record_own_worker(by=self._coordinator(family), family=self._families[family], trained=trained)

    def ask_helping_question(self, *, family: str, by: str, text: str, goal: str) -> None:
        delivery.ask_helping_question(by=self._people[by], family=self._families[family], text=text)
        if goal:
            goal_actions.add_goal(by=self._people[by], family=self._families[family], text=goal)

    def log_time(self, *, practitioner: str, category: str, on: date, minutes: int) -> None:
        delivery.log_time(by=self._people[practitioner], category=category, on=on, minutes=minutes)

    def add_film(self, *, family: str, number: int, by: str, file: BinaryIO) -> str:
        arriving = Arriving()
        while block := file.read(BLOCK):
            arriving.write(block)
        arriving.finish()
        film = films.add_film(by=self._people[by], session=self._session(family, number), arriving=arriving,
                              reaffirmed=True)
        return str(film.pk)

    def mark_clip(self, *, film: str, by: str, first: int, last: int, principle: int) -> None:
        found = Film.objects.select_related("family__site", "session").get(pk=film)
        films.mark_clip(by=self._people[by], film=found, first=first, last=last, principle=principle)
        rehearsing_films.order(by=self._people[by], film=found, clips=versions.current().delivery.clips_per_film)

    def workbook(self, *, site: str) -> bytes:
        return outcomes.download(by=self._role("la_analyst", site), site=self._sites[site])

    def return_workbook(self, *, site: str, content: bytes) -> Sequence[str]:
        """The analyst sends it, looks at what is said of it, and approves what has no fault."""
        by = self._role("la_analyst", site)
        pending = outcomes.supply(by=by, site=self._sites[site], content=content)
        returned = read_again(pending)
        if returned.ok:
            explained = {one.cause: "right" for one in returned.findings}
            outcomes.approve(by=by, pending=pending, sha256=pending.sha256, explained=explained)
        return [str(finding) for finding in returned.findings if finding.level == "error"]

    def hold_review(self, *, decision: str, reasons: str) -> None:
        """Everybody who may sign does."""
        held = oversight.hold_review(by=self._role("trial_manager"), decision=decision, reasons=reasons)
        for person in {one.pk: one for one in self._people.values()}.values():
            if person != held.by and person.may("oversight.sign"):
                oversight.sign_review(by=person, review=held)
        self.hold_interviews()
        checkpoints.checkpoint()

    def lock_plan(self) -> None:
        oversight.lock_plan(by=self._role("trial_manager"))

    def take_snapshot(self) -> str:
        """The lock from its beginning to the frozen snapshot."""
        checkpoints.checkpoint()
        manager, today = self._role("trial_manager"), clock.today()
        begun = locking.begin(by=manager)
        locking.cut(by=manager, lock=begun, on=today)
        locking.close_queries(by=manager, lock=begun)
        locking.hold_blind_review(by=self._role("trial_statistician"), lock=begun, exclusions=NOTHING_CHANGED,
                                  coding=NOTHING_CHANGED, missingness=NOTHING_CHANGED)
        return locking.freeze(by=manager, lock=begun).name

    def release(self, *, snapshot: str) -> None:
        for role in ("trial_manager", "monitoring_statistician"):
            oversight.release(by=self._role(role), snapshot=Snapshot.objects.get(name=snapshot))

    def build_report(self, *, snapshot: str) -> None:
        """The lock from the released key to the final report, with authors' texts that say that they are made up."""
        manager, statistician = self._role("trial_manager"), self._role("trial_statistician")
        frozen = Snapshot.objects.get(name=snapshot)
        locking.run(by=statistician, lock=frozen.lock)
        locking.store_results(by=manager, lock=frozen.lock)
        oversight.build_report(by=manager, snapshot=frozen)
        locking.rerun(by=self._role("monitoring_statistician"), lock=frozen.lock)
        locking.draft(by=manager, lock=frozen.lock, authors=authors() + self.joined())
        locking.review_draft(by=statistician, lock=frozen.lock, outcome="The draft was read from end to end.")
        locking.finish(by=manager, lock=frozen.lock)

    def _role(self, role: str, site: str = "") -> Person:
        for one in self.staff:
            if (one.role, one.site) == (role, site):
                return self._people[one.key]
        raise Refused(f"The study file names no role {role}, and somebody in it has work in a rehearsal.")

    def _coordinator(self, family: str) -> Person:
        return self._role("coordinator", self._families[family].site.code)

    def _speaker(self, family: str, mode: str) -> Person | Link:
        """Who tells what a family wants: the family itself, on its link, or the coordinator."""
        return self._link(family, consent.CONSENT) if mode == "self" else self._coordinator(family)

    def _respondent(self, family: str, time_point: str, mode: str) -> Person | Link:
        return self._link(family, time_point) if mode == "self" else self._role("survey_team")

    def _link(self, family: str, leads_to: str) -> Link:
        """The family's own link, given to it when it is first wanted."""
        if (family, leads_to) not in self._links:
            token = consent.give_link(by=self._coordinator(family), family=self._families[family], leads_to=leads_to)
            link = consent.find_link(token)
            assert link is not None
            self._links[family, leads_to] = link
        return self._links[family, leads_to]

    def _session(self, family: str, number: int) -> Session:
        return Session.objects.select_related("family__site").get(family=self._families[family], number=number)
