from django.apps import AppConfig


class Surveys(AppConfig):
    name = "attunement.journey.surveys"
    label = "surveys"

    def ready(self) -> None:
        from attunement.journey.consent import policies as consent_policies
        from attunement.journey.surveys import policies

        for what in ("surveys", "contact"):
            consent_policies.when_stopped(what, policies.stop_open)
