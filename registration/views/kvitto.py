"""The receipt of a withdrawal or a protection, to be printed for the person: codes, days, what was done, never who."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from finsam_site.access import kept
from finsam_site.access.acting import require_actor
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Button, Crumb, Detail, Details, Link, Text
from finsam_site.ui.formats import clock, day, plural
from finsam_site.ui.tables import Column, Kind, Row, Table

from ..models import Avidentifiering
from ..rules.codes import reference_shown
from ..rules.kvitto import KIND, LASTS, Kvitto
from .person import trail


def keep_receipt(receipt: Kvitto, more: Mapping[str, Any]) -> uuid.UUID:
    """Keep it for the user for an hour; gives what its address says. more: where the page leads on to."""
    return kept.put(KIND, receipt.as_kept() | dict(more), lasts=LASTS)


@requires(Roll.DELTAGARANSVARIG, Roll.DATASKYDDSGRANSKARE)
@require_safe
def kvitto(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The receipt, for whoever did it and within the hour; else 404."""
    said = kept.get(KIND, pk)
    if said is None:
        raise Http404
    receipt = Kvitto.from_kept(said)
    withdrawn = receipt.vad == Avidentifiering.ATERKALLAT
    one = len(receipt.rader) == 1
    subject = ("Samtycket är återkallat" if one else "Samtyckena är återkallade") if withdrawn else ""
    gone = "borttagna för gott" if receipt.erased else "spärrade tills det finns ett gallringsbeslut"
    lead = f"{subject} och personuppgifterna är {gone}." if subject else f"Personuppgifterna är {gone}."
    context = {
        "title": "Kvitto",
        "lead": lead,
        "parts": [_facts(receipt), _codes(receipt), *_words(receipt)],
        "next": _next(receipt, said),
        "crumbs": _crumbs(),
    }
    return render(request, "registration/printed.html", context)


def _crumbs() -> list[Crumb]:
    if require_actor().roll == Roll.DATASKYDDSGRANSKARE:
        return trail(("Kvitto", ""))
    return [Crumb("Samtycken", reverse("registration:samtycken")), Crumb("Kvitto")]


def _facts(receipt: Kvitto) -> Details:
    why = {
        Avidentifiering.ATERKALLAT: "Personen återkallade sitt samtycke",
        Avidentifiering.SKYDDAD: "Personen har fått skyddade personuppgifter",
    }
    return Details([
        Detail("Varför", why[receipt.vad]),
        Detail("När", f"{day(receipt.tid)} klockan {clock(receipt.tid)}"),
        Detail("Gjort av", receipt.av),
        Detail("Dataskyddsombud", settings.DATA_PROTECTION_CONTACT),
    ])  # fmt: skip


def _codes(receipt: Kvitto) -> Table:
    return Table(
        id="samtycken",
        caption=plural(len(receipt.rader), "Samtycket", "Samtyckena"),
        columns=[
            Column("kod", "Referenskod"),
            Column("undertecknat", "Undertecknat", Kind.DAY),
            Column("version", "Version"),
        ],
        rows=[
            Row({"kod": reference_shown(one.referenskod), "undertecknat": one.undertecknat, "version": one.version})
            for one in receipt.rader
        ],
    )  # fmt: skip


def _words(receipt: Kvitto) -> list[Text]:
    left = (
        "Kvar finns en rad i statistiken som inte säger vem det var: insats, kön, startår och slutår."
        if receipt.erased
        else "Ingen ser uppgifterna. De tas bort när det finns ett gallringsbeslut."
    )
    proof = "Kvittot säger inte vem det gäller. Referenskoden visar att samtycket har funnits."
    return [Text(left), Text(proof)]


def _next(receipt: Kvitto, said: Mapping[str, Any]) -> list[Link | Button]:
    """Where to go from here: the rest of the person, the insats, or the next search."""
    if "insats" in said:
        insats = said["insats"]
        there = Link("Till deltagandena", reverse("registration:deltaganden", args=[insats]))
        count = Button(
            "Räkna utan personuppgifter", kind="secondary",
            url=reverse("registration:register_in_without_identity", args=[insats]),
        )  # fmt: skip
        return [count, there] if receipt.vad == Avidentifiering.SKYDDAD else [there]
    if "uppslag" in said:
        return [
            Link("Till det som är kvar om personen", reverse("registration:person", args=[said["uppslag"]]))
        ]
    return [Link("Sök en annan person", reverse("registration:person_find"))]
