from django.apps import AppConfig


class Supervision(AppConfig):
    name = "attunement.journey.supervision"
    label = "supervision"
