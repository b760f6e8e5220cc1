from django.apps import AppConfig


class Substudies(AppConfig):
    name = "attunement.journey.substudies"
    label = "substudies"

    def ready(self) -> None:
        from attunement.journey.substudies import queries
        from attunement.journey.trail import versions

        versions.entered_substudies.append(queries.entered)
