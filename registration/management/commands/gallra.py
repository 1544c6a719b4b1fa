"""`gallra`: what is due today: identities of old felregistreringar, and those locked until a gallringsbeslut came."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from finsam_site.access.acting import acting_as
from finsam_site.access.models import User
from registration.rules.erase import erase_locked, remove_felregistrerade


class Command(BaseCommand):
    help = "Tar bort identiteter vars tid är ute: äldre felregistreringar och sådana som väntat på gallringsbeslut."

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as(User.objects.system()):
            old, locked = remove_felregistrerade(), erase_locked()
        self.stdout.write(f"Felregistreringar: {old}. Låsta som väntat på gallringsbeslut: {locked}.")
