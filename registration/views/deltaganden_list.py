"""Lists of deltaganden: of an insats, and of all insatser where the actor works. And where to register somebody."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Button, Crumb, EmptyState, Link, Pagination, Task, TaskList
from finsam_site.ui.formats import day
from finsam_site.ui.tables import Table

from ..models import Identitet, Insats
from ..rules.aggregates import open_counts
from ..rules.register import still_in
from ..rules.reveal import still_named
from ..rules.samtycke import with_samtycke_status
from .deltaganden_filters import Selection
from .deltaganden_rows import columns, row
from .insatser_common import (
    crumbs,
    daily_acts,
    ended_lately,
    get_insats,
    insats_crumb,
    insats_url,
    open_today,
    register_in_button,
)

PER_PAGE = 50
APPLY = Button("Visa", kind="secondary")


@requires(Roll.DELTAGARANSVARIG)
@require_safe
def deltaganden(request: HttpRequest, pk: int) -> HttpResponse:
    """The people of an insats: name and birth year, never the whole number (QUALITY §1). Newest start first."""
    insats = get_insats(pk)
    here = reverse("registration:deltaganden", args=[insats.pk])
    context = _list(request, here, [insats])
    context |= {
        "title": f"Deltaganden i {insats.namn}",
        "over": insats.namn,
        "acts": daily_acts(insats, somebody_left=_somebody_left(insats, context))
        if context["anybody"]
        else [],
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
    context = _list(request, reverse("registration:deltagare"), insatser)
    context |= {
        "title": "Deltaganden i alla dina insatser",
        "over": f"{len(insatser)} insatser",
        "acts": [Button("Registrera deltagare", url=reverse("registration:register"))]
        if context["anybody"]
        else [],
        "crumbs": [Crumb("Deltagare")],
    }
    return render(request, "registration/deltaganden.html", context)


@requires(Roll.DELTAGARANSVARIG)
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Which insats somebody is to be registered in; straight to the form where a single one is going on and none has
    just ended."""
    insatser = persons_insatser()
    running = [one for one in insatser if open_today(one)]
    likely = [one for one in insatser if open_today(one) or ended_lately(one)] if running else insatser
    if len(likely) == 1:
        return redirect("registration:register_in", pk=likely[0].pk)
    counts = open_counts(one.pk for one in insatser)
    ended = sorted(
        (one for one in insatser if one.slutdatum and not open_today(one)),
        key=lambda one: one.slutdatum or dt.date.min,
        reverse=True,
    )
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
    return [one for one in Insats.objects.all() if one.takes_persons]


def _choices(insatser: list[Insats], counts: dict[int, int]) -> TaskList:
    return TaskList(
        [
            Task(
                one.namn,
                reverse("registration:register_in", args=[one.pk]),
                hint=_ended(one) + f"{counts.get(one.pk, 0)} deltar nu",
            )
            for one in insatser
        ]
    )


def _ended(insats: Insats) -> str:
    return "" if open_today(insats) else f"Avslutad {day(insats.slutdatum)}. "


def _list(request: HttpRequest, here: str, insatser: list[Insats]) -> dict[str, Any]:
    """A page of the deltaganden in `insatser` and what narrows it. Each name shown is a look in the log."""
    several = len(insatser) > 1
    selection = Selection(request, here, insatser)
    found = with_samtycke_status(Identitet.objects.filter(insats__in=insatser)).select_related(
        "deltagande__aktuell_in", "deltagande__aktuell_ut", *(["insats"] if several else [])
    )
    page, by_name = selection.page(found, request.GET.get("sida"), PER_PAGE)
    shown = still_named(page, "lista")
    table = Table(
        id="deltaganden",
        caption="Deltaganden" if not selection.chosen else f"Deltaganden: {', '.join(selection.chosen)}",
        hide_caption=True,
        columns=columns(several=several, sorting=selection.sorting(by_name=by_name)),
        rows=[row(one, name, several=several) for one, name in shown.items()],
        pagination=Pagination(page, "deltaganden", selection.query),
        empty=_empty(selection, insatser),
    )
    return {
        "table": table,
        "selection": selection,
        "form": selection.form,
        "apply": APPLY,
        # Where the list is empty whatever is chosen, the page offers the first registration below instead.
        "anybody": bool(table.rows or selection.chosen),
        "somebody_left": any(one.deltagande.aktuell_ut_id is None for one in shown),
    }


def _somebody_left(insats: Insats, context: dict[str, Any]) -> bool:
    """Whether anybody can be registered out of the insats, in the list as it is narrowed or not."""
    if context["somebody_left"]:
        return True
    return still_in(insats).exists()


def _register_button(insats: Insats) -> Button | None:
    if not insats.takes_persons:
        return None
    return register_in_button(insats)


def _no_insatser() -> EmptyState:
    return EmptyState(
        "Inga insatser med deltagare",
        "Inga personer registreras i insatserna där du arbetar.",
        Link("Till insatserna", reverse("registration:insatser")),
    )


def _empty(selection: Selection, insatser: list[Insats]) -> EmptyState:
    if selection.chosen:
        return EmptyState(
            "Inga sådana deltaganden",
            "Inget deltagande passar in på det du har valt.",
            Link("Visa alla", selection.clear_url),
        )
    if not insatser:
        return _no_insatser()
    if len(insatser) > 1:
        button = Button("Registrera deltagare", url=reverse("registration:register"))
        return EmptyState("Inga deltaganden ännu", "Här står de som är registrerade i dina insatser.", button)
    if not insatser[0].takes_persons:
        back = Link("Till insatsen", insats_url(insatser[0]))
        return EmptyState("Inga personer registreras här", "Insatsen registrerar bara antal.", back)
    return EmptyState(
        "Inga deltaganden ännu", "Här står de som är registrerade i insatsen.", _register_button(insatser[0])
    )
