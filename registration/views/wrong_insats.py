"""Somebody was registered in the wrong insats: one act ends that and begins the registration in the right one."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Answer, EmptyState, Link, ReadBack
from finsam_site.ui.formats import day

from ..forms.wrong_insats import MoveForm, RightInsats, named
from ..models import Identitet, Insats
from ..rules.drafts import draft_url, open_draft
from ..rules.findings import RuleError
from ..rules.wrong_insats import PURPOSE, Flytt, move_to_right_insats, right_insatser
from .deltaganden import deltagande_url, get_identitet, name_or_404
from .insatser_common import crumbs, insats_crumb

TO = "till"
"""In the address of the read back: the chosen insats."""


@requires(Roll.DELTAGARANSVARIG, person=("deltagande", PURPOSE))
@require_http_methods(["GET", "POST"])
def wrong_insats(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose the right insats (with a single one there is no question), read back, press once."""
    identitet = get_identitet(pk, PURPOSE)
    insatser = right_insatser(identitet.insats_id)
    if not insatser:
        return _page(request, identitet, None, nowhere=_nowhere(identitet))
    if request.method == "POST":
        return (
            _move(request, identitet, insatser)
            if "seen_ut" in request.POST
            else _choose(request, identitet, insatser)
        )
    chosen = next((one for one in insatser if str(one.pk) == request.GET.get(TO)), None)
    if chosen is None and len(insatser) > 1:
        return _page(request, identitet, RightInsats(insatser=insatser, cancel=_back(pk)))
    return _read_back(request, identitet, chosen or insatser[0])


def _choose(request: HttpRequest, identitet: Identitet, insatser: list[Insats]) -> HttpResponse:
    form = RightInsats(request.POST, insatser=insatser, cancel=_back(identitet.deltagande_id))
    if not form.is_valid():
        return _page(request, identitet, form)
    return redirect(f"{request.path}?{TO}={form.cleaned_data['till']}")


def _move(request: HttpRequest, identitet: Identitet, insatser: list[Insats]) -> HttpResponse:
    form = MoveForm(request.POST)
    chosen = next((one for one in insatser if str(one.pk) == request.POST.get("till")), None)
    if not form.is_valid() or chosen is None:
        return _choose(request, identitet, insatser)
    try:
        place = move_to_right_insats(Flytt(identitet.deltagande_id, chosen.pk, form.cleaned_data["seen_ut"]))
    except RuleError as error:
        return _read_back(request, get_identitet(identitet.deltagande_id, PURPOSE), chosen, error)
    draft = open_draft(place)
    assert draft is not None  # noqa: S101 - the rule has begun it or found it
    return redirect(draft_url(draft))


def _read_back(
    request: HttpRequest, identitet: Identitet, right: Insats, error: RuleError | None = None
) -> HttpResponse:
    one, ut = identitet.deltagande, identitet.deltagande.aktuell_ut
    seen = {"till": right.pk, "seen_ut": ut.nr if ut else 0}
    form = MoveForm(seen if error else None, initial=seen, cancel=_back(one.pk))
    if error:
        form.is_valid()
        form.add_findings(error.findings)
    choose = f"{request.path}" if len(right_insatser(identitet.insats_id)) > 1 else ""
    name = _name(identitet)
    wrong = (
        "är redan en felregistrering"
        if ut and ut.felregistrering
        else "blir en felregistrering och räknas inte"
    )
    answers = ReadBack("Det här händer", [
        Answer("Personen", name),
        Answer("Fel insats", identitet.insats.namn, note=f"Deltagandet från {day(identitet.startdatum)} {wrong}."),
        Answer(
            "Rätt insats", named(right), change_url=choose, change_what="rätt insats",
            note="Uppgifterna följer med. Personen skriver under ett nytt samtycke, och det frågar vi om först.",
        ),
    ])  # fmt: skip
    return _page(request, identitet, form, answers=answers, name=name)


def _page(
    request: HttpRequest, identitet: Identitet, form: Any, *, name: str = "", **more: Any
) -> HttpResponse:
    """The heading names the person: one look in the access log."""
    title = RightInsats.title
    context = {
        "form": form,
        "title": title,
        "form_action": request.path,
        "over": f"{name or _name(identitet)} i {identitet.insats.namn}",
        "crumbs": crumbs(
            insats_crumb(identitet.insats),
            ("Deltagande", deltagande_url(identitet.deltagande_id)),
            (title, ""),
        ),
        **more,
    }
    if form is None:
        return render(request, "registration/page.html", context | {"parts": [more["nowhere"]]})
    return render(request, "registration/wrong_insats.html", context)


def _name(identitet: Identitet) -> str:
    found = name_or_404(identitet, PURPOSE)
    return f"{found.fornamn} {found.efternamn}"


def _nowhere(identitet: Identitet) -> EmptyState:
    out = reverse("registration:register_out", args=[identitet.deltagande_id])
    return EmptyState(
        "Du har ingen annan insats att välja",
        "Här väljer du bland dina andra insatser där deltagare registreras. Registrera ut deltagandet som "
        "felregistrering, och be den som arbetar i rätt insats att registrera personen där.",
        Link("Registrera ut", out) if identitet.deltagande.aktuell_ut_id is None else None,
    )


def _back(pk: uuid.UUID) -> Link:
    return Link("Avbryt", deltagande_url(pk))
