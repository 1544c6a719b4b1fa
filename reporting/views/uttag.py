"""The list of uttag, starting a new one, and making one fastställt."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from finsam_site.access.acting import require_actor
from finsam_site.access.requires import requires
from finsam_site.jobs.api import start_job
from finsam_site.ui import formats
from finsam_site.ui.components import (
    Answer,
    Button,
    Crumb,
    EmptyState,
    Link,
    Notice,
    Pagination,
    ReadBack,
    Tone,
)
from finsam_site.ui.tables import Column, Row, Table

from ..forms import UttagForm
from ..models import Uttag
from ..pages import job_url, may_take, status_tag, uttag_jobs
from ..report import words
from ..report.settling import SettlingRefused, settle, settled_of, why_not
from ..tasks import KIND
from .shared import READERS, TAKERS, crumbs, crumbs_of

PER_PAGE = 50


@require_safe
@requires(*READERS)
def uttag_list(request: HttpRequest) -> HttpResponse:
    """Every uttag, newest first, and those that are being taken."""
    actor = require_actor()
    page = Paginator(Uttag.objects.select_related("taken_by"), PER_PAGE).get_page(request.GET.get("sida"))
    takes = may_take(actor)
    context = {
        "take": Button("Ta ett uttag", reverse("reporting:uttag_new"))
        if takes and page.object_list
        else None,
        "jobs": uttag_jobs(actor) if takes else None,
        "table": _table(list(page), Pagination(page, "uttag"), takes=takes),
    }
    return render(request, "reporting/uttag_list.html", context)


def _table(uttag: list[Uttag], pagination: Pagination, *, takes: bool) -> Table:
    if takes:
        empty = EmptyState(
            "Inget uttag är taget än",
            "Här står varje uttag med år, tidpunkt och vem som tog det. Det första tar några sekunder.",
            Button("Ta ett uttag", reverse("reporting:uttag_new")),
        )
    else:
        empty = EmptyState(
            "Inget uttag är taget än",
            "Här står rapporterna när en nationell administratör på Försäkringskassan har tagit ett uttag.",
        )
    rows = [
        Row(
            {
                "uttag": f"{one.ar}, känt per {formats.moment(one.as_of)}",
                "status": status_tag(one),
                "taget": formats.moment(one.taken_at),
                "av": str(one.taken_by),
                "hash": words.short_hash(one),
            },
            url=reverse("reporting:report", args=[one.pk]),
        )
        for one in uttag
    ]
    columns = [
        Column("uttag", "År och kunskapstidpunkt"),
        Column("status", "Status"),
        Column("taget", "Taget"),
        Column("av", "Av"),
        Column("hash", "Kontrollsumma", unit="de första tolv tecknen"),
    ]
    return Table("uttag", "Alla uttag", columns, rows, empty=empty, pagination=pagination, hide_caption=True)


@require_http_methods(["GET", "POST"])
@requires(*TAKERS)
def uttag_new(request: HttpRequest) -> HttpResponse:
    """Choose year and time; the work is a job, and its page tells how far it is."""
    cancel = Link("Avbryt", reverse("reporting:uttag_list"))
    form = UttagForm(request.POST if request.method == "POST" else None, cancel=cancel)
    if form.is_valid():
        asked = {"year": form.cleaned_data["ar"], "as_of": form.cleaned_data["as_of"]}
        stored = asked | {"as_of": asked["as_of"].isoformat() if asked["as_of"] else None}
        # The same one sent twice is one uttag: the second leads to the job of the first.
        same = next((one for one in uttag_jobs(require_actor()).open if one.argument == stored), None)
        return redirect(job_url(same or start_job(KIND, **asked)))
    return render(
        request, "reporting/uttag_new.html", {"form": form, "crumbs": crumbs(Crumb("Ta ett uttag"))}
    )


@require_http_methods(["GET", "POST"])
@requires(*TAKERS)
def uttag_settle(request: HttpRequest, uttag_id: UUID) -> HttpResponse:
    """Read it through, then make it the one of its year, for good."""
    uttag = get_object_or_404(Uttag.objects.select_related("taken_by"), pk=uttag_id)
    back = reverse("reporting:report", args=[uttag.pk])
    reason = why_not(uttag)
    if request.method == "POST" and not reason:
        try:
            settle(uttag)
        except SettlingRefused as refusal:
            reason = str(refusal)
        else:
            messages.success(request, f"Uttaget är nu det fastställda för {uttag.ar}.")
            return redirect(back)
    before = settled_of(uttag.ar - 1)
    context = {
        "uttag": uttag,
        "crumbs": crumbs_of(uttag, Crumb("Fastställ")),
        "reason": reason,
        "early": None if reason else _early(uttag),
        "read_back": ReadBack(
            "Det här fastställs",
            [
                Answer("År", str(uttag.ar)),
                Answer("Uppgifter kända per", formats.moment(uttag.as_of)),
                Answer("Taget", f"{formats.moment(uttag.taken_at)} av {uttag.taken_by}"),
                Answer("Kontrollsumma", words.short_hash(uttag)),
                Answer(
                    f"Fastställt för {uttag.ar - 1}",
                    words.name(before) if before else "",
                    missing="Inget uttag är fastställt",
                ),
            ],
        ),
        "actions": [Button("Fastställ uttaget"), Link("Avbryt", back)],
        "settled": settled_of(uttag.ar),
    }
    return render(
        request, "reporting/uttag_settle.html", context, status=409 if request.method == "POST" else 200
    )


def _early(uttag: Uttag) -> Notice | None:
    """A word about an uttag in which the year has not ended."""
    if formats.iso_day(uttag.as_of) > f"{uttag.ar}-12-31":
        return None
    return Notice(
        f"Uppgifterna är kända per {formats.day(uttag.as_of)}. Allt som hände senare under {uttag.ar} saknas.",
        title=f"År {uttag.ar} var inte slut när uppgifterna var kända",
        tone=Tone.WAIT,
    )
