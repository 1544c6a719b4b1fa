"""Correcting what was registered in or out at the person's own request: the same questions and rules as `correct`.

Without drafts, which are the deltagaransvariga's: one page, which is sent once more where an answer is odd.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Link, Notice, Tone

from ..forms.correct import CorrectIn, CorrectOut
from ..forms.register_in_basis import Basis
from ..forms.register_out import SAME
from ..models import Deltagande, Identitet
from ..rules.correct import check_correction, correct
from ..rules.facts import load_facts
from ..rules.findings import MEANWHILE, Finding, RuleError
from ..rules.uppslag import Uppslag, look
from .changing import PURPOSE
from .correct import Correcting, CorrectingIn, CorrectingOut
from .deltaganden import get_identitet
from .drafts import as_initial
from .person import name_of, opens, person_url, trail

CONFIRMED = "bekraftat"
UNCHANGED = "Du har inte ändrat något. Ändra det som är fel, eller välj Avbryt."
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


class _OnRequest(Correcting[Any]):
    """One page, and nothing kept between its requests. The parts give the questions and what the rule takes."""

    def __init__(self, request: HttpRequest, identitet: Identitet, uppslag: Uppslag) -> None:
        self.request = request
        self.identitet = identitet
        self.deltagande: Deltagande = identitet.deltagande
        self.deltagande.insats = identitet.insats
        self.basis = Basis(identitet.insats, day=identitet.startdatum)
        self.uppslag = uppslag

    def respond(self) -> HttpResponse:
        if self.request.method == "GET":
            return self._asked(self.form())
        form = self.form(self.request.POST)
        if SAME in self.request.POST and isinstance(form, CorrectOut):
            return self._asked(self._as_before(form))
        if not form.is_valid() or getattr(form, "asks_stadsdel", False):
            return self._asked(form)
        if form.said() == self.saved(self.version()):
            form.add_error(None, UNCHANGED)
            return self._asked(form)
        facts = load_facts({self.identitet.insats.insats_id})
        rattelse = self.rattelse(form.said(), form.cleaned_data["orsak"], form.cleaned_data["sedd"])
        found = check_correction(rattelse, self.deltagande, facts, timezone.now())
        odd = [one for one in found if one.warning]
        if len(odd) == len(found) and odd and self.request.POST.get(CONFIRMED) != _named(odd):
            return self._asked(form, odd)
        try:
            correct(rattelse, facts=facts)
        except RuleError as error:
            meanwhile = any(one.kind in MEANWHILE for one in error.findings)
            form.add_findings([] if meanwhile else error.findings, self.findings)
            if meanwhile:
                form.add_error(None, _MEANWHILE)
            return self._asked(form)
        return redirect(f"{person_url(self.uppslag)}?rattad=deltagande")

    def _as_before(self, form: CorrectOut) -> CorrectIn | CorrectOut:
        """The answers from the start in place of those at the end; what else was typed stays."""
        data = self.request.POST.copy()
        for name, answers in form.same_as_before().items():
            data.setlist(name, answers)
        fresh = self.form()
        as_initial(fresh, data)
        return fresh

    def _asked(self, form: CorrectIn | CorrectOut, odd: Sequence[Finding] = ()) -> HttpResponse:
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
