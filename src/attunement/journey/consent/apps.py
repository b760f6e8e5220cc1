from django.apps import AppConfig


class Consent(AppConfig):
    name = "attunement.journey.consent"
    label = "consent"

    def ready(self) -> None:
        from attunement.journey.consent import policies
        from attunement.journey.trail import outbox

        outbox.reasons_to_stop.append(policies.must_not_leave)
        outbox.reasons_to_wait.append(policies.must_wait)
