"""The flow of registering in: which page follows what is posted, until all of it is saved at once."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from finsam_site.access.kept_drafts import only_keeping
from finsam_site.ui.components import Component, Notice, Tone

from ..forms.register_in import ASKING, STEPS, BeforeStep, ConfirmStep, IdentityStep, StartStep
from ..forms.register_in_answered import Answered
from ..forms.register_in_basis import Basis
from ..forms.steps import GO_TO, STEP, STEP_FIELD, Step
from ..models import Deltagande, Utkast
from ..rules.checks import without_consequences
from ..rules.drafts import Place
from ..rules.findings import Finding, RuleError
from ..rules.register import register_in
from .drafts import GONE, Drafting, as_initial, begun_in
from .insatser_common import insats_url
from .register_in_answers import answers
from .register_in_checks import Checks, fields_of, first_step, odd_words
from .register_in_filled import fill_in, fill_in_from_wrong
from .register_in_number import CHECK, FILL, PART, Known, NumberPlace
from .register_in_page import StepPages

MOVED = (
    "Det felaktiga deltagandet är avslutat som felregistrering. Personen ska skriva under ett nytt samtycke för den "
    "här insatsen. När du har svarat om det fylls allt annat i åt dig."
)


class Flow:
    """One request of the flow. What is answered stands in the draft, which becomes the deltagande."""

    def __init__(self, request: HttpRequest, basis: Basis, key: uuid.UUID) -> None:
        self.request = request
        self.basis = basis
        self.insats = basis.insats
        self.key = key
        self.drafting = Drafting(request, Place(Utkast.Slag.REGISTER_IN, self.insats.pk, pk=key))
        self.pages = StepPages(request, self.insats, key, self.drafting)
        self.checks = Checks(self.insats)
        self.known = Known(self.insats)
        self._answered = Answered(basis, self.drafting.steps)

    @property
    def answered(self) -> Answered:
        """What the draft says now: read anew when something has been kept since."""
        if self._answered.steps is not self.drafting.steps:
            self._answered = Answered(self.basis, self.drafting.steps)
        return self._answered

    def open(self) -> HttpResponse:
        """The step that the address names, or the first that is still to be answered, with everything typed."""
        saved = self._saved()
        if saved is not None:  # somebody went back after the last press: what was registered is shown
            return _done(saved)
        if not self.answered.consented or self.answered.waits:
            return self._step(BeforeStep, notices=self._begun())
        step = STEPS.get(self.request.GET.get(STEP, ""))
        # Each page names its step, so that going back and forth in the browser leads to the same.
        return self._step(step) if step else self._onward(self.answered.next)

    def _begun(self) -> list[Notice]:
        """Before anything is answered: where the registration comes from, or what else has been begun."""
        if self.drafting.draft is None:
            return begun_in(self.insats)
        return [Notice(MOVED, tone=Tone.GOOD)] if self.answered.waits else []

    def answer(self) -> HttpResponse:
        """What a posted step leads to."""
        saved = self._saved()
        if saved is not None:
            return HttpResponse() if only_keeping(self.request) else _done(saved)
        post = self.request.POST
        step = STEPS.get(post.get(STEP_FIELD, ""))
        if step is None:
            return self._begin_again()
        form = self.answered.form(step, post)
        if isinstance(form, IdentityStep) and PART in self.request.headers and not only_keeping(self.request):
            told = self.known.told(form, errors=True).render() if self.answered.consented else ""
            return HttpResponse(told)
        told_before = self.drafting.answers(IdentityStep.name).get("personnummer", [])
        kept = self._keep(form)
        if kept is not None:
            return kept
        left = self.drafting.leave(insats_url(self.insats))
        if left is not None:
            return left
        target = post.get(GO_TO, "")
        if target in ASKING:
            return self._onward(STEPS[target])
        if isinstance(form, ConfirmStep):
            return self.save(post)
        if isinstance(form, IdentityStep):
            return self._answer_identity(form, told_before)
        return self._answer_other(form)

    def _keep(self, form: Step) -> HttpResponse | None:
        """Keep what was typed. Gives the answer where nothing more is to be done."""
        if form.name not in ASKING:
            return self.drafting.kept() if only_keeping(self.request) else None
        kept = self.drafting.keep(form.name, form)
        return self._begin_again() if kept is None and self.drafting.refused else kept

    def _answer_identity(self, form: IdentityStep, told_before: Sequence[str]) -> HttpResponse:
        """Who it is. A number alone, said for the first time, is answered by what is known of it."""
        post = self.request.POST
        if FILL in post:
            found = self.known.tidigare(form)
            if found is not None:
                fill_in(self.drafting, found)
            return self._go_on()
        if CHECK in post and not form.keep_errors_of("personnummer"):
            return self._onward(IdentityStep)
        if not form.is_valid():
            new = form.nummer and form.is_only_number and form.cleaned_data["personnummer"] not in told_before
            return self._onward(IdentityStep) if new else self._page(form)
        if form.asks_stadsdel:
            return self._page(form)
        return self._go_on()

    def _answer_other(self, form: Step) -> HttpResponse:
        """Any other step that asks something."""
        if not form.is_valid():
            return self._page(form)
        if isinstance(form, BeforeStep):
            if not form.may_be_named:
                self.drafting.drop()
                return redirect("registration:register_in_without_identity", pk=self.insats.pk)
            fill_in_from_wrong(self.drafting)
        if isinstance(form, StartStep):
            return self._wrong_start(form) or self._go_on()
        return self._onward(self.answered.next)

    def _go_on(self) -> HttpResponse:
        """The next step, or the one to put right, now that the person or the day is another."""
        return self._in_the_way() or self._onward(self.answered.next)

    def save(self, post: Any) -> HttpResponse:
        """Register, once: the id of the draft becomes that of the deltagande, and whoever comes second finds it."""
        if self.drafting.lock() is None:
            saved = self._saved()
            return _done(saved) if saved is not None else self._begin_again()
        undone = self.answered.next
        if undone is not ConfirmStep:
            return self._onward(undone)
        ny = self.answered.nytt(self.key)
        # Whose the other name is, is said and logged where the page is shown, not here.
        odd = bool(odd_words(ny, self.checks.of_all(ny))) or self.known.called_otherwise(ny) is not None
        form = ConfirmStep(post, asks=odd)
        if not form.is_valid():
            return self._read_back(form)
        try:
            saved = register_in([ny], facts=self.checks.facts)[0]
        except RuleError as error:
            return self._refused(error.findings)
        self.drafting.drop()
        return _done(saved)

    def _saved(self) -> Deltagande | None:
        return Deltagande.objects.filter(pk=self.key, insats=self.insats).first()

    # The step to put right; None where there is nothing in the way

    def _in_the_way(self) -> HttpResponse | None:
        """When the person takes part here already at the time; one look in the access log."""
        found = self.known.in_the_way(self.answered)
        return self._refused([found]) if found else None

    def _wrong_start(self, form: StartStep) -> HttpResponse | None:
        """When a rule finds something wrong with what it says: it is told there, and not two pages later."""
        form.add_findings(self.checks.of_start(form), fields_of(StartStep))
        return self._page(form) if form.errors else None

    def _refused(self, findings: Iterable[Finding]) -> HttpResponse:
        """What a rule found, on the first step that it is about."""
        found = without_consequences(findings)
        step = first_step(found)
        if step is ConfirmStep:
            form: Step = ConfirmStep({})
            read_back = answers(self.answered.nytt(self.key), self.basis)
        else:
            form, read_back = self.answered.form(step, self.answered.data(step)), []
        form.is_valid()
        form.add_findings(found, fields_of(step))
        return self._page(form, answers=read_back)

    # Pages

    def _step(self, step: type[Step], *, notices: Sequence[Component] = ()) -> HttpResponse:
        """A step as it was left, right or not; the last one only when all before it are answered rightly."""
        if step is ConfirmStep:
            return self._read_back()
        data = self.answered.data(step)
        form = self.answered.form(step, initial=data.dict() if data else None)
        as_initial(form, data)
        return self._page(form, notices=notices)

    def _read_back(self, form: ConfirmStep | None = None) -> HttpResponse:
        undone = self.answered.next
        if undone is not ConfirmStep:
            return self._step(undone)
        hinder = self._in_the_way()
        if hinder is not None:
            return hinder
        ny = self.answered.nytt(self.key)
        findings = self.checks.of_all(ny)
        errors = [one for one in findings if not one.warning]
        if errors:
            return self._refused(errors)
        other = self.known.called_otherwise(ny)
        odd = [*([other.words()] if other else []), *odd_words(ny, findings)]
        form = form or ConfirmStep(odd=odd)
        form.odd = odd
        return self._page(form, answers=answers(ny, self.basis))

    def _page(self, form: Step, **around: Sequence[Component]) -> HttpResponse:
        if isinstance(form, IdentityStep):
            form.tell(NumberPlace(self.known.told(form)))
        return self.pages.show(form, read_first=self.answered.waits, **around)

    def _onward(self, step: type[Step]) -> HttpResponse:
        return redirect(self.pages.url(step))

    def _begin_again(self) -> HttpResponse:
        """From the beginning, with another draft."""
        anew = Flow(self.request, self.basis, uuid.uuid4())
        return anew._page(anew.answered.form(BeforeStep), notices=[Notice(GONE, tone=Tone.WAIT)])


def _done(saved: Deltagande) -> HttpResponse:
    return redirect(reverse("registration:deltagande", args=[saved.pk]) + "?registrerad")
