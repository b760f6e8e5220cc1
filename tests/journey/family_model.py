"""What must become of a family in any order of steps: plain Python that knows no database and no rule of the code.

Each step says whether it is to be accepted, and if so changes what is known. `shown` is what the record must then be.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta

PURPOSES = ("taking_part", "survey", "la_records", "being_filmed", "supervision_use", "training_use", "copy_to_parent",
            "later_contact")
REQUIRED = ("taking_part", "survey")
NO_CONTACT = {"removed", "adopted", "died", "parent_died", "unsafe"}
NOBODY_LEFT = {"died", "parent_died", "unsafe"}
NO_VISITS = {"removed", "adopted", "died", "parent_died"}
BASELINE_KEPT = timedelta(days=60)
BEFORE, AFTER = timedelta(days=14), timedelta(days=28)


def four_months_after(day: date) -> date:
    """The same day four months on, or the last one of a shorter month."""
    year, month = day.year + (day.month + 3) // 12, (day.month + 3) % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@dataclass
class Paper:
    """A questionnaire of three items."""

    state: str = "open"
    last: date | None = None
    answered: set[int] = field(default_factory=set)
    completed: date | None = None


@dataclass
class Life:
    """A family, from its referral on."""

    children: list[bool]
    agreed: bool | None = None
    erased: str = ""
    contact: bool = True
    reached: bool = True  # by the number that a letter was addressed to, which is said to be safe
    said: dict[str, bool] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    ever: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    papers: dict[str, Paper] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    allocated: date | None = None
    arm: str = ""
    drawn: list[int] = field(default_factory=list)
    told: bool = False
    worker: str = ""
    visits: list[str] = field(default_factory=list)

    @property
    def holding(self) -> dict[str, bool]:
        return {purpose: given for purpose, given in self.said.items() if purpose not in self.again}

    @property
    def takes_part(self) -> bool:
        return all(self.holding.get(purpose) for purpose in REQUIRED)

    def _erase(self, why: str) -> None:
        self.erased, self.contact, self.reached = why, False, False
        self.agreed = None if why == "ineligible" else False

    def refer(self, agreed: bool | None) -> bool:
        if not self.children[0]:
            self._erase("ineligible")
        elif agreed is False:
            self._erase("refused")
        else:
            self.agreed = agreed
        return True

    def refer_sibling(self, eligible: bool) -> bool:
        if self.erased == "refused":
            return False
        self.children.append(eligible)
        if eligible and self.erased:
            self.erased, self.contact, self.reached = "", True, True
        return True

    def answer_to_contact(self, agreed: bool) -> bool:
        if self.erased or (self.agreed and not agreed):
            return False
        self.agreed = agreed
        if not agreed:
            self._erase("refused")
        return True

    def change_contact(self, same: bool) -> bool:
        if not self.erased:
            self.contact, self.reached = True, same
        return not self.erased

    def can_consent(self) -> bool:
        return self.erased != "refused" and any(self.children) and not self.changes & NOBODY_LEFT

    def give_link(self, leads_to: str) -> bool:
        if leads_to == "consent" and not self.can_consent():
            return False
        self.links.append(leads_to)
        return True

    def revoke_links(self) -> bool:
        self.links = []
        return True

    def consent(self, given: dict[str, bool], mode: str, *, by_link: bool, live: bool = True) -> bool:
        asked_before = bool(self.said) and not self.again
        if not live or not self.can_consent() or (not by_link and asked_before):
            return False
        if mode == "telephone" and given["copy_to_parent"]:
            return False
        first = not self.ever >= set(REQUIRED)
        self.agreed = True if self.agreed is None else self.agreed
        self.said, self.again = dict(given), set()
        self.ever |= {purpose for purpose in given if given[purpose]}
        if first and not self.takes_part:
            self._erase("refused")
        return True

    def withdraw(self, purpose: str, live: bool = True) -> bool:
        if not live or not self.holding.get(purpose):
            return False
        self.said[purpose] = False
        if purpose in REQUIRED:
            self._stop()
        return True

    def _stop(self) -> None:
        for paper in self.papers.values():
            paper.state = "stopped" if paper.state == "open" else paper.state

    def change(self, kind: str) -> bool:
        if kind in self.changes:
            return False
        self.changes.add(kind)
        if kind in NO_CONTACT:
            self._stop()
        if kind == "other_carer":
            self.again, self.contact, self.reached = set(self.said), False, False
        if kind in NOBODY_LEFT | {"other_carer"}:
            self.links = []
        return True

    def safe_again(self) -> bool:
        """How it may be reached has to be said anew."""
        if "unsafe" not in self.changes:
            return False
        self.changes.remove("unsafe")
        self.reached = False
        return True

    def ask_again(self, purposes: set[str]) -> bool:
        if self.takes_part and not self.changes & NO_CONTACT and purposes & self.ever:
            self.again |= purposes & set(self.said)
            return True
        return False

    def open(self, code: str, today: date) -> bool:
        paper = self.papers.get(code)
        if (paper and paper.state == "complete") or not self.takes_part or self.changes & NO_CONTACT:
            return False
        last = None
        if code == "baseline":
            if self.allocated:
                return False
        else:
            if not self.allocated:
                return False
            due = four_months_after(self.allocated)
            first, last = max(due - BEFORE, self.allocated), due + AFTER
            if not first <= today <= last:
                return False
        if paper is None:
            self.papers[code] = Paper(last=last)
        elif paper.state == "stopped":
            paper.state, paper.last = "open", last
        return True

    def _answerable(self, code: str, today: date) -> bool:
        paper = self.papers[code]
        return paper.state == "open" and self.takes_part and not (paper.last and today > paper.last)

    def answer(self, code: str, item: int, today: date, live: bool = True) -> bool:
        if not live or not self._answerable(code, today):
            return False
        self.papers[code].answered.add(item)
        return True

    def complete(self, code: str, today: date, live: bool = True) -> bool:
        paper = self.papers[code]
        if not live:
            return False
        if paper.state == "complete":
            return True
        if not self._answerable(code, today) or len(paper.answered) < 3:
            return False
        paper.state, paper.completed = "complete", today
        return True

    def can_be_allocated(self, today: date) -> bool:
        done = self.papers.get("baseline", Paper()).completed
        return (not self.allocated and any(self.children) and self.takes_part and not self.changes
                and done is not None and today - done <= BASELINE_KEPT)

    def tell(self) -> bool:
        before, self.told = self.told, self.told or self.allocated is not None
        return self.told and not before

    def assign(self, worker: str) -> bool:
        if self.arm != "vig" or not self.takes_part or self.changes & NO_VISITS or self.worker:
            return False
        self.worker, self.visits = worker, ["planned"] * 8
        return True

    def hand_over(self, worker: str) -> bool:
        if not self.worker or worker == self.worker:
            return False
        self.worker = worker
        return True

    def plan(self, by: str) -> bool:
        if by != self.worker or not self.takes_part or self.changes & NO_VISITS:
            return False
        self.visits.append("planned")
        return True

    def visit(self, by: str, place: int, state: str) -> bool:
        if by != self.worker or self.visits[place] != "planned":
            return False
        if state == "held" and not self.holding.get("taking_part"):
            return False
        self.visits[place] = state
        return True

    @property
    def over(self) -> bool:
        return self.erased == "refused" or bool(self.changes & NO_CONTACT)

    def next(self, today: date) -> list[str]:
        """What may come next as a rule, so that a walk does not stay where nothing can happen."""
        if not self.takes_part:
            return ["consent"] if self.again or not self.said or "consent" in self.links else ["give_link"]
        paper = self.papers.get("four_months" if self.allocated else "baseline")
        asked = ["answer"] if paper and paper.state == "open" else ["open"] if not paper or paper.state == "stopped" else []
        if not self.allocated:
            return asked or ["allocate"]
        if today < four_months_after(self.allocated) - BEFORE:
            asked = []
        return asked + ["visit" if self.worker else "assign"] * (self.arm == "vig") + ["tell"] * (not self.told)

    def rows(self) -> dict[str, object]:
        return {"agreed": self.agreed, "erased": self.erased, "contact": self.contact, "children": self.children,
                "papers": {code: (each.state, str(each.last), len(each.answered)) for code, each in self.papers.items()},
                "links": sorted(self.links), "drawn": self.drawn, "told": self.told, "worker": self.worker,
                "visits": self.visits}

    def answers(self) -> dict[str, object]:
        unsaid = all(self.holding.get(purpose, True) for purpose in REQUIRED)
        return {"holding": self.holding, "to_ask_again": sorted(self.again), "takes_part": self.takes_part,
                "may_be_contacted": self.holding.get("taking_part", False) and not self.changes & NO_CONTACT,
                "letters_leave": self.reached and unsaid and not self.changes & NO_CONTACT}
