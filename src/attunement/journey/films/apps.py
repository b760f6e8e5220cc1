from django.apps import AppConfig


class Films(AppConfig):
    name = "attunement.journey.films"
    label = "films"
