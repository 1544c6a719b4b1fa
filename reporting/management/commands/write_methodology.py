"""`write_methodology [PATH]`: the methodology in the repository, written anew from the tables' declarations."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from reporting.report.methodology import methodology

DEFAULT = Path("docs") / "metodbeskrivning.md"


class Command(BaseCommand):
    help = "Skriver metodbeskrivningen ur tabellernas deklarationer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path", nargs="?", type=Path, default=settings.BASE_DIR / DEFAULT, help=f"fil ({DEFAULT})"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        path.write_text(methodology(), encoding="utf-8")
        self.stdout.write(f"Metodbeskrivningen är skriven: {path}")
