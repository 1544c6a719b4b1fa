"""What the pages of registration share: fetch or 404, breadcrumbs, counts, addresses of the neighbours' pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from finsam_site.ui.components import Crumb, Link
from finsam_site.ui.formats import iso_day

from ..models import Forbund, Insats, InsatsAgande

INSATSER = "Insatser"


def get_insats(pk: int) -> Insats:
    """The insats, or 404 where it is not the actor's to see: the same as for one that does not exist."""
    found = Insats.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def crumbs(*steps: tuple[str, str]) -> list[Crumb]:
    """The way here, after the start page: (label, address) of each step; the last address is empty."""
    return [Crumb(INSATSER, reverse("registration:insatser")), *(Crumb(*one) for one in steps)]


def insats_crumb(insats: Insats) -> tuple[str, str]:
    """The step of an insats."""
    return insats.namn, insats_url(insats)


def insats_url(insats: Insats) -> str:
    return reverse("registration:insats", args=[insats.pk])


def takes_persons(insats: Insats) -> bool:
    """True for an insats where persons are registered, and not only numbers (DOMAIN §3)."""
    return insats.inriktning == "individ" and insats.registreringssatt == "person"


def open_today(insats: Insats) -> bool:
    """True while somebody can begin in it. One that has ended can still get late registrations."""
    return insats.slutdatum is None or insats.slutdatum >= timezone.localdate()


def period(start: dt.date, end: dt.date | None) -> str:
    """From a day to a day, in words."""
    return f"{iso_day(start)} till {iso_day(end)}" if end else f"Från {iso_day(start)}"


def owners(insatser: Collection[Insats]) -> dict[int, Forbund]:
    """Insats → the förbund that owns it now. One query."""
    rows = InsatsAgande.objects.filter(insats__in=[one.pk for one in insatser], till__isnull=True)
    return {row.insats_id: row.forbund for row in rows.select_related("forbund")}


def counts_link(name: str, label: str, insats: Insats) -> Link | None:
    """A link to a page of anonyma or volym; None where there is no such page."""
    try:
        return Link(label, reverse(f"registration:{name}", args=[insats.pk]))
    except NoReverseMatch:
        return None
