"""Correcting what was registered in or out at the person's own request: the same questions and rules as `correct`.

Without drafts, which are the deltagaransvariga's: one page, which is sent once more where an answer is odd.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Link, Notice, Tone

from ..forms.correct import CorrectIn, CorrectOut
from ..forms.register_in_basis import Basis
from ..forms.register_out import SAME
from ..models import Deltagande, Identitet
from ..rules.correct import correct
from ..rules.findings import MEANWHILE, Finding, RuleError
from ..rules.uppslag import Uppslag, look
from .correct import PURPOSE, Correcting, CorrectingIn, CorrectingOut
from .deltaganden import get_identitet
from .drafts import as_initial
from .person import name_of, opens, person_url, trail

CONFIRMED = "bekraftat"
_MEANWHILE = (
    "Någon annan rättade uppgifterna medan du fyllde i. Öppna sidan på nytt och rätta det som står nu."
)


@sensitive_post_parameters()
@requires(Roll.DATASKYDDSGRANSKARE)
@require_http_methods(["GET", "POST"])
@opens
def person_correct_in(request: HttpRequest, uppslag: Uppslag, deltagande: uuid.UUID) -> HttpResponse:
    """Correct an in-registration."""
    identitet = get_identitet(deltagande, PURPOSE)
    if identitet.begransad:
        return redirect(person_url(uppslag))
    return _InOnRequest(request, identitet, uppslag).respond()


@sensitive_post_parameters()
@requires(Roll.DATASKYDDSGRANSKARE)
@require_http_methods(["GET", "POST"])
@opens
def person_correct_out(request: HttpRequest, uppslag: Uppslag, deltagande: uuid.UUID) -> HttpResponse:
    """Correct an out-registration, where there is one."""
    identitet = get_identitet(deltagande, PURPOSE)
    if identitet.begransad or identitet.deltagande.aktuell_ut_id is None:
        return redirect(person_url(uppslag))
    return _OutOnRequest(request, identitet, uppslag).respond()


class _OnRequest(Correcting):
    """One page, and nothing kept between its requests."""

    def __init__(self, request: HttpRequest, identitet: Identitet, uppslag: Uppslag) -> None:
        self.request = request
        self.identitet = identitet
        self.deltagande: Deltagande = identitet.deltagande
        self.basis = Basis(identitet.insats, day=identitet.startdatum)
        self.uppslag = uppslag

    def respond(self) -> HttpResponse:
        if self.request.method == "GET":
            return self._page(self.form())
        form = self.form(self.request.POST)
        if SAME in self.request.POST and isinstance(form, CorrectOut):
            return self._page(self._as_before(form))
        if not self._says_something(form) or getattr(form, "asks_stadsdel", False) or self._errors(form):
            return self._page(form)
        odd = [one for one in self._found(form) if one.warning]
        if odd and self.request.POST.get(CONFIRMED) != _named(odd):
            return self._page(form, odd)
        try:
            correct(self._rattelse(form), facts=self.facts)
        except RuleError as error:
            form.add_findings(error.findings, self.findings)
            return self._page(form)
        return redirect(f"{person_url(self.uppslag)}?rattad=deltagande")

    def _errors(self, form: CorrectIn | CorrectOut) -> bool:
        if any(one.kind in MEANWHILE for one in self._found(form)):
            form.add_error(None, _MEANWHILE)
            return True
        return super()._errors(form)

    def _as_before(self, form: CorrectOut) -> CorrectIn | CorrectOut:
        """The answers from the start in place of those at the end; what else was typed stays."""
        data = self.request.POST.copy()
        for name, answers in form.same_as_before().items():
            data.setlist(name, answers)
        fresh = self.form()
        as_initial(fresh, data)
        return fresh

    def _page(self, form: CorrectIn | CorrectOut, odd: Sequence[Finding] = ()) -> HttpResponse:
        form.cancel = Link("Avbryt", person_url(self.uppslag))
        form.submit = "Spara rättelsen"  # type: ignore[misc]
        form.hidden = {CONFIRMED: _named(odd)} if odd else {}
        again = "Stämmer det ändå? Spara rättelsen en gång till."
        notices = [
            Notice(f"{one.message} {again}", title="Ovanligt, men möjligt", tone=Tone.WAIT) for one in odd
        ]
        return render(
            self.request, "registration/step.html", self._context() | {"form": form, "notices": notices}
        )

    def _context(self) -> dict[str, Any]:
        seen = look(self.uppslag.only(self.deltagande.pk), PURPOSE)
        return {
            "over": f"{name_of(seen)} i {self.identitet.insats.namn}, på personens begäran",
            "crumbs": trail(("Person", person_url(self.uppslag)), (self.title, "")),
        }


class _InOnRequest(_OnRequest, CorrectingIn):
    """The in-registration."""


class _OutOnRequest(_OnRequest, CorrectingOut):
    """The out-registration."""


def _named(odd: Sequence[Finding]) -> str:
    """What is odd, by its kinds: what was confirmed is not taken for something else that is odd."""
    return ",".join(sorted(f"{one.field}:{one.kind}" for one in odd))
