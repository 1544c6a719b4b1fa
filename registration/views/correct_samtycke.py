"""Correcting what was registered of the signed paper."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.kept_drafts import keeps_drafts
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.comparison import Comparison
from finsam_site.ui.components import Component, Detail, Details
from finsam_site.ui.formats import clock, day

from ..forms.correct_person import MeanwhileNoReason
from ..forms.correct_samtycke import ConfirmSamtycke, SamtyckeStep
from ..forms.register_in_basis import Basis
from ..models import Samtycke
from ..rules.correct_samtycke import (
    Samtyckesrattelse,
    check_samtycke_correction,
    corrections_since,
    samtycke_changes,
    samtycke_mark,
    stored_samtycke,
)
from ..rules.correct_samtycke import correct_samtycke as correct_samtycke_rule
from ..rules.findings import Finding
from .changing import PURPOSE, Changing, Theirs
from .deltaganden import get_identitet
from .samtycke_words import compared

CHANGED = "Samtycket har ändrats"
"""Told of what was not changed by a correction, or of what nobody can say who changed it."""


@keeps_drafts
@sensitive_post_parameters()
@requires(Roll.DELTAGARANSVARIG, person=("deltagande", PURPOSE))
@require_http_methods(["GET", "POST"])
def correct_samtycke(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Correct the day, version or language of a samtycke."""
    return CorrectingSamtycke(request, get_identitet(pk, PURPOSE)).respond()


class CorrectingSamtycke(Changing[SamtyckeStep]):
    """The paper of this deltagande."""

    step = SamtyckeStep.name
    title = SamtyckeStep.title
    findings = SamtyckeStep.findings
    confirm = ConfirmSamtycke
    choice = MeanwhileNoReason

    @cached_property
    def basis(self) -> Basis:
        return Basis(self.identitet.insats)

    def form(self, data: Any = None) -> SamtyckeStep:
        return SamtyckeStep(data, stored=self.identitet.samtycke, basis=self.basis, cancel=self.cancel())

    def said(self, form: SamtyckeStep) -> tuple[dt.date, str, str]:
        return form.said

    def stands(self) -> tuple[dt.date, str, str]:
        return stored_samtycke(self.identitet.samtycke)

    def found(self, form: SamtyckeStep) -> list[Finding]:
        said = self._said(form, form.cleaned_data["sedd"])
        return check_samtycke_correction(said, self.identitet, self.facts)

    def shown(self, form: SamtyckeStep) -> Sequence[Component]:
        rows = [one for one in compared(stored_samtycke(self.identitet.samtycke), form.said) if one.differs]
        caption = "Samtycket som det står nu och som det ska stå"
        why = Details([Detail("Varför", form.reason.label)])
        return [Comparison(caption, "Står nu", "Ska stå", rows, word=""), why]

    def write(self, form: SamtyckeStep, orsak: str, seen: Any) -> None:
        correct_samtycke_rule(self._said(form, seen), self.facts)

    def theirs(self, form: SamtyckeStep) -> Theirs:
        stored = Samtycke.objects.select_related("formular").get(pk=self.identitet.samtycke_id)
        # What the form was filled in from; what was compared with since does not tell who changed that.
        made = corrections_since(stored, str(form["sedd"].value()))
        colleagues = [one for one in made if one.registrerad_av_id != self.request.user.pk]
        last = next(reversed(colleagues or made), None)
        own = last is not None and not colleagues
        who = "Du" if own else str(last.registrerad_av) if last else "någon annan"
        when = f" {day(last.registrerad)} klockan {clock(last.registrerad)}" if last else ""
        told = f"{who} rättade samtycket{when}" if last else CHANGED
        return Theirs(
            told=told,
            by=who,
            rows=compared(stored_samtycke(stored), form.said),
            seen=samtycke_mark(stored),
            same=form.said == stored_samtycke(stored),
            own=own,
            named=last is not None,
        )

    def own_holds(self) -> bool:
        changes = samtycke_changes(self.identitet.samtycke_id)
        return any(one.registrerad_av_id == self.request.user.pk for one in changes[-1:])

    def _said(self, form: SamtyckeStep, seen: str) -> Samtyckesrattelse:
        return Samtyckesrattelse(self.deltagande.pk, *form.said, skal=form.reason, seen=seen)
