"""`gallra`: what is due today: old felregistreringar, identities locked until a gallringsbeslut came, old drafts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from finsam_site.access.acting import acting_as
from finsam_site.access.models import User
from registration.rules.drafts import remove_old_drafts
from registration.rules.erase import erase_locked, remove_felregistrerade


class Command(BaseCommand):
    help = (
        "Tar bort det vars tid är ute: identiteter i äldre felregistreringar och sådana som väntat på gallringsbeslut, "
        "och utkast som ingen har rört på länge."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as(User.objects.system()):
            old, locked, drafts = remove_felregistrerade(), erase_locked(), remove_old_drafts()
        self.stdout.write(
            f"Felregistreringar: {old}. Låsta som väntat på gallringsbeslut: {locked}. Utkast: {drafts}."
        )
