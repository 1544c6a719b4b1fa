"""`gallra`: what is due today: felregistreringar, identities that waited for a gallringsbeslut, drafts, ended jobs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from finsam_site.access.acting import acting_as
from finsam_site.access.models import User
from registration.retention import remove_due, remove_old
from registration.rules.drafts import remove_old_drafts


class Command(BaseCommand):
    help = (
        "Tar bort det vars tid är ute: identiteter i äldre felregistreringar och sådana som väntat på gallringsbeslut, "
        "utkast som ingen har rört på länge, avslutade sessioner, och gamla jobb, fellistor och hanterade meddelanden."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        old, locked = remove_due()
        with acting_as(User.objects.system()):
            drafts = remove_old_drafts()
        removed = remove_old()
        self.stdout.write(
            f"Felregistreringar: {old}. Låsta som väntat på gallringsbeslut: {locked}. Utkast: {drafts}. "
            f"Fellistor från inläsningar: {removed.reports}. Avslutade jobb: {removed.jobs}. "
            f"Hanterade meddelanden om tillgänglighet: {removed.letters}."
        )
