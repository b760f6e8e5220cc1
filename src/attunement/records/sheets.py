"""The layout of our own workbook: which sheets, which columns, which codes. Writing and reading both follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

READ_ME = "Read me"
EXTRACT_LABEL = "Date of extract"
CODES = "Codes"
TRIAL_LABEL = "Trial number"

ANSWERS = {
    "found": "the child is in our records for the whole time; all rows are in this workbook",
    "no record": "we have no record of this child",
    "moved out": "the family has moved away; we do not know what followed",
    "transferred": "another authority has taken over the case",
    "adopted": "the child was adopted; nothing further is sent",
    "died": "the child has died",
}
CLOSURES = {
    "RC1": "adopted",
    "RC2": "died",
    "RC3": "child arrangements order",
    "RC4": "special guardianship order",
    "RC5": "moved to another authority",
    "RC6": "adult services",
    "RC7": "other, or no longer in need",
    "RC8": "closed after assessment, no further action",
    "RC9": "closed after assessment, to early help",
}
ASSESSMENTS = {
    "assessment": "an assessment of need",
    "section 47": "a section 47 enquiry",
    "conference": "an initial child protection conference",
}
PLANS = {"CIN": "child in need plan", "CP": "child protection plan"}
YES_NO = {"yes": "", "no": ""}
_STATUSES = ("C1", "C2", "D1", "E1", "V2", "V3", "V4", "L1", "L2", "L3", "J1", "J2", "J3")
LEGAL = dict.fromkeys(_STATUSES, "legal status as in the SSDA903 return") | {
    "V3": "short break (respite): not counted as care",
    "V4": "short break (respite): not counted as care",
}
_ENDS = (
    "E4A",
    "E4B",
    "E5",
    "E6",
    "E7",
    "E8",
    "E9",
    "E13",
    "E14",
    "E15",
    "E16",
    "E17",
    "E41",
    "E45",
    "E46",
    "E47",
    "E48",
)
CARE_ENDS = {
    "X1": "the next episode starts on the same day",
    "E11": "adopted",
    "E12": "adopted",
    "E2": "died",
    "E3": "another authority took over",
} | dict.fromkeys(_ENDS, "reason as in the SSDA903 return")


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is its name in `Return.tables`; `kind` "given" is written for the reader's use and not read back."""

    name: str
    label: str
    kind: Literal["trial", "given", "date", "code"]
    required: bool = False
    codes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Sheet:
    """`what` says in one line what a row is."""

    name: str
    what: str
    columns: tuple[Column, ...]

    @property
    def table(self) -> str:
        return self.name.lower()

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)


_TRIAL = Column("trial_number", TRIAL_LABEL, "trial", required=True)
CHILDREN = Sheet(
    "Children",
    "One row a child; please answer for every child.",
    (
        _TRIAL,
        Column("from", "From", "given"),
        Column("to", "To", "given"),
        Column("answer", "What the records show", "code", True, ANSWERS),
        Column("died_on", "Date of death", "date"),
    ),
)
REFERRALS = Sheet(
    "Referrals",
    "One row a referral that was open at any time from a year before From until To.",
    (
        _TRIAL,
        Column("start", "Referral date", "date", required=True),
        Column("end", "Closure date", "date"),
        Column("end_code", "Reason for closure", "code", codes=CLOSURES),
    ),
)
ASSESSMENT_SHEET = Sheet(
    "Assessments",
    "One row an assessment, a section 47 enquiry or an initial conference.",
    (
        _TRIAL,
        Column("what", "What it was", "code", True, ASSESSMENTS),
        Column("start", "Start date", "date", required=True),
        Column("end", "End date", "date"),
    ),
)
PLAN_SHEET = Sheet(
    "Plans",
    "One row a child in need plan or child protection plan that was open at any time from From until To.",
    (
        _TRIAL,
        Column("what", "Plan", "code", True, PLANS),
        Column("start", "Start date", "date", required=True),
        Column("end", "End date", "date"),
        Column("transfer_in", "Taken over from another authority", "code", codes=YES_NO),
    ),
)
CARE = Sheet(
    "Care",
    "One row an episode in care that was open at any time from From until To; short breaks too.",
    (
        _TRIAL,
        Column("start", "Start date", "date", required=True),
        Column("end", "End date", "date"),
        Column("legal_status", "Legal status", "code", True, LEGAL),
        Column("end_code", "Reason the episode ended", "code", codes=CARE_ENDS),
    ),
)
SHEETS = (CHILDREN, REFERRALS, ASSESSMENT_SHEET, PLAN_SHEET, CARE)
