"""The list of families as a trial manager opens it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

ROWS = 500


def measure(cpu: Callable[[Callable[[], object]], float]) -> float:
    """CPU ms for one view of 500 families, the best of five."""
    from django.test import Client

    from attunement.journey.trail import clock
    from tests import cast

    programme = cast.Programme()
    already = 10
    for number in range(ROWS - already):
        programme.refer(site="AB"[number % 2], born_on=clock.today() - timedelta(days=30 + number % 300))
    client = Client(HTTP_HOST="localhost")
    client.force_login(programme.people["trial_manager"], backend="allauth.account.auth_backends.AuthenticationBackend")

    def look() -> None:
        answer = client.get("/families/")
        assert answer.status_code == 200, answer.status_code

    look()
    return min(cpu(look) for _time in range(5))
