"""Lists of deltaganden: of an insats, and of all insatser where the actor works. And where to register somebody."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Button, Crumb, EmptyState, Link, Pagination, Task, TaskList
from finsam_site.ui.tables import Column, Kind, Row, Table

from ..models import Identitet, Insats
from ..rules.aggregates import open_counts
from ..rules.reveal import Namn, reveal_names
from .deltaganden import deltagande_url, samtycke_tag, status_tag
from .insatser_common import (
    crumbs,
    get_insats,
    insats_crumb,
    insats_url,
    open_today,
    takes_persons,
)

PER_PAGE = 50
FILTERS = {"": "Alla", "pagar": "Pågår", "avslutade": "Avslutade"}


@requires(Roll.DELTAGARANSVARIG)
@require_safe
def deltaganden(request: HttpRequest, pk: int) -> HttpResponse:
    """The people of an insats: name and birth year, never the whole number (QUALITY §1). Newest start first."""
    insats = get_insats(pk)
    here = reverse("registration:deltaganden", args=[insats.pk])
    table, filters = _list(request, here, [insats])
    context = {
        "title": f"Deltaganden i {insats.namn}",
        "over": insats.namn,
        "filters": filters,
        "table": table,
        "register": _register_button(insats) if table.rows else None,
        "crumbs": crumbs(insats_crumb(insats), ("Deltaganden", "")),
    }
    return render(request, "registration/deltaganden.html", context)


@requires(Roll.DELTAGARANSVARIG)
@require_safe
def deltagare(request: HttpRequest) -> HttpResponse:
    """The people of all insatser where the actor works; with a single one, straight to its own list."""
    insatser = persons_insatser()
    if len(insatser) == 1:
        url = reverse("registration:deltaganden", args=[insatser[0].pk])
        return redirect(f"{url}?{request.GET.urlencode()}" if request.GET else url)
    table, filters = _list(request, reverse("registration:deltagare"), insatser)
    context = {
        "title": "Deltaganden i alla dina insatser",
        "over": f"{len(insatser)} insatser",
        "filters": filters,
        "table": table,
        "register": Button("Registrera deltagare", url=reverse("registration:register"))
        if table.rows
        else None,
        "crumbs": [Crumb("Deltagare")],
    }
    return render(request, "registration/deltaganden.html", context)


@requires(Roll.DELTAGARANSVARIG)
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Which insats somebody is to be registered in; with a single one that is going on, straight to the form."""
    insatser = persons_insatser()
    running = [one for one in insatser if open_today(one)]
    if len(running or insatser) == 1:
        return redirect("registration:register_in", pk=(running or insatser)[0].pk)
    counts = open_counts(one.pk for one in insatser)
    ended = [one for one in insatser if one not in running]
    context: dict[str, Any] = {
        "title": "Registrera deltagare",
        "lead": "Vilken insats gäller det?" if insatser else "",
        "parts": [_choices(running, counts)] if running else [],
        "sections": [
            {
                "title": "Insatser som är avslutade",
                "text": "Här registrerar du den som deltog innan insatsen slutade.",
                "parts": [_choices(ended, counts)],
            }
        ]
        if ended
        else [],
        "crumbs": [Crumb("Registrera deltagare")],
    }
    if not insatser:
        context["parts"] = [_no_insatser()]
    return render(request, "registration/page.html", context)


def persons_insatser() -> list[Insats]:
    """The actor's insatser where persons are registered, by name."""
    return sorted((one for one in Insats.objects.all() if takes_persons(one)), key=lambda one: one.namn)


def _choices(insatser: list[Insats], counts: dict[int, int]) -> TaskList:
    return TaskList(
        [
            Task(
                one.namn,
                reverse("registration:register_in", args=[one.pk]),
                hint=f"{counts.get(one.pk, 0)} deltar nu",
            )
            for one in insatser
        ]
    )


def _list(request: HttpRequest, here: str, insatser: list[Insats]) -> tuple[Table, list[Link]]:
    """A page of the deltaganden in `insatser`, and the links that narrow it. Each name shown is a look in the log."""
    chosen = request.GET.get("status", "")
    chosen = chosen if chosen in FILTERS else ""
    several = len(insatser) > 1
    found = Identitet.objects.filter(insats__in=insatser).order_by("-startdatum", "-registrerad_dag", "pk")
    if chosen:
        found = found.filter(deltagande__aktuell_ut__isnull=chosen == "pagar")
    found = found.select_related(
        "deltagande__aktuell_in", "deltagande__aktuell_ut", "samtycke", *(["insats"] if several else [])
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("sida"))
    names = reveal_names([one.pk for one in page], "lista")
    table = Table(
        id="deltaganden",
        caption=f"{FILTERS[chosen]} deltaganden" if not chosen else f"Deltaganden: {FILTERS[chosen].lower()}",
        hide_caption=True,
        columns=[
            Column("namn", "Namn"),
            Column("fodelsear", "Födelseår"),
            *([Column("insats", "Insats")] if several else []),
            Column("status", "Status"),
            Column("start", "Start", Kind.DAY),
            Column("slut", "Slut", Kind.DAY),
            Column("samtycke", "Samtycke"),
        ],
        rows=[_row(one, names[one.pk], several=several) for one in page],
        pagination=Pagination(page, "deltaganden", {"status": chosen} if chosen else {}),
        empty=_empty(here, insatser, chosen),
    )
    filters = [
        Link(label, f"{here}?status={key}" if key else here, current=key == chosen)
        for key, label in FILTERS.items()
    ]
    return table, filters


def _row(one: Identitet, name: Namn, *, several: bool) -> Row:
    version = one.deltagande.aktuell_in
    cells: dict[str, Any] = {
        "namn": f"{name.efternamn}, {name.fornamn}",
        "fodelsear": str(version.fodelsear or ""),
        "status": status_tag(one.deltagande),
        "start": one.startdatum,
        "slut": one.slutdatum,
        "samtycke": samtycke_tag(one.samtycke),
    }
    if several:
        cells["insats"] = one.insats.namn
    return Row(cells, url=deltagande_url(one.deltagande_id))


def _register_button(insats: Insats) -> Button | None:
    if not takes_persons(insats):
        return None
    return Button("Registrera in", url=reverse("registration:register_in", args=[insats.pk]))


def _no_insatser() -> EmptyState:
    return EmptyState(
        "Inga insatser med deltagare",
        "Inga personer registreras i insatserna där du arbetar.",
        Link("Till insatserna", reverse("registration:insatser")),
    )


def _empty(here: str, insatser: list[Insats], chosen: str) -> EmptyState:
    if chosen:
        return EmptyState(
            "Inga sådana deltaganden",
            "Inget deltagande passar in på det du har valt.",
            Link("Visa alla", here),
        )
    if not insatser:
        return _no_insatser()
    if len(insatser) > 1:
        button = Button("Registrera deltagare", url=reverse("registration:register"))
        return EmptyState("Inga deltaganden ännu", "Här står de som är registrerade i dina insatser.", button)
    if not takes_persons(insatser[0]):
        back = Link("Till insatsen", insats_url(insatser[0]))
        return EmptyState("Inga personer registreras här", "Insatsen registrerar bara antal.", back)
    return EmptyState(
        "Inga deltaganden ännu", "Här står de som är registrerade i insatsen.", _register_button(insatser[0])
    )
