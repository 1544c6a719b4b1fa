"""`demo_users`: whom one can log in as in the demo, as a plain table."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from registration.demo.users import PASSWORD, USERS, demo_accounts

HEADINGS = ("Namn", "Användarnamn", "Lösenord", "Roll", "Vad man ser")


class Command(BaseCommand):
    help = "Visar vilka man kan logga in som i demon, med lösenord."

    def handle(self, *args: Any, **options: Any) -> None:
        here = (
            {account.anvandarnamn for account in demo_accounts()} if settings.FINSAM_MODE == "demo" else set()
        )
        rows = [
            (one.namn, one.anvandarnamn, PASSWORD, str(one.roll.label), one.vad)
            for one in USERS
            if one.anvandarnamn in here
        ]
        if not rows:
            self.stdout.write("Här finns inga demoanvändare. De läggs in av demo_data, i demoläget.")
            return
        widths = [max(len(row[column]) for row in (HEADINGS, *rows)) for column in range(len(HEADINGS))]
        for row in (HEADINGS, *rows):
            line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write(f"  {line.rstrip()}")
