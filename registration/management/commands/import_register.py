"""`import_register FOLDER_OR_XLSX [--check] [--warnings] [--user NAME]` (FORMATS §1)."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finsam_site.access.acting import AccessRefused, acting_as
from registration.command_actor import command_actor
from registration.importing.register_import import WAITS, ImportAborted, import_register
from registration.importing.reports import ImportResult


class Command(BaseCommand):
    help = "Läser in ett register från en mapp med CSV-filer eller en xlsx-fil. Ett enda fel, och ingenting läses in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, metavar="MAPP_ELLER_XLSX", help="mappen eller xlsx-filen")
        parser.add_argument("--check", action="store_true", help="kontrollera bara, läs inte in")
        parser.add_argument(
            "--warnings", action="store_true", help="lista varningarna, inte bara hur många de är"
        )
        parser.add_argument("--user", help="användarnamn på den som läser in (systemet)")

    def handle(self, *args: Any, **options: Any) -> None:
        self._verbosity, self._waited = options["verbosity"], False
        try:
            user, uppdrag = command_actor(options["user"])
            with acting_as(user, uppdrag):
                result = import_register(
                    options["source"],
                    check_only=options["check"],
                    keep_warnings=options["warnings"],
                    progress=self._say_progress,
                )
        except (ImportAborted, AccessRefused) as error:
            raise CommandError(str(error)) from error
        self._report(result)

    def _report(self, result: ImportResult) -> None:
        if not result.ok:
            for line in result.warning_lines():
                self.stdout.write(line)
            raise CommandError("\n".join(result.failure_lines()))
        for line in result.success_lines():
            self.stdout.write(line)

    def _say_progress(self, done: int, of: int, text: str) -> None:
        """That it waits is said once, so that nobody believes it to hang; rows are for who has asked for them."""
        if text == WAITS:
            if self._verbosity and not self._waited:
                self.stderr.write(f"{text}.")
            self._waited = True
        elif self._verbosity > 1:
            self.stderr.write(f"{done} av {of} rader" if of else f"{done} rader")
