"""`rotate_keys`: seal everything anew with the first key, and say which keys are still needed."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from finsam_site.access.rotation import Rotated, end_unneeded, key_uses, rotate


class Command(BaseCommand):
    help = (
        "Krypterar om allt i databasen med den första nyckeln i FINSAM_ENCRYPTION_KEYS och säger vilka nycklar som "
        "fortfarande behövs. Sätt den nya nyckeln först, starta om alla processer och kör sedan, som den databasroll "
        "som kör migrate. Kan avbrytas och köras igen."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="säg bara vilka nycklar som behövs")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            uses = key_uses()
            result = Rotated(uses=uses, ended=end_unneeded(uses))
        else:
            result = self._rotate()
        for label, number in result.rows.items():
            self.stdout.write(f"{label}: {number} omkrypterade")
        if not result.rows and not options["check"]:
            self.stdout.write("Allt i databasen var redan krypterat med den första nyckeln.")
        self._tell_needed(result)
        if result.unreadable:
            which = ", ".join(f"{label} ({number})" for label, number in result.unreadable.items())
            raise CommandError(
                f"En del gick inte att läsa med någon nyckel och är orört: {which}. Lägg tillbaka nyckeln från "
                "nyckelförvaringen, eller återställ uppgifterna från en säkerhetskopia, och kör igen."
            )

    def _rotate(self) -> Rotated:
        try:
            return rotate(self._progress)
        except ProgrammingError as error:
            if getattr(error.__cause__, "sqlstate", None) != "42501":
                raise
            raise CommandError(
                "Databasrollen äger inte tabellerna och får inte kryptera om versioner, som annars aldrig ändras. Kör "
                "kommandot som den roll som kör migrate. Det som redan är omkrypterat behöver inte göras om."
            ) from error

    def _progress(self, label: str, done: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{label}: {done}", ending="")

    def _tell_needed(self, result: Rotated) -> None:
        first, *_ = settings.ENCRYPTION_KEYS
        by_key: dict[str, list[str]] = {}
        for what, use in result.uses.items():
            for key_id, number in use.items():
                by_key.setdefault(key_id, []).append(f"{what} ({number})")
        self.stdout.write(f"Nyckeln {first} behövs: den krypterar allt nytt.")
        for key_id in sorted(set(by_key) - {first, ""}):
            missing = "" if key_id in settings.ENCRYPTION_KEYS else " Den saknas i FINSAM_ENCRYPTION_KEYS!"
            self.stdout.write(f"Nyckeln {key_id} behövs för {', '.join(by_key[key_id])}.{missing}")
        for key_id in result.ended:
            if key_id in settings.ENCRYPTION_KEYS:
                self.stdout.write(
                    f"Nyckeln {key_id} behövs inte och kan tas bort ur FINSAM_ENCRYPTION_KEYS om två timmar, när "
                    "påbörjade formulär är avslutade."
                )
