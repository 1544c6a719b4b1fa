"""Anonyma and volym: add one, and set the totals.

Two colleagues never overwrite each other: what is posted says which version was on the screen, the rule refuses when
there is a newer one, and the page shows both and asks again (DOMAIN §3).
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from finsam_site.access.acting import require_actor
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui import formats
from finsam_site.ui.components import Detail, Details, Link, PostButton

from ..forms.counts import AddOneForm, in_words
from ..models import Insats
from ..rules.antal import AnonymaRad, record_anonyma
from ..rules.findings import RuleError
from .counts_common import ANONYMA, VOLYM, Sort, Year, insats_and_year, years_of
from .insatser_common import crumbs, insats_crumb

CHANGED = "andrat_av_annan"

# Add one


@requires(Roll.DELTAGARANSVARIG)
@require_POST
def anonyma_add(request: HttpRequest, pk: int, ar: int) -> HttpResponse:
    """One woman or man more. When somebody has written since, both totals are shown and nothing is written."""
    insats, year = insats_and_year(ANONYMA, pk, ar)
    form = AddOneForm(request.POST)
    if not form.is_valid():
        raise BadRequest("not a post of our buttons")
    rad = form.rad(insats, ar, year.now)
    try:
        record_anonyma(rad, seen_nr=form.cleaned_data["seen_nr"])
    except RuleError as error:
        if not _is_conflict(error):
            messages.error(request, " ".join(one.message for one in error.findings))
            return redirect("registration:anonyma", pk=pk)
        year = years_of(ANONYMA, insats, ar)[0]
        return _ask_again(request, insats, year, form)
    messages.success(request, f"{formats.sentence(form.who)} är tillagd. {ar} är det nu {in_words(rad)}.")
    return redirect("registration:anonyma", pk=pk)


def _ask_again(request: HttpRequest, insats: Insats, year: Year, form: AddOneForm) -> HttpResponse:
    title = f"Antalet för {year.ar} har ändrats"
    then: AnonymaRad = form.rad(insats, year.ar, year.now)
    rows = [
        *_both(year, form.cleaned_data["seen_nr"]),
        Detail(f"Om du lägger till {form.who} nu", in_words(then)),
    ]
    context = {
        "title": title,
        "crumbs": crumbs(
            insats_crumb(insats),
            (ANONYMA.title, reverse("registration:anonyma", args=[insats.pk])),
            (title, ""),
        ),
        "why": _why(year),
        "both": Details(rows),
        "again": PostButton(
            f"Lägg till {form.who}",
            reverse("registration:anonyma_add", args=[insats.pk, year.ar]),
            kind="primary",
            hidden={"kon": form.cleaned_data["kon"], "seen_nr": str(year.seen_nr)},
        ),
        "leave": Link("Låt det vara som det är", reverse("registration:anonyma", args=[insats.pk])),
    }
    return render(request, "registration/counts/changed.html", context, status=409)


def _is_conflict(error: RuleError) -> bool:
    return any(one.kind == CHANGED for one in error.findings)


def _why(year: Year) -> str:
    """Who was first. After a double press that is the user."""
    last = year.version(year.seen_nr)
    if last is not None and last.registrerad_av_id == require_actor().user.pk:
        return (
            "Du har redan ändrat antalet sedan den sida du kom från visades. Kanske tryckte du två gånger. "
            "Ingenting mer har sparats."
        )
    return "En kollega har ändrat antalet sedan du såg det. Ingenting av ditt har sparats än."


def _both(year: Year, seen_nr: int) -> list[Detail]:
    """What the user saw and what holds now."""
    now = year.now
    by = f"av {now.registrerad_av} {formats.moment(now.registrerad)}" if now else ""
    return [
        Detail("När du såg sidan", in_words(year.version(seen_nr)), missing="Inget angivet"),
        Detail("Nu", in_words(now), note=by, missing="Inget angivet"),
    ]


# Set the totals


@requires(Roll.DELTAGARANSVARIG)
@require_http_methods(["GET", "POST"])
def anonyma_set(request: HttpRequest, pk: int, ar: int) -> HttpResponse:
    """Give both totals of a year."""
    return _set(request, ANONYMA, pk, ar)


@requires(Roll.INSATSANSVARIG)
@require_http_methods(["GET", "POST"])
def volym_set(request: HttpRequest, pk: int, ar: int) -> HttpResponse:
    """Give the volym of a year."""
    return _set(request, VOLYM, pk, ar)


def _set(request: HttpRequest, sort: Sort, pk: int, ar: int) -> HttpResponse:
    insats, year = insats_and_year(sort, pk, ar)
    back = reverse(f"registration:{sort.name}", args=[pk])
    cancel = Link("Avbryt", back)
    initial = {"seen_nr": year.seen_nr}
    if year.now:
        initial |= {
            name: getattr(year.now, name) for name in ("antal", "kvinnor", "man") if hasattr(year.now, name)
        }
    form = sort.form(request.POST if request.method == "POST" else None, initial=initial, cancel=cancel)
    status, both, why = 200, None, ""
    if request.method == "POST" and form.is_valid():
        try:
            row = sort.record(form.rad(insats, ar), seen_nr=form.cleaned_data["seen_nr"])
        except RuleError as error:
            if _is_conflict(error):
                status = 409
                form, both, why = _form_again(request, sort, insats, ar, form, cancel)
            else:
                form.add_findings(error.findings)
        else:
            messages.success(request, f"Sparat. {ar} är det nu {in_words(row)}.")
            return redirect(back)
    context = {
        "form": form,
        "insats": insats,
        "ar": ar,
        "crumbs": crumbs(insats_crumb(insats), (sort.title, back), (f"{form.title} {ar}", "")),
        "both": both,
        "why": why,
    }
    return render(request, "registration/counts/set.html", context, status=status)


def _form_again(
    request: HttpRequest, sort: Sort, insats: Insats, ar: int, form: Any, cancel: Link
) -> tuple[Any, Details, str]:
    """The form with what the user wrote, made from the version that holds now; both versions; why."""
    year = years_of(sort, insats, ar)[0]
    data = request.POST.copy()
    data["seen_nr"] = str(year.seen_nr)
    again = sort.form(data, cancel=cancel)
    again.is_valid()
    why = _why(year)
    again.add_error(None, f"{why} Läs igenom talen och spara igen om dina ska gälla.")
    rows = [*_both(year, form.cleaned_data["seen_nr"]), Detail("Du skrev", in_words(form.rad(insats, ar)))]
    return again, Details(rows), why
