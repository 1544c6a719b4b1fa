"""Log in, log out, choose what to work in."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from finsam_site.ui.components import Crumb

from . import kept, sessions
from .forms import LogInForm, SettingsForm
from .kept_drafts import keeps_drafts_at
from .models import User
from .requires import without_uppdrag
from .working import choose, grouped


def _next(request: HttpRequest) -> str:
    """Where the user was going: a page of ours, else the start page."""
    url = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    safe = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if safe else settings.LOGIN_REDIRECT_URL


@login_not_required
@without_uppdrag
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """User name and password; second factor and OpenID Connect come in between here and `sessions.start`."""
    if request.user.is_authenticated:
        return redirect(_next(request))
    form = LogInForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and form.is_valid() and form.user is not None:
        sessions.start(request, form.user)
        return redirect(_next(request))
    following = _next(request)
    context = {"form": form, "next": following, "draft_is_kept": keeps_drafts_at(following)}
    return render(request, "access/log_in.html", context, status=429 if form.must_wait else 200)


@login_not_required
@without_uppdrag
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session; a second press does no harm."""
    if request.user.is_authenticated:
        kept.forget_mine()
    sessions.end(request)
    messages.success(request, "Du är utloggad.")
    return redirect(settings.LOGIN_URL)


@login_not_required
@without_uppdrag
@require_http_methods(["GET", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """For the page's script: how long the session still lasts, and the token and uppdrag that forms need after a new
    log-in.

    A POST is somebody who goes on working; a GET with the header of what pages ask by themselves is not.
    """
    left, longer = sessions.seconds_left(request)
    user = str(request.user.pk) if request.user.is_authenticated else ""
    working = getattr(request, "working", None)
    uppdrag = working.id if working else ""
    told = {"user": user, "uppdrag": uppdrag, "left": left, "longer": longer, "token": get_token(request)}
    return JsonResponse(told)


@without_uppdrag
@require_http_methods(["GET", "POST"])
def uppdrag(request: HttpRequest) -> HttpResponse:
    """Choose which förbund to work in and as what, or switch."""
    mine = request.uppdrag  # type: ignore[attr-defined]
    if request.method == "POST":
        wanted = next((one for one in mine if one.id == request.POST.get("uppdrag")), None)
        if wanted is None:
            raise Http404
        choose(request, wanted.id)
        return redirect(_next(request))
    return render(request, "access/uppdrag.html", {"groups": grouped(mine), "next": _next(request)})


@without_uppdrag
@require_http_methods(["GET", "POST"])
def own_settings(request: HttpRequest) -> HttpResponse:
    """What the user decides: whether the weekly mail comes."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - narrows the type
    form = SettingsForm(
        request.POST if request.method == "POST" else None, initial={"veckobrev": user.veckobrev}
    )
    if request.method == "POST" and form.is_valid():
        User.objects.filter(pk=user.pk).update(veckobrev=form.cleaned_data["veckobrev"])
        messages.success(request, "Dina inställningar är sparade.")
        return redirect("access:settings")
    context = {"form": form, "mail": user.epost, "sent": settings.WEEKLY_MAIL, "crumbs": [Crumb(form.title)]}
    return render(request, "access/settings.html", context)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page had stood open too long, or cookies are off. Nothing was saved; a draft is still there."""
    url = request.get_full_path()
    return render(request, "access/csrf.html", {"draft": url if keeps_drafts_at(url) else ""}, status=403)
