from django.apps import AppConfig


class Films(AppConfig):
    name = "attunement.journey.films"
    label = "films"

    def ready(self) -> None:
        from attunement.journey.consent import policies as consent_policies
        from attunement.journey.films import policies

        consent_policies.when_stopped("filming", policies.close_films)
