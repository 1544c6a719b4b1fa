"""The component page: every part in every state. In demo mode only."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from finsam_site.access.requires import without_uppdrag

from . import examples


def _demo_only() -> None:
    if settings.FINSAM_MODE != "demo":
        raise Http404


@login_not_required
@without_uppdrag
@require_http_methods(["GET", "POST"])
def components(request: HttpRequest) -> HttpResponse:
    """All components; `?fel` shows the form with its errors, a post checks it and stores nothing."""
    _demo_only()
    data = (
        request.POST if request.method == "POST" else examples.WRONG_ANSWERS if "fel" in request.GET else None
    )
    form = examples.ExampleForm(data, initial=examples.INITIAL, cancel=examples.CANCEL)
    return render(
        request, "ui/components.html", {"form": form, "groups": examples.groups(), "crumbs": examples.CRUMBS}
    )


@login_not_required
@without_uppdrag
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """A progress bar that has come a step further: what the page of a job gives to htmx."""
    _demo_only()
    return HttpResponse(examples.running(done=16_100, seconds_left=8).render())
