"""What changed between two versions of a study, in English sentences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from attunement.study.english import day, listed, quoted
from attunement.study.schema import Site, Study, Table

_LABELS = {
    ("Site", "target"): "site target",
    ("CostCategory", "unit_cost_pence"): "unit cost in pence",
    ("CostCategory", "low_pence"): "low unit cost in pence",
    ("CostCategory", "high_pence"): "high unit cost in pence",
    ("CostAnalysis", "thresholds"): "list of thresholds",
    ("Allocation", "scheme"): "allocation scheme",
    ("Allocation", "ratio"): "allocation ratio",
    ("ReviewPoint", "on"): "date",
    ("Report", "due"): "due date",
    ("RoleUse", "masked"): "masking",
}
_NOUNS = {
    "Fact": "statement",
    "Dated": "calendar statement",
    "Weighed": "minimised factor",
    "EligibilityRule": "eligibility rule",
    "PlannedSession": "planned session",
    "Pathway": "accreditation pathway",
    "RecordsOutcome": "records outcome",
    "CostCategory": "cost category",
    "Retention": "retention rule",
    "RoleUse": "role",
    "Substudy": "sub-study",
    "SubstudyArm": "arm",
    "TimePoint": "time point",
    "ReviewPoint": "review point",
    "SupervisionForm": "form of supervision",
    "Step": "step of day",
    "Voucher": "voucher of",
    "ExportRight": "export right of",
}
_NAMED_BY = ("code", "what", "title", "name", "day", "instrument", "time_point")


def diff(a: Study, b: Study) -> list[str]:
    """One sentence for each difference, in the order of the file; none when the studies say the same.

    Members of a list are matched by their code (else by what names them). Made-up languages are passed over.
    """
    made_up = {language.code for study in (a, b) for language in study.languages if language.made_up}
    return list(_Difference(made_up).of_tables(a, b, "the study"))


class _Difference:
    def __init__(self, passed_over: set[str]) -> None:
        self.passed_over = passed_over

    def of_tables(self, a: Table, b: Table, owner: str) -> Iterator[str]:
        for field in type(a).model_fields:
            old, new = getattr(a, field), getattr(b, field)
            if old != new:
                label = _LABELS.get((type(a).__name__, field), field.replace("_", " "))
                yield from self.of_values(old, new, label, owner)

    def of_values(self, old: Any, new: Any, label: str, owner: str) -> Iterator[str]:
        if isinstance(old, Table) and isinstance(new, Table):
            within = f"the {label}" if owner == "the study" else f"the {label} of {owner}"
            yield from self.of_tables(old, new, within)
        elif isinstance(new, Table):
            yield f"The {label} of {owner} is added{_details(new)}."
        elif isinstance(old, Table):
            yield f"The {label} of {owner} is removed."
        elif isinstance(old, dict) and isinstance(new, dict):
            yield from self.of_words(old, new, label, owner)
        elif _holds(old, Table) or _holds(new, Table):
            yield from self.of_lists(old, new, label, owner)
        elif _holds(old, dict) or _holds(new, dict):
            yield from self.of_paragraphs(old, new, label, owner)
        elif isinstance(old, str) and isinstance(new, str) and max(len(old), len(new)) > 30:
            yield f"The {label} of {owner} changes from {quoted(old)} to {quoted(new)}."
        else:
            yield f"The {label} of {owner} goes from {_shown(old)} to {_shown(new)}."

    def of_words(self, old: dict[str, str], new: dict[str, str], label: str, owner: str) -> Iterator[str]:
        for code in dict.fromkeys([*old, *new]):
            if code in self.passed_over or old.get(code) == new.get(code):
                continue
            told = f"The {label} of {owner} in {code}"
            if code not in old:
                yield f"{told} is added: {quoted(new[code])}."
            elif code not in new:
                yield f"{told} is removed; it was {quoted(old[code])}."
            else:
                yield f"{told} changes from {quoted(old[code])} to {quoted(new[code])}."

    def of_paragraphs(self, old: Any, new: Any, label: str, owner: str) -> Iterator[str]:
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else {}
            after = new[index] if index < len(new) else {}
            yield from self.of_words(before, after, f"{label.removesuffix('s')} {index + 1}", owner)

    def of_lists(self, old: Any, new: Any, label: str, owner: str) -> Iterator[str]:
        before, after = _by_name(old), _by_name(new)
        among = "" if owner == "the study" else f" of {owner}"
        for name in dict.fromkeys([*before, *after]):
            if name not in after:
                yield f"{_capital(_called(before[name], name))}{among} is removed."
            elif name not in before:
                yield f"{_capital(_called(after[name], name))}{among} is added{_details(after[name])}."
            elif before[name] != after[name]:
                yield from self.of_tables(before[name], after[name], _called(before[name], name) + among)
        stayed, moved = [name for name in before if name in after], [name for name in after if name in before]
        if stayed != moved:
            yield f"The order of the {label}{among} changes from {listed(stayed)} to {listed(moved)}."


def _holds(value: Any, kind: type) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], kind)


def _by_name(members: tuple[Table, ...]) -> dict[str, Table]:
    named: dict[str, Table] = {}
    for member in members:
        name = next((str(getattr(member, field)) for field in _NAMED_BY if hasattr(member, field)), "")
        while not name or name in named:
            name = f"{name.partition(' (')[0]} ({len(named) + 1})".strip()
        named[name] = member
    return named


def _called(member: Table, name: str) -> str:
    if isinstance(member, Site):
        return member.name
    kind = type(member).__name__
    return f"the {_NOUNS.get(kind, kind.lower())} {name}"


def _details(member: Table) -> str:
    """What an added member says, so that a reader of the sentence need not open the file."""
    said = [
        f"{field.replace('_', ' ')} {_shown(value)}"
        for field in type(member).model_fields
        if field not in _NAMED_BY
        and not isinstance(value := getattr(member, field), dict | Table)
        and not _holds(value, Table)
        and value not in (None, type(member).model_fields[field].default)
    ]
    return f" ({', '.join(said)})" if said else ""


def _shown(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case date():
            return day(value)
        case str():
            return quoted(value) if value == "" or " " in value else value
        case tuple():
            return listed(_shown(part) for part in value) or "nothing"
        case _:
            return f"{value}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
