from django.apps import AppConfig


class Delivery(AppConfig):
    name = "attunement.journey.delivery"
    label = "delivery"

    def ready(self) -> None:
        from attunement.journey.arms import policies as arms
        from attunement.journey.delivery import policies
        from attunement.journey.delivery.next_actions import open_next

        arms.warnings.append(policies.warnings_before_draw)
        arms.afterwards.append(open_next)
