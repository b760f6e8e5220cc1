from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class Supervision(AppConfig):
    name = "attunement.journey.supervision"
    label = "supervision"

    def ready(self) -> None:
        from attunement.journey.delivery import policies as delivery
        from attunement.journey.delivery import visits
        from attunement.journey.supervision import policies, queries
        from attunement.journey.trail import clock

        def stage(person: Any) -> str:
            found = queries.progress(person, clock.today())
            return found.stage if found else ""

        visits.training_stages.append(stage)
        delivery.not_ready.append(policies.not_ready)
