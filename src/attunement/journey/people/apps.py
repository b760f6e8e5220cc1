from django.apps import AppConfig


class People(AppConfig):
    name = "attunement.journey.people"
    label = "people"
