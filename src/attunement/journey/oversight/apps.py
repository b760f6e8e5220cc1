from django.apps import AppConfig


class Oversight(AppConfig):
    name = "attunement.journey.oversight"
    label = "oversight"
