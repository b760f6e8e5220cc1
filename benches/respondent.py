"""A family's questionnaire of forty items from link to thanks, each answer saved by itself."""

from __future__ import annotations

from collections.abc import Callable


def measure(cpu: Callable[[Callable[[], object]], float]) -> tuple[float, float]:
    """CPU ms (saved in the background, by page): each the best of three families."""
    from attunement import study
    from attunement.journey.trail import clock, versions
    from attunement.journey.trail.actions import Rule, adopt_study
    from attunement.journey.consent import actions as consent
    from tests import cast

    cast.open_programme()
    text = study.read("vig").text
    old = 'instruments = ["demo_warmth", "demo_invasion", "demo_efficacy"]'
    assert text.count(old) == 2
    adopt_study(by=Rule("bench"), text=text.replace(old, 'instruments = ["bench_forty"]', 1), reason="forty items",
                approved_by="bench", holds_from=clock.today())
    assert versions.current().time_points[0].instruments == ("bench_forty",)
    programme = cast.Programme()

    def link() -> str:
        family = programme.consented()
        programme.questionnaire(family)
        return consent.give_link(by=programme.people["survey_team"], family=family, leads_to="baseline")

    background = min(cpu(lambda token=link(): in_the_background(token)) for _time in range(5))
    by_page = min(cpu(lambda token=link(): page_by_page(token)) for _time in range(5))
    return background, by_page
