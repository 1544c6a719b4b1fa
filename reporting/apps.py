"""The reporting app: uttag, tables and what is made of them."""

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = "Rapportering"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import pages

        pages.register()
