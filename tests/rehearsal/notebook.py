"""A programme that only writes down what people do: the rehearsal without a database."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

from attunement.records import workbook
from attunement.rehearsal import Referred
from attunement.study.calendar import add_months


class Notebook:
    """`calls`: (instant, name, facts) in order. `arm_of`: how often a family has been allocated before -> its arm."""

    def __init__(self, study, arm_of=lambda number: ("vig", "usual_care")[number % 2]) -> None:
        self.study, self.arm_of = study, arm_of
        self.now: datetime | None = None
        self.calls: list[tuple[datetime, str, dict[str, Any]]] = []
        self.by_name: dict[str, list[dict[str, Any]]] = {}
        self.allocated: dict[str, date] = {}

    def at(self, instant: datetime) -> None:
        assert self.now is None or instant >= self.now, "the clock never goes back"
        self.now = instant

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(name)

        def called(**facts: Any) -> Any:
            self.calls.append((self.now, name, facts))
            self.by_name.setdefault(name, []).append(facts)
            return getattr(self, f"_{name}", lambda **_facts: None)(**facts)

        return called

    def told(self, *names: str) -> list[dict[str, Any]]:
        if len(names) == 1:
            return list(self.by_name.get(names[0], ()))
        return [facts for _now, name, facts in self.calls if name in names]

    def times(self, name: str) -> list[datetime]:
        return [now for now, called, _facts in self.calls if called == name]

    def _refer(self, *, site, **_facts):
        code = f"{site}{1 + sum(facts['site'] == site for facts in self.told('refer')[:-1]):03}"
        return Referred(code, f"{code}A", True)

    def _allocate(self, *, family):
        arm = self.arm_of(len(self.allocated))
        self.allocated[family] = self.now.date()
        return arm

    def _to_call(self):
        done = {(facts["family"], facts["time_point"]) for facts in self.told("finish")}
        asked = [(facts["family"], facts["time_point"]) for facts in self.told("open_questionnaire")]
        return [one for one in asked if one not in done]

    def _call(self, *, outcome, **_facts):
        return outcome == "wrong_number"

    def _book_supervision(self, **_facts):
        return len(self.told("book_supervision"))

    def _add_film(self, **_facts):
        return f"film {len(self.told('add_film'))}"

    def _take_snapshot(self):
        return self.now.date().isoformat()

    def _due(self, site):
        months = self.study.records.months_after
        rows = [(f"{family}A", day, add_months(day, months)) for family, day in sorted(self.allocated.items())
                if family.startswith(site)]
        return [workbook.Row(*row) for row in rows if row[2] <= self.now.date()]

    def _workbook(self, *, site):
        target = io.BytesIO()
        workbook.template(target, site=site, study="vig", children=self._due(site))
        return target.getvalue()

    def _return_workbook(self, *, site, content):
        known = {row.trial_number: row.allocated_on for row in self._due(site)}
        self.returned = workbook.read(io.BytesIO(content), known=known, today=self.now.date())
        return [str(finding) for finding in self.returned.findings if finding.level == "error"]
