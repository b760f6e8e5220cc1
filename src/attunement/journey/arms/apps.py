from django.apps import AppConfig


class Arms(AppConfig):
    name = "attunement.journey.arms"
    label = "arms"

    def ready(self) -> None:
        from attunement.journey.arms import queries
        from attunement.journey.surveys import policies
        from attunement.journey.trail import versions

        policies.allocation_days.append(queries.days)
        versions.already_allocated.append(queries.any_allocated)
