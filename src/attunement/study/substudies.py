"""A sub-study as a trial of its own, for everything that knows how to draw, check and assess a study's allocation."""

from __future__ import annotations

from datetime import date

from attunement.study.planned import final_allocation
from attunement.study.schema import Allocation, Arm, Study, Substudy


def alone(study: Study, substudy: Substudy) -> Study:
    """The study with this sub-study's arms, ratio, scheme and strata in place of its own; sites and targets stay."""
    # No arm of a sub-study is the programme's; rules that ask for something to compare are met by the first.
    arms = tuple(Arm(code=arm.code, name=arm.name, offers=arm.offers, receives_programme=index == 0)
                 for index, arm in enumerate(substudy.arms))
    asked = Allocation(scheme=substudy.scheme, ratio=substudy.ratio, strata=substudy.strata)
    return study.model_copy(update={"arms": arms, "allocation": asked, "substudies": ()})


def last_day(study: Study, substudy: Substudy) -> date | None:
    """The last day on which a family can enter: the sub-study's own, else that of the study's allocation."""
    return substudy.end or final_allocation(study)
