"""The reporting app: uttag, tables and what is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig

from finsam_site.access.sealed_columns import KeyUse, keeps_keys

if TYPE_CHECKING:
    from registration.importing.late import Taken


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = "Rapportering"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from registration.importing.late import tells_taken

        from . import pages

        pages.register()
        tells_taken(_taken)
        keeps_keys("frysta uttag", _frozen)


def _taken() -> list[Taken]:
    from finsam_site.ui import formats
    from registration.importing.late import Taken

    from .models import Uttag

    found = Uttag.objects.order_by("ar", "as_of", "pk").values_list("ar", "as_of")
    return [
        Taken(f"uttaget för {ar} med uppgifter kända per {formats.moment(as_of)}", ar, as_of)
        for ar, as_of in found
    ]


def _frozen() -> KeyUse:
    from .uttag.frozen import key_use

    return key_use()
