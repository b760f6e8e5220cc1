"""A family's questionnaire of forty items from link to thanks, each answer saved by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial


def measure(cpu: Callable[[Callable[[], object]], float]) -> tuple[float, float]:
    """CPU ms (saved in the background, by page): each the best of three families."""
    from attunement import study
    from attunement.journey.consent import actions as consent
    from attunement.journey.trail import clock, versions
    from attunement.journey.trail.actions import Rule, adopt_study
    from tests import cast

    cast.open_programme()
    text = study.read("vig").text
    old = 'instruments = ["demo_warmth", "demo_invasion", "demo_efficacy", "support_received"]'
    assert text.count(old) == 2
    adopt_study(by=Rule("bench"), text=text.replace(old, 'instruments = ["bench_forty"]', 1), reason="forty items",
                approved_by="bench", holds_from=clock.today())
    assert versions.current().time_points[0].instruments == ("bench_forty",)
    programme = cast.Programme()

    def link() -> str:
        family = programme.consented()
        programme.questionnaire(family)
        return consent.give_link(by=programme.people["survey_team"], family=family, leads_to="baseline")

    return _best(cpu, in_the_background, link), _best(cpu, page_by_page, link)


def _best(cpu: Callable[[Callable[[], object]], float], way: Callable[[str], None], link: Callable[[], str]) -> float:
    return min(cpu(partial(way, link())) for _time in range(5))


def in_the_background(token: str) -> None:
    """As with JavaScript: the pages, the module once, a save an answer, the end."""
    client = _client()
    assert client.get(f"/q/{token}/").status_code == 200
    assert client.get(f"/q/{token}/question/").status_code == 200
    module = client.get(f"/q/{token}/module/").json()
    assert len(module["questions"]) == 40
    for question in module["questions"]:
        assert client.post(f"/q/{token}/save/", {"item": question["item"], "value": "1"}).status_code == 204
    done = client.post(f"/q/{token}/finish/", follow=True)
    assert "thanks" in done.redirect_chain[-1][0]


def page_by_page(token: str) -> None:
    """As without JavaScript: each answer is posted, and the next question is fetched."""
    client = _client()
    assert client.get(f"/q/{token}/").status_code == 200
    page = client.get(f"/q/{token}/question/")
    for place in range(1, 41):
        page = client.post(f"/q/{token}/question/", {"item": f"bench_forty:{place}", "value": "1"}, follow=True)
        assert page.status_code == 200, page.status_code
    assert "thanks" in page.redirect_chain[-1][0]


def _client():  # type: ignore[no-untyped-def]
    from django.test import Client

    return Client(HTTP_HOST="localhost")
