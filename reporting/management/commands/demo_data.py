"""`demo_data`: an invented register and three uttag, in an empty database in demo mode."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from finsam_site.access.acting import acting_as
from finsam_site.access.models import User
from finsam_site.clock import STOCKHOLM
from finsam_site.jobs.models import Jobb, Tillstand
from registration.demo.begun import begin_draft, leave_letters, read_in_with_faults
from registration.demo.build import (
    DemoRegister,
    made_counts,
    make_register,
    register_is_empty,
    remove_identities,
    somebody_leaves,
)
from registration.demo.world import FEBRUARY_UTTAG, JANUARY_UTTAG
from registration.rules.planned import set_plan
from reporting.models import Uttag
from reporting.tasks import KIND
from reporting.uttag.take import take_uttag

NATIONELL = "greta"


class Command(BaseCommand):
    help = (
        "Fyller en tom databas med påhittade uppgifter. Bara i demoläget; finns det något redan händer inget."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.FINSAM_MODE != "demo":
            raise CommandError(
                "Demodata läggs bara in i demoläget. Ta bort FINSAM_MODE, eller läs in ett register med "
                "import_register."
            )
        began = time.monotonic()
        # All or nothing: a demo that was stopped half-way is not there.
        with transaction.atomic():
            if not register_is_empty():
                self.stdout.write("Det finns redan uppgifter här. Inget har lagts in.")
                return
            with acting_as(User.objects.system()):
                register = make_register(timezone.now())
            _take(register, register.period.first, FEBRUARY_UTTAG, fix=True)
            _take(register, register.period.reported, JANUARY_UTTAG)
            with acting_as(User.objects.system()):
                remove_identities(register)
                somebody_leaves(register)
            _take(register, register.period.reported, FEBRUARY_UTTAG)
            _plan_next(register)
            leave_letters(register)
            begin_draft(register)
            told = ", ".join(f"{number} {what}" for what, number in made_counts().items())
            uttag = Uttag.objects.count()
        # By itself: a demo that is stopped before this lacks no more than a job in a list.
        read_in_with_faults(register)
        self.stdout.write(
            f"Demodata finns nu: {told} och {uttag} uttag ({time.monotonic() - began:.0f} s). Alla personer är "
            "påhittade. Kör demo_users för att se vem du kan logga in som."
        )


def _take(register: DemoRegister, year: int, month_day: tuple[int, int], *, fix: bool = False) -> None:
    """An uttag of the year as known at the end of a day of the year after, by the nationell administratör; and the job
    that it would have been, so that their list of jobs is not empty.
    """
    began = timezone.now()
    uppdrag = register.uppdrag[NATIONELL, ""]
    as_of = dt.datetime(year + 1, *month_day, 23, 59, 59, tzinfo=STOCKHOLM)
    told: list[int] = []
    taken = take_uttag(
        uppdrag.user, year, as_of, uppdrag=uppdrag, progress=lambda done, of, text: told.append(done)
    )
    Jobb.objects.create(
        slag=KIND, argument={"year": year, "as_of": as_of.isoformat()}, skapad_av=uppdrag.user, uppdrag=uppdrag.pk,
        tillstand=Tillstand.KLAR, forsok=1, gjort=told[-1], av=told[-1], resultat={"uttag": str(taken.uttag.pk)},
        paborjad=began, avslutad=timezone.now(),
    )  # fmt: skip
    if fix:
        taken.uttag.faststalld = timezone.now()
        taken.uttag.save(update_fields=["faststalld"])


def _plan_next(register: DemoRegister) -> None:
    """The coming uttag, so that everybody sees what is still missing for it."""
    today = register.period.today
    january = dt.date(today.year, *JANUARY_UTTAG)
    year = today.year if today > january else today.year - 1
    uppdrag = register.uppdrag[NATIONELL, ""]
    with acting_as(uppdrag.user, uppdrag):
        set_plan(year, dt.date(year + 1, *JANUARY_UTTAG), "Till årets rapport")
