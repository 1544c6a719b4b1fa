"""The panels "Att göra", "Nästa uttag" and how soon registrations come in. Each row leads straight to the act.

Imported by `RegistrationConfig.ready`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from finsam_site.access.acting import Actor
from finsam_site.access.roles import Roll
from finsam_site.ui import formats, panels
from finsam_site.ui.components import Component, EmptyState, Link, Task, TaskList, Text
from finsam_site.ui.formats import number, plural
from finsam_site.ui.tables import Column, Kind, Row, Table

from .models import PlaneratUttag
from .rules.aggregates import Lag
from .rules.planned import Missing, last_end, missing_for, next_plan
from .rules.worklist import AnonymaAnew, OpenIn, WorkList, freshness, long_ago_from, unstaffed, work_list
from .views.counts_common import years_shown
from .views.deltaganden_filters import narrowed_url
from .views.drafts import draft_tasks
from .views.samtycke_words import awaited_url
from .views.uppdrag import unstaffed_task

SHOWN = 5
"""Rows of one kind; what is more is one row."""

MEASURED = (Roll.DELTAGARANSVARIG, Roll.INSATSANSVARIG, Roll.FORBUNDSADMINISTRATOR)
"""Whose work an uttag measures."""

READ = (Roll.RAPPORTLASARE, Roll.NATIONELL_ADMINISTRATOR)
"""Who reads uttag: the figures of the last one stand first."""


@panels.register(roles=[Roll.DELTAGARANSVARIG], order=1)
def to_do(actor: Actor) -> panels.Panel:
    """What waits for a deltagaransvarig."""
    found = work_list()
    if not found:
        return panels.Panel("Att göra", [_all_done()], tall=True)
    return panels.Panel("Att göra", [TaskList(list(_tasks(found)))], tall=True)


def _all_done() -> EmptyState:
    return EmptyState(
        "Allt är gjort",
        "Ingenting väntar på dig. Här står det annars om något är påbörjat, ska registreras ut eller ska skickas.",
        Link("Registrera en ny deltagare", reverse("registration:register")),
    )


def _tasks(found: WorkList) -> Iterator[Task]:
    begun = draft_tasks(found.drafts)
    yield from begun[:SHOWN]
    yield from _more(len(begun), "utkast till", "utkast till", url=reverse("registration:drafts"))
    yield from _ended_tasks(found.ended)
    yield from _long_open_tasks(found.long_open)
    yield from _paper_tasks(found)
    yield from _anonyma_tasks(found.anonyma)


def _ended_tasks(ended: Sequence[OpenIn]) -> Iterator[Task]:
    for one in ended[:SHOWN]:
        yield Task(
            f"Registrera ut {_people(one.antal)} ur {one.namn}",
            _out_url(one),
            hint=f"Insatsen slutade {formats.day(one.slutdatum)}",
        )
    yield from _more(
        len(ended), "avslutad insats till", "avslutade insatser till", url=_open_ones(lage="slut")
    )


def _long_open_tasks(long_open: Sequence[OpenIn]) -> Iterator[Task]:
    for one in long_open[:SHOWN]:
        yield Task(
            f"Se över {_people(one.antal)} i {one.namn}",
            _long_open_url(one),
            hint=f"Har pågått i mer än {_long()}. Registrera ut den som har slutat.",
        )
    yield from _more(
        len(long_open),
        "insats till att se över",
        "insatser till att se över",
        url=_open_ones(lage="pagar", till=_long_ago()),
    )


def _paper_tasks(found: WorkList) -> Iterator[Task]:
    """The originals of samtycken: to be sent, and sent without having come."""
    if found.to_send.antal:
        yield Task(
            f"Skicka {_samtycken(found.to_send.antal)} i original",
            awaited_url(found.to_send.vantan),
            hint="Originalet ska till Försäkringskassan",
        )
    if found.to_look_for.antal:
        yield Task(
            f"Leta efter {_samtycken(found.to_look_for.antal)}",
            awaited_url(found.to_look_for.vantan),
            hint=plural(
                found.to_look_for.antal,
                f"Skickat för mer än {settings.SAMTYCKE_REMINDER_DAYS} dagar sedan men inte mottaget",
                f"Skickade för mer än {settings.SAMTYCKE_REMINDER_DAYS} dagar sedan men inte mottagna",
            ),
        )


def _anonyma_tasks(anonyma: Sequence[AnonymaAnew]) -> Iterator[Task]:
    for anew in anonyma[:SHOWN]:
        yield Task(
            f"Ange anonyma för {anew.ar} i {anew.insats.namn}",
            reverse("registration:anonyma_set", args=[anew.insats.pk, anew.ar]),
            hint=f"De var {number(anew.before)} förra året. Den som är kvar räknas på nytt.",
        )
    yield from _more(
        len(anonyma),
        "insats till utan årets anonyma",
        "insatser till utan årets anonyma",
        url=reverse("registration:insatser"),
    )


def _samtycken(antal: int) -> str:
    return f"{number(antal)} {plural(antal, 'samtycke', 'samtycken')}"


def _more(antal: int, one: str, many: str, *, url: str) -> Iterator[Task]:
    if antal > SHOWN:
        rest = antal - SHOWN
        yield Task(f"{number(rest)} {plural(rest, one, many)}", url)


def _people(antal: int) -> str:
    return f"{number(antal)} deltagare"


def _long_open_url(one: OpenIn) -> str:
    """Of a single one the act itself, else the list of just those."""
    if one.only:
        return reverse("registration:register_out", args=[one.only])
    return narrowed_url("deltaganden", one.insats, status="pagar", till=_long_ago())


def _long_ago() -> str:
    return formats.iso_day(long_ago_from(timezone.localdate()))


def _out_url(one: OpenIn) -> str:
    """Of a single one the act itself, else where several are registered out at once."""
    if one.only:
        return reverse("registration:register_out", args=[one.only])
    return reverse("registration:register_out_several", args=[one.insats])


def _open_ones(**narrowed: str) -> str:
    """The list of exactly those who were counted, by the filters that say so in words (`ListFilters`)."""
    return narrowed_url("deltagare", status="pagar", **narrowed)


def _long() -> str:
    days: int = settings.OPEN_LONG_DAYS
    years, rest = divmod(days, 365)
    return f"{number(days)} dagar" if rest or not years else f"{number(years)} år"


@panels.register(roles=[Roll.FORBUNDSADMINISTRATOR], order=1)
def without_deltagaransvarig(actor: Actor) -> panels.Panel:
    """Insatser where something is left to do and nobody answers for it. Counts only."""
    found = unstaffed()
    if not found:
        done = EmptyState(
            "Allt är gjort",
            "Det finns en deltagaransvarig i varje insats där någon deltar eller ett original ska skickas.",
        )
        return panels.Panel("Att göra", [done], tall=True)
    body: list[Component] = [
        TaskList(
            [
                *map(unstaffed_task, found[:SHOWN]),
                *_more(
                    len(found),
                    "sådan insats till",
                    "sådana insatser till",
                    url=reverse("registration:uppdragen"),
                ),
            ]
        ),
        Text("Den som får ett uppdrag som deltagaransvarig i insatsen tar över det som är kvar direkt."),
    ]
    return panels.Panel("Att göra", body, tall=True)


@panels.register(roles=READ, order=15)
def uttag_to_come(actor: Actor) -> panels.Panel | None:
    """`next_uttag`, further down."""
    return next_uttag(actor)


@panels.register(roles=MEASURED, order=3)
def next_uttag(actor: Actor) -> panels.Panel | None:
    """When the next uttag is taken, and what is missing for it in the insatser that the actor may see."""
    plans = actor.roll == Roll.NATIONELL_ADMINISTRATOR
    plan = next_plan()
    if plan is None:
        if not plans:
            return None
        none = EmptyState(
            "Inget uttag är planerat",
            "När du har angett en dag ser alla den här, och vad som saknas för uttaget.",
            Link("Planera ett uttag", reverse("registration:planned_new")),
        )
        return panels.Panel("Nästa uttag", [none])
    body: list[Component] = [Text(about(plan))]
    tasks = list(_missing(missing_for(plan), actor, plan))
    body.append(TaskList(tasks, empty=_nothing_missing(actor, plan)))
    link = Link("Planerade uttag", reverse("registration:planned")) if plans else None
    return panels.Panel(f"Uttag {formats.day(plan.dag)}", body, link=link)


def about(plan: PlaneratUttag) -> str:
    """What the uttag is of, and until when what is registered counts."""
    text = f"Uttaget gäller {plan.ar}. Det som är registrerat senast den dagen räknas med."
    return f"{text} {plan.anteckning}" if plan.anteckning else text


def _nothing_missing(actor: Actor, plan: PlaneratUttag) -> str:
    """What has been looked for, role by role: nothing is said of what is not looked at."""
    where = {
        Roll.NATIONELL_ADMINISTRATOR: "i landet",
        Roll.DELTAGARANSVARIG: "i dina insatser",
        Roll.INSATSANSVARIG: "i dina insatser",
    }.get(actor.roll or Roll.DELTAGARANSVARIG, "i förbundet")
    numbers = "inga anonyma" if actor.roll == Roll.DELTAGARANSVARIG else "inga anonyma eller volymer"
    more = {
        Roll.DELTAGARANSVARIG: " Du har inga påbörjade registreringar.",
        Roll.FORBUNDSADMINISTRATOR: " Alla som deltar har en deltagaransvarig.",
    }.get(actor.roll or Roll.RAPPORTLASARE, "")
    out = "inga utregistreringar ur insatser som slutade senast det året"
    return f"För {plan.ar} saknas {numbers} {where}, och {out}.{more}"


def _missing(found: Missing, actor: Actor, plan: PlaneratUttag) -> Iterator[Task]:
    """Who can give what is missing is led to it; others see the number."""
    registers = actor.roll == Roll.DELTAGARANSVARIG
    yield from _missing_persons(found, plan, registers=registers)
    if registers:
        yield from _anonyma_to_give(found, plan)
    else:
        yield from _counts_missing(found, plan, gives=actor.roll == Roll.INSATSANSVARIG)


def _missing_persons(found: Missing, plan: PlaneratUttag, *, registers: bool) -> Iterator[Task]:
    if found.begun:
        what = plural(
            found.begun, "påbörjad registrering är inte klar", "påbörjade registreringar är inte klara"
        )
        yield Task(
            f"{number(found.begun)} {what}",
            reverse("registration:drafts"),
            hint="Det som inte är registrerat räknas inte",
        )
    if found.unstaffed:
        what = plural(found.unstaffed, "deltagande", "deltaganden")
        yield Task(
            f"{number(found.unstaffed)} {what} utan deltagaransvarig",
            reverse("registration:uppdragen"),
            hint="Ingen kan registrera när de slutar",
        )
    if found.utregistreringar:
        what = plural(found.utregistreringar, "utregistrering", "utregistreringar")
        yield Task(
            f"{number(found.utregistreringar)} {what} saknas",
            _open_ones(slut=formats.iso_day(last_end(plan))) if registers else "",
            hint="Insatsen är slut men deltagandet står öppet",
        )


def _anonyma_to_give(found: Missing, plan: PlaneratUttag) -> Iterator[Task]:
    """Insats by insats, for whoever gives them. A year that has no page any more leads nowhere."""
    for one in found.anonyma[:SHOWN]:
        url = reverse("registration:anonyma_set", args=[one.pk, plan.ar]) if plan.ar in years_shown() else ""
        yield Task(f"Anonyma för {plan.ar} saknas i {one.namn}", url)
    yield from _more(
        len(found.anonyma),
        "insats till utan anonyma",
        "insatser till utan anonyma",
        url=reverse("registration:insatser"),
    )


def _counts_missing(found: Missing, plan: PlaneratUttag, *, gives: bool) -> Iterator[Task]:
    """In how many insatser, for who gives no anonyma. gives: whether the volym is theirs to give."""
    if found.anonyma:
        yield Task(
            f"Anonyma för {plan.ar} saknas i {_insatser(len(found.anonyma))}",
            hint="De hade anonyma deltagare året före",
        )
    if found.volym:
        yield Task(
            f"Volym för {plan.ar} saknas i {_insatser(found.volym)}",
            reverse("registration:volymer") if gives else "",
        )


def _insatser(antal: int) -> str:
    return f"{number(antal)} {plural(antal, 'insats', 'insatser')}"


@panels.register(roles=[Roll.DELTAGARANSVARIG], order=4)
def how_fresh(actor: Actor) -> panels.Panel | None:
    """How soon the actor's registrations come in, beside förbundet and riket; none before there are some."""
    found = freshness()
    if found is None:
        return None
    columns = [
        Column("vem", "Registrerat"),
        Column("start", "Start", Kind.NUMBER, unit="dagar"),
        Column("slut", "Slut", Kind.NUMBER, unit="dagar"),
    ]
    rows = [
        Row({"vem": vem, "start": _days(each.start), "slut": _days(each.slut)})
        for vem, each in (("av dig", found.mine), ("i förbundet", found.forbund), ("i riket", found.riket))
    ]
    table = Table(
        "farskhet",
        "Dagar från händelsen till registreringen",
        columns,
        rows,
        note="Median av det senaste årets starter och slut. Färre än fem visas inte.",
    )
    return panels.Panel("Så snabbt registreras det", [table])


def _days(one: Lag) -> str:
    return number(one.days, 0 if one.days is None or one.days.is_integer() else 1)
