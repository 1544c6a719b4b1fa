"""The ui app: how everything looks and is formatted. It knows nothing of what is registered."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "finsam_site.ui"
    label = "ui"
    verbose_name = "Gränssnitt"

    def ready(self) -> None:
        from finsam_site.access.roles import Roll

        from . import navigation

        navigation.register(navigation.Item("Start", "start", roles=list(Roll), order=0))
