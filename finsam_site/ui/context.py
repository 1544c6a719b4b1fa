"""What every page knows: who acts, the navigation, whether it is a demo."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from finsam_site.access import sessions
from finsam_site.access.acting import current_actor

from . import navigation


def page(request: HttpRequest) -> dict[str, Any]:
    """The context of `base.html`. `working` is the chosen uppdrag in words, None before one is chosen."""
    actor = current_actor()
    working = getattr(request, "working", None)
    page = request.resolver_match.view_name if request.resolver_match else ""
    left, longer = sessions.seconds_left(request)
    return {
        "session_left": left,
        "session_longer": longer,
        "demo": settings.FINSAM_MODE == "demo",
        "working": working,
        "nav_entries": navigation.entries(actor.roll, request.path, page) if actor and actor.roll else [],
    }
