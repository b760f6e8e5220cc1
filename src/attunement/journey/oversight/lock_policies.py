"""May this step of a lock be taken now, and by somebody who has not done the one that it checks?"""

from __future__ import annotations

from datetime import date

from attunement.journey.outcomes.models import Pending
from attunement.journey.oversight.models import Lock, PlanLock, Release, Snapshot
from attunement.journey.oversight.steps import KINDS, following
from attunement.journey.people.models import Person
from attunement.journey.surveys.models import DataQuery
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused
from attunement.study.planned import first_allocation

_TOLD = 3


def comes_now(lock: Lock, code: str) -> None:
    """No step is skipped, and none is taken twice but where the order says so."""
    last = lock.last
    if code in {kind.code for kind in following(last.code if last else None)}:
        return
    titles = " or ".join(f"“{KINDS[one].title}”" for one in KINDS[code].after)
    stands = KINDS[last.code].title if last else "nothing yet"
    raise Refused(f"“{KINDS[code].title}” comes after {titles}. The last step of this lock is “{stands}”.")


def plan_may_be_registered() -> None:
    """A plan made by people who may have seen an arm's results is none."""
    if Release.objects.exists():
        raise Refused("The arm key of a snapshot has been asked for, so no further plan is registered. "
                      "What the plan lacks is reported as post hoc.")


def registered() -> PlanLock:
    found = PlanLock.objects.order_by("study_version").last()
    if found is None:
        raise Refused("Lock the analysis plan first. A lock begins with it.")
    return found


def only_one_open() -> None:
    """Two locks on the way at once would be two chances to choose between."""
    for lock in Lock.objects.all():
        last = lock.last
        if last is not None and last.code not in ("reviewed", "final", "draft"):
            raise Refused(f"Lock {lock.pk} is on its way: its last step is “{KINDS[last.code].title}”. Go on there.")


def cut_day(lock: Lock, on: date) -> None:
    first = first_allocation(versions.current())
    if on > clock.today():
        raise Refused("The data cut is a day that has come: today or before.")
    if first is not None and on < first:
        raise Refused(f"Nobody was allocated before {first:%-d %B %Y}: choose a later day.")


def queries_are_closed(cut_on: date) -> None:
    """No value that enters is in question, and no authority's return waits to be approved."""
    papers = DataQuery.objects.exclude(state="closed").select_related("questionnaire")
    waiting = sum(1 for query in papers if (done := query.questionnaire.completed_at) and clock.day_of(done) <= cut_on)
    if waiting:
        are = "query is" if waiting == 1 else "queries are"
        raise Refused(f"{waiting} data {are} still open. Answer and close them first.")
    returns = sum(1 for row in Pending.objects.all() if clock.day_of(row.sent_at) <= cut_on)
    if returns:
        are = "return waits" if returns == 1 else "returns wait"
        raise Refused(f"{returns} {are} to be approved by an authority. Have them approved or put aside first.")


def does_not_know_arms(person: Person) -> None:
    if person.may("arms.see"):
        raise Refused("You may see arms, so you cannot hold the blind review. Somebody who knows none holds it.")


def another_than(person: Person, lock: Lock, code: str, what: str) -> None:
    """The one who checks is not the one who did."""
    done = lock.steps.filter(code=code).last()
    if done is not None and done.by_id == person.pk:
        raise Refused(f"You {what} yourself. Another person does this.")


def waits_for_its_key(snapshot: Snapshot) -> Lock:
    """The lock of a snapshot whose key may be released now."""
    lock = Lock.objects.filter(snapshot=snapshot).first()
    if lock is None:
        raise Refused("This snapshot is in no lock, so its arm key stays sealed. Lock the analysis plan, begin a lock, and "
                      "go on step by step until the snapshot is frozen.")
    if lock.last is not None and lock.last.code == "frozen":
        comes_now(lock, "key")
    return lock


def has_results(snapshot: Snapshot) -> Lock:
    """The lock of a snapshot whose results are stored: before that there is no report with arms."""
    lock = Lock.objects.filter(snapshot=snapshot).first()
    if lock is None or not lock.steps.filter(code="results").exists():
        raise Refused("The analysis is run and its results are stored first. Then the report can be built.")
    return lock


def same(differences: tuple[str, ...], what: str) -> None:
    if differences:
        more = f"; and {len(differences) - _TOLD} more" if len(differences) > _TOLD else ""
        raise Refused(f"{what}: {'; '.join(differences[:_TOLD])}{more}.")
