"""My jobs, one job with its progress, and cancel. What the end of a job means is for its kind to say (`results`)."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from finsam_site.access.acting import require_actor
from finsam_site.ui import formats
from finsam_site.ui.components import (
    Crumb,
    Detail,
    Details,
    EmptyState,
    Pagination,
    PostButton,
    Progress,
)
from finsam_site.ui.tables import Column, Row, Table

from . import results
from .api import get_job, my_jobs, request_cancel
from .models import Jobb, Tillstand

PER_PAGE = 50
RELOAD_SECONDS = 3
TOO_LATE = {
    Tillstand.KLAR: "Jobbet hann bli klart innan det kunde avbrytas.",
    Tillstand.MISSLYCKAD: "Jobbet hade redan misslyckats. Det finns inget att avbryta.",
    Tillstand.AVBRUTEN: "Jobbet var redan avbrutet.",
}
"""What is told of a wish to cancel that came when the job had ended, by how it ended."""


def _job(job_id: uuid.UUID) -> Jobb:
    """A job that the actor may see. Raises Http404 for any other."""
    actor = require_actor()
    try:
        return get_job(job_id, actor.user, actor.roll)
    except Jobb.DoesNotExist:
        raise Http404 from None


@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """My jobs, newest first."""
    page = Paginator(my_jobs(require_actor().user), PER_PAGE).get_page(request.GET.get("sida"))
    table = Table(
        id="jobb",
        caption="Dina jobb, det senaste först",
        columns=[
            Column("titel", "Jobb"),
            Column("tillstand", "Läge"),
            Column("startat", "Startat"),
            Column("framsteg", "Så långt har det kommit"),
            Column("resultat", "Resultat"),
        ],
        rows=[_row(one) for one in page],
        empty=EmptyState(
            "Inga jobb ännu", "Här står det som tar en stund, till exempel ett uttag, när du har startat det."
        ),
        pagination=Pagination(page, "jobb"),
        hide_caption=True,
    )
    refresh = RELOAD_SECONDS * 3 if any(not one.ended for one in page) else None
    return render(request, "jobs/jobs.html", {"table": table, "refresh": refresh})


def _row(jobb: Jobb) -> Row:
    outcome = results.outcome_of(jobb)
    return Row(
        {
            "titel": results.title_of(jobb),
            "startat": formats.moment(jobb.skapad),
            "tillstand": results.tag_of(jobb),
            "framsteg": results.progress_words(jobb),
            "resultat": outcome.link if outcome else None,
        },
        url=reverse("jobs:job", args=[jobb.pk]),
    )


@require_safe
def job(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """One job: its progress while it waits or runs, then what became of it."""
    jobb = _job(job_id)
    outcome = results.outcome_of(jobb)
    title = results.title_of(jobb)
    link = outcome.link if outcome else (results.again(jobb) if jobb.ended else None)
    return render(
        request,
        "jobs/job.html",
        {
            "title": title,
            "crumbs": [Crumb("Mina jobb", reverse("jobs:jobs")), Crumb(title)],
            "progress": _progress(jobb),
            "about": "" if jobb.ended else results.about(jobb),
            "cancel": _cancel(jobb),
            "link": link,
            "parts": outcome.parts if outcome else (),
            "facts": _facts(jobb),
            "refresh": None if jobb.ended else RELOAD_SECONDS,
        },
    )


def _progress(jobb: Jobb) -> Progress:
    """Under the job's title its state is heading enough."""
    return results.progress_of(
        jobb, url=reverse("jobs:progress", args=[jobb.pk]), title=results.tag_of(jobb).label
    )


def _cancel(jobb: Jobb) -> PostButton | None:
    if jobb.ended or jobb.avbryt_begard:
        return None
    return PostButton("Avbryt jobbet", reverse("jobs:cancel", args=[jobb.pk]))


def _facts(jobb: Jobb) -> Details:
    rows = [Detail("Startat", formats.moment(jobb.skapad), note=f"av {jobb.skapad_av}")]
    if jobb.avslutad:
        rows.append(Detail("Avslutat", formats.moment(jobb.avslutad)))
        if jobb.paborjad:
            seconds = (jobb.avslutad - jobb.paborjad).total_seconds()
            rows.append(Detail("Tog", formats.duration(seconds)))
    rows.append(Detail("Jobbets nummer", str(jobb.pk)))
    return Details(rows)


@require_safe
def progress(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """The progress alone, for a page that asks anew. When the job has ended the page is told to load itself again."""
    jobb = _job(job_id)
    answer = HttpResponse(_progress(jobb).render({"csrf_token": get_token(request), "request": request}))
    if jobb.ended:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def cancel(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """Ask for the job to stop; a second press, or one that comes too late, does no harm."""
    jobb = _job(job_id)
    if request_cancel(jobb):
        messages.info(request, "Jobbet avbryts. Inget av det sparas.")
    else:
        jobb.refresh_from_db(fields=["tillstand"])
        between = "Jobbet gick inte att avbryta just nu. Försök igen."  # it was taken up anew at this moment
        messages.info(request, TOO_LATE.get(Tillstand(jobb.tillstand), between))
    return redirect("jobs:job", job_id=jobb.pk)
