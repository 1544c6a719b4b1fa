"""How long a log-in lasts: 30 minutes without work, 10 hours in all (QUALITY §2)."""

from __future__ import annotations

import time
from importlib import import_module

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest

from .models import User

STARTED = "started"
SEEN = "seen"
ENDED = "ended"
SEEN_EVERY = 60
"""Seconds between two notes of activity, so that not every page writes the session."""

BACKGROUND_HEADER = "X-Finsam-Background"
"""Set on what a page asks by itself (progress): it does not keep a session awake."""


def start(request: HttpRequest, user: User) -> None:
    """Begin a session: the one place where a log-in ends well, whichever way the user proved who they are.

    A second factor and OpenID Connect come before this call.
    """
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    now = int(time.time())
    request.session[STARTED] = request.session[SEEN] = now


def end(request: HttpRequest) -> None:
    """Forget everything about the session."""
    logout(request)


def remove_expired() -> None:
    """Remove the sessions that have ended from where they are stored: nobody else does, and they tell who was there."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


def too_old(request: HttpRequest) -> str:
    """Why the session is over, in Swedish, or an empty text while it is not."""
    now = time.time()
    started, seen = request.session.get(STARTED), request.session.get(SEEN)
    if started is None or seen is None or now - started > settings.SESSION_HOURS * 3600:
        return f"Du har varit inloggad i {settings.SESSION_HOURS} timmar. Logga in igen för att fortsätta."
    if now - seen > settings.SESSION_IDLE_MINUTES * 60:
        return (
            f"Du har loggats ut efter {settings.SESSION_IDLE_MINUTES} minuter utan aktivitet. "
            "Logga in igen för att fortsätta."
        )
    return ""


def seconds_left(request: HttpRequest) -> tuple[int, bool]:
    """(seconds until the session is over, whether going on working puts that off); (0, False) for nobody."""
    user = getattr(request, "user", None)  # a page of a fault in the middleware has none
    if user is None or not user.is_authenticated:
        return 0, False
    started, seen = request.session.get(STARTED), request.session.get(SEEN)
    if started is None or seen is None:
        return 0, False
    now = time.time()
    whole = started + settings.SESSION_HOURS * 3600 - now
    idle = seen + settings.SESSION_IDLE_MINUTES * 60 - now
    return max(0, int(min(whole, idle))), idle < whole


def note_activity(request: HttpRequest) -> None:
    """Remember that the user is at work, at most once a minute and not for what a page asks by itself."""
    if BACKGROUND_HEADER in request.headers or "uppdatera" in request.GET:
        return
    now = int(time.time())
    if now - request.session.get(SEEN, 0) >= SEEN_EVERY:
        request.session[SEEN] = now
