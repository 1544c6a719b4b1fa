"""The ui app: how everything looks and is formatted. It knows nothing of what is registered."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "finsam_site.ui"
    label = "ui"
    verbose_name = "Gränssnitt"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from finsam_site.access.roles import Roll
        from finsam_site.swedish import teach_sqlite

        from . import navigation

        connection_created.connect(teach_sqlite, dispatch_uid="finsam_site.swedish")
        navigation.register(navigation.Item("Start", "start", roles=list(Roll), order=0))
