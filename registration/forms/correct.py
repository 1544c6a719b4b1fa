"""Correcting: the questions of registering in or out, filled in with what holds, and why they are corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms

from finsam_site.ui.layout import Section

from ..models import FELREGISTRERING, Kodlista
from ..rules.values import InUppgifter, UtUppgifter
from .register_in import FINDINGS as IN_STEPS
from .register_in import ConfirmStep, HomeStep, SituationStep, StartStep
from .register_in_values import start_answers
from .register_out import FINDINGS as OUT_FINDINGS
from .register_out import MeanwhileStep, OutStep
from .steps import ChangeStep
from .sysselsattning import answers, kept_codes

REASON = "Rättelsen"
REASON_HELP = "Det du skriver syns i deltagandets historik. Skriv inget känsligt om personen."


class CorrectStep(ChangeStep):
    """What every correction of a version asks. sedd: the number of the version."""

    orsak = forms.CharField(
        label="Varför rättar du?", max_length=500,
        help_text=REASON_HELP,
        error_messages={"required": "Skriv varför du rättar, till exempel ”Fel datum på anmälan”."},
    )  # fmt: skip
    sedd = forms.IntegerField(widget=forms.HiddenInput())


class CorrectIn(CorrectStep, SituationStep, StartStep, HomeStep):
    """Everything of an in-registration but who and which samtycke."""

    name = "in"
    title = "Rätta inregistreringen"
    lead = "Ändra det som är fel. Resten kan stå som det är."
    about = "startdatum"
    first = (
        "startdatum",
        "kommun",
        "stadsdel",
        "utbildning",
        "tid_ar",
        "tid_manader",
        "initierad_av",
        "behovsgrupp",
    )
    findings: ClassVar[Mapping[str, str]] = {rule: field for rule, (_, field) in IN_STEPS.items()}

    def __init__(self, *args: Any, stored: InUppgifter, **kwargs: Any) -> None:
        """stored: what holds. What was never answered (an import) need not be answered now."""
        kwargs["initial"] = as_initial(stored) | (kwargs.get("initial") or {})
        self.kept = kept_codes(stored.fore) | {
            Kodlista.UTBILDNING: [stored.utbildning or ""],
            Kodlista.INITIERANDE_AKTOR: [stored.initierad_av or ""],
            Kodlista.BEHOVSGRUPP: [stored.behovsgrupp or ""],
        }
        super().__init__(*args, **kwargs)
        _as_unanswered_as(self, stored.fore.typ_av_arbete, "typ_av_arbete")
        _as_unanswered_as(self, stored.utbildning, "utbildning")
        _as_unanswered_as(self, stored.initierad_av, "initierad_av")

    def layout(self) -> Sequence[Section | str]:
        started, *rest = StartStep.layout(self)
        return [
            Section("Starten och bakgrunden", started, *self.home, *rest),
            Section("Före insatsen", *SituationStep.layout(self), help=SituationStep.lead),
            Section(REASON, "orsak", "sedd"),
        ]

    def said(self) -> InUppgifter:
        """What the rule takes, of a valid form."""
        given = self.cleaned_data
        return InUppgifter(
            kommunkod=given["kommun"], stadsdel=given.get("stadsdel") or None, startdatum=given["startdatum"],
            utbildning=given["utbildning"] or None, tid_i_forsorjning_manader=self.months,
            initierad_av=given["initierad_av"] or None, behovsgrupp=given.get("behovsgrupp") or None,
            fore=self.sysselsattning(),
        )  # fmt: skip


class CorrectOut(CorrectStep, OutStep):
    """Everything of an out-registration."""

    name = "ut"
    title = "Rätta utregistreringen"
    lead = "Ändra det som är fel. Resten kan stå som det är."
    findings: ClassVar[Mapping[str, str]] = OUT_FINDINGS

    def __init__(self, *args: Any, stored: UtUppgifter, **kwargs: Any) -> None:
        """stored: what holds. What was never answered (an import) need not be answered now."""
        kwargs["initial"] = {
            "avslutsanledning": stored.avslutsanledning, "slutdatum": stored.slutdatum,
            **({} if stored.avslutsanledning == FELREGISTRERING else answers(stored.efter)),
        } | (kwargs.get("initial") or {})  # fmt: skip
        self.kept = kept_codes(stored.efter) | {Kodlista.AVSLUTSANLEDNING: [stored.avslutsanledning or ""]}
        super().__init__(*args, last=stored.slutdatum, **kwargs)
        _as_unanswered_as(self, stored.efter.typ_av_arbete, "typ_av_arbete")

    def layout(self) -> Sequence[Section | str]:
        return [*OutStep.layout(self), Section(REASON, "orsak", "sedd")]

    def closed_fields(self) -> set[str]:
        """A felregistrering too is corrected for a reason."""
        return super().closed_fields() - {"orsak", "sedd"}

    def said(self) -> UtUppgifter:
        """What the rule takes, of a valid form."""
        return self.ut_uppgifter()


class ConfirmCorrection(ConfirmStep):
    title = "Stämmer rättelsen?"
    submit = "Spara rättelsen"
    error_title = "Rättelsen är inte sparad än"


class MeanwhileCorrected(MeanwhileStep):
    """Somebody else corrected meanwhile; the reason that was written for ours holds still."""

    opens: ClassVar = {}
    orsak = None  # type: ignore[assignment]


def as_initial(stored: InUppgifter) -> dict[str, Any]:
    """The answers that say what is stored."""
    return {
        "kommun": stored.kommunkod, "stadsdel": stored.stadsdel or "", **start_answers(stored), **answers(stored.fore),
    }  # fmt: skip


def _as_unanswered_as(form: forms.Form, stored: object, name: str) -> None:
    if not stored and name in form.fields:
        form.fields[name].required = False
