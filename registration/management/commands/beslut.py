"""`beslut [samtycke|gallring REFERENS|--upphavt [--fran DAY] [--text FILE]]`: the decisions that are leant on, a new
one, and the end of the gallringsbeslut."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from finsam_site.access.acting import AccessRefused, acting_as
from registration.command_actor import command_actor
from registration.models import Beslut
from registration.rules.decisions import decision_in_force, end_erasure_decision, record_decision
from registration.rules.findings import RuleError


class Command(BaseCommand):
    help = (
        "Visar vilka beslut som gäller: vad samtycket är rättsligt och gallringsbeslutet. Med SLAG och REFERENS läggs "
        "ett nytt in; de som gällde före finns kvar. Utan gallringsbeslut spärrar programmet identiteter i stället för "
        "att ta bort dem."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slag", nargs="?", choices=Beslut.Slag.values)
        parser.add_argument("referens", nargs="?", help="beslutets beteckning, till exempel dnr")
        parser.add_argument(
            "--fran", type=dt.date.fromisoformat, metavar="DAG", help="beslutet gäller från (i dag)"
        )
        parser.add_argument(
            "--upphavt",
            action="store_true",
            help="i stället för REFERENS: det finns inget gallringsbeslut längre",
        )
        parser.add_argument("--text", type=Path, metavar="FIL", help="beslutets text (UTF-8)")
        parser.add_argument("--user", help="användarnamn på den nationella administratören (systemet)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["slag"]:
            self._record(options)
        for slag in Beslut.Slag:
            in_force = decision_in_force(slag) or "inget"
            self.stdout.write(f"{slag.label.capitalize()}: {in_force} gäller i dag.")
            for one in Beslut.objects.filter(slag=slag).select_related("registrerad_av").order_by("version"):
                ended = "upphävt " if one.upphavt else ""
                self.stdout.write(
                    f"  Version {one.version}: {one.referens}, {ended}från {one.giltig_fran}{_recorded(one)}"
                )

    def _record(self, options: dict[str, Any]) -> None:
        ends = options["upphavt"]
        if ends and (options["referens"] or options["slag"] != Beslut.Slag.GALLRING):
            raise CommandError(
                "Bara gallringsbeslutet kan upphävas, utan beteckning: beslut gallring --upphavt."
            )
        if not ends and not options["referens"]:
            raise CommandError(
                "Ange beslutets beteckning efter slaget, till exempel: beslut gallring 'dnr 2026-17'."
            )
        try:
            text = options["text"].read_text(encoding="utf-8") if options["text"] else ""
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['text']} kan inte läsas: {error}") from error
        try:
            user, uppdrag = command_actor(options["user"])
            with acting_as(user, uppdrag):
                fran = options["fran"] or timezone.localdate()
                if ends:
                    end_erasure_decision(fran, text=text)
                else:
                    record_decision(options["slag"], options["referens"], fran, text=text)
        except (RuleError, AccessRefused) as error:
            raise CommandError(str(error)) from error


def _recorded(one: Beslut) -> str:
    """When and by whom; nothing for one of before that was kept."""
    if one.registrerad is None or one.registrerad_av is None:
        return ""
    return f", inlagt {timezone.localtime(one.registrerad):%Y-%m-%d %H:%M} av {one.registrerad_av}"
