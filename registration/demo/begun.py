"""What is under way in the demo, so that nobody meets an empty page: letters, a draft, an import that found faults."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
import zipfile
from collections.abc import Sequence

from finsam_site.access.acting import acting_as
from finsam_site.accessibility.letters import Letter, leave_letter, set_handled
from finsam_site.accessibility.models import Meddelande
from finsam_site.clock import STOCKHOLM
from finsam_site.jobs.api import start_job
from finsam_site.jobs.running import run

from .. import uploads
from ..forms.register_in import BeforeStep, IdentityStep, StartStep
from ..importing.columns import DELTAGANDEN, INSATSER, VOLYM, FileSpec
from ..models import Insats, Utkast
from ..personnummer import listed_numbers
from ..rules.drafts import Place, save_draft
from .build import DemoRegister
from .plan import FORMULAR

LETTERS = (
    Letter(
        "Tack för att tabellerna går att läsa med skärmläsare. Tabellen över avslut är dock så bred att jag tappar "
        "bort vilken rad jag är på.",
        "Rapporten över ett uttag",
    ),
    Letter(
        "När jag förstorar till 400 procent hamnar knappen ”Fortsätt” långt ner. Går det att nå den snabbare?",
        "Registrera in",
        "anna@demo.example",
    ),
)
"""The first is dealt with, the other waits for an answer."""
READS_LETTERS = "hugo"

BEGINS, BEGINS_IN = "anna", "DI01"
"""Who has begun to register somebody in, and where."""
IN_THEIR_THIRTIES = range(31, 40)
IMPORTS = "greta"

Rows = Sequence[dict[str, str]]


def leave_letters(register: DemoRegister) -> None:
    """As anybody leaves them, without an account; one is marked as dealt with by one of their readers."""
    for nr, letter in enumerate(LETTERS):
        leave_letter(letter, f"demo-{nr}")
        if not nr:
            row = Meddelande.objects.get()
            uppdrag = register.uppdrag[READS_LETTERS, ""]
            with acting_as(uppdrag.user, uppdrag):
                set_handled(row, handled=True)


def begin_draft(register: DemoRegister) -> None:
    """Registering in, left in the middle of the third page: the samtycke is clear and the person is named."""
    today = register.period.today
    uppdrag = register.uppdrag[BEGINS, BEGINS_IN]
    answered = {
        BeforeStep.name: {
            "skydd": "nej", "samtycke": "ja", "undertecknat": str(today - dt.timedelta(days=6)), "referenskod": "",
            "formular": FORMULAR, "sprak": "sv",
        },
        IdentityStep.name: {
            "personnummer": _numbers_of_nobody_yet(register)[0], "fornamn": "Vera", "efternamn": "Övningslund",
            "kommun": register.plan.deltaganden[0].person.kommun,
        },
        StartStep.name: {"startdatum": str(today - dt.timedelta(days=4)), "tid_ar": "2"},
    }  # fmt: skip
    with acting_as(uppdrag.user, uppdrag):
        place = Place(Utkast.Slag.REGISTER_IN, Insats.objects.get(insats_id=BEGINS_IN).pk, pk=uuid.uuid4())
        for step, answers in answered.items():
            save_draft(place, step, {name: [one] for name, one in answers.items()})


def read_in_with_faults(register: DemoRegister) -> None:
    """An import of a register that is not right: its job runs here, and nothing is read in.

    Outside the transaction of the rest, as every job: its heartbeat looks at the row on a connection of its own.
    """
    uppdrag = register.uppdrag[IMPORTS, ""]
    with acting_as(uppdrag.user, uppdrag):
        jobb = start_job(
            uploads.KIND, upload=uploads.put(_packed(register), uppdrag.user.pk), vad=uploads.READ_IN
        )
    run(jobb.pk)


def _numbers_of_nobody_yet(register: DemoRegister) -> list[str]:
    """Listed numbers of the demo's commonest age that nobody in it has."""
    taken = {one.person.nummer.digits for one in register.plan.deltaganden}
    born = {register.period.reported - age for age in IN_THEIR_THIRTIES}
    return sorted(digits for digits in listed_numbers() if int(digits[:4]) in born and digits not in taken)


def _packed(register: DemoRegister) -> bytes:
    """The files as somebody has sent them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for spec, rows in _files(register):
            archive.writestr(spec.filename, _csv(spec, rows))
    return packed.getvalue()


def _csv(spec: FileSpec, rows: Rows) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [one.name for one in spec.columns], restval="", delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _files(register: DemoRegister) -> list[tuple[FileSpec, Rows]]:
    """Faults as they are made: codes written out, a day too early, a number cut off, text where figures belong."""
    year = register.period.reported
    started, signed, ended = (dt.date(year, *day).isoformat() for day in ((3, 4), (2, 25), (2, 4)))
    known = dt.datetime(year, 12, 10, 9, tzinfo=STOCKHOLM).isoformat()
    somebody, another, third = _numbers_of_nobody_yet(register)[1:4]
    insats = {"inriktning": "individ", "registreringssatt": "person", "startdatum": started}
    person = {
        "insats_id": "DI11", "fornamn": "Prov", "efternamn": "Övningslund", "kommunkod": "2180",
        "samtyckesdatum": signed, "startdatum": started, "registrerad_in": known,
    }  # fmt: skip
    out = {"avslutsanledning": "enligt_plan", "registrerad_ut": known}
    return [
        (INSATSER, [
            insats | {"insats_id": "DI41", "forbund_id": "DF02", "namn": "Öppna vägen",
                      "preciserad_inriktning": "rehabilitering"},
            insats | {"insats_id": "DI42", "forbund_id": "DF09", "namn": "Mötet",
                      "preciserad_inriktning": "forebyggande"},
        ]),
        (DELTAGANDEN, [
            person | {"deltagande_id": "F-1001", "personnummer": somebody, "slutdatum": ended} | out,
            person | {"deltagande_id": "F-1002", "personnummer": another, "utbildning": "gymnasiet"},
            person | {"deltagande_id": "F-1003", "personnummer": third[:8]},
        ]),
        (VOLYM, [
            {"insats_id": "DI17", "ar": str(year), "antal": "cirka 40", "registrerad": known},
            {"insats_id": "DI18", "ar": str(year), "antal": "10", "kvinnor": "8", "man": "5", "registrerad": known},
        ]),
    ]  # fmt: skip
