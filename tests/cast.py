"""The one shared cast: a study that is open, its people, and families at each step. All made up."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.contrib.auth.hashers import make_password

from attunement import study
from attunement.journey.arms import actions as arms
from attunement.journey.consent import actions as consent
from attunement.journey.delivery import actions as delivery
from attunement.journey.people import actions as people
from attunement.journey.people.models import Person, Site
from attunement.journey.referral import actions as referral
from attunement.journey.referral.models import Family
from attunement.journey.surveys import actions as surveys
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.surveys.questions import asked
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Rule, adopt_study

FIRST_DAY = date(2021, 7, 5)
PASSWORD = "three odd words here"
# (key, role, site): `coordinator_b` is the same role at another site.
STAFF = [
    ("trial_manager", "trial_manager", None), ("monitoring_statistician", "monitoring_statistician", None),
    ("trial_statistician", "trial_statistician", None), ("survey_team", "survey_team", None),
    ("supervisor", "supervisor", None), ("process_evaluator", "process_evaluator", None),
    ("cost_evaluator", "cost_evaluator", None), ("funder", "funder", None), ("system_owner", "system_owner", None),
    ("coordinator", "coordinator", "A"), ("coordinator_b", "coordinator", "B"), ("practitioner", "practitioner", "A"),
    ("practitioner_2", "practitioner", "A"), ("practitioner_b", "practitioner", "B"),
    ("la_analyst", "la_analyst", "A"), ("la_analyst_b", "la_analyst", "B"),
]


def open_programme(*, lock: bool = True) -> None:
    with clock.at(clock.local(date(2021, 3, 1))):
        by = Rule("set_up")
        adopt_study(by=by, text=study.read("vig").text, reason="The study opens", approved_by="The cast",
                    holds_from=date(2021, 3, 1))
        sites = {site.code: site for site in people.open_sites(by=by)}
        made = {key: people.add_person(by=by, email=f"{key}@example.org", name=key.replace("_", " ").title(), role=role,
                                       site=sites.get(site or "")) for key, role, site in STAFF}
        # One hash for all: hashing is slow on purpose.
        Person.objects.update(password=make_password(PASSWORD))
        arms.set_up(by=made["monitoring_statistician"])
        if lock:
            arms.lock(by=made["trial_manager"])


class Programme:
    """The cast, and families taken as far as a test needs."""

    @cached_property
    def people(self) -> dict[str, Person]:
        found = {person.email: person for person in Person.objects.all()}
        return {key: found[f"{key}@example.org"] for key, _role, _site in STAFF}

    @cached_property
    def sites(self) -> dict[str, Site]:
        return {site.code: site for site in Site.objects.all()}

    def yes(self) -> dict[str, bool]:
        return {rule.code: True for rule in versions.current().eligibility if rule.kind == "yes"}

    def _coordinator(self, site: str) -> Person:
        return self.people["coordinator" if site == "A" else f"coordinator_{site.lower()}"]

    def refer(self, *, site: str = "A", **facts: Any) -> Family:
        given: dict[str, Any] = {"carer": "Zebedee Quill", "phone": "07700 900123", "email": "quill@example.org",
                                 "agreed": True,
                                 "born_on": clock.today() - timedelta(days=100), "answers": self.yes()}
        given |= facts
        given.setdefault("safe", ["text", "call"] * bool(given["phone"]) + ["mail"] * bool(given["email"]))
        child = referral.refer(by=self._coordinator(site), site=self.sites[site], **given)
        return child.family

    def consented(self, *, but: tuple[str, ...] = (), family: Family | None = None, **facts: Any) -> Family:
        family = family or self.refer(**facts)
        given = {purpose.code: purpose.code not in but for purpose in versions.current().consent.purposes}
        consent.record_consent(by=self._coordinator(family.site.code), family=family, given=given, mode="visit",
                               language=family.language)
        return family

    def questionnaire(self, family: Family, code: str = "baseline") -> Questionnaire:
        return surveys.open_questionnaire(by=self.people["survey_team"], family=family, code=code)

    def answered(self, family: Family, code: str = "baseline") -> Questionnaire:
        paper = self.questionnaire(family, code)
        by = self.people["survey_team"]
        for question in asked(paper.study_version, code, paper.language):
            surveys.save_answer(by=by, questionnaire_id=paper.pk, instrument=question.instrument, item=question.item,
                                given=question.options[1][0], mode="telephone")
        return surveys.complete(by=by, questionnaire_id=paper.pk, mode="telephone")

    def baselined(self, **facts: Any) -> Family:
        family = self.consented(**facts)
        self.answered(family)
        return family

    def allocated(self, arm: str | None = None, site: str = "A") -> Family:
        """An allocated family; with `arm`, the first that chance gives to that arm."""
        for _attempt in range(40):
            family = self.baselined(site=site)
            made = arms.allocate(by=self._coordinator(site), family=family)
            if arm is None or made.stratum.scheme.arms[made.arm] == arm:
                return family
        raise AssertionError("40 draws never gave that arm")

    def assigned(self, practitioner: str = "practitioner") -> Family:
        family = self.allocated("vig")
        delivery.assign(by=self.people["coordinator"], family=family, practitioner=self.people[practitioner],
                        first_session_on=clock.today() + timedelta(days=7))
        return family
