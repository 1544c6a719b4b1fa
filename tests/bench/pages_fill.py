"""What the bench of pages works on: an imported register, and people with an insats each."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from finsam_site.access.acting import acting_as
from finsam_site.access.models import Arbetsgivare, User
from finsam_site.access.roles import Roll
from registration.models import (
    Deltagande,
    ForbundKommun,
    Identitet,
    Insats,
    InsatsAgande,
    Samtyckesformular,
    Stadsdel,
    Utregistrering,
)
from registration.rules.register import persons_by_number
from registration.rules.uppdrag import give_uppdrag
from tests import numbers

from .folder import register_size, write_folder

PASSWORD = "bench-finsam"
STARTED_AGO, SIGNED_AGO, ENDED_AGO = (dt.timedelta(days=days) for days in (14, 20, 1))
OF_AGE = 20, 60
"""Ages of those who are registered: nothing odd to confirm, as with most."""


def fill(folder: Path, deltaganden: int, people: int) -> list[dict[str, Any]]:
    """Import a register and give the people as `tests.bench.people` takes them. Raises RuntimeError when there are
    fewer insatser than people.
    """
    write_folder(folder, register_size(deltaganden))
    call_command("import_register", str(folder), stdout=sys.stderr)
    today = timezone.localdate()
    Samtyckesformular.objects.create(
        version="1",
        giltig_fran=today - dt.timedelta(days=3650),
        namner_behovsgrupp=True,
        sprak="sv, ar, en, so",
    )
    with acting_as(User.objects.system()):
        made = _people(_insatser(today, people), today)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return made


def described() -> dict[str, int]:
    """How much there is, for the report."""
    return {
        "deltaganden": Deltagande.unscoped.count(),
        "insatser": Insats.unscoped.count(),
        "forbund": Insats.unscoped.filter(uppdrag__isnull=False).values("forbund").distinct().count(),
    }


def check(registered: list[tuple[str, str, int]], out: list[str], before: int) -> list[str]:
    """What is wrong with what was confirmed: each registration must be there, once, and nothing else."""
    wrong = []
    persons = persons_by_number({number for _, number, _ in registered})
    stored = {
        (str(one.deltagande_id), one.person_id, one.insats_id): one
        for one in Identitet.unscoped.filter(deltagande__in=[pk for pk, _, _ in registered])
    }
    for pk, number, insats in registered:
        if (pk, persons.get(number), insats) not in stored:
            wrong.append(f"deltagande {pk} was confirmed and is not there")
    if len(stored) != len({pk for pk, _, _ in registered}) or len(stored) != len(registered):
        wrong.append(f"{len(registered)} were confirmed, {len(stored)} are there")
    more = Deltagande.unscoped.count() - before - len(registered)
    if more:
        wrong.append(f"{more} deltaganden were not confirmed but are there")
    gone_out = Deltagande.unscoped.filter(pk__in=out, aktuell_ut__nr=1).count()
    versions = Utregistrering.unscoped.filter(deltagande__in=out).count()
    if not gone_out == versions == len(out):
        wrong.append(
            f"{len(out)} out-registrations were confirmed, {gone_out} are there as {versions} versions"
        )
    return wrong


def days() -> dict[str, str]:
    """The days that everybody writes."""
    today = timezone.localdate()
    said = {"start": today - STARTED_AGO, "signed": today - SIGNED_AGO, "end": today - ENDED_AGO}
    return {name: day.isoformat() for name, day in said.items()}


def _insatser(today: dt.date, people: int) -> list[Insats]:
    """One for each of the people, spread over the förbund."""
    owned = InsatsAgande.objects.filter(till__isnull=True, forbund__slutdatum__isnull=True)
    found = list(
        Insats.unscoped.filter(
            Q(slutdatum__isnull=True) | Q(slutdatum__gt=today),
            startdatum__lt=today - STARTED_AGO,
            registreringssatt="person",
            agande__in=owned,
        ).order_by("startdatum", "pk")
    )
    if len(found) < people:
        raise RuntimeError(f"{people} people need an insats each, and only {len(found)} take persons today")
    return [found[at * len(found) // people] for at in range(people)]


def _people(insatser: list[Insats], today: dt.date) -> list[dict[str, Any]]:
    password = make_password(PASSWORD)  # one hash for all: it is slow on purpose, and checked at each log-in
    born = today.year - OF_AGE[1], today.year - OF_AGE[0]
    many = tuple(one for one in numbers.test_numbers("personnummer") if born[0] <= int(one[:4]) <= born[1])
    persons = persons_by_number(many)
    inside = set(Identitet.unscoped.filter(insats__in=insatser).values_list("person", "insats"))
    made = []
    for at, insats in enumerate(insatser):
        account = User(
            anvandarnamn=f"bench.{at}", namn=f"Bench {at}", arbetsgivare=Arbetsgivare.KOMMUN, organisation="Bench",
            deltagaransvarig=True, password=password,
        )  # fmt: skip
        account.save(force_insert=True)
        give_uppdrag(account, Roll.DELTAGARANSVARIG, fran=insats.startdatum, insats=insats.pk)
        made.append(
            {
                "user": account.anvandarnamn,
                "password": PASSWORD,
                "insats": insats.pk,
                "kommun": _kommun(insats),
                "numbers": [
                    one for one in many[at :: len(insatser)] if (persons.get(one), insats.pk) not in inside
                ],
            }
        )
    return made


def _kommun(insats: Insats) -> str:
    """One of the förbund's own that has no stadsdelar to choose from."""
    rows = ForbundKommun.objects.filter(
        forbund__agda__insats=insats, forbund__agda__till__isnull=True, till__isnull=True
    ).exclude(kommun__in=Stadsdel.objects.values("kommun"))
    return str(rows.order_by("kommun").values_list("kommun_id", flat=True)[:1].get())
