"""The search page of a deltagaransvarig. What is looked for is posted and stands in no address, title or log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Crumb, EmptyState, Notice
from finsam_site.ui.formats import number
from finsam_site.ui.tables import Table

from ..forms.find import FindForm
from ..models import Identitet
from ..rules.find import BOUND, NEWEST, Traffar
from ..rules.reveal import reveal_names
from ..rules.samtycke import with_samtycke_status
from .deltaganden_rows import columns, row

SHOWN = 50
"""A search that finds more is to be made narrower; a second page would have to be posted too."""


@requires(Roll.DELTAGARANSVARIG)
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Find somebody by name, number or reference code. Each person shown is a look in the access log."""
    form = FindForm(request.POST if request.method == "POST" else None, today=timezone.localdate())
    context: dict[str, Any] = {"form": form, "crumbs": [Crumb("Sök deltagare")]}
    if request.method == "POST" and form.is_valid():
        context |= {"result": _table(form.found), "notices": list(_notices(form.found))}
    return render(request, "registration/find.html", context)


def _table(found: Traffar) -> Table:
    rows = (
        with_samtycke_status(Identitet.objects.filter(pk__in=found.identiteter[:SHOWN]))
        .select_related("deltagande__aktuell_in", "deltagande__aktuell_ut", "insats")
        .order_by(*NEWEST)
    )
    names = reveal_names(found.identiteter[:SHOWN], "sökning")
    return Table(
        id="traffar",
        caption=f"{number(len(found.identiteter))} {'träff' if len(found.identiteter) == 1 else 'träffar'}",
        columns=columns(several=True),
        rows=[row(one, names[one.pk], several=True) for one in rows],
        empty=EmptyState(
            "Ingen träff i dina insatser",
            "Kontrollera stavningen eller numret. Den som deltar utan personuppgifter går inte att söka fram.",
        ),
    )


def _notices(found: Traffar) -> Sequence[Notice]:
    notices = []
    if len(found.identiteter) > SHOWN:
        notices.append(
            Notice(f"Här visas de {SHOWN} som började senast. Skriv mer av namnet för att hitta rätt person.")
        )
    if not found.all_compared:
        notices.append(
            Notice(
                f"Sökningen gick igenom de {number(BOUND)} deltaganden som började senast i dina insatser. "
                "Sök på personnummer för att hitta äldre."
            )
        )
    return notices
