from django.apps import AppConfig


class Fieldwork(AppConfig):
    name = "attunement.journey.fieldwork"
    label = "fieldwork"

    def ready(self) -> None:
        from attunement.journey.consent import policies as consent_policies
        from attunement.journey.fieldwork import policies
        from attunement.journey.trail import outbox

        for what in ("surveys", "contact"):
            consent_policies.when_stopped(what, policies.stop_all)
        outbox.reasons_to_stop.append(policies.must_not_leave)
