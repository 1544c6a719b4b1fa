"""What the pages of uttag have in common: who they are for, the way to them, and an uttag that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from finsam_site.access import encryption
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Crumb

from ..models import Uttag
from ..report import words
from ..uttag.frozen import FrozenFileChanged

P = ParamSpec("P")

TAKERS = (Roll.NATIONELL_ADMINISTRATOR,)
READERS = (Roll.NATIONELL_ADMINISTRATOR, Roll.RAPPORTLASARE)

UttagView = Callable[Concatenate[HttpRequest, Uttag, P], HttpResponseBase]
PageView = Callable[Concatenate[HttpRequest, UUID, P], HttpResponseBase]


def crumbs(*more: Crumb) -> list[Crumb]:
    """The way here, under the list of uttag."""
    return [Crumb("Uttag", reverse("reporting:uttag_list")), *more]


def crumbs_of(uttag: Uttag, *more: Crumb) -> list[Crumb]:
    """The way to a report, or to what lies under it."""
    return crumbs(
        Crumb(words.name(uttag), reverse("reporting:report", args=[uttag.pk]) if more else ""), *more
    )


def reads_uttag(view: UttagView[P]) -> PageView[P]:
    """For those who read reports. The view gets the uttag; its file may turn out to be damaged, which is told."""

    @requires(*READERS)
    @wraps(view)
    def found(request: HttpRequest, uttag_id: UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        uttag = get_object_or_404(Uttag.objects.select_related("taken_by"), pk=uttag_id)
        try:
            return view(request, uttag, *args, **kwargs)
        except (FrozenFileChanged, encryption.DecryptionFailed) as error:
            reason = str(error) if isinstance(error, FrozenFileChanged) else ""
            context = {"uttag": uttag, "reason": reason, "crumbs": crumbs_of(uttag)}
            return render(request, "reporting/unreadable.html", context, status=500)

    return found
