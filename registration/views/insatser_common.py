"""What the pages of registration share: fetch or 404, breadcrumbs, counts, addresses of the neighbours' pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from finsam_site.ui.components import Button, Crumb
from finsam_site.ui.formats import iso_day

from ..models import Forbund, Insats, InsatsAgande

INSATSER = "Insatser"
LATELY = dt.timedelta(days=365)


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


def open_today(insats: Insats) -> bool:
    """True while somebody can begin in it. One that has ended can still get late registrations."""
    return insats.slutdatum is None or insats.slutdatum >= timezone.localdate()


def ended_lately(insats: Insats) -> bool:
    """True when it ended within a year: to register late into such a one is the commonest of all lateness."""
    last, today = insats.slutdatum, timezone.localdate()
    return last is not None and today - LATELY <= last < today


def register_in_button(insats: Insats, *, kind: str = "primary") -> Button:
    return Button("Registrera in", url=reverse("registration:register_in", args=[insats.pk]), kind=kind)


def daily_acts(insats: Insats, *, somebody_left: bool) -> list[Button]:
    """In and out, the one that the insats now needs first and primary: out while somebody is left after its end."""
    if not insats.takes_persons:
        return []
    out = reverse("registration:register_out_several", args=[insats.pk])
    if somebody_left and not open_today(insats):
        return [Button("Registrera ut flera", url=out), register_in_button(insats, kind="secondary")]
    several = [Button("Registrera ut flera", url=out, kind="secondary")] if somebody_left else []
    return [register_in_button(insats), *several]


def period(start: dt.date, end: dt.date | None) -> str:
    """From a day to a day, in words."""
    return f"{iso_day(start)} till {iso_day(end)}" if end else f"Från {iso_day(start)}"


def owners(insatser: Collection[Insats]) -> dict[int, Forbund]:
    """Insats → the förbund that owns it now. One query."""
    rows = InsatsAgande.objects.filter(insats__in=[one.pk for one in insatser], till__isnull=True)
    return {row.insats_id: row.forbund for row in rows.select_related("forbund")}
