"""`export_register FOLDER [--user NAME]` (FORMATS §1)."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finsam_site.access.acting import AccessRefused, acting_as
from registration.command_actor import command_actor
from registration.importing.register_export import ExportRefused, export_register


class Command(BaseCommand):
    help = (
        "Skriver hela registret, alla versioner, till en mapp. Filerna innehåller personuppgifter i klartext."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="MAPP", help="en ny eller tom mapp")
        parser.add_argument("--user", help="användarnamn på den som exporterar (systemet)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user, uppdrag = command_actor(options["user"])
            with acting_as(user, uppdrag, one_snapshot=True):
                counts = export_register(options["folder"])
        except (ExportRefused, AccessRefused) as error:
            raise CommandError(str(error)) from error
        for name, rows in counts.items():
            self.stdout.write(f"{name}: {rows} rader")
        self.stdout.write(
            "Filerna innehåller personuppgifter. Förvara dem krypterat och ta bort dem efter användning."
        )
