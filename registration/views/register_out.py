"""Registering out: one page of questions beside the answers from the start, read back, save."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.kept_drafts import keeps_drafts, only_keeping
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.comparison import Compared, Comparison
from finsam_site.ui.components import Component, Crumb, Detail, Notice, Tone
from finsam_site.ui.formats import clock, day

from ..forms.register_in_parts import ChangeableAnswers
from ..forms.register_out import FINDINGS, OWN_WINDOW, SAME, ConfirmOut, MeanwhileStep, OutStep
from ..forms.steps import GO_TO, STEP, STEP_FIELD, Step
from ..forms.sysselsattning import TERMS, in_words, stored
from ..forms.sysselsattning_codes import Codes
from ..models import FELREGISTRERING, Identitet, Utkast, Utregistrering
from ..rules.correct import Rattelse, correct
from ..rules.drafts import Place
from ..rules.facts import Facts, load_facts
from ..rules.findings import ChangedMeanwhile, Finding, RuleError
from ..rules.register import Utskrivning, check_leaving, first_in
from ..rules.register import register_out as register_out_rule
from ..rules.reveal import Namn, reveal_names
from ..rules.values import UtUppgifter
from .changing import THEIRS
from .deltaganden import deltagande_url, get_identitet
from .drafts import GONE, Drafting, as_initial, leave_button
from .insatser_common import crumbs, insats_crumb
from .version_words import said_out, stored_out

PURPOSE = "registrera ut"
OUT = "utregistrerad"
"""In the address that it ends at, as `SAVED` of a correction."""


@keeps_drafts
@sensitive_post_parameters()
@requires(Roll.DELTAGARANSVARIG, person=("deltagande", PURPOSE))
@require_http_methods(["GET", "POST"])
def register_out(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Questions, read back, save. Who has begun when somebody else registers out sees both and chooses."""
    flow = Flow(request, get_identitet(pk, PURPOSE))
    return flow.answer() if request.method == "POST" else flow.open()


class Flow:
    """One request of registering out. What is answered stands in the draft until it is saved."""

    def __init__(self, request: HttpRequest, identitet: Identitet) -> None:
        self.request = request
        self.identitet = identitet
        self.deltagande = identitet.deltagande
        self.deltagande.insats = identitet.insats
        self.codes = Codes()
        self.today = timezone.localdate()
        place = Place(Utkast.Slag.REGISTER_OUT, identitet.insats_id, deltagande=self.deltagande.pk)
        self.drafting = Drafting(request, place)

    def open(self) -> HttpResponse:
        """The questions with what was typed, or read back; what has happened since when somebody was first."""
        kept = self.drafting.data(OutStep.name)
        if self.deltagande.aktuell_ut_id:
            return self.is_out(self.form(kept) if kept is not None else None)
        if self.request.GET.get(STEP) == ConfirmOut.name and kept is not None:
            form = self.form(kept)
            if form.is_valid():
                return self.read_back(form)
        form = self.form()
        as_initial(form, kept)
        return self.show(form)

    @cached_property
    def facts(self) -> Facts:
        """What the rule checks against, read once: for what is shown as odd and for what is written."""
        return load_facts({self.identitet.insats.insats_id})

    def answer(self) -> HttpResponse:
        """What a posted page leads to."""
        post = self.request.POST
        step = post.get(STEP_FIELD)
        if step == OutStep.name:
            return self._questions(post)
        if only_keeping(self.request):
            return self.drafting.kept()
        if step == MeanwhileStep.name:
            return self.choose(post)
        left = self.leave()
        if left is not None:
            return left
        kept = self.drafting.data(OutStep.name)
        form = self.form(kept) if kept is not None else None
        if self.deltagande.aktuell_ut_id:
            return self.is_out(form)
        if form is None:
            return self.show(self.form(), notices=[Notice(GONE, tone=Tone.WAIT)])
        return redirect(self.request.path) if post.get(GO_TO) == OutStep.name else self.save(form)

    def _questions(self, post: Any) -> HttpResponse:
        form = self.form(post)
        kept = self.drafting.keep(OutStep.name, form)
        if kept is not None:
            return kept
        if self.deltagande.aktuell_ut_id:
            return self.is_out(form)
        left = self.leave()
        if left is not None:
            return left
        if SAME in post:
            return self.drafting.fill(OutStep.name, form, form.same_as_before(), at="forsorjning_0")
        if not form.is_valid() or self._errors(form):
            return self.show(form)
        return self.answered()

    def leave(self) -> HttpResponse | None:
        """Where the button that leaves the questions leads; None when another was pressed."""
        return self.drafting.leave(deltagande_url(self.deltagande.pk))

    def answered(self) -> HttpResponse:
        """Where questions lead that are answered rightly."""
        return redirect(f"{self.request.path}?{STEP}={ConfirmOut.name}")

    def form(self, data: Any = None) -> OutStep:
        """The questions, with what has been answered."""
        version = self.deltagande.aktuell_in
        return OutStep(
            data, before=stored(version), start=self.identitet.startdatum, codes=self.codes, day=self.today,
            cancel=leave_button(),
        )  # fmt: skip

    def read_back(self, form: OutStep, confirm: ConfirmOut | None = None) -> HttpResponse:
        """The answers of a valid form again, when no rule finds anything wrong with them."""
        if self._errors(form):
            return self.show(form)
        ut = form.ut_uppgifter()
        return self.show(confirm or self._confirm(None, self._findings(ut)), answers=self._answers(ut))

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
        except ChangedMeanwhile:
            return self.is_out(form)
        except RuleError as error:
            form.add_findings(error.findings, FINDINGS)
            return self.show(form)
        return self._done()

    def is_out(self, form: OutStep | None = None) -> HttpResponse:
        """The person is out already: by the same press (nothing to say), or by somebody who may have said otherwise."""
        if (
            form is None
            and self.request.method == "POST"
            and self._theirs().registrerad_av_id == self.request.user.pk
        ):
            return self._done()
        if form is None:
            messages.warning(self.request, "Deltagaren är redan utregistrerad.")
            return redirect(deltagande_url(self.deltagande.pk))
        if not form.is_valid():
            return self.show(form, notices=[Notice(self._told(), tone=Tone.WAIT)])
        return self._done() if stored_out(self._theirs()) == form.ut_uppgifter() else self.compare(form)

    # Somebody else was first

    def compare(self, form: OutStep, choice: MeanwhileStep | None = None) -> HttpResponse:
        """What the other saved beside what the user answered, and which is to hold."""
        theirs, mine = self._theirs(), form.ut_uppgifter()
        choice = choice or MeanwhileStep(initial={"sedd": theirs.nr})
        choice.cancel = None
        choice.hidden = {STEP_FIELD: choice.name}
        whose = f"Sparat av {theirs.registrerad_av}"
        if theirs.registrerad_av_id == self.request.user.pk:
            choice.by_oneself()
            whose = OWN_WINDOW
        name = self._name()
        saved, own = said_out(stored_out(theirs), self.codes), said_out(mine, self.codes)
        context = {
            "form": choice,
            "over": self.over(name),
            "lead": f"{self._told()} Dina svar finns kvar. Jämför och välj vilka som ska gälla.",
            "comparison": Comparison(
                "Det som är sparat bredvid dina svar", whose, "Dina svar",
                [Compared(term, value, own.get(term, "")) for term, value in saved.items()],
            ),
            "crumbs": self.crumbs(),
        }  # fmt: skip
        return render(self.request, "registration/meanwhile.html", context, status=409)

    def choose(self, post: Any) -> HttpResponse:
        """Theirs: nothing more happens. Mine: a correction of theirs, if theirs is still what was compared with."""
        kept = self.drafting.data(OutStep.name)
        form = self.form(kept) if kept is not None else None
        if form is None or not form.is_valid() or not self.deltagande.aktuell_ut_id:
            return redirect(self.request.path)
        choice = MeanwhileStep(post)
        if not choice.is_valid():
            return self.compare(form, choice)
        said = choice.cleaned_data
        if said["val"] == "mina":
            try:
                correct(
                    Rattelse(self.deltagande.pk, said["orsak"], ut=form.ut_uppgifter(), seen_ut=said["sedd"])
                )
            except ChangedMeanwhile:
                return self.compare(form)
            except RuleError as error:
                choice.add_findings(error.findings)
                return self.compare(form, choice)
            return self._done()
        return self._done(THEIRS)

    def _told(self) -> str:
        """Who was first, and when."""
        theirs = self._theirs()
        when = f"{day(theirs.mottagen)} klockan {clock(theirs.mottagen)}"
        who = "Du" if theirs.registrerad_av_id == self.request.user.pk else theirs.registrerad_av
        return f"{who} registrerade ut deltagaren {when}, medan du fyllde i."

    def _theirs(self) -> Utregistrering:
        rows = Utregistrering.objects.filter(deltagande=self.deltagande).select_related("registrerad_av")
        found = rows.order_by("-nr").first()
        if found is None:
            raise Http404
        return found

    def _done(self, news: str = OUT) -> HttpResponse:
        self.drafting.drop()
        return redirect(f"{deltagande_url(self.deltagande.pk)}?{news}")

    def show(
        self, form: Step, *, notices: Sequence[Component] = (), answers: Sequence[Component] = ()
    ) -> HttpResponse:
        """The page of a step. Its heading names the person: one look in the access log."""
        form.hidden = {STEP_FIELD: form.name}
        if form.name == OutStep.name:
            self.drafting.mark(form)
        else:
            form.previous = OutStep.name
        name = self._name()
        context = {
            "form": form,
            "form_action": self.request.path,
            "over": self.over(name),
            "notices": notices,
            "answers": answers,
            "hidden": form.carried_fields(),
            "crumbs": self.crumbs(),
            **self.drafting.context(self._url(form)),
        }
        return render(self.request, "registration/step.html", context)

    def _url(self, form: Step) -> str:
        """Where the page of a step is asked for."""
        return (
            f"{self.request.path}?{STEP}={form.name}" if form.name == ConfirmOut.name else self.request.path
        )

    def over(self, name: Namn) -> str:
        """What stands over the heading."""
        return f"{name.fornamn} {name.efternamn} i {self.identitet.insats.namn}"

    def crumbs(self) -> list[Crumb]:
        """The way to the page."""
        return crumbs(
            insats_crumb(self.identitet.insats),
            ("Deltagande", deltagande_url(self.deltagande.pk)),
            ("Registrera ut", ""),
        )

    def _name(self) -> Namn:
        return reveal_names([self.identitet.pk], PURPOSE)[self.identitet.pk]

    def _findings(self, ut: UtUppgifter) -> Iterable[Finding]:
        leaving = Utskrivning(self.deltagande.pk, ut)
        first = first_in(self.deltagande)
        yield from check_leaving(leaving, self.deltagande, self.facts, forst_in=first, now=timezone.now())

    def _errors(self, form: OutStep) -> bool:
        """Whether a rule finds something wrong with a valid form, which then stands in it."""
        errors = [one for one in self._findings(form.ut_uppgifter()) if not one.warning]
        form.add_findings(errors, FINDINGS)
        return bool(errors)

    def _confirm(self, data: Any, findings: Iterable[Finding]) -> ConfirmOut:
        odd = [one.message for one in findings if one.warning]
        return ConfirmOut(data, odd=odd, cancel=leave_button())

    def _answers(self, ut: UtUppgifter) -> list[ChangeableAnswers]:
        words = said_out(ut, self.codes)
        if ut.avslutsanledning == FELREGISTRERING:
            note = "Deltagandet räknas inte någonstans, och personuppgifterna tas bort efter en tid."
            rows = [Detail("Anledning", words["Anledning"], note=note)]
            return [ChangeableAnswers("Avslutet", OutStep.name, rows)]
        before = in_words(stored(self.deltagande.aktuell_in), self.codes)
        end = [Detail(term, words[term]) for term in ("Anledning", "Sista dagen")]
        after = [
            Detail(term, words[term], note=f"Före insatsen: {before[name]}") for name, term in TERMS.items()
        ]
        return [
            ChangeableAnswers("Avslutet", OutStep.name, end),
            ChangeableAnswers("Vid slutet av insatsen", OutStep.name, after),
        ]
