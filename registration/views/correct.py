"""Correcting what was registered in or out: the questions filled in, the reason, old beside new (DOMAIN §5)."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.kept_drafts import keeps_drafts, only_keeping
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.comparison import Compared, Comparison
from finsam_site.ui.components import Component, Detail, Details, Notice, Tone
from finsam_site.ui.formats import clock, day

from ..forms.correct import ConfirmCorrection, CorrectIn, CorrectOut, CorrectStep
from ..forms.register_in import Step
from ..forms.register_in_basis import Basis
from ..forms.register_out import SAME, MeanwhileStep
from ..forms.sysselsattning import stored
from ..models import Deltagande, Identitet, Inregistrering, Utkast, Utregistrering
from ..rules.change_number import in_uppgifter
from ..rules.correct import Rattelse, check_correction, correct
from ..rules.drafts import Place, save_draft
from ..rules.facts import Facts, load_facts
from ..rules.findings import MEANWHILE, ChangedMeanwhile, Finding, RuleError
from ..rules.reveal import reveal_names
from ..rules.values import InUppgifter, UtUppgifter
from .deltaganden import deltagande_url, get_identitet
from .drafts import Drafting, as_initial, leave_button
from .insatser_common import crumbs, insats_crumb
from .register_in import GO_TO, GONE, STEP, STEP_FIELD
from .version_words import changes, said_in, said_out, stored_out

PURPOSE = "rätta"
NOTHING = "Du har inte ändrat något. Ändra det som är fel, eller välj Avbryt."

Version = Inregistrering | Utregistrering
Said = InUppgifter | UtUppgifter


@keeps_drafts
@sensitive_post_parameters()
@requires(Roll.DELTAGARANSVARIG, person=("deltagande", PURPOSE))
@require_http_methods(["GET", "POST"])
def correct_in(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Correct the in-registration."""
    flow = CorrectingIn(request, get_identitet(pk, PURPOSE))
    if "fortsatt" in request.GET and flow.drafting.draft and flow.drafting.draft.step == CorrectOut.name:
        return redirect("registration:correct_out", pk)
    return flow.respond()


@keeps_drafts
@sensitive_post_parameters()
@requires(Roll.DELTAGARANSVARIG, person=("deltagande", PURPOSE))
@require_http_methods(["GET", "POST"])
def correct_out(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Correct the out-registration; somebody who is not out is registered out instead."""
    identitet = get_identitet(pk, PURPOSE)
    if identitet.deltagande.aktuell_ut_id is None:
        return redirect("registration:register_out", pk)
    return CorrectingOut(request, identitet).respond()


class Correcting(ABC):
    """One request of correcting one part. What is answered stands in the draft until it is saved."""

    step: ClassVar[str]
    title: ClassVar[str]
    findings: ClassVar[dict[str, str]]

    def __init__(self, request: HttpRequest, identitet: Identitet) -> None:
        self.request = request
        self.identitet = identitet
        self.deltagande: Deltagande = identitet.deltagande
        self.basis = Basis(identitet.insats, day=identitet.startdatum)
        place = Place(Utkast.Slag.CORRECT, identitet.insats_id, deltagande=self.deltagande.pk)
        self.drafting = Drafting(request, place)

    # What differs between the parts

    @abstractmethod
    def form(self, data: Any = None) -> CorrectIn | CorrectOut:
        """The questions, filled in with what holds or answered with `data`."""

    @abstractmethod
    def version(self) -> Version:
        """The version that holds."""

    @abstractmethod
    def saved(self, version: Version) -> Said:
        """What a version says."""

    @abstractmethod
    def words(self, said: Any) -> dict[str, str]:
        """Term → answer."""

    @abstractmethod
    def rattelse(self, said: Any, orsak: str, seen: int) -> Rattelse:
        """What the rule takes."""

    # The flow

    def respond(self) -> HttpResponse:
        """What the request leads to."""
        if self.request.method == "GET":
            return self._open()
        post = self.request.POST
        if post.get(STEP_FIELD) == self.step:
            return self._questions(post)
        if only_keeping(self.request):
            return self.drafting.kept()
        left = self.drafting.leave(deltagande_url(self.deltagande.pk))
        if left is not None:
            return left
        form = self._kept()
        if form is None:
            mine = self.version().registrerad_av_id == self.request.user.pk and self.version().nr > 1
            return self._done() if mine else self._show(self.form(), notices=[Notice(GONE, tone=Tone.WAIT)])
        if post.get(GO_TO) == self.step or not self._says_something(form):
            return redirect(self.request.path)
        if post.get(STEP_FIELD) == MeanwhileStep.name:
            return self._choose(form)
        return self._save(form)

    def _open(self) -> HttpResponse:
        form = self._kept()
        if self.request.GET.get(STEP) == ConfirmCorrection.name and form and self._says_something(form):
            return self._read_back(form)
        form = self.form()
        as_initial(form, self.drafting.data(self.step))
        return self._show(form)

    def _kept(self) -> CorrectIn | CorrectOut | None:
        data = self.drafting.data(self.step)
        return None if data is None else self.form(data)

    def _questions(self, post: Any) -> HttpResponse:
        form = self.form(post)
        kept = self.drafting.keep(self.step, form)
        if kept is not None:
            return kept
        left = self.drafting.leave(deltagande_url(self.deltagande.pk))
        if left is not None:
            return left
        if SAME in post and isinstance(form, CorrectOut):
            return self.drafting.fill(self.step, form, form.same_as_before(), at="forsorjning_0")
        if not self._says_something(form) or getattr(form, "asks_stadsdel", False) or self._errors(form):
            return self._show(form)
        return redirect(f"{self.request.path}?{STEP}={ConfirmCorrection.name}")

    def _says_something(self, form: CorrectIn | CorrectOut) -> bool:
        """Whether the form is right and says something else than what holds; it is told otherwise."""
        if not form.is_valid():
            return False
        if form.said() == self.saved(self.version()):
            form.add_error(None, NOTHING)
            return False
        return True

    def _read_back(
        self, form: CorrectIn | CorrectOut, confirm: ConfirmCorrection | None = None
    ) -> HttpResponse:
        found = self._found(form)
        if any(one.kind in MEANWHILE for one in found):
            return self._compare(form)
        if self._errors(form):
            return self._show(form)
        confirm = confirm or self._confirm(None, found)
        rows = changes(self.words(self.saved(self.version())), self.words(form.said()))
        said = Comparison(
            "Det som ändras: vad som står nu och vad som ska stå", "Står nu", "Ska stå", rows, word=""
        )
        return self._show(confirm, answers=[said, Details([Detail("Varför", form.cleaned_data["orsak"])])])

    def _save(self, form: CorrectIn | CorrectOut) -> HttpResponse:
        confirm = self._confirm(self.request.POST, self._found(form))
        if not confirm.is_valid():
            return self._read_back(form, confirm)
        try:
            correct(self._rattelse(form), facts=self.facts)
        except ChangedMeanwhile:
            return self._compare(form)
        except RuleError as error:
            form.add_findings(error.findings, self.findings)
            return self._show(form)
        return self._done()

    def _done(self) -> HttpResponse:
        if self.drafting.draft:
            save_draft(self.drafting.place, self.step, {})  # the other part stays, when that is begun too
        return redirect(deltagande_url(self.deltagande.pk) + "?rattad")

    # Somebody else was first

    def _compare(self, form: CorrectIn | CorrectOut, choice: MeanwhileStep | None = None) -> HttpResponse:
        """What the other saved beside what the user answered, and which is to hold."""
        theirs = self._latest()
        if self.saved(theirs) == form.said():
            return self._done()
        choice = choice or MeanwhileStep(initial={"sedd": theirs.nr, "orsak": form.cleaned_data["orsak"]})
        choice.cancel = None
        choice.hidden = {STEP_FIELD: choice.name}
        own, rows = self.words(form.said()), []
        saved = self.words(self.saved(theirs))
        rows = [Compared(term, saved.get(term, ""), own.get(term, "")) for term in saved | own]
        when = f"{day(theirs.mottagen)} klockan {clock(theirs.mottagen)}"
        context = self._context() | {
            "form": choice,
            "lead": f"{theirs.registrerad_av} rättade uppgifterna {when}, medan du fyllde i. "
            "Dina svar finns kvar. Jämför och välj vilka som ska gälla.",
            "comparison": Comparison(
                "Det som är sparat bredvid dina svar", f"Sparat av {theirs.registrerad_av}", "Dina svar", rows
            ),
        }
        return render(self.request, "registration/meanwhile.html", context, status=409)

    def _choose(self, form: CorrectIn | CorrectOut) -> HttpResponse:
        """Theirs: nothing more happens. Mine: a correction of theirs, if theirs is still what was compared with."""
        choice = MeanwhileStep(self.request.POST)
        if not choice.is_valid():
            return self._compare(form, choice)
        said = choice.cleaned_data
        if said["val"] == "mina":
            try:
                correct(self.rattelse(form.said(), said["orsak"], said["sedd"]), facts=self.facts)
            except ChangedMeanwhile:
                return self._compare(form)
            except RuleError as error:
                choice.add_findings(error.findings)
                return self._compare(form, choice)
        return self._done()

    def _latest(self) -> Version:
        """The version that holds, read again, with who wrote it."""
        rows = (
            type(self.version()).objects.filter(deltagande=self.deltagande).select_related("registrerad_av")
        )
        found = rows.order_by("-nr").first()
        if found is None:
            raise Http404
        return found

    # Pages and checks

    @cached_property
    def facts(self) -> Facts:
        return load_facts({self.identitet.insats.insats_id})

    def _rattelse(self, form: CorrectIn | CorrectOut) -> Rattelse:
        return self.rattelse(form.said(), form.cleaned_data["orsak"], form.cleaned_data["sedd"])

    def _found(self, form: CorrectIn | CorrectOut) -> list[Finding]:
        self.deltagande.insats = self.identitet.insats
        return check_correction(self._rattelse(form), self.deltagande, self.facts, timezone.now())

    def _errors(self, form: CorrectIn | CorrectOut) -> bool:
        """Whether a rule finds something wrong with a valid form, which then stands in it."""
        errors = [one for one in self._found(form) if not one.warning and one.kind not in MEANWHILE]
        form.add_findings(errors, self.findings)
        return bool(errors)

    def _confirm(self, data: Any, found: Sequence[Finding]) -> ConfirmCorrection:
        return ConfirmCorrection(
            data, odd=[one.message for one in found if one.warning], cancel=leave_button()
        )

    def _show(
        self, form: Step, *, notices: Sequence[Component] = (), answers: Sequence[Component] = ()
    ) -> HttpResponse:
        form.hidden = {STEP_FIELD: form.name}
        if isinstance(form, CorrectStep):
            self.drafting.mark(form)
        else:
            form.previous = self.step
        context = self._context() | {
            "form": form,
            "form_action": self.request.path,
            "notices": [*notices, *answers],
            **self.drafting.context(),
        }
        return render(self.request, "registration/step.html", context)

    def _context(self) -> dict[str, Any]:
        """What each page of the flow has. Its heading names the person: one look in the access log."""
        name = reveal_names([self.identitet.pk], PURPOSE)[self.identitet.pk]
        return {
            "over": f"{name.fornamn} {name.efternamn} i {self.identitet.insats.namn}",
            "crumbs": crumbs(
                insats_crumb(self.identitet.insats),
                ("Deltagande", deltagande_url(self.deltagande.pk)),
                (self.title, ""),
            ),
        }


class CorrectingIn(Correcting):
    """The in-registration."""

    step = CorrectIn.name
    title = CorrectIn.title
    findings = dict(CorrectIn.findings)

    def form(self, data: Any = None) -> CorrectIn:
        version = self.version()
        return CorrectIn(
            data, stored=self.saved(version), initial={"sedd": version.nr}, basis=self.basis, codes=self.basis.codes,
            day=self.identitet.startdatum, formular=self.identitet.samtycke.formular.version, cancel=leave_button(),
        )  # fmt: skip

    def version(self) -> Inregistrering:
        version: Inregistrering = self.deltagande.aktuell_in
        return version

    def saved(self, version: Version) -> InUppgifter:
        assert isinstance(version, Inregistrering)  # noqa: S101 - narrows the type
        return in_uppgifter(version)

    def words(self, said: InUppgifter) -> dict[str, str]:
        return said_in(said, self.basis.codes, self.basis.kommuner)

    def rattelse(self, said: InUppgifter, orsak: str, seen: int) -> Rattelse:
        return Rattelse(self.deltagande.pk, orsak, in_=said, seen_in=seen)


class CorrectingOut(Correcting):
    """The out-registration."""

    step = CorrectOut.name
    title = CorrectOut.title
    findings = dict(CorrectOut.findings)

    def form(self, data: Any = None) -> CorrectOut:
        version = self.version()
        return CorrectOut(
            data, stored=self.saved(version), initial={"sedd": version.nr}, before=stored(self.deltagande.aktuell_in),
            start=self.identitet.startdatum, codes=self.basis.codes, day=self.basis.today, cancel=leave_button(),
        )  # fmt: skip

    def version(self) -> Utregistrering:
        version = self.deltagande.aktuell_ut
        assert version is not None  # noqa: S101 - the view asked
        return version

    def saved(self, version: Version) -> UtUppgifter:
        assert isinstance(version, Utregistrering)  # noqa: S101 - narrows the type
        return stored_out(version)

    def words(self, said: UtUppgifter) -> dict[str, str]:
        return said_out(said, self.basis.codes)

    def rattelse(self, said: UtUppgifter, orsak: str, seen: int) -> Rattelse:
        return Rattelse(self.deltagande.pk, orsak, ut=said, seen_ut=seen)
