"""The roles as one table: what each is called, and in one sentence what its holder may do.

`rights` are the names that permissions ask for; `everywhere` roles hold them at every site, the others at their own.
Whether a role's holder is kept from the arm is the study file's word (`roles`, `masked`): the right `arms.see` is
taken from masked roles whatever stands here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    title: str
    sentence: str
    rights: frozenset[str]
    everywhere: bool = False


def _rights(text: str) -> frozenset[str]:
    return frozenset(text.split())


ROLES: dict[str, Role] = {
    "practitioner": Role(
        "Practitioner", "Works with the families on the own caseload: records sessions, films and clips, logs time.",
        _rights("delivery.work delivery.time films.add films.mark films.watch supervision.attend arms.see change.record "
                "registers.open")),
    "supervisor": Role(
        "Supervisor", "Supervises trainees, sees their sessions, and watches the clips that families agreed to share.",
        _rights("supervision.hold supervision.see delivery.see films.watch films.supervise films.material "
                "arms.see registers.open"), everywhere=True),
    "coordinator": Role(
        "Coordinator",
        "Refers the own authority's families, records consent, asks for allocation, and assigns a practitioner.",
        _rights("referral.refer referral.see referral.contact consent.record consent.link surveys.see surveys.send "
                "surveys.alerts surveys.on_call arms.allocate arms.propose arms.see delivery.assign delivery.see "
                "change.record registers.open outcomes.sheet")),
    "la_analyst": Role(
        "Authority data analyst", "Supplies the own authority's child-protection outcomes by trial number, never by arm.",
        _rights("outcomes.supply outcomes.sheet")),
    "survey_team": Role(
        "Survey team", "Gets questionnaires completed: links, telephone interviews, follow-up lists; never sees an arm.",
        _rights("referral.see referral.contact consent.link surveys.see surveys.send surveys.telephone surveys.alerts "
                "change.record oversight.progress oversight.counts registers.open fieldwork.see fieldwork.work"),
        everywhere=True),
    "trial_manager": Role(
        "Trial manager", "Runs the trial: people, amendments, recruitment, the review point, the lock and the report.",
        _rights("people.invite people.see referral.see surveys.see surveys.correct surveys.alerts surveys.on_call "
                "surveys.export oversight.progress oversight.counts oversight.review oversight.sign oversight.lock "
                "oversight.analyse oversight.release oversight.report registers.open registers.keep trail.read "
                "study.amend arms.lock arms.propose fieldwork.see films.hold"),
        everywhere=True),
    "monitoring_statistician": Role(
        "Monitoring statistician", "Sees arms: sets up and locks the allocation scheme, and releases the arm key.",
        _rights("arms.set_up arms.lock arms.propose arms.see arms.list oversight.release oversight.report "
                "oversight.analyse "
                "oversight.progress oversight.counts oversight.sign trail.read"),
        everywhere=True),
    "trial_statistician": Role(
        "Trial statistician", "Works on the blind part of a snapshot, without the arm, until the key is released.",
        _rights("surveys.export oversight.progress oversight.counts oversight.sign oversight.report "
                "oversight.analyse"), everywhere=True),
    "process_evaluator": Role(
        "Process evaluator",
        "Sees what was delivered, how much and how timely; keeps the interviews, and rates films that families share.",
        _rights("films.watch films.rate interviews.work delivery.see supervision.see oversight.progress "
                "oversight.counts oversight.report arms.see"),
        everywhere=True),
    "cost_evaluator": Role(
        "Cost evaluator", "Sees staff time, sessions and prices, by trial number.",
        _rights("delivery.see supervision.see oversight.progress oversight.counts oversight.report arms.see"),
        everywhere=True),
    "funder": Role(
        "Funder", "Sees progress as it may be published, and the report once it is released; never a family.",
        _rights("oversight.progress oversight.report"), everywhere=True),
    "system_owner": Role(
        "System owner", "Installs, backs up and invites people; sees no family's data.",
        _rights("people.invite people.see films.keys films.material"), everywhere=True),
}
EVERYBODY = "signed_in"
PUBLIC = "public"
BY_LINK = "by_link"
RIGHTS = frozenset().union(*(role.rights for role in ROLES.values())) | {EVERYBODY, PUBLIC, BY_LINK}
