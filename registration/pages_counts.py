"""What the pages of counts and register import add to the frame: navigation, start panels, and how the job is shown.

Imported by `RegistrationConfig.ready`.
"""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from finsam_site.access.acting import Actor
from finsam_site.access.roles import Roll
from finsam_site.jobs import results
from finsam_site.jobs.api import my_jobs
from finsam_site.jobs.models import Jobb
from finsam_site.ui import formats, navigation, panels
from finsam_site.ui.components import Component, EmptyState, Link, Notice, Tag, Task, TaskList, Tone
from finsam_site.ui.tables import Column, Kind, Row, Table

from . import import_reports
from .importing import late
from .importing.reports import WARNING_TEXTS
from .uploads import KIND, READ_IN

LATEST = 5

navigation.register(navigation.Item("Volym", "registration:volymer", roles=[Roll.INSATSANSVARIG], order=30))
navigation.register(
    navigation.Item(
        "Läs in register", "registration:register_import", roles=[Roll.NATIONELL_ADMINISTRATOR], order=60
    )
)
navigation.register(navigation.Item("Mina jobb", "jobs:jobs", roles=[Roll.NATIONELL_ADMINISTRATOR], order=90))


@panels.register(roles=[Roll.INSATSANSVARIG], order=30)
def missing_volym(actor: Actor) -> panels.Panel | None:
    """Volyminsatser without a number for last year or this; no panel for who has no such insats."""
    from .views.counts import volym_given
    from .views.counts_common import years_shown

    given = volym_given(*years_shown())
    if not given:
        return None
    tasks = [
        Task(
            insats.namn,
            reverse("registration:volym", args=[insats.pk]),
            hint=f"{' och '.join(map(str, sorted(years)))} saknas",
        )
        for insats, numbers in given
        if (years := [ar for ar, number in numbers.items() if isinstance(number, Tag)])
    ]
    more = len(tasks) - LATEST
    body: list[Component] = [TaskList(tasks[:LATEST], empty="Volymen är angiven för alla dina insatser.")]
    label = f"Alla, också {formats.number(more)} till" if more > 0 else "All volym"
    return panels.Panel("Volym att ange", body, link=Link(label, reverse("registration:volymer")))


@panels.register(roles=[Roll.NATIONELL_ADMINISTRATOR], order=60)
def latest_jobs(actor: Actor) -> panels.Panel | None:
    """The actor's latest jobs."""
    tasks = [
        Task(
            results.title_of(one),
            reverse("jobs:job", args=[one.pk]),
            hint=f"Startat {formats.moment(one.skapad)}",
            status=results.tag_of(one),
        )
        for one in my_jobs(actor.user)[:LATEST]
    ]
    body: list[Component] = [
        TaskList(tasks)
        if tasks
        else EmptyState(
            "Inga jobb ännu",
            "Här står det som tar en stund, som uttag och inläsning av register.",
            Link("Läs in ett register", reverse("registration:register_import")),
        )
    ]
    return panels.Panel(
        "Mina jobb", body, link=Link("Alla mina jobb", reverse("jobs:jobs")) if tasks else None
    )


# How a register import is shown among the jobs


def outcome(jobb: Jobb) -> results.Outcome:
    """What became of a register import."""
    found = jobb.result_ids
    faults = found["fel"]
    if faults:
        number = f"{formats.number(faults)} fel"
        listed = import_reports.remains(jobb.pk)
        what_now = (
            "Rätta raderna och läs in hela registret igen."
            if listed
            else f"Listan över felen är borttagen, för den sparas i {settings.IMPORT_REPORT_DAYS} dagar."
        )
        see = Link(
            f"Se {'felet' if faults == 1 else f'alla {number}'}",
            reverse("registration:import_findings", args=[jobb.pk]),
        )
        return results.Outcome(
            f"Kontrollen hittade {number}. Ingenting har lästs in. {what_now}",
            link=see if listed else None,
            label=number,
            tone=Tone.BAD,
            parts=[_by_file(found["fel_per_fil"]), *_warnings(found["varningar"])],
        )
    read_in = found["vad"] == READ_IN
    return results.Outcome(
        "Registret är inläst." if read_in else "Kontrollen hittade inga fel. Ingenting har lästs in.",
        link=None if read_in else Link("Läs in registret", reverse("registration:register_import")),
        label="Inläst" if read_in else "Utan fel",
        parts=[
            _counts(found["filer"], read_in),
            *_late(found.get("sent", [])),  # jobs of before have none
            *_warnings(found["varningar"]),
        ],
    )


def _late(uttag: list[tuple[str, int]]) -> list[Notice]:
    """What came in too late for an uttag that is taken (DOMAIN §5)."""
    return [Notice(f"Inkommen sent: {late.sentence(name, number)}") for name, number in uttag]


def _by_file(by_file: list[tuple[str, int]]) -> Table:
    columns = [Column("file", "Fil"), Column("number", "Fel", Kind.NUMBER, unit="antal")]
    rows = [Row({"file": name, "number": number}) for name, number in by_file]
    return Table("fel-per-fil", "Fel per fil", columns, rows)


def _counts(files: list[tuple[str, int, int, int]], read_in: bool) -> Table:
    columns = [
        Column("file", "Fil"),
        Column("new", "Nya", Kind.NUMBER, unit="antal"),
        Column("changed", "Rättade eller ändrade", Kind.NUMBER, unit="antal"),
        Column("same", "Oförändrade", Kind.NUMBER, unit="antal"),
    ]
    rows = [
        Row({"file": name, "new": new, "changed": changed, "same": same})
        for name, new, changed, same in files
    ]
    caption = "Det här lästes in" if read_in else "Det här skulle läsas in"
    empty = EmptyState("Inga deltaganden eller antal", "Filerna beskriver bara förbund och insatser.")
    return Table("inlast", caption, columns, rows, empty=empty)


def _warnings(warnings: list[tuple[str, int]]) -> list[Table]:
    if not warnings:
        return []
    columns = [Column("kind", "Ovanligt"), Column("number", "Rader", Kind.NUMBER, unit="antal")]
    rows = [
        Row({"kind": formats.sentence(WARNING_TEXTS.get(kind, kind)), "number": number})
        for kind, number in warnings
    ]
    note = "Det här är ovanligt men kan vara rätt, och hindrar inte inläsningen."
    return [Table("varningar", "Värt att titta på", columns, rows, note=note)]


results.register(
    KIND,
    outcome=outcome,
    title=lambda jobb: (
        "Inläsning av register" if jobb.argument.get("vad") == READ_IN else "Kontroll av register"
    ),
    what=lambda jobb: "rader genomgångna" if jobb.argument.get("vad") == READ_IN else "rader kontrollerade",
    about=lambda jobb: (
        "Varje rad om ett deltagande gås igenom två gånger: först kontrolleras allt, sedan läses det in. "
        "Ingenting sparas förrän hela registret är inläst."
        if jobb.argument.get("vad") == READ_IN
        else "Kontrollen ändrar ingenting i registret."
    ),
    again_label="Läs in ett register",
    again_url_name="registration:register_import",
)
