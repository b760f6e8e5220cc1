from django.apps import AppConfig


class Referral(AppConfig):
    name = "attunement.journey.referral"
    label = "referral"
