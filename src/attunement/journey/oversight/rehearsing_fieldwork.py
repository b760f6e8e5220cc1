"""The rehearsal's survey team and on-call lists, through the real actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attunement.journey.fieldwork import actions, queries, schedule, voucher_actions
from attunement.journey.fieldwork.models import Call, Sending, Trace
from attunement.journey.oversight import actions as oversight
from attunement.journey.people.models import Person, Site
from attunement.journey.referral import actions as referral
from attunement.journey.referral.models import Family
from attunement.journey.surveys import alert_actions
from attunement.journey.surveys.models import Alert
from attunement.journey.trail import clock, outbox, versions
from attunement.journey.trail.errors import Refused
from attunement.rehearsal.amending import REASON, with_safety
from attunement.rehearsal.people import Carer


class FieldworkByActions:
    """The part of `ByActions` that belongs to the survey team, and to whoever is on call."""

    _text: str
    _families: dict[str, Family]
    _sites: dict[str, Site]

    def _role(self, role: str, site: str = "") -> Person:
        raise NotImplementedError

    def put_on_call(self) -> None:
        """Each site's coordinator, where the study has questions that may raise an alert."""
        if versions.current().risk is not None:
            for code, site in self._sites.items():
                alert_actions.put_on_call(by=self._role("trial_manager"), site=site,
                                          person=self._role("coordinator", code))

    def amend(self) -> None:
        text = with_safety(self._text)
        if text is None:
            raise Refused("The study file gives a rehearsal nothing to amend.")
        oversight.amend(by=self._role("trial_manager"), text=text, reason=REASON, approved_by="The rehearsal",
                        holds_from=clock.today(), carries_out_review=True)

    def send_due(self) -> None:
        """The schedule and the outbox as the worker empties it; then letters are printed, if post is still safe."""
        schedule.run()
        outbox.send_waiting.call()
        for letter in Sending.objects.filter(state="letter").select_related("family__site"):
            try:
                actions.print_letter(by=self._role("survey_team"), sending=letter)
            except Refused:
                continue

    def to_call(self) -> Sequence[tuple[str, str]]:
        return [(line.call.family.code, line.call.time_point) for line in queries.to_call(self._role("survey_team"))
                if line.phone and line.safe_now and line.state in ("overdue", "now", "due")]

    def call(self, *, family: str, time_point: str, outcome: str, at: datetime | None) -> bool:
        actions.log_call(by=self._role("survey_team"), call=self._open_call(family, time_point), outcome=outcome, at=at)
        return Trace.objects.filter(family=self._families[family], time_point=time_point, state="open").exists()

    def look_for(self, *, family: str, time_point: str, found: Carer | None) -> None:
        by = self._role("survey_team")
        trace = Trace.objects.get(family=self._families[family], time_point=time_point, state="open")
        actions.note_trace(by=by, trace=trace, tried="worker")
        if found is None:
            actions.lost(by=by, trace=trace)
        else:
            actions.found(by=by, trace=trace, given_by="worker", carer=found.name, phone=found.phone, email=found.email,
                          address=found.address, safe=found.safe)

    def call_is_done(self, family: str, time_point: str) -> None:
        """A family that was to be rung up has answered by telephone."""
        if Call.objects.filter(family=self._families[family], time_point=time_point, state="open").exists():
            actions.log_call(by=self._role("survey_team"), call=self._open_call(family, time_point), outcome="done")

    def voucher(self, *, family: str, time_point: str, comes_back: bool) -> None:
        by = self._role("survey_team")
        made = voucher_actions.give(by=by, family=self._families[family], code=time_point, how="sent")
        for state in ("returned", "replaced") if comes_back else ():
            voucher_actions.go_on(by=by, voucher=made, state=state)

    def take_alerts(self) -> None:
        """The coordinator on call takes those of the own site; whoever comes too late finds the next one called."""
        for alert in Alert.objects.filter(acknowledged_at=None).select_related("questionnaire__family__site"):
            alert_actions.escalate(by=alert_actions.CLOCK, alert_id=alert.pk)
            site = alert.questionnaire.family.site.code
            alert_actions.acknowledge(by=self._role("coordinator", site), alert=alert, taken="spoke")

    def enter_carer(self, *, family: str, carer: Carer) -> None:
        one = self._families[family]
        referral.change_contact(by=self._role("coordinator", one.site.code), family=one, carer=carer.name,
                                phone=carer.phone, email=carer.email, address=carer.address, safe=carer.safe)

    def _open_call(self, family: str, time_point: str) -> Call:
        return Call.objects.get(family=self._families[family], time_point=time_point, state="open")
