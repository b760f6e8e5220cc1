from django.apps import AppConfig


class Outcomes(AppConfig):
    name = "attunement.journey.outcomes"
    label = "outcomes"
