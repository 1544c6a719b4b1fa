"""The reporting app: uttag, tables and what is made of them."""

from __future__ import annotations

from django.apps import AppConfig

from finsam_site.access.sealed_columns import KeyUse, keeps_keys


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = "Rapportering"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import pages

        pages.register()
        keeps_keys("frysta uttag", _frozen)


def _frozen() -> KeyUse:
    from .uttag.frozen import key_use

    return key_use()
