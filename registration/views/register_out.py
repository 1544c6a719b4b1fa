"""Registering out: one page of questions beside the answers from the start, read back, save."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Component, Detail, Link, Notice, Tone
from finsam_site.ui.formats import day, sentence

from ..forms.register_in import Step
from ..forms.register_in_parts import ChangeableAnswers, Hidden
from ..forms.register_in_sealed import FIELD, Carried, NotOpened, seal, unseal
from ..forms.register_out import FINDINGS, ConfirmOut, OutStep
from ..forms.sysselsattning import TERMS, in_words, stored
from ..forms.sysselsattning_codes import Codes
from ..models import FELREGISTRERING, Identitet, Kodlista, Utregistrering
from ..rules.checks import check_out, check_reason_to_leave
from ..rules.facts import Facts, load_facts
from ..rules.findings import Finding, RuleError
from ..rules.register import Utskrivning, first_in
from ..rules.register import register_out as register_out_rule
from ..rules.reveal import Namn, reveal_names
from ..rules.values import UtUppgifter
from .deltaganden import deltagande_url, get_identitet
from .insatser_common import crumbs, insats_crumb
from .register_in import EXPIRED, GO_TO, NOT_OURS, STEP_FIELD

PURPOSE = "registrera ut"


@sensitive_post_parameters()
@requires(Roll.DELTAGARANSVARIG, person=("deltagande", PURPOSE))
@require_http_methods(["GET", "POST"])
def register_out(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Questions, read back, save. Somebody who is out already is shown as such."""
    identitet = get_identitet(pk, PURPOSE)
    flow = Flow(request, identitet)
    if request.method == "POST":
        return flow.answer()
    return flow.is_out() if identitet.deltagande.aktuell_ut_id else flow.show(flow.form())


class Flow:
    """One request of registering out."""

    def __init__(self, request: HttpRequest, identitet: Identitet) -> None:
        self.request = request
        self.identitet = identitet
        self.deltagande = identitet.deltagande
        self.codes = Codes()
        self.today = timezone.localdate()
        self.matter = f"register_out:{self.deltagande.pk}"
        self.carried = Carried(str(self.deltagande.pk))

    @cached_property
    def facts(self) -> Facts:
        """What the rule checks against, read once: for what is shown as odd and for what is written."""
        return load_facts({self.identitet.insats.insats_id})

    def answer(self) -> HttpResponse:
        """What a posted page leads to."""
        post = self.request.POST
        if post.get(STEP_FIELD) == OutStep.name:
            form = self.form(post)
            self.carried = self.carried.having(
                OutStep.name, {one: post.getlist(one) for one in form.fields if one in post}
            )
            if self.deltagande.aktuell_ut_id:
                return self.is_out(form.ut_uppgifter() if form.is_valid() else None)
            return self.read_back(form)
        try:
            self.carried = unseal(post.get(FIELD, ""), self.matter)
        except NotOpened as refused:
            return self.show(
                self.form(), notices=[Notice(EXPIRED if refused.expired else NOT_OURS, tone=Tone.WAIT)]
            )
        form = self.form(self.carried.data(OutStep.name))
        if self.deltagande.aktuell_ut_id:
            return self.is_out(form.ut_uppgifter() if form.is_valid() else None)
        if post.get(GO_TO) == OutStep.name:
            return self.show(form)
        return self.save(form)

    def form(self, data: Any = None) -> OutStep:
        """The questions, with what has been answered."""
        version = self.deltagande.aktuell_in
        return OutStep(
            data, before=stored(version), start=self.identitet.startdatum, codes=self.codes, day=self.today,
            cancel=Link("Avbryt", deltagande_url(self.deltagande.pk)),
        )  # fmt: skip

    def read_back(self, form: OutStep, confirm: ConfirmOut | None = None) -> HttpResponse:
        """The answers again, when nothing is wrong with them."""
        if not form.is_valid():
            return self.show(form)
        ut = form.ut_uppgifter()
        findings = list(self._findings(ut))
        errors = [one for one in findings if not one.warning]
        if errors:
            form.add_findings(errors, FINDINGS)
            return self.show(form)
        confirm = confirm or self._confirm(None, findings)
        return self.show(confirm, answers=self._answers(ut))

    def save(self, form: OutStep) -> HttpResponse:
        """Register out, once."""
        if not form.is_valid():
            return self.show(form)
        ut = form.ut_uppgifter()
        confirm = self._confirm(self.request.POST, self._findings(ut))
        if not confirm.is_valid():
            return self.read_back(form, confirm)
        try:
            register_out_rule([Utskrivning(self.deltagande.pk, ut)], facts=self.facts)
        except RuleError as error:
            if any(one.kind == "redan_ute" for one in error.findings):
                return self.is_out(ut)
            form.add_findings(error.findings, FINDINGS)
            return self.show(form)
        return redirect(deltagande_url(self.deltagande.pk) + "?utregistrerad")

    def is_out(self, ut: UtUppgifter | None = None) -> HttpResponse:
        """The person is out already: by the same press (nothing to say), or by somebody who may have said otherwise."""
        version = Utregistrering.objects.filter(deltagande=self.deltagande).order_by("-nr").first()
        if ut is not None and version is not None and _says(version, ut):
            return redirect(deltagande_url(self.deltagande.pk) + "?utregistrerad")
        text = "Deltagaren är redan utregistrerad."
        if ut is not None:
            text += " Svaren skiljer sig från dina, som inte är sparade. Jämför dem här."
        messages.warning(self.request, text)
        return redirect(deltagande_url(self.deltagande.pk))

    def show(
        self, form: Step, *, notices: Sequence[Component] = (), answers: Sequence[Component] = ()
    ) -> HttpResponse:
        """The page of a step. Its heading names the person: one look in the access log."""
        form.hidden = {STEP_FIELD: form.name}
        if form.name != OutStep.name:
            form.hidden[FIELD] = seal(self.carried, self.matter)
            form.previous = OutStep.name
        name = self._name()
        context = {
            "form": form,
            "over": f"{name.fornamn} {name.efternamn} i {self.identitet.insats.namn}",
            "notices": notices,
            "answers": answers,
            "hidden": [Hidden(pair) for pair in form.hidden.items()],
            "crumbs": crumbs(
                insats_crumb(self.identitet.insats),
                ("Deltagande", deltagande_url(self.deltagande.pk)),
                ("Registrera ut", ""),
            ),
        }
        return render(self.request, "registration/step.html", context)

    def _name(self) -> Namn:
        return reveal_names([self.identitet.pk], PURPOSE)[self.identitet.pk]

    def _findings(self, ut: UtUppgifter) -> Iterable[Finding]:
        now = timezone.now()
        yield from check_reason_to_leave(ut)
        yield from check_out(
            ut, self.facts, self.facts.insatser[self.identitet.insats.insats_id], startdatum=self.identitet.startdatum,
            forst_in=first_in(self.deltagande), registrerad=now, now=now,
        )  # fmt: skip

    def _confirm(self, data: Any, findings: Iterable[Finding]) -> ConfirmOut:
        odd = [one.message for one in findings if one.warning]
        return ConfirmOut(data, odd=odd, cancel=Link("Avbryt", deltagande_url(self.deltagande.pk)))

    def _answers(self, ut: UtUppgifter) -> list[ChangeableAnswers]:
        reason = Detail(
            "Anledning", sentence(self.codes.label(Kodlista.AVSLUTSANLEDNING, ut.avslutsanledning))
        )
        if ut.avslutsanledning == FELREGISTRERING:
            note = "Deltagandet räknas inte någonstans, och personuppgifterna tas bort efter en tid."
            return [
                ChangeableAnswers("Avslutet", OutStep.name, [Detail("Anledning", reason.value, note=note)])
            ]
        before = in_words(stored(self.deltagande.aktuell_in), self.codes)
        after = in_words(ut.efter, self.codes)
        return [
            ChangeableAnswers("Avslutet", OutStep.name, [reason, Detail("Sista dagen", day(ut.slutdatum))]),
            ChangeableAnswers(
                "Vid slutet av insatsen",
                OutStep.name,
                [Detail(TERMS[name], after[name], note=f"Före insatsen: {before[name]}") for name in TERMS],
            ),
        ]


def _says(version: Utregistrering, ut: UtUppgifter) -> bool:
    return (version.slutdatum, version.avslutsanledning, stored(version)) == (
        ut.slutdatum,
        ut.avslutsanledning,
        ut.efter,
    )
