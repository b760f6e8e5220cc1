"""A whole made-up programme through the real actions, from referral to report."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction

import polars as pl
import pytest
from django.db import connection, transaction

from attunement import report, study
from attunement.cost import whole_pence
from attunement.journey.arms import actions as arms
from attunement.journey.arms.models import Allocation, Scheme
from attunement.journey.consent.circumstances import CIRCUMSTANCES
from attunement.journey.consent.models import Change
from attunement.journey.delivery.models import GoalRating, NextStep, OwnWorker, Session
from attunement.journey.fieldwork.models import Attempt, Sending, Trace, Voucher
from attunement.journey.outcomes.actions import STATUS
from attunement.journey.outcomes.models import ChildOutcome
from attunement.journey.oversight import rehearsing
from attunement.journey.oversight.models import Edition, Review, Source
from attunement.journey.oversight.models import Snapshot as Taken
from attunement.journey.people.models import Holding, Person, Site
from attunement.journey.people.roles import ROLES
from attunement.journey.referral.models import Family
from attunement.journey.supervision.models import Attendance, Meeting, PracticeCycle, Ready, StaffRecord
from attunement.journey.surveys.models import Alert, Score
from attunement.journey.trail import clock, keys
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry, Message, StudyVersion
from attunement.journey.trail.queries import first_broken
from attunement.rehearsal import RehearsalError, Truth
from attunement.report import Snapshot
from tests.journey.test_lock_states import quick

TEXT = study.read("vig").text
STAGES = ("study", "trail", "people", "referral", "consent", "surveys", "fieldwork", "arms", "delivery", "films",
          "supervision", "outcomes", "oversight")
QUICK = {"films": 0, "optional_consent": 0.0, "supervision_missed": 1.0}


@pytest.fixture
def empty(db, settings, tmp_path):
    """A data directory of its own, and no study, within the test's transaction. Returns where results may go."""
    settings.PLACE = replace(settings.PLACE, root=tmp_path / "data")
    keys.named.cache_clear()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'arms_scheme'")
        guards = cursor.fetchall()
        for name, _sql in guards:
            cursor.execute(f"DROP TRIGGER {name}")
        for model in (Scheme, Holding, Person, Site, StudyVersion):
            model.objects.all().delete()
        for _name, sql in guards:
            cursor.execute(sql)
    yield tmp_path / "to"
    keys.named.cache_clear()


@pytest.fixture
def unreported(monkeypatch):
    """What is not about the reports needs no real ones: they are a third of a small rehearsal."""
    monkeypatch.setattr(report, "build", quick)


# What is not about reminders needs none, and is quicker without.
UNREMINDED = TEXT[:TEXT.index("[fieldwork]")] + "[fieldwork]\nsteps = []\n\n" + TEXT[TEXT.index("[[fieldwork.vouchers]]"):]


def rehearse(to, *, families, seed=1, effect=0.0, text=UNREMINDED, **truth):
    to.mkdir(exist_ok=True)
    arms_seed = truth.pop("arms_seed", None)
    return rehearsing.rehearse(text, families=families, seed=seed, effect=effect, to=to, arms_seed=arms_seed,
                               truth=Truth(effect=effect, **truth))


def primary(made):
    results = json.loads(made.results.read_text(encoding="utf-8"))
    (found,) = [one for one in results["estimates"] if one["role"] == "primary"]
    return found


def hold_to_the_truth(returns):
    """What each authority's last return gave each family is what its true history gives."""
    truth = {row["trial_id"]: row for row in pl.read_csv(returns / "true_outcomes.csv").to_dicts()}
    imported = {}
    for row in ChildOutcome.objects.select_related("child").order_by("extract_id"):
        imported[row.child.trial_number] = row
    assert imported.keys() == truth.keys() and len(truth) > 5
    for number, row in imported.items():
        assert row.status == STATUS.get(truth[number]["state"], truth[number]["state"])
        for code, value in row.values.items():
            if code in truth[number]:
                true = truth[number][code]
                assert value == (None if true is None else int(true)), (number, code)
    for site in {row["site"] for row in truth.values()}:
        assert {path.name for path in (returns / site).iterdir()} >= {"cin.xml", "ssda903.xml", "workbook.xlsx"}


class Tally(rehearsing.ByActions):
    """Writes down what is done while it is done, and nothing of how it is stored or counted."""

    made: Tally

    def __init__(self, *given) -> None:
        super().__init__(*given)
        self.offered: dict[str, date] = {}
        self.visits: dict[tuple[str, int], tuple] = {}
        self.supervised = self.logged = 0
        type(self).made = self

    def allocate(self, *, family):
        arm = super().allocate(family=family)
        if any(one.receives_programme for one in study.load("vig").arms if one.code == arm):
            self.offered[family] = clock.today()
        return arm

    def record_session(self, **facts):
        super().record_session(**facts)
        self.visits[facts["family"], facts["number"]] = (facts["state"], facts["held_on"], facts["minutes"])

    def hold_supervision(self, **facts):
        super().hold_supervision(**facts)
        self.supervised += facts["minutes"] or 0

    def log_time(self, **facts):
        super().log_time(**facts)
        self.logged += facts["minutes"] if facts["category"] != "training" else 0
        assert facts["category"] != "editing", "editing is in the visit's own minutes: twice would be too much"


def as_written(value: float) -> float:
    """results.json has twelve significant digits."""
    return float(f"{value:.12g}")


def test_the_whole_programme_from_referral_to_two_reports(empty, client, monkeypatch):
    """One rehearsal, and everything that is held of one: it takes as long as many other tests."""
    since = Entry.objects.count()
    monkeypatch.setattr(rehearsing, "ByActions", Tally)
    made = rehearse(empty, families=24, seed=6, effect=1.0, withdrawals=0.2, films=2, worried=0.3, text=TEXT)
    entries = Entry.objects.filter(number__gt=since)
    assert {entry.verb.split(".")[0] for entry in entries} == set(STAGES)
    assert first_broken() is None
    days = [clock.day_of(at) for at in entries.values_list("at", flat=True)]
    assert days == sorted(days) and (days[0], days[-1]) == (date(2021, 3, 1), date(2023, 2, 28))
    assert (Family.objects.count(), Allocation.objects.count()) == (made.done.referred, 24)
    assert clock.today() > date(2024, 1, 1), "the clock is given back"
    hold_to_the_truth(empty / "returns")
    snapshot = Snapshot.open(empty / "snapshot")
    assert snapshot.manifest.meta.known_on == date(2023, 2, 28) and snapshot.key is not None
    early = Snapshot.open(empty / "earlier" / "on_time" / "snapshot")
    assert early.manifest.meta.known_on == date(2022, 8, 31)
    assert early.frame("blind/outcomes").collect()["extract_on"].max() <= date(2022, 8, 31)
    page = made.report.read_text(encoding="utf-8")
    assert "<h1" in page and "DUMMY" not in page
    assert primary(made)["estimand"]["outcome"] == "demo_warmth"
    assert json.loads((empty / "truth.json").read_text())["effect"] == 1.0
    assert {"practitioner", "coordinator", "la_analyst", "funder"} <= {one.role for one in made.staff}
    films = snapshot.frame("delivery/sessions").collect()
    assert (films["films"].sum(), films["clips"].sum()) == (2, 6)
    cost_dose_and_timeliness_are_the_truth(made)
    visits_telling_training_and_notes_are_in_it(client)
    each_thing_is_done_by_whoever_does_it_in_life(entries)
    the_survey_team_and_whoever_is_on_call_are_in_it()
    interviews_and_other_care_are_in_its_report(made)


def interviews_and_other_care_are_in_its_report(made):
    numbers = json.loads(made.results.read_text(encoding="utf-8"))["numbers"]
    held = {source.family_id for source in Source.objects.all()}
    assert numbers["interviews.held"]["value"] == len(held) > 1
    assert sum(numbers[f"interviews.site.{site}.held"]["value"] for site in "ABCD") == len(held)
    assert numbers["process.contaminated_of_asked.denominator"]["value"] > 0
    known = pl.read_parquet(made.snapshot / "blind/families.parquet")["own_worker_trained"].drop_nulls()
    assert known.len() >= 24 and set(known) == {True, False}
    final = Edition.objects.get(lock__snapshot__name=Taken.objects.latest("pk").name, state="final")
    page = (final.path / "report.html").read_text(encoding="utf-8")
    assert "Made up for a rehearsal: ratings and words agree." in page and "a parent or carer, Authority" in page


def finds_the_truth(made, effect):
    found = primary(made)
    shown = found["standardised"]
    assert abs(shown["value"] - effect) < 3 * shown["se"]
    assert (found["p"] < 0.01) is (effect == 1.0)
    assert found["n"] + found["missing"] == Allocation.objects.count()


def cost_dose_and_timeliness_are_the_truth(made):
    """What was done is what the report says, to the last session and penny."""
    numbers = json.loads(made.results.read_text(encoding="utf-8"))["numbers"]
    done = Tally.made
    held = {key: facts for key, facts in done.visits.items() if facts[0] == "held"}
    offered, started = len(done.offered), len({family for family, _number in held})
    assert numbers["cost.families_offered"]["value"] == offered
    assert numbers["process.sessions_a_family"]["value"] == as_written(len(held) / offered)
    minutes = sum(facts[2].session for facts in held.values())
    assert numbers["process.minutes_a_session"]["value"] == as_written(minutes / len(held))
    first = {family: min(facts[1] for (own, _n), facts in held.items() if own == family) for family, _n in held}
    for days in (14, 28, 56):
        soon = sum((first[family] - done.offered[family]).days <= days for family in first)
        assert numbers[f"process.started_by_day_{days}"]["value"] == as_written(soon / offered)
    staff = len([one for one in done.staff if one.role == "practitioner"])
    spent = sum(m.session + m.travel + m.preparation for _s, _on, m in done.visits.values() if m is not None)
    prices = {one.code: one for one in study.load("vig").costs}
    quantity = {"practitioner": staff, "programme": 1, "family": started, "session": len(held)}
    hours = {"practitioner_time": Fraction(spent + done.supervised + done.logged, 60),
             "supervision": Fraction(done.supervised, 60)}
    whole = sum(Fraction(one.unit_cost_pence) * (hours[code] if one.per == "hour" else quantity[one.per])
                for code, one in prices.items())
    assert numbers["cost.total"]["value"] == whole_pence(Fraction(whole))
    assert numbers["cost.per_family_offered.total"]["value"] == whole_pence(whole / offered)
    assert numbers["consequence.cost.mean_1"]["value"] == whole_pence(whole / offered), "by family it is the same"
    assert numbers["consequence.cost.mean_0"]["value"] == 0


def visits_telling_training_and_notes_are_in_it(client):
    client.force_login(Person.objects.filter(holdings__role="practitioner", holdings__until=None).first(),
                       backend="allauth.account.auth_backends.AuthenticationBackend")
    assert 'data-lock="B' in client.get("/caseload/").content.decode()
    assert not NextStep.objects.filter(told_on=None).exists() and OwnWorker.objects.count() == 24
    assert {step.receives for step in NextStep.objects.all()} == {True, False}
    held = Session.objects.filter(state="held")
    assert held.exists() and not held.filter(rating=None).exists() and not held.filter(training_stage="").exists()
    assert held.exclude(adaptation="").exists() and Session.objects.exclude(reason="").exists()
    assert GoalRating.objects.exists() and StaffRecord.objects.exists()
    assert Attendance.objects.filter(there=False).count() == 1 and Ready.objects.exists()
    assert PracticeCycle.objects.filter(family__trainee__practice_families__isnull=False).exists()
    assert Meeting.objects.count() == 1
    assert Score.objects.filter(instrument="support_received").exclude(value=None).exists()


def each_thing_is_done_by_whoever_does_it_in_life(entries):
    roles = {f"person:{held.person_id}": held.role for held in Holding.objects.all()}
    done = Counter((entry.verb, roles.get(entry.who, entry.who.split(":")[0]))
                   for entry in entries)
    assert {role for verb, role in done if verb == "surveys.answered"} == {"survey_team", "link"}
    assert {role for verb, role in done if verb == "consent.recorded"} == {"coordinator", "link"}
    assert {role for verb, role in done if verb.startswith("delivery.session")} == {"practitioner"}
    assert {role for verb, role in done if verb == "films.added"} == {"practitioner"}
    assert {role for verb, role in done if verb == "arms.allocated"} == {"coordinator"}
    assert {role for verb, role in done if verb == "outcomes.supplied"} == {"la_analyst"}
    assert {role for verb, role in done if verb == "oversight.key_released"} == {"trial_manager",
                                                                                "monitoring_statistician"}
    sites = dict(Family.objects.values_list("code", "site__code"))
    acted = {f"person:{held.person_id}": held.site.code for held in Holding.objects.exclude(site=None)}
    for entry in entries.exclude(family=""):
        assert acted.get(entry.who, sites[entry.family]) == sites[entry.family] == entry.site


def the_survey_team_and_whoever_is_on_call_are_in_it():
    states = set(Sending.objects.values_list("state", flat=True))
    assert {"posted", "call"} <= states and "letter" not in states
    assert Message.objects.filter(link__isnull=False, sent_at__isnull=False).exists()
    assert {"no_answer", "appointment", "done"} <= set(Attempt.objects.values_list("outcome", flat=True))
    assert {"found", "lost"} & set(Trace.objects.values_list("state", flat=True))
    assert Voucher.objects.filter(time_point="four_months").exists() and Voucher.objects.filter(state="replaced").exists()
    assert Alert.objects.exists() and not Alert.objects.filter(acknowledged_at=None).exists()
    assert set(Change.objects.values_list("kind", flat=True)) == set(CIRCUMSTANCES)
    assert Review.objects.get().decision == "amend" and Review.objects.get().led_to == 2


@pytest.mark.parametrize(("role", "right"), [
    ("coordinator", "arms.allocate"), ("survey_team", "surveys.send"), ("practitioner", "delivery.work"),
    ("la_analyst", "outcomes.supply"), ("monitoring_statistician", "oversight.release")])
def test_without_one_right_the_rehearsal_fails(empty, unreported, monkeypatch, role, right):
    held = ROLES[role]
    monkeypatch.setitem(ROLES, role, replace(held, rights=held.rights - {right}))
    with pytest.raises(NotAllowed):
        rehearse(empty, families=4, films=0)
    assert not (empty / "report").exists()


@pytest.mark.parametrize(("effect", "seed"), [(0.0, 5), (1.0, 6)])
def test_the_report_finds_the_truth(empty, effect, seed):
    finds_the_truth(rehearse(empty, families=40, seed=seed, effect=effect, **QUICK), effect)


def test_a_second_rehearsal_in_the_same_place_is_refused(empty, unreported):
    rehearse(empty, families=1, **QUICK)
    before = Entry.objects.count()
    with pytest.raises(Refused, match="empty data directory"):
        rehearse(empty, families=1)
    assert Entry.objects.count() == before


def test_a_real_study_is_never_rehearsed_in(empty, settings):
    settings.DEMONSTRATION = False
    with pytest.raises(Refused, match="demonstration"):
        rehearse(empty, families=1)
    assert not StudyVersion.objects.exists()


def test_the_seed_of_a_real_study_is_never_handed_in(programme, settings):
    settings.DEMONSTRATION = False
    with pytest.raises(Refused, match="never handed in"):
        arms.lock(by=programme.people["trial_manager"], seed=bytes(48))


def test_one_seed_gives_one_trial_and_another_seed_of_the_arms_other_arms(empty, unreported):
    made = []
    for arms_seed in (1, 1, 2):
        with transaction.atomic():
            rehearse(empty, families=6, arms_seed=arms_seed, **QUICK)
            made.append(list(Allocation.objects.order_by("family__code").values_list("family__code", "arm")))
            transaction.set_rollback(True)
    assert made[0] == made[1] != made[2]
    assert [code for code, _arm in made[0]] == [code for code, _arm in made[2]]


def test_a_study_without_a_role_that_has_work_to_do_says_so(empty):
    text = TEXT.replace('[[roles]]\ncode = "supervisor"', '[[roles]]\ncode = "nobody_else"')
    empty.mkdir()
    with pytest.raises(Refused, match="no role supervisor"):
        rehearsing.rehearse(text, families=1, seed=1, effect=0.0, to=empty)


def test_what_cannot_be_rehearsed_leaves_nothing_behind(empty):
    with pytest.raises(RehearsalError, match="its range ends"):
        rehearse(empty, families=2, effect=5.0)
    assert not StudyVersion.objects.exists() and not (empty / "truth.json").exists()
