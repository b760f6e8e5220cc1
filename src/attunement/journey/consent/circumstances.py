"""Changes in a family's life, as one table: what each ends at once, who answers from then on, who may consent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Circumstance:
    """`ends` names what stops, as a withdrawal would; `asks_again`: all consent has to be given anew.

    `new_contact`: the known name, numbers and links are somebody else's now, and go.
    """

    words: str
    answers: str
    consents: str
    ends: tuple[str, ...] = ()
    asks_again: bool = False
    new_contact: bool = False
    nobody_to_ask: bool = False
    can_end: bool = False


_ALL = ("contact", "surveys", "filming")
CIRCUMSTANCES: dict[str, Circumstance] = {
    "removed": Circumstance(
        "The child is now looked after by the authority", "Nobody: no more questionnaires are sent",
        "The parent for what was said so far; the authority shares parental responsibility from now on", ends=_ALL),
    "other_carer": Circumstance(
        "The child lives with another carer now", "The new carer, once they have agreed",
        "The new carer for themselves; who has parental responsibility for the child", asks_again=True, new_contact=True),
    "adopted": Circumstance("The child has been adopted", "Nobody", "Nobody: what was agreed so far stands", ends=_ALL),
    "died": Circumstance("The child has died", "Nobody", "Nobody: what was agreed so far stands", ends=_ALL,
                         nobody_to_ask=True),
    "parent_died": Circumstance("The parent or carer has died", "Nobody", "Nobody: what was agreed so far stands",
                                ends=_ALL, nobody_to_ask=True),
    "moved": Circumstance("The family has moved away", "The same parent or carer", "The same parent or carer"),
    "unsafe": Circumstance("It is not safe to contact the family", "Nobody, until it is safe again",
                           "Nobody, until it is safe again", ends=_ALL, nobody_to_ask=True, can_end=True),
}
KINDS = [(code, circumstance.words) for code, circumstance in CIRCUMSTANCES.items()]
ENDS_CONTACT = {code for code, circumstance in CIRCUMSTANCES.items() if "contact" in circumstance.ends}
CAN_END = {code for code, circumstance in CIRCUMSTANCES.items() if circumstance.can_end}
NOBODY_TO_ASK = {code for code, circumstance in CIRCUMSTANCES.items() if circumstance.nobody_to_ask}
