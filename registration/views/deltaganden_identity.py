"""Withdrawal and protection: one page each, the effect explained, one press, no reason asked (GDPR art. 7.3)."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Link

from ..forms.register_out import ProtectForm, WithdrawForm
from ..models import Identitet
from ..rules import kvitto
from ..rules.decisions import erasure_decision
from ..rules.erase import goes_on, removed_or_locked
from ..rules.reveal import reveal
from .deltaganden import deltagande_url, get_identitet
from .insatser_common import crumbs, insats_crumb, period
from .kvitto import keep_receipt

WITHDRAW = "återkalla samtycket"
PROTECT = "skydda personuppgifterna"


@requires(Roll.DELTAGARANSVARIG, person=("deltagande", WITHDRAW))
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw the samtycke, and those of the person's others in scope that are ticked."""
    gone = _gone_before(request, pk)
    if gone is not None:
        return gone
    identitet = get_identitet(pk, WITHDRAW)
    others = _others(identitet)
    choices = [
        (str(one.deltagande_id), f"{one.insats.namn}, {period(one.startdatum, one.slutdatum).lower()}")
        for one in others
    ]
    form = WithdrawForm(request.POST if request.method == "POST" else None, others=choices, cancel=_back(pk))
    if request.method == "POST" and form.is_valid():
        chosen = {uuid.UUID(one) for one in form.cleaned_data.get("fler", [])}
        taken = [identitet, *(one for one in others if one.deltagande_id in chosen)]
        return _to_receipt(identitet, kvitto.withdraw([one.deltagande_id for one in taken]))
    return _page(request, identitet, form, "registration/withdraw.html", WITHDRAW)


@requires(Roll.DELTAGARANSVARIG, person=("deltagande", PROTECT))
@require_http_methods(["GET", "POST"])
def protect(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The person has got protected identity: everything in scope that says who it is goes (DOMAIN §4)."""
    gone = _gone_before(request, pk)
    if gone is not None:
        return gone
    identitet = get_identitet(pk, PROTECT)
    others = _others(identitet)
    if request.method == "POST":
        every = [identitet.deltagande_id, *(one.deltagande_id for one in others)]
        return _to_receipt(identitet, kvitto.protect(every))
    form = ProtectForm(cancel=_back(pk))
    return _page(request, identitet, form, "registration/protect.html", PROTECT, others)


def _page(
    request: HttpRequest, identitet: Identitet, form: WithdrawForm | ProtectForm, template: str, purpose: str,
    others: list[Identitet] | None = None,
) -> HttpResponse:  # fmt: skip
    who = reveal(identitet.pk, purpose)
    return render(
        request,
        template,
        {
            "form": form,
            "name": f"{who.fornamn} {who.efternamn}",
            "insats": identitet.insats,
            "running": goes_on(identitet, timezone.localdate()),
            "erases": bool(erasure_decision()),
            "others": others or [],
            "crumbs": crumbs(
                insats_crumb(identitet.insats),
                ("Deltagande", deltagande_url(identitet.deltagande_id)),
                (form.title, ""),
            ),
        },
    )


def _others(identitet: Identitet) -> list[Identitet]:
    """The same person's other deltaganden in the actor's insatser."""
    found = Identitet.objects.filter(person=identitet.person_id).exclude(pk=identitet.pk)
    return list(found.select_related("insats", "samtycke").order_by("-startdatum"))


def _gone_before(request: HttpRequest, pk: uuid.UUID) -> HttpResponse | None:
    """The second press: the identity in an own insats is removed or locked already, and the page says so."""
    if request.method != "POST":
        return None
    gone = removed_or_locked(pk)
    if gone is None:
        return None
    messages.info(request, f"Personuppgifterna är redan {'borttagna' if gone.erased else 'spärrade'}.")
    return redirect("registration:deltaganden", pk=gone.insats)


def _to_receipt(identitet: Identitet, receipt: kvitto.Kvitto) -> HttpResponse:
    key = keep_receipt(receipt, {"insats": identitet.insats_id})
    return redirect("registration:kvitto", pk=key)


def _back(pk: uuid.UUID) -> Link:
    return Link("Avbryt", deltagande_url(pk))
