"""The report of an uttag, each of its tables on a page of its own, and the definitions of a year."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from finsam_site.access.acting import require_actor
from finsam_site.access.requires import requires
from finsam_site.ui import formats
from finsam_site.ui.components import Button, Crumb, Detail, Details, KeyFigures, Link

from ..models import Uttag
from ..pages import may_take, status_tag
from ..report import words
from ..report.definitions import entries
from ..report.document import make_report, section_of
from ..report.folded_switch import FOLDED, SWITCH, Switch
from ..report.store import stored_table, stored_tables, table_ids
from ..tables.definitions import DEFINITIONS_VERSION
from ..tables.registry import get_table
from ..uttag.take import FIRST_YEAR
from .shared import READERS, crumbs, crumbs_of, reads_uttag


@require_safe
@reads_uttag
def report(request: HttpRequest, uttag: Uttag) -> HttpResponse:
    """Key figures, contents and every table in the catalogue's order."""
    made = make_report(uttag, stored_tables(uttag))
    takes = may_take(require_actor())
    context = {
        "uttag": uttag,
        "report": made,
        "figures": KeyFigures(made.figures),
        "about": about(uttag),
        "status": status_tag(uttag),
        "downloads": [
            Button("Hämta arbetsboken", reverse("reporting:workbook", args=[uttag.pk])),
            Link("Alla tabeller som CSV", reverse("reporting:csv", args=[uttag.pk])),
            Link("Alla tabeller som JSON", reverse("reporting:json", args=[uttag.pk])),
        ],
        "settle": Link("Fastställ uttaget", reverse("reporting:uttag_settle", args=[uttag.pk]))
        if takes and not uttag.faststalld
        else None,
        "definitions": Link("Definitioner", reverse("reporting:definitions", args=[uttag.ar])),
        "known": words.known(uttag),
        "crumbs": crumbs_of(uttag),
    }
    return render(request, "reporting/report.html", context)


def about(uttag: Uttag) -> Details:
    """When and by whom it was taken, and what it can be recognised by."""
    return Details(
        [
            Detail("Status", status_tag(uttag), note=_settled(uttag)),
            Detail("Taget", formats.moment(uttag.taken_at), note=f"av {uttag.taken_by}"),
            Detail("Kontrollsumma", uttag.content_hash, note="Samma uppgifter ger samma summa."),
            Detail("Definitioner", uttag.definitions, note=_counted_by(uttag)),
        ]
    )


def _counted_by(uttag: Uttag) -> str:
    """By which program; and that the words on the page are newer than the figures, where they are."""
    program = f"Program {uttag.software}"
    if uttag.definitions == DEFINITIONS_VERSION:
        return program
    return f"{program}. Orden på sidan är av version {DEFINITIONS_VERSION}."


def _settled(uttag: Uttag) -> str:
    return formats.moment(uttag.faststalld) if uttag.faststalld else ""


@require_safe
@reads_uttag
def table(request: HttpRequest, uttag: Uttag, table_id: str) -> HttpResponse:
    """One table, whole, with its diagram, definitions and all of its notes."""
    try:
        result = stored_table(uttag, table_id)
    except KeyError:
        raise Http404 from None
    switch = Switch.of(uttag, table_id, wanted=request.GET.get(SWITCH) == FOLDED)
    section = section_of(uttag, switch.table or result)
    ids = table_ids(uttag)
    place = ids.index(table_id)
    context = {
        "switch": switch,
        "uttag": uttag,
        "section": section,
        "known": words.known(uttag),
        "before": _neighbour(uttag, ids[place - 1]) if place else None,
        "after": _neighbour(uttag, ids[place + 1]) if place + 1 < len(ids) else None,
        "whole": Link("Hela rapporten", f"{reverse('reporting:report', args=[uttag.pk])}#{section.id}"),
        "crumbs": crumbs_of(uttag, Crumb(f"Tabell {section.number}")),
    }
    return render(request, "reporting/table.html", context)


def _neighbour(uttag: Uttag, table_id: str) -> Link:
    found = get_table(table_id)
    return Link(f"{found.number}. {found.title}", reverse("reporting:table", args=[uttag.pk, found.id]))


@require_safe
@requires(*READERS)
def definitions(request: HttpRequest, year: int) -> HttpResponse:
    """What every figure means, as it holds for tables of the year."""
    if not FIRST_YEAR <= year <= timezone.localdate().year:
        raise Http404
    context = {"year": year, "entries": entries(year), "crumbs": crumbs(Crumb(f"Definitioner {year}"))}
    return render(request, "reporting/definitions.html", context)
