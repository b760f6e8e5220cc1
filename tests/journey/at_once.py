"""Run as a program on a prepared study of either database: several threads do the same thing at the same moment.

Prints one line of JSON: what each attempt came to, and what then stands in the database.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import django

FAMILIES, THREADS = 20, 4


def together(*attempts: Callable[[], object]) -> list[str]:
    """Runs the attempts at one moment; each comes to its result, to its refusal, or to the name of an error."""
    from django.db import connection

    from attunement.journey.trail.errors import Refused

    barrier = Barrier(len(attempts))

    def attempt(act: Callable[[], object]) -> str:
        connection.ensure_connection()
        barrier.wait()
        try:
            return str(act())
        except Refused as refusal:
            return f"refused: {refusal}"
        except Exception as error:  # whatever else comes is what the test looks for
            return f"error: {type(error).__name__}: {error}"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(attempt, attempts))


def allocate(families: list, people: dict) -> list[list[str]]:  # type: ignore[type-arg]
    """A double click (one key) and two colleagues (other keys), for each family."""
    from attunement.journey.arms import actions

    def click(family, key):  # type: ignore[no-untyped-def]
        return lambda: actions.allocate(by=people["coordinator"], family=family, key=key).pk

    return [together(*(click(family, key) for key in ("one", "one", "two", "three"))) for family in families]


def assign(families: list, people: dict) -> list[list[str]]:  # type: ignore[type-arg]
    """Two colleagues give the same family to two practitioners, while a third still presses allocate."""
    from attunement.journey.arms import actions as arms
    from attunement.journey.delivery import actions
    from attunement.journey.trail import clock

    def give(family, practitioner):  # type: ignore[no-untyped-def]
        return lambda: actions.assign(by=people["coordinator"], family=family, practitioner=people[practitioner],
                                      first_session_on=clock.today()).practitioner_id

    return [together(give(family, "practitioner"), give(family, "practitioner_2"),
                     lambda family=family: arms.allocate(by=people["coordinator"], family=family, key="late").pk)
            for family in families]


def set_up_and_lock(_families: list, people: dict) -> list[list[str]]:  # type: ignore[type-arg]
    """A changed scheme is set up twice at once, then locked twice at once."""
    from attunement import study
    from attunement.journey.arms import actions
    from attunement.journey.trail import clock
    from attunement.journey.trail.actions import Rule, adopt_study

    adopt_study(by=Rule("test"), text=study.read("vig").text.replace("big_stick:3", "efron:2/3"), reason="A test",
                approved_by="The cast", holds_from=clock.today())
    return [together(*[lambda: actions.set_up(by=people["monitoring_statistician"]).version] * THREADS),
            together(*[lambda: actions.lock(by=people["trial_manager"]).version] * THREADS)]


def enter(families: list, people: dict) -> list[list[str]]:  # type: ignore[type-arg]
    """The same clicks for a sub-study, which is set up and locked first; and last, what a change of the rows comes to."""
    from attunement import study
    from attunement.journey.substudies import actions
    from attunement.journey.trail import clock
    from attunement.journey.trail.actions import Rule, adopt_study
    from tests.journey.test_substudies import REMINDER

    adopt_study(by=Rule("test"), text=study.read("vig").text + REMINDER, reason="A test", approved_by="The cast",
                holds_from=clock.today())
    actions.set_up(by=people["monitoring_statistician"], substudy="reminder")
    actions.lock(by=people["trial_manager"], substudy="reminder")

    def click(family, key):  # type: ignore[no-untyped-def]
        return lambda: actions.allocate(by=people["coordinator"], family=family, substudy="reminder", key=key).place

    return [*[together(*(click(family, key) for key in ("one", "one", "two"))) for family in families[:5]], changed()]


def changed() -> list[str]:
    """What somebody with the database's password meets."""
    from django.db import connection, transaction
    from django.db.utils import DatabaseError

    said = []
    for change in ("UPDATE arms_scheme SET text='complete' WHERE version=1", "DELETE FROM arms_scheme WHERE version=1",
                   "UPDATE arms_allocation SET arm=1-arm", "DELETE FROM arms_allocation",
                   "UPDATE substudies_allocation SET arm=1-arm", "DELETE FROM substudies_line",
                   "UPDATE substudies_scheme SET text='complete'"):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(change)
        except DatabaseError as error:
            said.append(str(error).splitlines()[0])
        else:
            said.append("done")
    return said


def prepare() -> None:
    from tests import cast
    from tests.faults.world import migrated

    migrated()
    cast.open_programme()
    for _family in range(FAMILIES):
        cast.Programme().baselined()


def main(what: str) -> None:
    django.setup()
    if what == "prepare":
        prepare()
        return print(json.dumps({}))
    from attunement.journey.arms.models import Allocation
    from attunement.journey.referral.models import Family
    from attunement.journey.trail.queries import first_broken
    from tests import cast

    people = cast.Programme().people
    came_to = {"allocate": allocate, "assign": assign, "set_up_and_lock": set_up_and_lock, "enter": enter}[what](
        list(Family.objects.filter(site__code="A", questionnaires__state="complete").select_related("site")), people)
    print(json.dumps({"came_to": came_to, "broken": first_broken(), "places": list(
        Allocation.objects.order_by("place").values_list("place", flat=True))}))


if __name__ == "__main__":
    main(sys.argv[1])
