"""What a dataskyddsgranskare removes at the person's own request: withdrawal and protection.

Nobody's insats has to be open and nobody's uppdrag has to last for it (DOMAIN §2). A page that shows the person is one
look at each deltagande in the access log; what is done is the rule's own row for each deltagande that it was done to.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Link
from finsam_site.ui.forms import BaseForm

from ..forms.person import ProtectAllForm, WithdrawSeveralForm
from ..rules import kvitto
from ..rules.decisions import erasure_decision
from ..rules.erase import goes_on
from ..rules.uppslag import Sedd, Uppslag, live, look
from .kvitto import keep_receipt
from .person import name_of, opens, person_url, samtycke_words, trail, where_words


@requires(Roll.DATASKYDDSGRANSKARE)
@require_http_methods(["GET", "POST"])
@opens
def person_withdraw(request: HttpRequest, uppslag: Uppslag) -> HttpResponse:
    """Withdraw one or several samtycken."""
    alive = live(uppslag)
    if not alive:
        return redirect(person_url(uppslag))
    choices = [(str(one.deltagande_id), samtycke_words(one)) for one in alive]
    form = WithdrawSeveralForm(
        request.POST if request.method == "POST" else None, choices=choices, cancel=_back(uppslag)
    )
    if request.method == "POST" and form.is_valid():
        chosen = [uuid.UUID(one) for one in form.chosen]
        return _removed(uppslag, kvitto.withdraw(chosen), chosen)
    return _show(request, uppslag, form, "withdraw.html", "återkalla samtycke", one=len(alive) == 1)


@requires(Roll.DATASKYDDSGRANSKARE)
@require_http_methods(["GET", "POST"])
@opens
def person_protect(request: HttpRequest, uppslag: Uppslag) -> HttpResponse:
    """The person has got protected identity: all that can be reached goes."""
    alive = [one.deltagande_id for one in live(uppslag)]
    if not alive:
        return redirect(person_url(uppslag))
    if request.method == "POST":
        return _removed(uppslag, kvitto.protect(alive), alive)
    form = ProtectAllForm(cancel=_back(uppslag))
    where = where_words(uppslag, len(alive))
    return _show(request, uppslag, form, "protect.html", "skydda personuppgifterna", where=where)


def _removed(uppslag: Uppslag, receipt: kvitto.Kvitto, gone: Sequence[uuid.UUID]) -> HttpResponse:
    """On to the receipt, and from there to the rest of the person if there is any."""
    more = {"uppslag": str(uppslag.id)} if set(uppslag.deltaganden) - set(gone) else {}
    return redirect("registration:kvitto", pk=keep_receipt(receipt, more))


def _show(
    request: HttpRequest, uppslag: Uppslag, form: BaseForm, template: str, what: str, **more: Any
) -> HttpResponse:
    seen = look(uppslag, what)
    today = timezone.localdate()
    running = any(not one.locked and goes_on(one.identitet, today) for one in seen)
    words = {"erases": bool(erasure_decision()), "running": running, **more}
    return _page(request, form, seen, f"registration/person/{template}", uppslag, **words)


def _page(
    request: HttpRequest, form: BaseForm, seen: list[Sedd], template: str, uppslag: Uppslag, **more: Any
) -> HttpResponse:
    context = {
        "form": form,
        "over": f"{name_of(seen)}, på personens begäran",
        "crumbs": trail(("Person", person_url(uppslag)), (form.title, "")),
        **more,
    }
    return render(request, template, context)


def _back(uppslag: Uppslag) -> Link:
    return Link("Avbryt", person_url(uppslag))
