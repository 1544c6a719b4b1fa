"""The statement, the message form for everybody, and the list of messages."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from finsam_site.access.requires import requires, without_uppdrag
from finsam_site.access.throttle import Limit, address_of
from finsam_site.ui import formats
from finsam_site.ui.components import (
    Component,
    Crumb,
    Detail,
    Details,
    EmptyState,
    Link,
    Pagination,
    PostButton,
    Tag,
    Tone,
)

from . import statement as facts
from .forms import LetterForm
from .letters import READERS, Kept, in_order, leave_letter, opened, set_handled
from .models import Meddelande

PER_PAGE = 20
FROM_ONE = Limit("meddelanden", 20)
FROM_ALL = Limit("meddelanden-alla", 300)
"""So many messages in a quarter of an hour, from a user or an address and from everywhere."""

TOO_MANY = (
    "Det har kommit många meddelanden på kort tid. Ditt är inte skickat. Vänta en kvart och skicka det igen."
)
STATEMENT = "Tillgänglighet"
LETTERS = "Meddelanden om tillgänglighet"
ALL = "alla"


@login_not_required
@without_uppdrag
@require_safe
def statement(request: HttpRequest) -> HttpResponse:
    """The accessibility statement with the parts that the law asks for."""
    context = {
        "operator": settings.OPERATOR,
        "contact": settings.ACCESSIBILITY_CONTACT,
        "host": request.get_host(),
        "facts": facts,
        "crumbs": [Crumb(STATEMENT)],
    }
    return render(request, "accessibility/statement.html", context)


@login_not_required
@without_uppdrag
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def letter(request: HttpRequest) -> HttpResponse:
    """Write a message. Nobody needs to log in for it."""
    form = LetterForm(
        request.POST if request.method == "POST" else None,
        cancel=Link("Avbryt", reverse("accessibility:statement")),
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        who = f"konto {request.user.pk}" if request.user.is_authenticated else address_of(request)
        if not FROM_ONE.reached(who) and not FROM_ALL.reached(""):
            leave_letter(form.letter(), form.form_id())
            FROM_ONE.note(who)
            FROM_ALL.note("")
            return redirect("accessibility:thanks")
        form.add_error(None, TOO_MANY)
        status = 429
    context = {"form": form, "crumbs": _crumbs(form.title)}
    return render(request, "ui/form_page.html", context, status=status)


@login_not_required
@without_uppdrag
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """After a message was sent."""
    return render(request, "accessibility/thanks.html", {"crumbs": _crumbs("Tack")})


@requires(*READERS)
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """The messages; those that are dealt with only when asked for."""
    everything = request.GET.get("visa") == ALL
    page = Paginator(in_order(handled_too=everything), PER_PAGE).get_page(request.GET.get("sida"))
    context = {
        "letters": [_shown(opened(one)) for one in page],
        "empty": EmptyState(
            "Inga meddelanden",
            "Här står det som någon har skrivit om tillgängligheten och som väntar på svar.",
        ),
        "pagination": Pagination(page, "meddelanden", {"visa": ALL} if everything else {}),
        "other": Link("Visa bara dem som väntar", request.path)
        if everything
        else Link("Visa också hanterade", f"{request.path}?visa={ALL}"),
        "days": settings.MESSAGE_DAYS,
        "crumbs": [Crumb(LETTERS)],
    }
    return render(request, "accessibility/letters.html", context)


@requires(*READERS)
@require_POST
def letter_handled(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Somebody has dealt with it, or has not after all."""
    row = Meddelande.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    handled = request.POST.get("hanterat") != "nej"
    set_handled(row, handled=handled)
    said = "hanterat. Du hittar det bland de hanterade." if handled else "inte hanterat."
    messages.success(request, f"Meddelandet är markerat som {said}")
    return redirect("accessibility:letters")


def _shown(kept: Kept) -> dict[str, object]:
    row, written = kept.row, kept.letter
    url = reverse("accessibility:letter_handled", args=[row.pk])
    button = (
        PostButton("Markera som hanterat", url, hidden={"hanterat": "ja"})
        if row.hanterat is None
        else PostButton("Markera som inte hanterat", url, kind="quiet", hidden={"hanterat": "nej"})
    )
    tag: Component = Tag("Väntar", Tone.WAIT) if row.hanterat is None else Tag("Hanterat", Tone.GOOD)
    by = f"{formats.day(row.hanterat)} av {row.hanterat_av}" if row.hanterat else ""
    details = Details(
        [
            Detail("Gäller sidan", written.sida),
            Detail("Svar till", written.epost, missing="Ingen adress"),
            Detail("Läge", tag, note=by),
        ]
    )
    return {"title": formats.moment(row.skickat), "text": written.text, "details": details, "button": button}


def _crumbs(last: str) -> list[Crumb]:
    return [Crumb(STATEMENT, reverse("accessibility:statement")), Crumb(last)]
