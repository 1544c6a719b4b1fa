"""The pages of the guide: its contents, a chapter, and all of it to be printed. For everybody who is logged in."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from finsam_site import SOFTWARE_VERSION
from finsam_site.access.acting import current_actor
from finsam_site.access.requires import without_uppdrag
from finsam_site.ui.components import Button, Crumb, Link, Task, TaskList

from .chapters import CHAPTERS, FIRST, PARTS
from .render import chapter as rendered

TITLE = "Hjälp"


@without_uppdrag
@require_safe
def contents(request: HttpRequest) -> HttpResponse:
    """The chapters by part, and first the one for the role that the user works in."""
    actor = current_actor()
    first = FIRST.get(actor.roll) if actor and actor.roll else None
    parts = []
    for part in PARTS:
        mine = [rendered(slug) for slug in part.slugs]
        parts.append((part.title, TaskList([Task(one.title, one.url, hint=one.lead) for one in mine])))
    context = {
        "parts": parts,
        "role": actor.roll.label if actor and actor.roll else "",
        "first": Link(rendered(first).title, rendered(first).url) if first else None,
        "whole": Button("Hela guiden på en sida", url=reverse("guide:whole"), kind="secondary"),
        "crumbs": [Crumb(TITLE)],
    }
    return render(request, "guide/contents.html", context)


@without_uppdrag
@require_safe
def chapter(request: HttpRequest, slug: str) -> HttpResponse:
    """One chapter, with the ways to the one before and the one after."""
    if slug not in CHAPTERS:
        raise Http404
    place = CHAPTERS.index(slug)
    one = rendered(slug)
    context = {
        "chapter": one,
        "before": rendered(CHAPTERS[place - 1]) if place else None,
        "after": rendered(CHAPTERS[place + 1]) if place + 1 < len(CHAPTERS) else None,
        "crumbs": [Crumb(TITLE, reverse("guide:contents")), Crumb(one.title)],
    }
    return render(request, "guide/chapter.html", context)


@without_uppdrag
@require_safe
def whole(request: HttpRequest) -> HttpResponse:
    """Every chapter on one page, to be printed or searched in."""
    context = {
        "parts": [(part.title, [rendered(slug, whole=True) for slug in part.slugs]) for part in PARTS],
        "version": SOFTWARE_VERSION,
        "crumbs": [Crumb(TITLE, reverse("guide:contents")), Crumb("Hela guiden")],
    }
    return render(request, "guide/whole.html", context)
