"""Registering out: one page of questions beside the answers from the start, read back, save."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.kept_drafts import keeps_drafts
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Component, Detail, Notice, Tone

from ..forms.correct import ConfirmCorrection
from ..forms.register_in import ConfirmStep
from ..forms.register_in_parts import ChangeableAnswers
from ..forms.register_out import ConfirmOut, RegisterOut
from ..forms.steps import Step
from ..forms.sysselsattning import TERMS, in_words, stored
from ..models import FELREGISTRERING, Utkast
from ..rules.findings import MEANWHILE, Finding
from ..rules.register import Utskrivning, check_leaving, first_in
from ..rules.register import register_out as register_out_rule
from ..rules.values import UtUppgifter
from .changing import SEEN, THEIRS
from .correct import OutPart, Version
from .deltaganden import deltagande_url, get_identitet
from .drafts import GONE
from .version_words import said_out

PURPOSE = "registrera ut"
OUT = "utregistrerad"
"""In the address that it ends at, as `SAVED` of a correction."""
IN = "0"
"""The version that answers are a change of while nobody is out."""


@keeps_drafts
@sensitive_post_parameters()
@requires(Roll.DELTAGARANSVARIG, person=("deltagande", PURPOSE))
@require_http_methods(["GET", "POST"])
def register_out(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Questions, read back, save. Who has begun when somebody else registers out sees both and chooses."""
    return RegisteringOut(request, get_identitet(pk, PURPOSE)).respond()


class RegisteringOut(OutPart[RegisterOut]):
    """The end, said for the first time. Whoever has begun when a colleague is first corrects what that one saved, if
    the own answers are chosen: what is odd with them is asked then too.
    """

    step = RegisterOut.name
    title = RegisterOut.title
    findings = RegisterOut.findings
    slag = Utkast.Slag.REGISTER_OUT
    purpose = PURPOSE
    nothing = "Svaren är desamma som de som redan är sparade. Ändra något, eller välj Avbryt."

    # What differs from a correction

    def form(self, data: Any = None) -> RegisterOut:
        return RegisterOut(
            data, before=stored(self.deltagande.aktuell_in), start=self.identitet.startdatum, codes=self.basis.codes,
            day=self.basis.today, cancel=self.cancel(),
        )  # fmt: skip

    def stands(self) -> UtUppgifter | None:
        return self.saved(self.version()) if self.is_out else None

    def seen(self) -> str:
        return str(self.version().nr) if self.is_out else IN

    def found(self, form: RegisterOut) -> list[Finding]:
        if self.is_out:
            found = super().found(form)
            return [one for one in found if one.kind in MEANWHILE] or found
        leaving, first = Utskrivning(self.deltagande.pk, form.said()), first_in(self.deltagande)
        return [*check_leaving(leaving, self.deltagande, self.facts, forst_in=first, now=timezone.now())]

    def write(self, form: RegisterOut, orsak: str, seen: Any) -> None:
        if self._corrects(form):
            super().write(form, orsak, seen)
        else:
            register_out_rule([Utskrivning(self.deltagande.pk, form.said())], facts=self.facts)

    def shown(self, form: RegisterOut) -> Sequence[Component]:
        return super().shown(form) if self._corrects(form) else self._answers(form.said())

    def read_parts(
        self, form: Step, notices: Sequence[Component], answers: Sequence[Component]
    ) -> Mapping[str, Any]:
        """Each of the answers leads back to the questions, so that they stand in a form of their own."""
        return {"notices": notices, "answers": answers, "hidden": form.carried_fields()}

    def carried(self, form: Step) -> Mapping[str, str | Sequence[str]]:
        return ({} if SEEN in form.fields else {SEEN: IN}) | dict(super().carried(form))

    def did(self, version: Version) -> str:
        return "registrerade ut deltagaren" if version.nr == 1 else super().did(version)

    def own_holds(self) -> bool:
        return self.is_out and self.version().registrerad_av_id == self.request.user.pk

    # Somebody is out already

    @property
    def is_out(self) -> bool:
        return self.deltagande.aktuell_ut_id is not None

    def _corrects(self, form: RegisterOut) -> bool:
        """Whether a valid form is a correction of what somebody else saved first. Of nobody's end nothing is one,
        whatever a post says that it is of."""
        return self.is_out and bool(form.cleaned_data[SEEN])

    def begin_again(self, told: str) -> HttpResponse:
        return self._out_already() if self.is_out else super().begin_again(GONE)

    def _out_already(self) -> HttpResponse:
        messages.warning(self.request, "Deltagaren är redan utregistrerad.")
        return redirect(deltagande_url(self.deltagande.pk))

    def _open(self) -> HttpResponse:
        """What has happened since comes first when somebody was: it is compared as soon as all is answered."""
        form = self._kept()
        if form is None and self.is_out:
            return self._out_already()
        if form is not None and self._was_first(form) and form.is_valid():
            return self._compare(form)
        return super()._open()

    def _was_first(self, form: RegisterOut) -> bool:
        """Whether somebody has saved what the answers are not a correction of."""
        return self.is_out and (form[SEEN].value() or IN) != self.seen()

    # Pages

    def _confirm(self, data: Any, form: RegisterOut, found: Sequence[Finding]) -> ConfirmStep:
        kind = ConfirmCorrection if self._corrects(form) else ConfirmOut
        return kind(data, odd=self.odd(form, found), cancel=self.cancel())

    def _show(
        self, form: Step, *, notices: Sequence[Component] = (), answers: Sequence[Component] = ()
    ) -> HttpResponse:
        if isinstance(form, RegisterOut) and self._was_first(form):
            told = f"{self.told(self._latest())}, medan du fyllde i."
            notices = [*notices, Notice(told, tone=Tone.WAIT)]
        return super()._show(form, notices=notices, answers=answers)

    def _done(self, news: str = OUT) -> HttpResponse:
        """Whoever saved it, the person is out; but what was chosen is told."""
        self.drafting.drop()
        return redirect(f"{deltagande_url(self.deltagande.pk)}?{THEIRS if news == THEIRS else OUT}")

    def _answers(self, ut: UtUppgifter) -> list[Component]:
        words = said_out(ut, self.basis.codes)
        if ut.avslutsanledning == FELREGISTRERING:
            note = "Deltagandet räknas inte någonstans, och personuppgifterna tas bort efter en tid."
            rows = [Detail("Anledning", words["Anledning"], note=note)]
            return [ChangeableAnswers("Avslutet", self.step, rows)]
        before = in_words(stored(self.deltagande.aktuell_in), self.basis.codes)
        end = [Detail(term, words[term]) for term in ("Anledning", "Sista dagen")]
        after = [
            Detail(term, words[term], note=f"Före insatsen: {before[name]}") for name, term in TERMS.items()
        ]
        return [
            ChangeableAnswers("Avslutet", self.step, end),
            ChangeableAnswers("Vid slutet av insatsen", self.step, after),
        ]
