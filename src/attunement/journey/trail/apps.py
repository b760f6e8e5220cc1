from django.apps import AppConfig


class Trail(AppConfig):
    name = "attunement.journey.trail"
    label = "trail"
