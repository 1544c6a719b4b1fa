"""`take_uttag YEAR [--as-of TIME] [--json PATH] [--xlsx PATH] [--csv FOLDER]` (FORMATS §3)."""

from __future__ import annotations

import datetime as dt
import json
import os
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finsam_site.access.acting import AccessRefused
from finsam_site.files import written_whole
from registration.command_actor import command_actor
from reporting.uttag.dataset import DatasetError
from reporting.uttag.extraction import WritersStillAtWork
from reporting.uttag.output import json_document, write_csv
from reporting.uttag.take import TakenUttag, UttagRefused, take_uttag
from reporting.workbook import INTERN, workbook_name, write_workbook


class Command(BaseCommand):
    help = "Tar ett uttag: årets nationella tabeller som de var kända vid en tidpunkt, frysta."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=_year, help="året, med fyra siffror")
        parser.add_argument(
            "--as-of", type=_time, help="kunskapstidpunkt, t.ex. 2019-01-16T23:59:59+01:00 (nu)"
        )
        parser.add_argument("--json", type=Path, help="skriv tabellerna som JSON till den här filen")
        parser.add_argument(
            "--xlsx", type=Path, help="skriv arbetsboken till den här filen, eller i den här mappen"
        )
        parser.add_argument(
            "--csv", type=Path, help="skriv tabellerna som CSV i den här mappen; filer med samma namn ersätts"
        )
        parser.add_argument("--user", help="användarnamn på den som tar uttaget (systemet)")

    def handle(self, *args: Any, **options: Any) -> None:
        told: list[str] = []

        def say(done: int, of: int | None, text: str) -> None:
            if options["verbosity"] > 1 and text not in told:
                told.append(text)
                self.stderr.write(text)

        _check_outputs(options["json"], options["csv"], options["xlsx"])
        try:
            user, uppdrag = command_actor(options["user"])
            taken = take_uttag(user, options["year"], options["as_of"], uppdrag=uppdrag, progress=say)
        except (UttagRefused, AccessRefused, WritersStillAtWork, DatasetError) as error:
            raise CommandError(str(error)) from error
        rows = sum(len(result.rows) for result in taken.tables)
        self.stdout.write(f"Uttag {taken.uttag.pk}: år {taken.uttag.ar}, känt {taken.meta['as_of']}")
        self.stdout.write(
            f"{len(taken.tables)} tabeller, {rows} celler. Innehållshash {taken.uttag.content_hash}"
        )
        try:
            _write_outputs(taken, options["json"], options["csv"])
            if options["xlsx"]:
                self._write_workbook(options["xlsx"], taken)
        except OSError as error:
            raise CommandError(
                f"Uttaget är taget och sparat, men filen kunde inte skrivas: {error.strerror}."
            ) from error

    def _write_workbook(self, path: Path, taken: TakenUttag) -> None:
        """To the file named, or under the name that says what it is when a folder is named."""
        if path.is_dir():
            path /= workbook_name(taken.meta)
        write_workbook(path, taken.meta, taken.tables)
        self.stdout.write(f"Arbetsboken är {INTERN}: {path}")


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise ArgumentTypeError("Året skrivs med fyra siffror, till exempel 2018.")
    return int(text)


def _time(text: str) -> dt.datetime:
    """ISO with offset, as everywhere in FORMATS: a frozen figure must not hang on a guess."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        moment = dt.datetime.min
    if moment.tzinfo is None:
        raise ArgumentTypeError(
            "Kunskapstidpunkten skrivs med datum, klockslag och tidszon, till exempel 2019-01-16T23:59:59+01:00."
        )
    return moment


def _check_outputs(json_path: Path | None, csv_folder: Path | None, workbook: Path | None) -> None:
    """Refuse what cannot be written before an uttag is taken that nobody gets."""
    if json_path and (json_path.is_dir() or not os.access(json_path.parent, os.W_OK)):
        raise CommandError(f"{json_path} går inte att skriva. Ange en fil i en mapp som finns.")
    if workbook and not os.access(workbook if workbook.is_dir() else workbook.parent, os.W_OK):
        raise CommandError(f"{workbook} går inte att skriva. Ange en fil i en mapp som finns.")
    if csv_folder:
        parent = csv_folder if csv_folder.exists() else csv_folder.parent
        if not parent.is_dir() or not os.access(parent, os.W_OK):
            raise CommandError(f"{csv_folder} går inte att skriva. Ange en mapp, ny eller befintlig.")


def _write_outputs(taken: TakenUttag, json_path: Path | None, csv_folder: Path | None) -> None:
    if json_path:
        _write_json(json_path, json_document(taken.meta, taken.tables))
    if csv_folder:
        write_csv(csv_folder, taken.tables)


def _write_json(path: Path, document: dict[str, object]) -> None:
    with written_whole(path) as part, part.open("w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, indent=1)
