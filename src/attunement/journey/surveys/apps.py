from django.apps import AppConfig


class Surveys(AppConfig):
    name = "attunement.journey.surveys"
    label = "surveys"

    def ready(self) -> None:
        from attunement.journey.consent import policies as consent_policies
        from attunement.journey.surveys import policies
        from attunement.journey.trail import outbox

        for what in ("surveys", "contact"):
            consent_policies.when_stopped(what, policies.stop_open)
        outbox.reasons_to_stop.append(policies.must_not_leave)
