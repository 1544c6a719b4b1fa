"""Registering in: small pages, one after the other. What is answered is a draft until it is saved."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.kept_drafts import keeps_drafts, only_keeping
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Component, Notice, Tone

from ..forms.register_in import (
    ASKING,
    FINDINGS,
    STEPS,
    BeforeStep,
    ConfirmStep,
    IdentityStep,
    SituationStep,
    StartStep,
)
from ..forms.register_in_basis import Basis
from ..forms.register_in_parts import Hidden
from ..forms.register_in_values import (
    nytt_deltagande,
    start_uppgifter,
    steps_of_earlier,
    steps_of_wrong,
)
from ..forms.steps import GO_TO, STEP, STEP_FIELD, Step
from ..models import Deltagande, Insats, Utkast
from ..rules.checks import check_in, check_in_uppgifter, without_consequences
from ..rules.clock import writing_since
from ..rules.drafts import Place
from ..rules.facts import Facts, load_facts
from ..rules.findings import Finding, RuleError
from ..rules.recognise import Igenkand, recognise
from ..rules.register import register_in as register_in_rule
from ..rules.values import NyttDeltagande
from ..rules.wrong_insats import FROM, carry_over, filled_in, waits
from .drafts import GONE, Drafting, as_initial, begun_in, leave_button
from .insatser_common import crumbs, get_insats, insats_crumb, insats_url, takes_persons
from .register_in_anonymous import registers_numbers, without_formular
from .register_in_answers import answers
from .register_in_number import CHECK, FILL, PART, AboutNumber, NumberPlace, in_the_way, is_named, told

DRAFT = "utkast"
"""In the address: which draft."""
MOVED = (
    "Det felaktiga deltagandet är avslutat som felregistrering. Personen ska skriva under ett nytt samtycke för den "
    "här insatsen. När du har svarat om det fylls allt annat i åt dig."
)
ALREADY = "Den här registreringen är redan gjord. Se deltagandena i insatsen."


@keeps_drafts
@sensitive_post_parameters()
@requires(Roll.DELTAGARANSVARIG)
@require_http_methods(["GET", "POST"])
def register_in(request: HttpRequest, pk: int) -> HttpResponse:
    """The flow. Each step has an address of its own, with the id of the draft and nothing else in it."""
    insats = get_insats(pk)
    if not takes_persons(insats):
        return registers_numbers(request, insats)
    flow = Flow(request, insats)
    if not flow.basis.formular:
        return without_formular(request, insats)
    return flow.answer() if request.method == "POST" else flow.open()


class Flow:
    """One request of the flow. What is answered stands in the draft, which becomes the deltagande."""

    def __init__(self, request: HttpRequest, insats: Insats) -> None:
        self.request = request
        self.insats = insats
        self.basis = Basis(insats)
        self.key = _key(request)
        self.drafting = Drafting(request, Place(Utkast.Slag.REGISTER_IN, insats.pk, pk=self.key))
        self._checked: dict[str, Step | None] = {}
        self._hinder = Igenkand()

    @cached_property
    def facts(self) -> Facts:
        """What the rule checks against, read once: for what is shown as odd and for what is written."""
        return load_facts({self.insats.insats_id})

    def open(self) -> HttpResponse:
        """The step that the address names, or the first that is still to be answered, with everything typed."""
        saved = self._saved()
        if saved is not None:  # somebody went back after the last press: what was registered is shown
            return self._done(saved)
        if not self._consented() or self._waits:
            return self.show(BeforeStep.name, notices=self._begun())
        name = self.request.GET.get(STEP, "")
        # Each page names its step, so that going back and forth in the browser leads to the same.
        return self.show(name) if name in STEPS else self._onward(self._next())

    def _begun(self) -> list[Notice]:
        """Before anything is answered: where the registration comes from, or what else has been begun."""
        if self.drafting.draft is None:
            return begun_in(self.insats)
        return [Notice(MOVED, tone=Tone.GOOD)] if self._waits else []

    @property
    def _waits(self) -> bool:
        """Whether the draft is still to be filled in from a deltagande in the wrong insats."""
        return self.drafting.draft is not None and waits(self.drafting.draft.steps)

    def answer(self) -> HttpResponse:
        """What a posted step leads to."""
        saved = self._saved()
        if saved is not None:
            return HttpResponse() if only_keeping(self.request) else self._done(saved)
        post = self.request.POST
        name = post.get(STEP_FIELD, "")
        if name not in STEPS:
            return self._begin_again()
        form = self.form(name, post)
        if isinstance(form, IdentityStep) and PART in self.request.headers and not only_keeping(self.request):
            return HttpResponse(self._told(form, errors=True).render() if self._consented() else "")
        told_before = self.drafting.answers(IdentityStep.name).get("personnummer", [])
        if name in ASKING:
            self._checked.clear()
            kept = self.drafting.keep(name, form)
            if kept is not None:
                return kept
            if self.drafting.refused:
                return self._begin_again()
        elif only_keeping(self.request):
            return self.drafting.kept()
        left = self.drafting.leave(insats_url(self.insats))
        if left is not None:
            return left
        target = post.get(GO_TO, "")
        if target in ASKING:
            return self._onward(target)
        if name == ConfirmStep.name:
            return self.save(post)
        if isinstance(form, IdentityStep):
            return self._answer_identity(form, told_before)
        if not form.is_valid():
            return self.show(name, form)
        if isinstance(form, BeforeStep):
            if not form.may_be_named:
                self.drafting.drop()
                return redirect("registration:register_in_without_identity", pk=self.insats.pk)
            self._carry_over()
        hinder = None
        if isinstance(form, StartStep):
            hinder = self._wrong_start(form) or self._in_the_way()
        return hinder or self._onward(self._next())

    def _answer_identity(self, form: IdentityStep, told_before: list[str]) -> HttpResponse:
        """Who it is. A number alone, said for the first time, is answered by what is known of it."""
        post = self.request.POST
        if FILL in post:
            return self._fill_in(form)
        if CHECK in post and not form.keep_errors_of("personnummer"):
            return self._onward(form.name)
        if not form.is_valid():
            new = form.nummer and form.is_only_number and form.cleaned_data["personnummer"] not in told_before
            return self._onward(form.name) if new else self.show(form.name, form)
        if form.asks_stadsdel:
            return self.show(form.name, form)
        return self._in_the_way() or self._onward(self._next())

    def form(self, name: str, data: Any = None, initial: Any = None) -> Step:
        """The form of a step: empty, answered with `data`, or filled in with `initial`."""
        more: dict[str, Any] = {}
        if name in (BeforeStep.name, IdentityStep.name, StartStep.name):
            more["basis"] = self.basis
        if name == StartStep.name:
            more["formular"] = self._formular()
        if name == SituationStep.name:
            more = {"codes": self.basis.codes, "day": self.basis.today}
        return STEPS[name](data, initial=initial, cancel=leave_button(), **more)

    def show(self, name: str, form: Step | None = None, **page: Any) -> HttpResponse:
        """A step; the last one only when all before it are answered rightly."""
        if name == ConfirmStep.name and form is None:
            return self._read_back()
        return self._page(form or self._filled_in(name), **page)

    def save(self, post: Any) -> HttpResponse:
        """Register, once: the id of the draft becomes that of the deltagande, and whoever comes second finds it."""
        if self.drafting.lock() is None:
            saved = self._saved()
            return self._done(saved) if saved is not None else self._begin_again()
        self._checked.clear()
        undone = self._next()
        if undone != ConfirmStep.name:
            return self._onward(undone)
        ny = self._nytt()
        odd = self._odd(ny)
        form = ConfirmStep(post, odd=odd, cancel=leave_button())
        if not form.is_valid():
            return self._read_back(form)
        try:
            with transaction.atomic():
                saved = register_in_rule([ny], facts=self.facts)[0]
        except IntegrityError:
            form.add_error(None, ALREADY)
            return self._read_back(form)
        except RuleError as error:
            return self._refused(error.findings)
        self.drafting.drop()
        return self._done(saved)

    # What is known already

    def _told(self, form: IdentityStep, *, errors: bool = False) -> AboutNumber:
        """What follows from the number in the form. errors: also what is wrong with it."""
        nummer, error = form.number_in(form["personnummer"].value() or "")
        found = Igenkand()
        if nummer is not None:
            found = self._hinder if self._hinder.hinder else recognise(
                nummer, self.insats.pk, offer=not is_named(form)
            )  # fmt: skip
        return told(nummer, found, error=error if errors else "")

    def _in_the_way(self) -> HttpResponse | None:
        """The step to put right, when the person takes part here already at the time; one look in the access log."""
        identity, start = self._valid(IdentityStep.name), self._valid(StartStep.name)
        if not isinstance(identity, IdentityStep) or identity.nummer is None:
            return None
        day = start.cleaned_data["startdatum"] if start else None
        self._hinder = recognise(identity.nummer, self.insats.pk, start=day, offer=False)
        return self._refused([in_the_way(self._hinder.hinder)]) if self._hinder.hinder else None

    def _wrong_start(self, form: StartStep) -> HttpResponse | None:
        """The step, when a rule finds something wrong with what it says: it is told there, and not two pages later."""
        insats = self.facts.insatser[self.insats.insats_id]
        found = without_consequences(check_in_uppgifter(start_uppgifter(form), self.facts, insats))
        names = {rule: field for rule, (step, field) in FINDINGS.items() if step == form.name}
        form.add_findings((one for one in found if one.field in names), names)
        return self.show(form.name, form) if form.errors else None

    def _fill_in(self, form: IdentityStep) -> HttpResponse:
        """Answer by an earlier deltagande what it can answer, and nothing that is answered already but who it is."""
        nummer, _ = form.number_in(form["personnummer"].value() or "")
        found = recognise(nummer, self.insats.pk).tidigare if nummer else None
        if found is not None:
            for step, given in steps_of_earlier(found).items():
                before = self.drafting.answers(step)
                self.drafting.put(step, {**before, **given} if step == form.name else {**given, **before})
            self._checked.clear()
        return self._in_the_way() or self._onward(self._next())

    def _carry_over(self) -> None:
        """Fill in a draft that was begun from a deltagande in the wrong insats, now that its samtycke is answered."""
        draft = self.drafting.draft
        if draft is None or not waits(draft.steps):
            return
        found = carry_over(draft.steps)
        for step, given in (steps_of_wrong(found) if found else {}).items():
            self.drafting.put(step, given)
        self.drafting.put(FROM, filled_in(draft.steps))
        self._checked.clear()

    # What has been answered

    def _valid(self, name: str) -> Step | None:
        if name not in self._checked:
            data = self.drafting.data(name)
            form = None if data is None else self.form(name, data)
            self._checked[name] = form if form is not None and form.is_valid() else None
        return self._checked[name]

    def _consented(self) -> bool:
        before = self._valid(BeforeStep.name)
        return isinstance(before, BeforeStep) and before.may_be_named

    def _formular(self) -> str:
        before = self._valid(BeforeStep.name)
        return before.samtyckesuppgifter().formular if isinstance(before, BeforeStep) else ""

    def _next(self) -> str:
        """The first step that is still to be answered."""
        if self._waits:
            return BeforeStep.name
        return next((name for name in ASKING if self._valid(name) is None), ConfirmStep.name)

    def _nytt(self) -> NyttDeltagande:
        before, identity, start, situation = (self._valid(name) for name in ASKING)
        assert isinstance(before, BeforeStep) and isinstance(identity, IdentityStep)
        assert isinstance(start, StartStep) and isinstance(situation, SituationStep)
        return nytt_deltagande(self.insats, self.key, before, identity, start, situation)

    def _saved(self) -> Deltagande | None:
        return Deltagande.objects.filter(pk=self.key, insats=self.insats).first()

    # Pages

    def _page(
        self, form: Step, *, notices: Sequence[Component] = (), answers: Sequence[Component] = ()
    ) -> HttpResponse:
        at = list(STEPS).index(form.name)
        form.previous = list(STEPS)[at - 1] if at else ""
        form.hidden = {STEP_FIELD: form.name}
        if isinstance(form, IdentityStep):
            form.tell(NumberPlace(self._told(form)))
        if form.name in ASKING:
            self.drafting.mark(form)
            if self._waits:  # what has been done already is read first
                form.begins_at_heading = True
            elif not form.error_summary:
                form.begin_at_question()
        context = {
            "form": form,
            "form_action": self._url(),
            "over": f"Registrera in i {self.insats.namn}, steg {at + 1} av {len(STEPS)}",
            "notices": notices,
            "answers": answers,
            "hidden": [Hidden(pair) for pair in form.hidden.items()],
            "crumbs": crumbs(insats_crumb(self.insats), ("Registrera in", "")),
            **self.drafting.context(),
        }
        return render(self.request, "registration/step.html", context)

    def _url(self, step: str = "") -> str:
        query = {DRAFT: str(self.key)} | ({STEP: step} if step else {})
        return f"{self.request.path}?{urlencode(query)}"

    def _onward(self, step: str) -> HttpResponse:
        return redirect(self._url(step))

    def _filled_in(self, name: str) -> Step:
        """A step as it was left, whether it is right or not."""
        data = self.drafting.data(name)
        form = self.form(name, initial=data.dict() if data else None)
        as_initial(form, data)
        return form

    def _begin_again(self) -> HttpResponse:
        self.key = uuid.uuid4()
        self.drafting = Drafting(self.request, Place(Utkast.Slag.REGISTER_IN, self.insats.pk, pk=self.key))
        self._checked.clear()
        return self._page(self.form(BeforeStep.name), notices=[Notice(GONE, tone=Tone.WAIT)])

    def _done(self, saved: Deltagande) -> HttpResponse:
        return redirect(reverse("registration:deltagande", args=[saved.pk]) + "?registrerad")

    def _read_back(self, form: ConfirmStep | None = None) -> HttpResponse:
        undone = self._next()
        if undone != ConfirmStep.name:
            return self.show(undone)
        hinder = self._in_the_way()
        if hinder is not None:
            return hinder
        ny = self._nytt()
        findings = list(self._findings(ny))
        errors = [one for one in findings if not one.warning]
        if errors:
            return self._refused(errors)
        odd = _odd_words(ny, findings)
        form = form or ConfirmStep(odd=odd, cancel=leave_button())
        return self._page(form, answers=answers(ny, self.basis))

    def _refused(self, findings: Iterable[Finding]) -> HttpResponse:
        """What a rule found, on the first step that it is about."""
        found = without_consequences(findings)
        order = list(STEPS)
        name = min((FINDINGS.get(one.field, (ConfirmStep.name, ""))[0] for one in found), key=order.index)
        form = self.form(name, self.drafting.data(name) if name in ASKING else {})
        if isinstance(form, ConfirmStep):
            form.is_valid()
            form.add_findings(found)
            return self._page(form, answers=answers(self._nytt(), self.basis))
        form.is_valid()
        form.add_findings(found, {rule: field for rule, (step, field) in FINDINGS.items() if step == name})
        return self._page(form)

    def _findings(self, ny: NyttDeltagande) -> Iterable[Finding]:
        now = timezone.now()
        return check_in(ny, self.facts, registrerad=now, now=now)

    def _odd(self, ny: NyttDeltagande) -> list[str]:
        writing_since()
        return _odd_words(ny, self._findings(ny))


def _key(request: HttpRequest) -> uuid.UUID:
    """The draft that the address names, or a new one. Raises Http404 for what is no id."""
    try:
        return uuid.UUID(request.GET[DRAFT]) if DRAFT in request.GET else uuid.uuid4()
    except ValueError:
        raise Http404 from None


def _odd_words(ny: NyttDeltagande, findings: Iterable[Finding]) -> list[str]:
    """What is odd but possible, in words; of the number and age the parser's own."""
    own = ("alder", "telefonnummer")
    texts = [one.message for one in findings if one.warning and one.kind not in own]
    return [*ny.nummer.warnings(ny.uppgifter.startdatum), *texts]
