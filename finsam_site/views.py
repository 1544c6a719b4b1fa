"""The pages for what goes wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from finsam_site.access.acting import AccessRefused
from finsam_site.access.middleware import refused

_LAST_RESORT = (
    "<!doctype html><html lang=sv><title>Något gick fel</title><h1>Något gick fel</h1><p>Försök igen."
)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the address is unknown, or what stands there is not for this user; the page does not tell which."""
    return render(request, "404.html", status=404)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 that Django itself raises."""
    return refused(request, exception if isinstance(exception, AccessRefused) else AccessRefused(""))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what was sent cannot be understood."""
    return render(request, "400.html", status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: static, without the database and without any value of the request."""
    try:
        return HttpResponse(loader.get_template("500.html").render(), status=500)
    except Exception:
        # The page that tells of a fault must not have one of its own.
        return HttpResponse(_LAST_RESORT, status=500)
