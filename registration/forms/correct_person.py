"""Correcting who somebody is: the name, and a new number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from finsam_site.ui.forms import ChoiceField
from finsam_site.ui.layout import Section

from ..rules.names import Skal
from .correct import REASON_HELP, ConfirmCorrection
from .number import NumberAnswer, number_field
from .register_out import MeanwhileStep
from .steps import ChangeStep


class NamesStep(ChangeStep):
    """What somebody is called. sedd: the mark of the names that were on the screen."""

    name = "namn"
    title = "Rätta namnet"
    lead = "Det gamla namnet sparas inte. I historiken står att namnet är rättat, när, av vem och varför."

    fornamn = forms.CharField(label="Förnamn", max_length=100)
    efternamn = forms.CharField(label="Efternamn", max_length=100)
    skal = ChoiceField(label="Varför rättar du?", choices=Skal.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("fornamn", "efternamn"):
            field = self.fields[name]
            field.width = 30  # type: ignore[attr-defined]
            field.widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})

    def layout(self) -> Sequence[Section | str]:
        return [name for name in ("fornamn", "efternamn", "skal", "sedd") if name in self.fields]

    @property
    def names(self) -> tuple[str, str]:
        """Of a valid form."""
        return self.cleaned_data["fornamn"], self.cleaned_data["efternamn"]

    @property
    def reason(self) -> Skal | None:
        """Of a valid form; None where it is not asked."""
        return Skal(self.cleaned_data["skal"])


class NamesOnRequest(NamesStep):
    """The same at the person's own request, which is the reason."""

    lead = "Det gamla namnet sparas inte. I historiken står att namnet är rättat, när och av vem."
    reason = None

    skal = None  # type: ignore[assignment]


NEW, SLIP = "nytt", "fel"
NEW_HELP = (
    "Ett nytt nummer, till exempel ett personnummer i stället för ett samordningsnummer, gäller personen "
    "överallt."
)
WHAT = {NEW: "Personen har fått ett nytt nummer", SLIP: "Fel nummer skrevs in"}


class NumberStep(NumberAnswer, ChangeStep):
    """Another number: a new one, which is the person's everywhere, or the right one where a wrong one was typed, which
    is about this deltagande alone. sedd: the mark of the number that the person had when somebody began."""

    name = "nummer"
    title = "Ändra personnumret"
    submit = "Granska ändringen"

    vad = ChoiceField(
        label="Har personen fått ett nytt nummer, eller skrev någon fel nummer?",
        choices=list(WHAT.items()),
        help_text=f"{NEW_HELP} Var numret fel rättas bara det här deltagandet.",
    )  # fmt: skip
    personnummer = number_field("Det rätta numret")
    orsak = forms.CharField(
        label="Varför ändrar du numret?", max_length=500, help_text=REASON_HELP,
        error_messages={"required": "Skriv varför, till exempel ”Har fått personnummer” eller ”Skrev av fel”."},
    )  # fmt: skip

    def __init__(self, *args: Any, today: dt.date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today or timezone.localdate()

    def layout(self) -> Sequence[Section | str]:
        return [name for name in ("vad", "personnummer", "orsak", "sedd") if name in self.fields]

    @property
    def slip(self) -> bool:
        """Of a valid form: whether a wrong number was typed."""
        return self.cleaned_data["vad"] == SLIP

    @property
    def reason(self) -> str:
        """Of a valid form."""
        return str(self.cleaned_data["orsak"])


class NumberOnRequest(NumberStep):
    """The same at the person's own request, which is the reason: nothing is written about it.

    galler: the deltaganden in which a wrong number was typed. Where there is one it is carried along, so that what is
    sent twice is never taken for another that is left.
    """

    reason = "Rättat på personens begäran"

    galler = forms.MultipleChoiceField(
        label="I vilka deltaganden skrevs fel nummer in?", widget=forms.MultipleHiddenInput,
        error_messages={"required": "Kryssa för minst ett deltagande."},
    )  # fmt: skip
    orsak = None  # type: ignore[assignment]

    def __init__(self, *args: Any, deltaganden: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """deltaganden: those that were found, (deltagande, insats and days)."""
        super().__init__(*args, **kwargs)
        self.fields["galler"].choices = deltaganden  # type: ignore[attr-defined]
        self.fields["vad"].help_text = f"{NEW_HELP} Var numret fel rättas bara deltaganden där det skrevs in."

    def layout(self) -> Sequence[Section | str]:
        hidden = [] if "galler" in self.opens.get("vad", {}).get(SLIP, ()) else ["galler"]
        return [*super().layout(), *hidden]


class NumberOfSeveral(NumberOnRequest):
    """The same where the person has several deltaganden."""

    opens: ClassVar = {"vad": {SLIP: ("galler",)}}

    galler = forms.MultipleChoiceField(
        label="I vilka deltaganden skrevs fel nummer in?", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Kryssa för minst ett deltagande."},
    )  # fmt: skip


class ConfirmNames(ConfirmCorrection):
    title = "Stämmer namnet?"
    submit = "Rätta namnet"
    error_title = "Namnet är inte rättat än"


class ConfirmNumber(ConfirmCorrection):
    title = "Stämmer det nya numret?"
    submit = "Byt personnummer"
    error_title = "Numret är inte bytt än"


class ConfirmSlip(ConfirmCorrection):
    title = "Stämmer det rätta numret?"
    submit = "Rätta personnumret"
    error_title = "Numret är inte rättat än"


class MeanwhileNumber(MeanwhileStep):
    """A colleague has changed the number meanwhile."""

    sedd = forms.CharField(widget=forms.HiddenInput())


class MeanwhileNoReason(MeanwhileNumber):
    """The same where no reason is written: it was chosen before, or a person's request is one."""

    opens: ClassVar = {}
    orsak = None  # type: ignore[assignment]
