from django.apps import AppConfig


class Consent(AppConfig):
    name = "attunement.journey.consent"
    label = "consent"
