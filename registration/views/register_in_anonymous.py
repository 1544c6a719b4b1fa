"""Where registering in leads when nobody is registered by name: the anonymous path, and insatser that cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Button, Link, PostButton

from ..forms.counts import AddOneForm
from ..models import Insats
from .counts_common import ANONYMA, years_of, years_shown
from .insatser_common import crumbs, get_insats, insats_crumb, insats_url


@requires(Roll.DELTAGARANSVARIG)
@require_safe
def without_identity(request: HttpRequest, pk: int) -> HttpResponse:
    """The anonymous path: one press counts the person this year, when the insats runs.

    The page is the same whatever led here, so that nothing tells why (DOMAIN §4).
    """
    insats = get_insats(pk)
    this, _ = years_shown()
    counted = insats.counts_anonyma
    url = reverse(f"registration:{ANONYMA.name}", args=[insats.pk])
    link = Link("Räkna för ett annat år, eller ange antalen", url) if counted else None
    context = {
        "insats": insats,
        "year": this,
        "add": _add_one(insats, this) if counted and insats.runs_in(this) else [],
        "count": Button("Räkna personen utan personuppgifter", url=link.url) if link else None,
        "other": link,
        "back": Link("Till insatsen", insats_url(insats)),
        "crumbs": crumbs(insats_crumb(insats), ("Registrera utan personuppgifter", "")),
    }
    return render(request, "registration/without_identity.html", context)


def _add_one(insats: Insats, ar: int) -> list[PostButton]:
    """One woman or one man more, from the total that holds now: two colleagues never overwrite each other."""
    year = years_of(ANONYMA, insats, ar)[0]
    url = reverse("registration:anonyma_add", args=[insats.pk, ar])
    return [
        PostButton(f"Lägg till {who}", url, hidden={"kon": kon, "seen_nr": str(year.seen_nr)})
        for kon, who in AddOneForm.KON.items()
    ]


def registers_numbers(request: HttpRequest, insats: Insats) -> HttpResponse:
    return _cannot(
        request,
        insats,
        "Insatsen registrerar bara antal",
        "I den här insatsen registreras inga personer. Den insatsansvariga anger hur många som deltar.",
    )


def without_formular(request: HttpRequest, insats: Insats) -> HttpResponse:
    return _cannot(
        request,
        insats,
        "Det finns inget samtycke att skriva under",
        "Ingen person kan registreras förrän det finns ett samtyckesformulär som gäller. "
        "Den nationella administratören på Försäkringskassan lägger in det.",
    )


def _cannot(request: HttpRequest, insats: Insats, title: str, text: str) -> HttpResponse:
    context: Mapping[str, Any] = {
        "title": title,
        "lead": text,
        "links": [Link("Till insatsen", insats_url(insats))],
        "crumbs": crumbs(insats_crumb(insats), ("Registrera in", "")),
    }
    return render(request, "registration/page.html", context)
