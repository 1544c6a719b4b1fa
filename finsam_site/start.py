"""The start page: its frame. What stands in it comes from the panels that the apps register."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from finsam_site.access.acting import require_actor
from finsam_site.ui.panels import panels_for


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """A greeting and the panels of the role that the user works in."""
    return render(request, "start.html", {"panels": panels_for(require_actor())})
