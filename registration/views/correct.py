"""Correcting what was registered in or out: the questions filled in, the reason, old beside new (DOMAIN §5)."""

from __future__ import annotations

import uuid
from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.kept_drafts import keeps_drafts
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.comparison import Compared, Comparison
from finsam_site.ui.components import Component, Detail, Details
from finsam_site.ui.formats import clock, day

from ..forms.correct import CorrectIn, CorrectOut
from ..forms.correct_person import NamesStep, NumberStep
from ..forms.correct_samtycke import SamtyckeStep
from ..forms.register_in_basis import Basis
from ..forms.register_out import SAME, RegisterOut
from ..forms.sysselsattning import stored
from ..models import Inregistrering, Utregistrering
from ..rules.change_number import in_uppgifter
from ..rules.code_days import on
from ..rules.correct import Rattelse, check_correction, correct
from ..rules.findings import Finding
from ..rules.values import InUppgifter, UtUppgifter
from .changing import PURPOSE, Changing, Theirs
from .deltaganden import get_identitet
from .version_words import author, changes, said_in, said_out, stored_out, wrote

Version = Inregistrering | Utregistrering
Said = InUppgifter | UtUppgifter
PartT = TypeVar("PartT", CorrectIn, CorrectOut, RegisterOut)
OutT = TypeVar("OutT", CorrectOut, RegisterOut)


@keeps_drafts
@sensitive_post_parameters()
@requires(Roll.DELTAGARANSVARIG, person=("deltagande", PURPOSE))
@require_http_methods(["GET", "POST"])
def correct_in(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Correct the in-registration. `?fortsatt` leads to the part that was typed in last."""
    flow = CorrectingIn(request, get_identitet(pk, PURPOSE))
    if "fortsatt" in request.GET and flow.drafting.draft and flow.drafting.draft.step in ELSEWHERE:
        return redirect(ELSEWHERE[flow.drafting.draft.step], pk)
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


ELSEWHERE = {
    CorrectOut.name: "registration:correct_out",
    NumberStep.name: "registration:change_number",
    NamesStep.name: "registration:correct_names",
    SamtyckeStep.name: "registration:correct_samtycke",
}
"""The parts that stand in one draft with the in-registration → their pages."""


class Correcting(Changing[PartT]):
    """A part that has versions."""

    versions: ClassVar[type[Version]]

    @cached_property
    def basis(self) -> Basis:
        return Basis(self.identitet.insats, day=self.identitet.startdatum)

    # What differs between the parts

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

    # What the flow asks for

    def said(self, form: PartT) -> Said:
        return form.said()

    def stands(self) -> Said | None:
        return self.saved(self.version())

    def found(self, form: PartT) -> list[Finding]:
        said = form.cleaned_data
        rattelse = self.rattelse(form.said(), said["orsak"], said["sedd"])
        return check_correction(rattelse, self.deltagande, self.facts, timezone.now())

    def shown(self, form: PartT) -> Sequence[Component]:
        rows = changes(self.words(self.saved(self.version())), self.words(form.said()))
        said = Comparison(
            "Det som ändras: vad som står nu och vad som ska stå", "Står nu", "Ska stå", rows, word=""
        )
        return [said, Details([Detail("Varför", form.cleaned_data["orsak"])])]

    def write(self, form: PartT, orsak: str, seen: Any) -> None:
        correct(self.rattelse(form.said(), orsak, seen), facts=self.facts)

    def theirs(self, form: PartT) -> Theirs:
        version = self._latest()
        own, saved = self.words(form.said()), self.words(self.saved(version))
        mine = wrote(version, self.request.user.pk)
        return Theirs(
            told=self.told(version),
            by="Du" if mine else author(version),
            rows=[Compared(term, saved.get(term, ""), own.get(term, "")) for term in saved | own],
            seen=version.nr,
            same=self.saved(version) == form.said(),
            own=mine,
        )

    def told(self, version: Version) -> str:
        """Who saved a version, and when."""
        who = "Du" if wrote(version, self.request.user.pk) else author(version)
        return f"{who} {self.did(version)} {day(version.mottagen)} klockan {clock(version.mottagen)}"

    def did(self, version: Version) -> str:
        """What somebody did who saved a version."""
        return "rättade uppgifterna"

    def own_holds(self) -> bool:
        version = self.version()
        return version.registrerad_av_id == self.request.user.pk and version.nr > 1

    def _latest(self) -> Version:
        """The version that holds, read again, with who wrote it."""
        rows = self.versions.objects.filter(deltagande=self.deltagande).select_related("registrerad_av")
        found: Version | None = rows.order_by("-nr").first()
        if found is None:
            raise Http404
        return found


class CorrectingIn(Correcting[CorrectIn]):
    """The in-registration."""

    step = CorrectIn.name
    title = CorrectIn.title
    findings = CorrectIn.findings
    versions = Inregistrering

    def form(self, data: Any = None) -> CorrectIn:
        version = self.version()
        return CorrectIn(
            data, stored=self.saved(version), initial={"sedd": version.nr}, basis=self.basis, codes=self.basis.codes,
            days=on(self.basis.today, self.basis.day), formular=self.identitet.samtycke.formular.version,
            cancel=self.cancel(),
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


class OutPart(Correcting[OutT]):
    """What is said of the end, for the first time (`register_out.py`) or corrected."""

    versions = Utregistrering

    def version(self) -> Utregistrering:
        version = self.deltagande.aktuell_ut
        assert version is not None  # noqa: S101 - the view asked
        return version

    def saved(self, version: Version) -> UtUppgifter:
        assert isinstance(version, Utregistrering)  # noqa: S101 - narrows the type
        return stored_out(version)

    def filled(self, form: OutT) -> HttpResponse | None:
        if SAME not in self.request.POST:
            return None
        return self.drafting.fill(self.step, form, form.same_as_before(), at="forsorjning_0")

    def words(self, said: UtUppgifter) -> dict[str, str]:
        return said_out(said, self.basis.codes)

    def rattelse(self, said: UtUppgifter, orsak: str, seen: int) -> Rattelse:
        return Rattelse(self.deltagande.pk, orsak, ut=said, seen_ut=seen)


class CorrectingOut(OutPart[CorrectOut]):
    """The out-registration."""

    step = CorrectOut.name
    title = CorrectOut.title
    findings = CorrectOut.findings

    def form(self, data: Any = None) -> CorrectOut:
        version = self.version()
        return CorrectOut(
            data, stored=self.saved(version), initial={"sedd": version.nr}, before=stored(self.deltagande.aktuell_in),
            start=self.identitet.startdatum, codes=self.basis.codes, day=self.basis.today, cancel=self.cancel(),
        )  # fmt: skip
