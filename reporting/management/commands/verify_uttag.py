"""`verify_uttag [ID …]`: compute stored uttag anew from their frozen files and hold them against their hashes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localtime

from finsam_site.access.acting import acting_as
from finsam_site.access.encryption import DecryptionFailed
from finsam_site.access.models import User
from reporting.models import Uttag
from reporting.uttag.frozen import FrozenFileChanged
from reporting.uttag.take import verify_uttag


class Command(BaseCommand):
    help = "Räknar om frysta uttag ur deras filer och jämför med den hash de fick när de togs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", nargs="*", help="uttagens id (alla)")

    def handle(self, *args: Any, **options: Any) -> None:
        uttag = Uttag.objects.order_by("taken_at")
        if options["id"]:
            try:
                uttag = uttag.filter(pk__in=options["id"])
                missing = len(set(options["id"])) - uttag.count()
            except ValidationError as error:
                raise CommandError("Ett id är inte giltigt. `verify_uttag` utan id visar alla.") from error
            if missing:
                raise CommandError("Ett uttag med det id:t finns inte. `verify_uttag` utan id visar alla.")
        failed = 0
        for one in uttag:
            try:
                with acting_as(User.objects.system()):
                    verify_uttag(one)
            except (FrozenFileChanged, DecryptionFailed) as error:
                failed += 1
                self.stderr.write(f"FEL Uttag {one.pk}: {error}")
            else:
                self.stdout.write(
                    f"Uttag {one.pk}, år {one.ar}, känt {localtime(one.as_of).isoformat(' ')}: stämmer"
                )
        if failed:
            raise CommandError(f"{failed} uttag stämmer inte eller kunde inte läsas.")
