from django.apps import AppConfig


class Delivery(AppConfig):
    name = "attunement.journey.delivery"
    label = "delivery"
