"""Correcting what was registered in or out at the person's own request: the questions, rules and pages of `correct`, in
the flow without drafts that `person_identity` has.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll

from ..forms.correct import CorrectIn, CorrectOut, MeanwhileCorrected
from ..forms.register_out import SAME
from ..rules.uppslag import Uppslag
from .changing import PURPOSE, SAVED
from .correct import Correcting, CorrectingIn, CorrectingOut
from .deltaganden import get_identitet
from .drafts import as_initial
from .person import opens, person_url
from .person_identity import OnRequest


@sensitive_post_parameters()
@requires(Roll.DATASKYDDSGRANSKARE)
@require_http_methods(["GET", "POST"])
@opens
def person_correct_in(request: HttpRequest, uppslag: Uppslag, deltagande: uuid.UUID) -> HttpResponse:
    """Correct an in-registration."""
    identitet = get_identitet(deltagande, PURPOSE)
    if identitet.begransad:
        return redirect(person_url(uppslag))
    return _InOnRequest(request, uppslag.only(deltagande), [identitet]).respond()


@sensitive_post_parameters()
@requires(Roll.DATASKYDDSGRANSKARE)
@require_http_methods(["GET", "POST"])
@opens
def person_correct_out(request: HttpRequest, uppslag: Uppslag, deltagande: uuid.UUID) -> HttpResponse:
    """Correct an out-registration, where there is one."""
    identitet = get_identitet(deltagande, PURPOSE)
    if identitet.begransad or identitet.deltagande.aktuell_ut_id is None:
        return redirect(person_url(uppslag))
    return _OutOnRequest(request, uppslag.only(deltagande), [identitet]).respond()


class _OnRequest(OnRequest[Any], Correcting[Any]):
    """A part that has versions. The parts give the questions and what the rule takes."""

    purpose = PURPOSE
    choice = MeanwhileCorrected

    def write(self, form: CorrectIn | CorrectOut, orsak: str, seen: Any) -> None:
        super().write(form, form.cleaned_data["orsak"], seen)

    def reach(self) -> str:
        return ""

    def _done(self, news: str = SAVED) -> HttpResponse:
        return super()._done(f"{news}=deltagande")

    def where(self) -> str:
        return f" i {self.identitet.insats.namn}"


class _InOnRequest(_OnRequest, CorrectingIn):
    """The in-registration."""


class _OutOnRequest(_OnRequest, CorrectingOut):
    """The out-registration."""

    def filled(self, form: CorrectOut) -> HttpResponse | None:
        """The answers from the start in place of those at the end; what else was typed stays."""
        if SAME not in self.request.POST:
            return None
        data = self.request.POST.copy()
        for name, answers in form.same_as_before().items():
            data.setlist(name, answers)
        fresh = self.form()
        as_initial(fresh, data)
        return self._show(fresh)
