from django.apps import AppConfig


class Web(AppConfig):
    name = "attunement.web"
    label = "web"

    def ready(self) -> None:
        from attunement.web import languages

        languages.install()
