"""`take_uttag YEAR [--as-of TIME] [--json PATH] [--csv FOLDER]` (FORMATS §3)."""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from finsam_site.access.acting import AccessRefused
from registration.command_actor import command_actor
from reporting.uttag.extraction import WritersStillAtWork
from reporting.uttag.output import json_document, write_csv
from reporting.uttag.take import UttagRefused, take_uttag


class Command(BaseCommand):
    help = "Tar ett uttag: årets nationella tabeller som de var kända vid en tidpunkt, frysta."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int, help="året")
        parser.add_argument(
            "--as-of", type=_time, help="kunskapstidpunkt, t.ex. 2019-01-16T23:59:59+01:00 (nu)"
        )
        parser.add_argument("--json", type=Path, help="skriv tabellerna som JSON till den här filen")
        parser.add_argument("--csv", type=Path, help="skriv tabellerna som CSV i den här mappen")
        parser.add_argument("--user", help="användarnamn på den som tar uttaget (systemet)")

    def handle(self, *args: Any, **options: Any) -> None:
        say = self.stderr.write if options["verbosity"] > 1 else None
        try:
            user, uppdrag = command_actor(options["user"])
            taken = take_uttag(user, options["year"], options["as_of"], uppdrag=uppdrag, progress=say)
        except (UttagRefused, AccessRefused, WritersStillAtWork) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            _write_json(options["json"], json_document(taken.meta, taken.tables))
        if options["csv"]:
            write_csv(options["csv"], taken.tables)
        rows = sum(len(result.rows) for result in taken.tables)
        self.stdout.write(f"Uttag {taken.uttag.pk}: år {taken.uttag.ar}, känt {taken.meta['as_of']}")
        self.stdout.write(
            f"{len(taken.tables)} tabeller, {rows} celler. Innehållshash {taken.uttag.content_hash}"
        )


def _time(text: str) -> dt.datetime:
    """ISO with or without offset; without one it is Europe/Stockholm."""
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Europe/Stockholm"))


def _write_json(path: Path, document: dict[str, object]) -> None:
    """Written beside and renamed into place, so that nobody ever reads half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        json.dump(document, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
