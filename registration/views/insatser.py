"""Insatser and förbund, as they are described. Here nothing is changed and nobody is named."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from finsam_site.access.acting import require_actor
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.swedish import by_name
from finsam_site.ui.components import Button, Component, Crumb, Detail, Details, EmptyState, Link, Pagination
from finsam_site.ui.formats import day, sentence
from finsam_site.ui.tables import Column, Kind, Row, Table

from ..forms.sysselsattning_codes import Codes
from ..models import Forbund, ForbundKommun, ForbundRegion, Insats, InsatsAr, Kodlista
from ..rules.aggregates import open_counts
from ..rules.staffing import insatser_to_staff
from .forbund_money import money_table
from .insatser_common import (
    crumbs,
    daily_acts,
    ended_lately,
    get_insats,
    insats_url,
    open_today,
    owners,
)

PER_PAGE = 50
READERS = (
    Roll.DELTAGARANSVARIG,
    Roll.INSATSANSVARIG,
    Roll.FORBUNDSADMINISTRATOR,
    Roll.NATIONELL_ADMINISTRATOR,
)


@requires(*READERS)
@require_safe
def insatser(request: HttpRequest) -> HttpResponse:
    """The actor's insatser; for the nation all of them, by förbund."""
    national = require_actor().roll == Roll.NATIONELL_ADMINISTRATOR
    found = Insats.objects.all()
    if national:
        found = found.filter(agande__till__isnull=True).order_by(
            by_name("agande__forbund__namn"), by_name(), "pk"
        )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("sida"))
    context = {
        "title": "Insatser",
        "lead": "Alla insatser, förbund för förbund." if national else "",
        "parts": [insatser_table(list(page), show_forbund=True, pagination=Pagination(page, "insatser"))],
    }
    return render(request, "registration/page.html", context)


@requires(*READERS)
@require_safe
def insats(request: HttpRequest, pk: int) -> HttpResponse:
    """What an insats is, who takes part in it as a party, its plan and money per year."""
    one = get_insats(pk)
    codes = Codes()
    owner = owners([one]).get(one.pk) or one.forbund
    precise = Kodlista.PRECISERAD_INDIVID if one.inriktning == "individ" else Kodlista.PRECISERAD_STRUKTUR
    facts = [
        Detail("Samordningsförbund", Link(owner.namn, reverse("registration:forbund", args=[owner.pk]))),
        Detail("Inriktning", sentence(codes.label(Kodlista.INRIKTNING, one.inriktning)),
               note=sentence(codes.label(precise, one.preciserad_inriktning))),
        Detail("Registrerar", sentence(codes.label(Kodlista.REGISTRERINGSSATT, one.registreringssatt))),
        Detail("Start", day(one.startdatum)),
        Detail("Slut", day(one.slutdatum) if one.slutdatum else "", missing="Inget slutdatum"),
        Detail("Behovsgrupper", sentence(codes.labels(
            Kodlista.BEHOVSGRUPP, set(one.behovsgrupper.values_list("kod", flat=True)))), missing="Ingen särskild"),
        Detail("Parter", sentence(codes.labels(Kodlista.PART, set(one.parter.values_list("kod", flat=True))))),
        Detail("Socialfonden (ESF)", "Delfinansierad av ESF" if one.esf else "Inte ESF-finansierad"),
    ]  # fmt: skip
    left = open_counts([one.pk]).get(one.pk, 0) if one.takes_persons else 0
    if one.takes_persons:
        facts.append(Detail("Deltar nu", str(left)))
    context = {
        "title": one.namn,
        "over": "Insats" if open_today(one) else "Insats som är avslutad",
        "lead": one.beskrivning,
        "actions": _actions(one, left),
        "sections": [
            {"title": "Om insatsen", "parts": [Details(facts)]},
            {"title": "År för år", "parts": [_years(one)]},
        ],
        "crumbs": crumbs((one.namn, "")),
    }
    return render(request, "registration/page.html", context)


@requires(*READERS, Roll.RAPPORTLASARE, Roll.BESTALLARE)
@require_safe
def forbund(request: HttpRequest, pk: int) -> HttpResponse:
    """What a förbund is, its area, its insatser and its money per year."""
    one = Forbund.objects.select_related("uppgatt_i").filter(pk=pk).first()
    if one is None:
        raise Http404
    readable = require_actor().roll in READERS
    found = list(Insats.objects.filter(agande__forbund=one, agande__till__isnull=True)) if readable else []
    sections = [{"title": "Om förbundet", "parts": [Details(_forbund_facts(one))]}]
    sections.append({"title": "Kommuner och regioner", "parts": [_area(one)]})
    if readable:
        sections.append({"title": "Insatser", "parts": [insatser_table(found)]})
    sections.append({"title": "Pengar år för år", "parts": [money_table(one)]})
    context = {
        "title": one.namn,
        "over": "Samordningsförbund" if one.slutdatum is None else "Samordningsförbund som har upphört",
        "lead": one.beskrivning,
        "sections": sections,
        "crumbs": crumbs((one.namn, "")) if readable else [Crumb(one.namn)],
    }
    return render(request, "registration/page.html", context)


def insatser_table(
    found: list[Insats],
    *,
    show_forbund: bool = False,
    pagination: Pagination | None = None,
    register: bool = False,
) -> Table:
    """Insatser with how many take part now. register: a link to the act in each row where it can be done."""
    owner = owners(found) if show_forbund else {}
    several = show_forbund and len({one.pk for one in owner.values()}) > 1
    counts = open_counts(one.pk for one in found if one.takes_persons)
    columns = [
        Column("namn", "Insats"),
        *([Column("forbund", "Samordningsförbund")] if several else []),
        *([Column("gor", "Ny deltagare")] if register else []),
        Column("antal", "Deltar nu", Kind.NUMBER),
        Column("start", "Start", Kind.DAY),
        Column("slut", "Slut", Kind.DAY),
    ]
    rows = []
    for one in found:
        cells: dict[str, Any] = {
            "namn": one.namn,
            "start": one.startdatum,
            "slut": one.slutdatum,
            "antal": counts.get(one.pk, 0) if one.takes_persons else "bara antal",
        }
        if one.pk in owner:
            home = owner[one.pk]
            cells["forbund"] = Link(home.namn, reverse("registration:forbund", args=[home.pk]))
        if register and one.takes_persons and (open_today(one) or ended_lately(one)):
            cells["gor"] = Link("Registrera in", reverse("registration:register_in", args=[one.pk]))
        rows.append(Row(cells, url=insats_url(one)))
    return Table(
        id="insatser", caption="Insatser", hide_caption=True, columns=columns, rows=rows, pagination=pagination,
        empty=EmptyState("Inga insatser", "Här står de insatser som hör till uppdraget du arbetar i."),
    )  # fmt: skip


def _actions(one: Insats, left: int) -> list[Component]:
    """What the actor can do in the insats, the daily act first: registering, or giving the number.

    left: how many take part now.
    """
    roll = require_actor().roll
    if one.takes_persons and roll == Roll.DELTAGARANSVARIG:
        return [
            *daily_acts(one, somebody_left=bool(left) and not open_today(one)),
            Button("Deltaganden", url=reverse("registration:deltaganden", args=[one.pk]), kind="secondary"),
            Button(
                "Skriv ut samtycke",
                url=reverse("registration:samtycke_blank", args=[one.pk]),
                kind="secondary",
            ),
            Button(
                "Utan personuppgifter", url=reverse("registration:anonyma", args=[one.pk]), kind="secondary"
            ),
        ]
    found: list[Component] = []
    if not one.takes_persons and roll == Roll.INSATSANSVARIG:
        found.append(Button("Ange antal deltagare", url=reverse("registration:volym", args=[one.pk])))
    if insatser_to_staff().filter(pk=one.pk).exists():
        url = reverse("registration:insats_uppdrag", args=[one.pk])
        found.append(Button("Uppdrag", url=url, kind="secondary"))
    return found


def _years(one: Insats) -> Table:
    rows: list[InsatsAr] = list(one.ar.order_by("-ar"))
    columns = [
        Column("ar", "År"),
        Column("planerat", "Planerat antal deltagare", Kind.NUMBER),
        Column("budget", "Budget", Kind.NUMBER, unit="kronor", group="Insatskostnad"),
        Column("utfall", "Utfall", Kind.NUMBER, unit="kronor", group="Insatskostnad"),
    ]
    if one.esf:
        columns += [
            Column("budget_esf", "Budget", Kind.NUMBER, unit="kronor", group="Därav ESF"),
            Column("utfall_esf", "Utfall", Kind.NUMBER, unit="kronor", group="Därav ESF"),
        ]
    return Table(
        id="ar", caption="Plan och pengar per år", hide_caption=True, columns=columns,
        rows=[
            Row({
                "ar": str(row.ar), "planerat": row.planerat_antal, "budget": row.budget, "utfall": row.utfall,
                "budget_esf": row.budget_esf, "utfall_esf": row.utfall_esf,
            })
            for row in rows
        ],
        empty=EmptyState("Ingen plan ännu", "Här står planerat antal, budget och utfall för varje år."),
    )  # fmt: skip


def _forbund_facts(one: Forbund) -> list[Detail]:
    facts = [
        Detail("Organisationsnummer", one.organisationsnummer),
        Detail("Start", day(one.startdatum)),
    ]
    if one.slutdatum:
        facts.append(Detail("Slut", day(one.slutdatum)))
    if one.uppgatt_i:
        facts.append(Detail("Uppgått i", _forbund_link(one.uppgatt_i)))
    absorbed = list(Forbund.objects.filter(uppgatt_i=one))
    if absorbed:
        facts.append(Detail("Har tagit upp", ", ".join(each.namn for each in absorbed)))
    return [*facts, Detail("Kontakt", one.kontakt)]


def _forbund_link(one: Forbund) -> Link | str:
    """A link where the actor may follow it."""
    seen = Forbund.objects.filter(pk=one.pk).exists()
    return Link(one.namn, reverse("registration:forbund", args=[one.pk])) if seen else one.namn


def _area(one: Forbund) -> Table:
    members: list[tuple[str, str, ForbundKommun | ForbundRegion]] = [
        (f"{row.kommun.namn}, {row.stadsdel.namn}" if row.stadsdel else row.kommun.namn, "Kommun", row)
        for row in one.kommuner.select_related("kommun", "stadsdel").order_by(by_name("kommun__namn"), "fran")
    ]
    members += [
        (f"Region i {row.lan.namn}", "Region", row)
        for row in one.regioner.select_related("lan").order_by(by_name("lan__namn"), "fran")
    ]
    return Table(
        id="omrade", caption="Kommuner och regioner i förbundet", hide_caption=True,
        columns=[Column("namn", "Medlem"), Column("slag", "Slag"), Column("fran", "Från", Kind.DAY),
                 Column("till", "Till", Kind.DAY)],
        rows=[Row({"namn": namn, "slag": slag, "fran": row.fran, "till": row.till}) for namn, slag, row in members],
        empty=EmptyState("Inga medlemmar", "Här står kommunerna och regionerna i förbundet."),
    )  # fmt: skip
