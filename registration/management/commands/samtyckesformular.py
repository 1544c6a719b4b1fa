"""`samtyckesformular VERSION [--fran DAY …] [--blankett SPRÅK=FILE] [--hemblad SPRÅK=FILE]`: a version of the form."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finsam_site.access.acting import AccessRefused, acting_as
from registration.command_actor import command_actor
from registration.models import Samtyckesformular
from registration.rules.findings import RuleError
from registration.rules.samtyckestexter import add_texts, new_formular, read_text, texts_of

Texts = dict[tuple[str, str], tuple[str, str]]


class Command(BaseCommand):
    help = (
        "Lägger in en version av samtyckesformuläret med de texter som följer med programmet, eller ger en version "
        "som finns texter på fler språk. Texterna som följer med är ett förslag: den personuppgiftsansvarige beslutar."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version")
        parser.add_argument(
            "--fran", type=dt.date.fromisoformat, metavar="DAG", help="ny version, gäller från"
        )
        parser.add_argument(
            "--till", type=dt.date.fromisoformat, metavar="DAG", help="ny version, gäller till"
        )
        parser.add_argument("--behovsgrupp", action="store_true", help="ny version, nämner behovsgrupp")
        for slag in ("blankett", "hemblad"):
            parser.add_argument(
                f"--{slag}", action="append", default=[], metavar="SPRÅK=FIL",
                help="en text; första raden är ”# Rubrik”, delar börjar med ”## ” och punkter med ”- ”",
            )  # fmt: skip
        parser.add_argument("--user", help="användarnamn på den nationella administratören (systemet)")

    def handle(self, *args: Any, **options: Any) -> None:
        texts = self._texts(options)
        try:
            user, uppdrag = command_actor(options["user"])
            with acting_as(user, uppdrag):
                formular = self._formular(options, bool(texts))
                add_texts(formular, texts)
                kept = sorted(texts_of(formular))
        except (RuleError, AccessRefused) as error:
            raise CommandError(str(error)) from error
        languages = ", ".join(f"{slag} på {sprak}" for slag, sprak in kept)
        self.stdout.write(f"Version {formular.version} har {languages}.")

    def _formular(self, options: dict[str, Any], any_texts: bool) -> Samtyckesformular:
        version = options["version"]
        if options["fran"]:
            return new_formular(
                version, options["fran"], giltig_till=options["till"], namner_behovsgrupp=options["behovsgrupp"]
            )  # fmt: skip
        found = Samtyckesformular.objects.filter(version=version).first()
        if found is None:
            raise CommandError(f"Det finns ingen version {version}. Ange --fran för att lägga in den.")
        if not any_texts:
            raise CommandError("Ange --blankett eller --hemblad med en text att lägga till.")
        return found

    def _texts(self, options: dict[str, Any]) -> Texts:
        found: Texts = {}
        for slag in ("blankett", "hemblad"):
            for one in options[slag]:
                sprak, is_there, name = one.partition("=")
                if not (sprak and is_there and name):
                    raise CommandError(f"Skriv --{slag} SPRÅK=FIL, till exempel so=samtycke-so.txt.")
                try:
                    found[slag, sprak] = read_text(Path(name).read_text(encoding="utf-8"))
                except (OSError, UnicodeDecodeError, RuleError) as error:
                    raise CommandError(f"{name} kan inte läsas: {error}") from error
        return found
