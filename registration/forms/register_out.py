"""Registering out, and the page where a samtycke is withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms

from finsam_site.ui.components import Button, Link
from finsam_site.ui.formats import day as day_in_words
from finsam_site.ui.forms import BaseForm, ChoiceField, DayField, OpeningSelect
from finsam_site.ui.layout import ByChoice, Section

from ..models import ATERKALLAT_SAMTYCKE, FELREGISTRERING, Kodlista
from ..rules.code_days import days_of_out
from ..rules.values import Sysselsattning, UtUppgifter
from .register_in import ConfirmStep
from .register_in_parts import Beside, FirstButton, Shown
from .steps import ChangeStep, Step
from .sysselsattning import TERMS, SysselsattningForm, answers, finding_names, in_words
from .sysselsattning_codes import Codes

FINDINGS: Mapping[str, str] = finding_names("efter")
SAME = "_samma"
"""The button that answers as before."""


class OutStep(SysselsattningForm, Step):
    """The questions at the end, each with the answer from the start beside it."""

    name = "fragor"
    title = "Registrera ut"
    first = ("avslutsanledning", "slutdatum")
    about = "slutdatum"

    avslutsanledning = ChoiceField(
        label="Varför slutar personen?", choices=(), widget=OpeningSelect(),
        help_text="Registrerades personen av misstag väljer du felregistrering. Då behöver du inte svara på resten. "
        "Ett återkallat samtycke tar du hand om på deltagarens sida.",
    )  # fmt: skip
    slutdatum = DayField(label="Vilken är den sista dagen i insatsen?")

    def __init__(
        self, *args: Any, before: Sysselsattning, start: dt.date, codes: Codes, day: dt.date,
        last: dt.date | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        """before: the answers from the start. start: the first day. day: today. last: the last day that is stored.

        The last day is asked here too, so that every code is offered that held on some day it may be; the rule says so
        where another did on the day that was typed.
        """
        super().__init__(*args, codes=codes, days=days_of_out(start, day, last), **kwargs)
        reasons = self.offered(codes, Kodlista.AVSLUTSANLEDNING, without={ATERKALLAT_SAMTYCKE})
        reason: Any = self.fields["avslutsanledning"]
        reason.choices = [("", "Välj"), *reasons]
        reason.widget.opening = {kod for kod, _ in reason.choices} - {FELREGISTRERING}
        self.fields[
            "slutdatum"
        ].help_text = f"Personen började {day_in_words(start)}. Skriv till exempel 2019-01-16."
        self.before = before
        self.words = in_words(before, codes)

    def layout(self) -> Sequence[Section | str]:
        return [
            # Enter in a field presses the first button of a form, which is then to be the primary one.
            Shown(FirstButton()),
            Section("Avslutet", "avslutsanledning", ByChoice("slutdatum")),
            ByChoice(
                Section(
                    "Vid slutet av insatsen",
                    Shown(Button("Samma som före", kind="secondary", name=SAME, value="1")),
                    *(Beside("Före insatsen", self.words[name], name) for name in TERMS),
                    help="Svara som det är den sista dagen. Har inget ändrats sedan starten kan du fylla i svaren med "
                    "knappen, och ändra dem sedan.",
                )
            ),
        ]

    def same_as_before(self) -> dict[str, list[str]]:
        """What the form is to be sent with when everything is as it was at the start."""
        said = answers(self.before)
        asked = [name for name in self.fields if name not in self.first]
        given = {name: said[name] for name in asked if said.get(name)}
        return {name: value if isinstance(value, list) else [str(value)] for name, value in given.items()}

    def closed_fields(self) -> set[str]:
        """A felregistrering asks nothing more (DOMAIN §3)."""
        if self.is_bound and self.data.get("avslutsanledning") == FELREGISTRERING:
            return set(self.fields) - {"avslutsanledning"}
        return super().closed_fields()

    def ut_uppgifter(self) -> UtUppgifter:
        """What the rule takes, of a valid form."""
        reason = self.cleaned_data["avslutsanledning"]
        if reason == FELREGISTRERING:
            return UtUppgifter(slutdatum=None, avslutsanledning=reason)
        return UtUppgifter(self.cleaned_data["slutdatum"], reason, self.sysselsattning())


class RegisterOut(OutStep, ChangeStep):
    """The same about one person alone. sedd: the version that the answers are a correction of, 0 while nobody is out.

    Both are answered on the page that compares (`MeanwhileStep`), and are carried along from there.
    """

    submit = OutStep.submit
    findings: ClassVar[Mapping[str, str]] = FINDINGS

    orsak = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput())
    sedd = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput())

    def layout(self) -> Sequence[Section | str]:
        carried = [name for name in ("sedd", "orsak") if self[name].value()]
        return [*super().layout(), *carried]

    def closed_fields(self) -> set[str]:
        """A felregistrering too may be a correction."""
        return super().closed_fields() - {"orsak", "sedd"}

    def clean_sedd(self) -> int:
        return self.cleaned_data["sedd"] or 0

    def said(self) -> UtUppgifter:
        """What the rule takes, of a valid form."""
        return self.ut_uppgifter()


class ConfirmOut(ConfirmStep):
    submit = "Registrera ut deltagaren"
    error_title = "Deltagaren är inte utregistrerad än"


OWN_WINDOW = "Sparat i det andra fönstret"
"""Over what the user saved, instead of a colleague's name."""


class MeanwhileStep(Step):
    """Somebody else saved first: whose answers are to hold."""

    name = "jamfor"
    title = "En kollega hann före"
    submit = "Fortsätt"
    opens: ClassVar = {"val": {"mina": ("orsak",)}}

    val = ChoiceField(
        label="Vilka svar ska gälla?",
        choices=[("deras", "De som redan är sparade"), ("mina", "Mina svar")],
    )
    orsak = forms.CharField(
        label="Varför ska dina svar gälla?", max_length=500,
        help_text="Det du skriver syns i deltagandets historik.",
    )  # fmt: skip
    sedd: forms.Field = forms.IntegerField(widget=forms.HiddenInput())

    def by_oneself(self) -> None:
        """It was the user who saved, in another window."""
        self.__dict__["title"] = "Du sparade i ett annat fönster"

    def by_somebody(self) -> None:
        """It is not known who it was: an import, for instance."""
        self.__dict__["title"] = "Någon annan hann före"


class WithdrawForm(BaseForm):
    """Withdrawal of one samtycke; the person's others in the actor's insatser are offered (DOMAIN §4)."""

    title = "Återkalla samtycket"
    opens: ClassVar = {}

    fler = forms.MultipleChoiceField(
        label="Personen har också samtyckt i", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Kryssa för dem som också ska återkallas.",
    )  # fmt: skip

    def __init__(self, *args: Any, others: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """others: (deltagande, insats and days) of the person's other samtycken in scope."""
        super().__init__(*args, **kwargs)
        if others:
            self.fields["fler"].choices = others  # type: ignore[attr-defined]
        else:
            del self.fields["fler"]

    def actions(self) -> Sequence[Button | Link]:
        return [Button("Återkalla samtycket", kind="danger"), *([self.cancel] if self.cancel else [])]


class ProtectForm(BaseForm):
    title = "Har fått skyddade personuppgifter"

    def actions(self) -> Sequence[Button | Link]:
        return [Button("Ta bort personuppgifterna", kind="danger"), *([self.cancel] if self.cancel else [])]
