"""Registering out, and the page where a samtycke is withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms

from finsam_site.ui.components import Button, Link
from finsam_site.ui.formats import day as day_in_words
from finsam_site.ui.forms import BaseForm, ChoiceField, DayField
from finsam_site.ui.layout import Section

from ..models import ATERKALLAT_SAMTYCKE, FELREGISTRERING, Kodlista
from ..rules.values import Sysselsattning, UtUppgifter
from .register_in import ConfirmStep, Step
from .sysselsattning import TERMS, SysselsattningForm, finding_names, in_words
from .sysselsattning_codes import Codes

FINDINGS: Mapping[str, str] = finding_names("efter")


class OutStep(SysselsattningForm, Step):
    """The questions at the end, each with the answer from the start beside it."""

    name = "fragor"
    title = "Registrera ut"
    first = ("avslutsanledning", "slutdatum")

    avslutsanledning = ChoiceField(
        label="Varför slutar personen?", choices=(), widget=forms.Select(),
        help_text="Registrerades personen av misstag väljer du felregistrering. Då behöver du inte svara på resten. "
        "Ett återkallat samtycke tar du hand om på deltagarens sida.",
    )  # fmt: skip
    slutdatum = DayField(label="Vilken är den sista dagen i insatsen?")

    def __init__(
        self, *args: Any, before: Sysselsattning, start: dt.date, codes: Codes, day: dt.date, **kwargs: Any
    ) -> None:
        """before: the answers from the start. start: the first day."""
        super().__init__(*args, codes=codes, day=day, **kwargs)
        reasons = codes.choices(Kodlista.AVSLUTSANLEDNING, day, without={ATERKALLAT_SAMTYCKE})
        self.fields["avslutsanledning"].choices = [("", "Välj"), *reasons]  # type: ignore[attr-defined]
        self.fields[
            "slutdatum"
        ].help_text = f"Personen började {day_in_words(start)}. Skriv till exempel 2019-01-16."
        words = in_words(before, codes)
        for name in TERMS:
            field = self.fields[name]
            field.help_text = f"Före insatsen: {_lower(words[name])}. {field.help_text}".strip()

    def layout(self) -> Sequence[Section | str]:
        return [
            Section("Avslutet", "avslutsanledning", "slutdatum"),
            Section(
                "Vid slutet av insatsen",
                *TERMS,
                help="Svara som det är den sista dagen. Svaret från starten står vid varje fråga.",
            ),
        ]

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


class ConfirmOut(ConfirmStep):
    submit = "Registrera ut deltagaren"
    error_title = "Deltagaren är inte utregistrerad än"


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
    sedd = forms.IntegerField(widget=forms.HiddenInput())


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


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
